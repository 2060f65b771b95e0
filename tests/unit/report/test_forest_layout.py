"""The forest of a page: every interval where its numbers are, every text as it was given and escaped."""

import itertools
import re
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from matplotlib.ticker import MaxNLocator

from bayes_ivf.plots import forest
from bayes_ivf.report import forest_layout, lay_out, page_environment
from bayes_ivf.report.forest_layout import axis_of, linear_ticks, log_ticks
from bayes_ivf.results import ForestEstimate, ForestPanel, ForestRow, forest_panels

HOSTILE = "<script>alert('1')</script> & \"x\" $\\frac{1}{2}$"
SVG = "{http://www.w3.org/2000/svg}"


def _drawn(picture):
    page = page_environment().get_template("forest.html").render(picture=picture)
    return ElementTree.fromstring(page)  # noqa: S314  made here


def _texts(root):
    return ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]


def _study(*outcomes):
    """Return what a forest is drawn of: label, kind, direction, scale, frequentist and Bayesian estimate of each outcome."""
    items, rows = [], []
    for number, (label, benefit, scale, freq, bayes) in enumerate(outcomes):
        items.append(SimpleNamespace(id=f"o{number}", benefit=benefit))
        values = {"outcome": f"o{number}", "label": label, "role": "outcome", "kind": "counts", "effect_scale": scale}
        for name, given in (("freq", freq), ("bayes", bayes)):
            ends = given or (None, None, None)
            values |= {f"{name}_effect": ends[0], f"{name}_ci_low": ends[1], f"{name}_ci_high": ends[2]}
        rows.append(SimpleNamespace(**values))
    effect = SimpleNamespace(estimand="risk_difference", model="two_arm", prior="p", ci_level=0.9)
    return SimpleNamespace(study=SimpleNamespace(items=items), comparisons=rows, rows=[effect])


MANY = _study(
    (HOSTILE, "higher", "risk_difference", (0.1, -0.1, 0.3), (0.08, -0.08, 0.25)),
    ("Miscarriage", "lower", "risk_difference", (-0.2, -0.4, 0.0), (-0.1, -0.2, 0.05)),
    ("Twins", "none", "risk_difference", None, (0.01, -0.01, 0.02)),
    ("OHSS", "lower", "odds_ratio", None, (0.5, 0.2, 1.25)),
)


def test_intervals_stand_where_their_numbers_are_on_the_axis():
    root, picture = _drawn(lay_out(MANY)), lay_out(MANY)
    (risks, ratios), panels = picture.panels, forest_panels(MANY)
    # two ticks give the axis
    (x0, _), (x1, _) = (next(each for each in risks.ticks if each[1] == label) for label in ("0", "20"))
    assert risks.null == x0
    found = [
        each.attrib["d"] for each in root.iter(f"{SVG}path") if re.fullmatch(r"M[\d.]+ [\d.]+H[\d.]+", each.attrib["d"])
    ]
    ends = [tuple(map(float, re.fullmatch(r"M([\d.]+) [\d.]+H([\d.]+)", path).groups())) for path in found]
    expected = [
        (x0 + value.low * (x1 - x0) / 20, x0 + value.high * (x1 - x0) / 20, x0 + value.center * (x1 - x0) / 20)
        for row in panels[0].rows for value in (row.frequentist, row.bayes) if value
    ]  # fmt: skip
    assert len(ends) == len(expected) + 1 == 6
    for end, (low, high, _) in zip(ends, expected, strict=False):
        assert end == pytest.approx((low, high), abs=0.02)
    marks = [mark for row in risks.rows for mark in row.marks]
    assert [mark.center for mark in marks] == pytest.approx([center for *_, center in expected], abs=0.02)
    assert [float(each.attrib["cx"]) for each in root.iter(f"{SVG}circle")][1:] == [
        mark.center for panel in picture.panels for row in panel.rows for mark in row.marks if mark.kind == "bayes"
    ]
    # on a logarithmic axis equal factors are equal steps: 0.2 to 0.5 to 1.25, around 1
    (mark,) = ratios.rows[0].marks
    assert mark.center - mark.low == pytest.approx(mark.high - mark.center, abs=0.02)
    assert {label: x for x, label in ratios.ticks}["1"] == ratios.null


def test_texts_are_those_of_the_picture_that_matplotlib_draws():
    texts, figure = _texts(_drawn(lay_out(MANY))), forest(MANY)
    drawn = [text.get_text() for text in figure.texts]
    numbers = [text for text in drawn if text.endswith(")") and ", " in text and "frequentist" not in text]
    assert numbers
    assert numbers == [text for text in texts if text in numbers]
    for kind in ("recomputed", "reanalysis"):
        assert [text for text in drawn if text.startswith(kind)] == [text for text in texts if text.startswith(kind)][
            :1
        ]
    labels = [text for text in drawn if text in ("Miscarriage", "Twins", "OHSS")]
    assert labels == [text.removesuffix(" ←") for text in texts if text.removesuffix(" ←") in labels]
    assert "Risk difference, percentage points" in drawn
    assert f"{HOSTILE} →" in " ".join(texts)
    assert "0.50 (0.20, 1.25)" in texts


def test_a_hostile_label_is_text():
    page = page_environment().get_template("forest.html").render(picture=lay_out(MANY))
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 2  # in the picture, and in the words for who cannot see it
    assert HOSTILE in next(_drawn(lay_out(MANY)).iter(f"{SVG}desc")).text


def test_words_tell_what_the_picture_shows():
    root = _drawn(lay_out(MANY))
    ids = [each.attrib["id"] for each in root.iter() if "id" in each.attrib]
    assert ids == root.attrib["aria-labelledby"].split() == ["forest-title", "forest-desc"]
    assert next(root.iter(f"{SVG}title")).text == "Forest plot of all estimated effects with 90% intervals"
    said = next(root.iter(f"{SVG}desc")).text
    assert "Miscarriage ← (Risk difference, percentage points, 90% intervals): recomputed -20.0 (-40.0, 0.0);" in said


def test_nothing_leaves_the_picture_or_covers_something_else():
    long = _study(
        *[
            (f"{'A very long label ' * 20}{i}", "higher", "risk_difference", (0.1, -0.1, 0.3), (0.1, -0.1, 0.3))
            for i in range(3)
        ]
    )
    picture = lay_out(long)
    (panel,) = picture.panels
    ys = [place for row in panel.rows for place in (*(line.y for line in row.label), *(mark.y for mark in row.marks))]
    assert ys == sorted(ys)
    assert min(b - a for a, b in itertools.pairwise(ys)) >= forest_layout.LINE - 0.01
    assert all(len(row.label) == 3 and row.label[-1].text.endswith(" … →") for row in panel.rows)
    assert panel.bottom + 20 < picture.height
    assert forest_layout.LEFT < panel.null < panel.right < picture.width


def test_a_study_without_panels_says_so():
    nothing = _study(("x", "higher", "", None, None))
    assert _texts(_drawn(lay_out(nothing))) == ["No outcome could be estimated."]


@pytest.mark.parametrize(
    "values", [(0.0, 0.0, 0.0), (1.0, float("-inf"), float("inf")), (1e-9, -1e-9, 2e-9), (5e6, 1e6, 9e6)]
)
def test_an_axis_holds_whatever_it_is_given(values):
    panel = ForestPanel("t", (ForestRow("x", "", None, ForestEstimate(*values)),))
    axis = axis_of(panel, 10, 200)
    assert axis.low < panel.null < axis.high
    assert all(10 <= axis(value) <= 200 for value in values)
    assert len(axis.ticks) >= 2
    assert all(10 <= x <= 200 for x, _ in axis.ticks)


@pytest.mark.parametrize(("low", "high"), [(-13, 32), (-0.12, 0.31), (-48, 51), (0.1, 0.9), (-1234, 30), (-3e-5, 2e-4)])
def test_linear_ticks_are_as_fine_as_those_of_matplotlib(low, high):
    ticks = linear_ticks(low, high)
    theirs = [
        tick
        for tick in MaxNLocator(forest_layout.TICKS, steps=[1, 2, 5, 10]).tick_values(low, high)
        if low <= tick <= high
    ]
    assert ticks == pytest.approx(theirs)


@pytest.mark.parametrize(("low", "high"), [(0.9, 1.2), (0.4, 6), (0.05, 20), (1e-4, 1e5), (0.99, 1.01), (1e-300, 1.0)])
def test_ticks_of_ratios_are_few_and_inside(low, high):
    ticks = log_ticks(low, high)
    assert 2 <= len(ticks) <= 2 * forest_layout.TICKS
    assert ticks == sorted(ticks)
    assert all(low <= tick <= high for tick in ticks)


def test_standardized_differences_are_told_to_be_in_standard_deviations():
    mixed = _study(
        ("FSH", "lower", "standardized_mean_difference", None, (-0.5, -1.0, 0.1)),
        ("Pregnancy", "higher", "risk_difference", None, (0.1, -0.1, 0.3)),
    )
    titles = [panel.title.text for panel in lay_out(mixed).panels]
    assert titles == [
        "Risk difference, percentage points",
        "Mean difference, in standard deviations",
    ]
    assert titles[1] in _texts(_drawn(lay_out(mixed)))
