"""A study file drafted from a table: the same cells in CSV, Markdown, pasted text, HTML and Excel."""

from __future__ import annotations

import html
import tomllib

import pytest

from bayes_ivf.errors import BayesIvfError
from bayes_ivf.study import draft_file, parse_study

HEAD = ["Outcome", "Treatment (n = 40)", "Control (n = 42)", "P value"]
ROWS = [
    ["Clinical pregnancy, n (%)", "16 (40)", "12 (28.6)", "0.28"],
    ["Live birth rate (%)", "35", "26.2", "NS"],
    ["Endometrial thickness (mm), mean ± SD", "9.8 ± 1.6", "9.5 ± 1.7", "0.42"],
    ["Miscarriage", "2/16", "3/12", ">0.05"],
    ["FSH (IU/L), mean (SD)", "5.81 (0.76)", "7.93 (0.82)", "<0.001"],
    ["Body mass index", "21.9 ± 1.3", "21.5 ± 1.2", ""],
    ["Free T4, mean ± SEM", "1.2 ± 0.1", "1.3 ± 0.1", ""],
]
CELLS = {
    "cpr": ("counts", "16 (40%)", "12 (28.6%)", ("none", "P = 0.28")),
    "live_birth": ("percent", "35%", "26.2%", ("none", "NS")),
    "endometrium": ("mean_sd", "9.8 ± 1.6", "9.5 ± 1.7", ("none", "P = 0.42")),
    "mcr": ("counts", "2/16", "3/12", ("none", "P >0.05")),
    "fsh": ("mean_sd", "5.81 (0.76)", "7.93 (0.82)", ("lower", "P <0.001")),
    "bmi": ("mean_sd", "21.9 ± 1.3", "21.5 ± 1.2", None),
    "free_t4": ("mean_sd", "1.2 ± 0.1", "1.3 ± 0.1", None),
}


def as_csv(rows, separator=","):
    return "\n".join(separator.join(f'"{cell}"' if separator in cell else cell for cell in row) for row in rows)


def as_markdown(rows):
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(["Table 2. Outcomes", "", lines[0], "|---|:--:|---:|---|", *lines[1:]])


def as_html(rows):
    cells = [[html.escape(cell).replace("±", "&plusmn;") for cell in row] for row in rows]
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in cells)
    script = "<script>var x = '<td>7</td>'</script>"
    return f"<html>{script}<table><caption>T</caption>{body}</table><table><tr><td>1</td></tr></table>"


FORMS = {
    "csv": lambda rows: as_csv(rows),
    "tsv": lambda rows: as_csv(rows, "\t"),
    "semicolon.csv": lambda rows: as_csv(rows, ";"),
    "md": as_markdown,
    "html": as_html,
    "tabs.txt": lambda rows: "\n".join("\t".join(row) for row in rows),
    "spaces.txt": lambda rows: "\n".join("   ".join(row).rstrip() for row in rows),
}


def drafted(path, arms=()):
    text = draft_file(path, "draft", arms)
    tables = tomllib.loads(text)
    parse_study(tables, "draft")
    return tables, text


def cells_of(tables):
    return {
        row["id"]: (
            row["kind"],
            row.get("treatment"),
            row.get("control"),
            (row["claim"]["direction"], row["claim"]["p"]) if "claim" in row else None,
        )
        for row in tables["outcomes"]
    }


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_cells(form, tmp_path):
    path = tmp_path / f"table.{form}"
    path.write_text(FORMS[form]([HEAD, *ROWS]), encoding="utf-8")
    tables, _ = drafted(path)
    assert cells_of(tables) == CELLS
    assert [tables["arms"][arm] for arm in ("treatment", "control")] == [
        {"label": "Treatment", "n": 40},
        {"label": "Control", "n": 42},
    ]


def test_excel_gives_the_same_cells_with_their_places(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Results"
    for row in [HEAD, *ROWS]:
        sheet.append(row)
    sheet["B3"], sheet["C3"] = 0.35, 0.262  # shown as percentages
    sheet["B3"].number_format, sheet["C3"].number_format = "0%", "0.0%"
    path = tmp_path / "table.xlsx"
    book.save(path)
    tables, text = drafted(path)
    assert cells_of(tables) == CELLS
    assert "# sheet 'Results', B2" in text


def test_every_cell_has_its_place(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(as_csv([HEAD, *ROWS]), encoding="utf-8")
    _, text = drafted(path)
    assert 'control = "12 (28.6%)"  # line 2, cell 3' in text
    assert "n = 42  # line 1, cell 3" in text


def test_what_the_label_says_is_declared_and_asked_about(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(as_csv([HEAD, *ROWS]), encoding="utf-8")
    tables, text = drafted(path)
    rows = {row["id"]: row for row in tables["outcomes"]}
    assert (rows["endometrium"]["unit"], rows["endometrium"]["spread"]) == ("mm", "sd")
    assert rows["free_t4"]["spread"] == "se"
    assert (rows["mcr"]["per"], rows["mcr"]["n"]) == ("clinical_pregnancy", {"treatment": 16, "control": 12})
    assert "confirm: what one unit of the denominators 16 and 12 is" in text
    assert rows["bmi"]["role"] == "baseline"
    assert "confirm: whether the number after ± is a standard deviation" in text


def test_rows_that_are_not_understood_stand_as_comments(tmp_path):
    path = tmp_path / "table.csv"
    odd = [["Oocytes, median (IQR)", "8 (5-12)", "9 (6-12)", "0.3"], ["Mood", "good", "bad", ""]]
    odd.append(["Dominant follicles, median", "1 (1-2)", "2 (1-3)", ""])  # in brackets: quartiles, or a range?
    rows = [HEAD, ROWS[0], *odd, ["Remark", "", "as above", ""]]
    path.write_text(as_csv(rows), encoding="utf-8")
    tables, text = drafted(path)
    kinds = {row["id"]: row["kind"] for row in tables["outcomes"]}
    assert kinds == {"cpr": "counts", "oocytes": "quantiles", "follicles": "unavailable", "mood": "unavailable"}
    for cell in ("8 (5-12)", "9 (6-12)", "1 (1-2)", "2 (1-3)", "good", "bad", "as above"):
        assert cell in text


def test_sizes_and_headings_in_rows_of_their_own(tmp_path):
    path = tmp_path / "table.csv"
    head = [["", "Placebo", "Letrozole"], ["Number of women", "41", "40"], ["Pregnancy outcomes", "", ""]]
    rows = [*head, ["Clinical pregnancy", "10", "16"], ["Ongoing pregnancy", "9 (22.0%)", "14 (35.0%)"]]
    path.write_text(as_csv(rows), encoding="utf-8")
    tables, text = drafted(path)
    assert tables["arms"]["control"] == {"label": "Placebo", "n": 41}
    rows = {row["id"]: row for row in tables["outcomes"]}
    assert (rows["opr"]["treatment"], rows["opr"]["control"]) == ("14 (35.0%)", "9 (22.0%)")
    assert rows["cpr"]["kind"] == "unavailable"  # a number alone is no count until somebody says so
    assert "below the heading 'Pregnancy outcomes'" in text


def test_more_arms_are_listed_and_chosen(tmp_path):
    path = tmp_path / "table.csv"
    rows = [
        ["", "A (n=40)", "B (n=41)", "Placebo (n=42)", "All", "P"],
        ["Clinical pregnancy", "16/40", "17/41", "12/42", "45/123", "0.03"],
    ]
    path.write_text(as_csv(rows), encoding="utf-8")
    several, said = drafted(path)
    assert several["compare"] == [["arm", "placebo"], ["b", "placebo"]] or several["compare"] == [
        ["a", "placebo"],
        ["b", "placebo"],
    ]
    (row,) = several["outcomes"]
    assert list(row["cells"].values()) == ["16/40", "17/41", "12/42"]
    assert "claims" not in row  # the P may be of all three
    assert "not used: 0.03" in said
    assert "not used: 1" not in said
    tables, text = drafted(path, ("2", "placebo"))
    (row,) = tables["outcomes"]
    assert (row["treatment"], row["control"]) == ("17/41", "12/42")
    assert "16/40" in text
    assert "claim" not in row  # the P may be of all three
    assert "not used: 0.03" in text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", ""),
        ("a.csv", "one,two\nthree"),
        ("a.csv", '"' * 5000),
        ("a.csv", "a (n = 1)," * 20_000),
        ("a.html", "<table>" * 20_000),
        ("a.html", "<table><tr>" + "<td colspan=999>x" * 20_000),
        ("a.html", "<td>" * 50_000),
        ("a.md", "|" * 50_000),
        ("a.txt", ("\t" * 100 + "\n") * 2000),
        ("a.csv", "a,b (n = 3),c (n = 4)" + ",d" * 100_000 + "\n" + "x,1/3,2/4"),
        ("a.xlsx", "no workbook"),
        ("a.csv", "o,A (n = 3),B (n = 4)\n" + "x,1/3,2/4\n" * 500),
    ],
)  # fmt: skip
def test_hostile_tables_are_refused(name, content, tmp_path):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BayesIvfError):
        draft_file(path, "draft")


def test_hidden_signs_and_formulas_stay_text(tmp_path):
    path = tmp_path / "table.csv"
    rows = [
        ["Outcome", "A\u202e (n = 40)", "Control (n = 42)"],
        ['=HYPERLINK("x")\u200b Clinical pregnancy', "16/40", "12/42"],
    ]
    path.write_text(as_csv(rows, "\t"), encoding="utf-8")
    _, text = drafted(path)
    assert not set(text) & {"\u202e", "\u200b"}


def test_effects_take_their_scale_from_the_head_of_their_column(tmp_path):
    path = tmp_path / "table.csv"
    rows = [
        ["Outcome", "Letrozole (n = 40)", "Placebo (n = 40)", "RR (95% CI)", "P", "Total"],
        ["Clinical pregnancy", "16/40", "12/40", "1.33 (0.73-2.45)", "0.35", "28/80"],
        ["Ongoing pregnancy", "14/40", "10/40", "0.71 (0.36-1.41)", "0.33", ""],
        ["Live birth", "13/40", "10/40", "see text", "P>1", ""],
    ]
    path.write_text(as_csv(rows), encoding="utf-8")
    tables, text = drafted(path)
    found = {row["id"]: row.get("effect") for row in tables["outcomes"]}
    assert found["cpr"] == {"scale": "risk_ratio", "estimate": "1.33", "low": "0.73", "high": "2.45"}
    assert found["opr"] is None  # control over treatment, as the counts show
    for cell in ("0.71 (0.36-1.41)", "see text", "P>1", "28/80"):
        assert f"not used: {cell}" in text


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_a_text_with_wide_spaces_is_no_table(name, tmp_path):
    path = tmp_path / name
    lines = [
        "Women received letrozole (n = 40).  Others received placebo (n = 41).",
        "The clinical pregnancy rate was 40% with letrozole.  It was 29% with placebo.",
        "Live births:  no data.",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert 'source = "abstract"' in draft_file(path, "draft")
