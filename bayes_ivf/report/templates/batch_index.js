
"use strict";
(() => {
  const table = document.querySelector("table.index"), form = document.getElementById("filters");
  const shown = document.getElementById("shown"), body = table.tBodies[0], rows = [...body.rows];
  const words = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const plain = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const told = cell => cell.textContent.trim();
  const heads = [...table.tHead.rows[0].cells];
  const place = name => heads.findIndex(head => told(head) === name);
  const unit = place("Unit"), design = place("Design");
  const searched = new Map(rows.map(row => [row, plain([0, 1, design].map(i => told(row.cells[i])).join(" "))]));

  const compare = (i, number) => (one, other) => {
    if (!number) return words.compare(told(one.cells[i]), told(other.cells[i]));
    return Number(one.cells[i].dataset.sort) - Number(other.cells[i].dataset.sort);
  };
  const sort = i => {
    const down = heads[i].getAttribute("aria-sort") === "ascending", number = heads[i].dataset.kind === "number";
    heads.forEach(head => head.removeAttribute("aria-sort"));
    heads[i].setAttribute("aria-sort", down ? "descending" : "ascending");
    const known = row => !number || row.cells[i].dataset.sort !== "";
    const by = compare(i, number), sorted = rows.filter(known).sort(by);
    if (down) sorted.reverse();
    body.append(...sorted, ...rows.filter(row => !known(row)));
  };
  const filter = () => {
    const asked = form.elements, parts = plain(asked.text.value).split(/\s+/).filter(Boolean);
    const fits = row => parts.every(part => searched.get(row).includes(part)) &&
      (!asked.unit.value || told(row.cells[unit]) === asked.unit.value) &&
      (!asked.design.value || told(row.cells[design]) === asked.design.value);
    let count = 0;
    for (const row of rows) count += !(row.hidden = !fits(row));
    const number = document.createElement("data");
    number.dataset.key = "(page)/count/none/none/none/shown";
    number.value = number.textContent = String(count);
    shown.replaceChildren(...(count === rows.length ? ["All rows are shown."] : ["Rows that fit: ", number, "."]));
  };

  heads.forEach((head, i) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(i));
    head.append(button);
  });
  form.addEventListener("input", filter);
  form.addEventListener("submit", event => event.preventDefault());
  form.hidden = false;
  table.classList.add("live");
  filter();
})();
