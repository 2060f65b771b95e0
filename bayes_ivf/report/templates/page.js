(() => {
const panel = document.getElementById('provenance');
if (!panel) return;
const text = document.getElementById('provenance-text');
let shown = null;
function hide() { panel.hidden = true; if (shown) shown.removeAttribute('aria-describedby'); shown = null; }
function show(number) {
  if (shown && shown !== number) shown.removeAttribute('aria-describedby');
  shown = number;
  const lines = [number.textContent, ...number.title.split('\n')];
  text.replaceChildren(...lines.map((line, place) => {
    const paragraph = document.createElement(place ? 'p' : 'strong');
    paragraph.textContent = line;
    return paragraph;
  }));
  number.setAttribute('aria-describedby', 'provenance-text');
  panel.hidden = false;
  const over = number.getBoundingClientRect().bottom - panel.getBoundingClientRect().top;
  if (over > 0) window.scrollBy(0, over + 12);
}
const number = (event) => event.target instanceof Element ? event.target.closest('data[title]') : null;
document.addEventListener('click', (event) => {
  const found = number(event);
  if (found) { show(found); event.preventDefault(); } else if (!panel.contains(event.target)) hide();
});
// a finger or a mouse shows it with the click alone, else the panel would open under the pointer and take the click
let pointed = false;
document.addEventListener('pointerdown', () => { pointed = true; }, true);
document.addEventListener('keydown', () => { pointed = false; }, true);
document.addEventListener('focusin', (event) => { const found = number(event); if (found && !pointed) show(found); });
document.addEventListener('keydown', (event) => { if (event.key === 'Escape') hide(); });
document.getElementById('provenance-close').addEventListener('click', hide);
window.addEventListener('beforeprint', hide);
})();
