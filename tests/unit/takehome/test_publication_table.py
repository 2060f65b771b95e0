"""The comparison for a paper, read back from HTML, LaTeX and Word."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from bayes_ivf.report import comparison_rows
from bayes_ivf.results import Value
from bayes_ivf.takehome.letter import letter
from bayes_ivf.takehome.prose import typeset
from bayes_ivf.takehome.publication import ASSOCIATION, UNFINISHED, mark, publication

ALLOWED = {"div", "style", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "col", "colgroup", "span"}


class Cells(HTMLParser):
    """Texts of the rows of a table, and every tag that occurs."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.tags, self.attributes, self.open = [], set(), set(), False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.open = True

    def handle_endtag(self, tag):
        self.open = self.open and tag not in ("td", "th")

    def handle_data(self, data):
        if self.open:
            self.rows[-1][-1] += data


def expected(table):
    """Caption, head, groups with their rows, and notes, as rows."""
    rows = [[table.caption], list(table.head)]
    for group in table.groups:
        rows += [[group], *(list(line.cells) for line in table.lines if line.group == group)]
    return rows + [[note] for note in table.notes]


def test_html_has_the_cells_of_the_context(taken):
    _, folder, context = taken
    found = Cells((folder / "comparison-table.html").read_text(encoding="utf-8"))
    notes = [row for row in found.rows if row]
    assert notes == expected(publication(context))
    assert found.tags <= ALLOWED
    assert not {name for name in found.attributes if name.startswith("on") or name in ("href", "src")}


def numbers(context):
    """Every number of the comparison as it is shown, with the row it stands in."""
    for role in ("outcome", "baseline"):
        for row in comparison_rows(context, role):
            for said in (row.frequentist, row.p, row.effect, row.effect_range, row.likely, row.likely_range):
                yield from ((row, part) for part in said if isinstance(part, Value))


def test_every_number_of_the_page_is_in_the_table(taken):
    result, _, context = taken
    cells = {line.cells[0].partition(" [")[0]: " ".join(line.cells) for line in publication(context).lines}
    found = [(typeset(value), cells[row.label.partition(" [")[0]]) for row, value in numbers(context)]
    assert len(found) > 10
    assert all(number in cell for number, cell in found)
    by_outcome = result.comparison.set_index("outcome")
    likely = next(
        value for row, value in numbers(context) if row.outcomes == ("cpr",) and value.statistic == "p_benefit"
    )
    assert likely.value == by_outcome.loc["cpr", "p_benefit"]


def test_what_is_known_from_words_is_one_row(trial):
    labels = [line.cells[0] for line in publication(trial[2]).lines]
    assert "CA-125, Interleukin-6 and five quality-of-life scores" in labels
    assert len(labels) == 15


def test_notes_say_level_prior_and_association(trial):
    notes = " ".join(publication(trial[2]).notes)
    for words in ("95% confidence interval", "95% credible interval", "Prior set: Weakly informative", ASSOCIATION):
        assert words in notes


def test_what_was_marked_or_not_finished_is_said(trial):
    context = trial[2]
    assert not [note for note in publication(context).notes if "computation" in note or note == UNFINISHED]
    rows = tuple(replace(row, verdict="fail: R-hat 1.200") if row.outcome == "cpr" else row for row in context.rows)
    worse = replace(context, rows=rows, manifest={**context.manifest, "status": "interrupted"})
    assert "The computation of Clinical pregnancy was marked: fail: R-hat 1.200." in publication(worse).notes
    assert UNFINISHED in publication(worse).notes
    assert UNFINISHED in letter(worse)
    assert "computation marked “fail: R-hat 1.200”" in letter(worse)


def test_marks_go_on_after_z():
    assert [mark(index) for index in (0, 25, 26, 27, 52)] == ["a", "z", "aa", "ab", "ba"]


def bare(text):
    """LaTeX without its comments and escaped signs."""
    lines = [line for line in text.splitlines() if not line.startswith("%")]
    return re.sub(r"\\[\\{}%&_#$]|\\textbackslash\{\}", "", "\n".join(lines))


def test_latex_is_well_formed(taken):
    text = (taken[1] / "comparison-table.tex").read_text(encoding="utf-8")
    plain = bare(text)
    depth = 0
    for sign in plain:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0
    assert depth == 0
    opened = []
    for what, name in re.findall(r"\\(begin|end)\{([a-z]+\*?)\}", plain):
        if what == "begin":
            opened.append(name)
        else:
            assert opened.pop() == name
    assert opened == []
    assert "%" not in plain
    assert "#" not in plain
    assert re.sub(r"\$(-|\\\w+)\$", "", plain).count("$") == 0
    assert "_" not in re.sub(r"\$[^$]*\$", "", plain)
    assert set(re.findall(r"\\([A-Za-z]+)", plain)) <= {
        "addlinespace", "begin", "bottomrule", "caption", "end", "extracolsep", "fill", "fontsize", "geq", "large", "ldots",
        "leq", "linewidth", "midrule", "multicolumn", "pm", "selectfont", "textasciicircum", "textasciitilde", "textgreater",
        "textless", "toprule",
    }  # fmt: skip
    assert not re.search("[−±–]", text)


def test_latex_has_every_row_with_its_cells(taken):
    _, folder, context = taken
    text = (folder / "comparison-table.tex").read_text(encoding="utf-8")
    inside = text[text.index("\\toprule") : text.index("\\bottomrule")]
    rows = [line for line in inside.splitlines() if len(re.findall(r"(?<!\\)&", line)) == 4]
    assert len(rows) == 1 + len(publication(context).lines)
    assert all(row.rstrip().endswith("\\\\") for row in rows)


def test_latex_escapes(bad):
    text = (bad[1] / "comparison-table.tex").read_text(encoding="utf-8")
    for escaped in (
        r"100\%",
        r"\&",
        r"\_i\_",
        r"\#h",
        r"\$x\_\{\$",
        r"\textbackslash{}input\{x\}",
        r"\textasciitilde{}",
    ):
        assert escaped in text


def test_minus_and_plus_minus_are_commands(trial):
    text = (trial[1] / "comparison-table.tex").read_text(encoding="utf-8")
    assert "($-$10.6 to +29.5)" in text
    assert r"5.81 $\pm$ 0.76 vs 7.93 $\pm$ 0.82" in text


def test_word_has_a_real_table(taken):
    docx = pytest.importorskip("docx")
    _, folder, context = taken
    document = docx.Document(str(folder / "comparison-table.docx"))
    table, (made,) = publication(context), document.tables
    rows = [[cell.text for cell in row.cells] for row in made.rows]
    wanted = expected(table)[1 : -len(table.notes)]
    assert rows == [row * len(table.head) if len(row) == 1 else row for row in wanted]
    first = made.rows[0]._tr.trPr.xpath("w:tblHeader")
    assert [each.get(docx.oxml.ns.qn("w:val")) for each in first] == ["true"]
    assert all(run.bold for cell in made.rows[0].cells for run in cell.paragraphs[0].runs)
    texts = [(paragraph.style.name, paragraph.text) for paragraph in document.paragraphs]
    assert texts[0] == ("Caption", table.caption)
    assert [text for _, text in texts[1:]] == list(table.notes)
    assert document.core_properties.author == ""
