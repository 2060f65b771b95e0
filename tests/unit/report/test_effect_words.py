"""An effect alone is told as what it is: a lower hazard ratio is a later event, not a shorter time."""

import pytest

from bayes_ivf import Study, reanalyze
from bayes_ivf.results import digits_for

REPORTED = {
    "hazard_ratio": (0.86, (0.53, 1.38)),
    "odds_ratio": (1.61, (1.03, 2.53)),
    "risk_ratio": (0.60, (0.40, 0.90)),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Report and reading of every ratio, benefit higher, as Markdown."""
    parts = [
        Study.from_effect(scale, estimate, ci=ci, outcome=scale, benefit="higher", label=f"Time to {scale[:3]}")
        for scale, (estimate, ci) in REPORTED.items()
    ]
    folder = tmp_path_factory.mktemp("run") / "x"
    result = reanalyze(Study.combine(parts, study="ratios"), out=folder, engine="exact", models=["two_arm"])
    return (folder / "report.md").read_text(), (folder / "report.html").read_text(), result.comparison


def test_the_first_sentence_names_what_was_printed(told):
    text = told[0]
    assert (
        "**Time to haz.** Reported: hazard ratio 0.86 (0.53 to 1.38). **Perhaps a somewhat lower hazard ratio" in text
    )
    assert "(with treatment the event comes later, or to fewer)**: hazard ratio 0.87 (95% credible interval " in text
    assert "higher odds**: odds ratio 1.5" in text
    assert "a lower risk**: risk ratio 0.6" in text
    assert ". ." not in text
    assert ".** ." not in text


def test_a_reading_says_what_its_number_is(told):
    readings = told[2].set_index("outcome").reading
    for scale in REPORTED:
        assert f"Estimate: {scale.replace('_', ' ')} " in readings[scale]


def test_no_arm_stands_behind_against_where_there_is_none(told):
    for text in told[:2]:
        assert "against  " not in text
        assert "against |" not in text
        assert "against</td>" not in text


def test_an_adjustment_that_is_not_named_is_told_as_that():
    study = Study.from_effect("odds_ratio", 1.61, ci=(1.03, 2.53), outcome="lbr", adjusted="not said")
    assert study.outcome("lbr").effect_words == "odds ratio 1.61 (1.03 to 2.53), adjusted"


@pytest.mark.parametrize(
    ("low", "high", "center", "shown"),
    [
        (-12816.25, -1376.30, -7059.62, "-7060 (-12816 to -1376)"),
        (-720.41, 87.09, -290.51, "-291 (-720 to +87)"),
        (-0.2, 900.0, 400.0, "+400.0 (-0.2 to +900.0)"),
        (-75.42, -64.53, -70.0, "-70.00 (-75.42 to -64.53)"),
    ],
)
def test_wide_intervals_have_no_decimals(low, high, center, shown):
    digits = digits_for(low, high)
    assert f"{digits(center)} ({digits.between(low, high)})" == shown


def test_a_unit_that_the_label_says_is_not_said_twice():
    from types import SimpleNamespace

    from bayes_ivf.report.mixtures import _unit

    cycle = SimpleNamespace(per="cycle", estimand="risk_difference")
    assert _unit("Fecundability per cycle", cycle) == ""
    assert _unit("Fecundability", cycle) == "cycle"
