"""Printed test statistics beside their printed P, and beside the arms.

The first cases are those by which the program statcheck tests itself (github.com/MicheleNuijten/statcheck, facts only): which
pairs of statistic and P are consistent within the rounding of both. SciPy's distributions are the other source.
"""

import pytest
from scipy import stats

from bayes_ivf.auditing import audit
from bayes_ivf.study import parse_study

LOW, HIGH = 2 * stats.t.sf(2.25, 28), 2 * stats.t.sf(2.15, 28)

CONSISTENT = [
    ("z = -2.42", "p = 0.016"), ("t(28) = 2.0", "p < .05"), ("t(28) = 2", "p = .02"), ("t(28) = 2", "p = .14"),
    ("t(28) = 2.2", "p = .03"), ("t(28) = 2.2", "p = .04"), ("t(28) = 2.20", "p = .036"), ("t(28) = 2.20", "p = .037"),
    ("t(28) = 2.2", "p = .036"), ("t(28) = 2.2", "p < .08"), ("t(28) = 2.2", "p > .02"),
    ("t(28) < 2.20", f"p > {HIGH:.10f}"), ("t(28) < 2.2", "p = .08"), ("t(28) < 2.2", "p > .08"), ("t(28) < 2.2", "p < .08"),
    ("t(28) < 2.2", "p > .02"), ("t(28) > 2.20", f"p < {HIGH:.10f}"), ("t(28) > 2.2", "p = .02"), ("t(28) > 2.2", "p > .02"),
    ("t(28) > 2.2", "p < .02"), ("t(28) > 2.2", "p < .08"),
]  # fmt: skip
INCONSISTENT = [
    ("t(28) = 2.20", "p = .03"), ("F(2, 28) = 2.20", "p = .15"), ("r(28) = .22", "p = .26"), ("chi2(28) = 22.20", "p = .79"),
    ("z = 2.20", "p = .04"), ("Q(28) = 22.20", "p = .79"), ("t(28) = -2.20", "p = .03"), ("t(28) = 2.20", "ns"),
    ("t(28) = 2.20", "p > .05"), ("t(28) = 1.20", "p = .03"), ("t(28) = 2.20", "p = .30"),
    ("t(28) = 2.2", f"p > {HIGH + 1e-9:.12f}"), ("t(28) = 2.2", f"p < {LOW - 1e-9:.12f}"), ("t(28) = 2.2", "p = .08"),
    ("t(28) = 2.2", "p = .02"), ("t(28) = 2.2", "p > .08"), ("t(28) = 2.2", "p < .02"), ("t(28) < 2.2", f"p = {LOW:.10f}"),
    ("t(28) < 2.2", f"p < {LOW:.10f}"), ("t(28) < 2.2", "p < .02"), ("t(28) < 2.2", "p = .02"),
    ("t(28) > 2.2", f"p = {HIGH:.10f}"), ("t(28) > 2.2", f"p > {HIGH:.10f}"), ("t(28) > 2.2", "p > .08"),
    ("t(28) > 2.2", "p = .08"),
]  # fmt: skip
WRONG_SIDE = [
    ("t(28) = 2.20", "p = .06"), ("t(28) = 1.20", "p = .03"), ("F(2, 28) = 22.20", "p = .06"), ("F(2, 28) = 2.20", "p = .03"),
    ("r(28) = .22", "p = .03"), ("r(28) = .52", "p = .06"), ("chi2(28) = 2.20", "p = .03"), ("chi2(28) = 52.20", "p = .06"),
    ("z = 1.20", "p = .03"), ("z = 2.20", "p = .06"), ("Q(28) = 2.20", "p = .03"), ("Q(28) = 52.20", "p = .06"),
]  # fmt: skip


def study_of(statistic, p=None, direction="differs", arms=(20, 20), **keys):
    row = {
        "id": "o",
        "label": "o",
        "benefit": "higher",
        "kind": "unavailable",
        "note": "not printed",
        "statistic": statistic,
    }
    claim = {} if p is None else {"claim": {"text": "as printed", "direction": direction, "p": p}}
    values = {"schema_version": 1, "id": "s", "title": "s", "outcomes": [row | claim | keys]}
    values["arms"] = {arm: {"label": arm, "n": n} for arm, n in zip(("treatment", "control"), arms, strict=True)}
    return parse_study(values, "test")


def row_of(*args, **keys):
    (row,) = audit(study_of(*args, **keys)).ledger
    return row


def found(*args, **keys):
    return [each for each in audit(study_of(*args, **keys)).found if each.check == "printed_statistic"]


def direction_of(p):
    return "none" if ">" in p or p == "ns" else "differs"


@pytest.mark.parametrize(("statistic", "p"), CONSISTENT)
def test_a_p_that_its_statistic_gives_is_no_finding(statistic, p):
    assert not found(statistic, p, direction_of(p))
    row = row_of(statistic, p, direction_of(p))
    assert row.p_reproduced in (("yes", "conditional") if "=" in p else ("",))
    assert row.supported in ("yes", "conditional", "undetermined")


@pytest.mark.parametrize(("statistic", "p"), INCONSISTENT)
def test_a_p_that_its_statistic_cannot_give_is_a_finding(statistic, p):
    (finding,) = found(statistic, p, direction_of(p))
    row = row_of(statistic, p, direction_of(p))
    halved = "one-sided" in finding.statement
    assert finding.severity == ("info" if halved else "caution")
    if "=" in p:
        assert row.p_reproduced == ("conditional" if halved or "cut off" in finding.statement else "no")
    else:
        assert row.supported == ("conditional" if halved else "no")


@pytest.mark.parametrize(("statistic", "p"), WRONG_SIDE)
def test_a_conclusion_on_the_other_side_is_not_supported(statistic, p):
    row = row_of(statistic, p)
    sides = ("no", "conditional") if "one-sided" in row.note else ("no",)
    assert row.supported in sides
    assert found(statistic, p)


@pytest.mark.parametrize(
    ("statistic", "p"),
    [
        ("t(28) = 2.20", 2 * stats.t.sf(2.2, 28)),
        ("F(2, 28) = 2.20", stats.f.sf(2.2, 2, 28)),
        (
            "r(28) = .22",
            stats.pearsonr([0, 1], [0, 1]).pvalue * 0 + 2 * stats.t.sf(0.22 * (28 / (1 - 0.22**2)) ** 0.5, 28),
        ),
        ("z = 2.20", 2 * stats.norm.sf(2.2)),
        ("χ²(28) = 22.20", stats.chi2.sf(22.2, 28)),
        ("Q(28) = 22.20", stats.chi2.sf(22.2, 28)),
        ("t = 2.20", 2 * stats.t.sf(2.2, 38)),
        ("r = .22, n = 30", 2 * stats.t.sf(0.22 * (28 / (1 - 0.22**2)) ** 0.5, 28)),
        ("t(28) = 60.0", 2 * stats.t.sf(60.0, 28)),
    ],
)
def test_the_recomputed_p_is_that_of_the_distribution(statistic, p):
    sizes = {"n": {"treatment": 20, "control": 20}} if statistic == "t = 2.20" else {}
    kind = {"kind": "claim_only"} if sizes else {}
    assert row_of(statistic, f"P = {p:.4g}" if p > 1e-3 else "P < 0.001", **kind).recomputed_p == pytest.approx(
        p, rel=1e-9
    )


def test_one_sided_is_conditional_unless_declared():
    row = row_of("t(28) = 2.20", "p = .018")
    assert row.p_reproduced == "conditional"
    assert "one-sided" in row.note
    (finding,) = found("t(28) = 2.20", "p = .018")
    assert finding.severity == "info"
    assert "one-sided" in finding.statement
    for keys in (
        {"alternative": "one-sided"},
        {"claim": {"text": "one-tailed", "direction": "differs", "p": "p = .018"}},
    ):
        assert row_of("t(28) = 2.20", "p = .018", **keys).p_reproduced == "yes"
        assert not found("t(28) = 2.20", "p = .018", **keys)
    # a P that neither gives stays what it is
    assert row_of("t(28) = 2.20", "p = .01").p_reproduced == "no"
    # F and chi-square have no sides
    assert row_of("F(2, 28) = 2.20", "p = .065").p_reproduced == "no"


def test_a_p_of_zeros_is_any_p_that_rounds_to_it():
    assert row_of("t(28) = 22.20", "p = .000").p_reproduced == "yes"
    assert row_of("t(28) = 2.20", "p = .000").p_reproduced == "no"


def test_a_statistic_fixes_its_p_whatever_the_design():
    for text in ("adjusted for age", "paired test", "over three groups", "ANOVA"):
        claim = {"text": text, "direction": "differs", "p": "p = .036"}
        row = row_of("t(28) = 2.20", "p = .036", claim=claim)
        assert (row.supported, row.p_reproduced) == ("yes", "yes"), text


MEANS = {"kind": "mean_sd", "treatment": "5.81 ± 0.76", "control": "5.41 ± 0.82", "note": ""}
COUNTS = {"kind": "counts", "treatment": "16/20", "control": "9/20", "note": ""}


@pytest.mark.parametrize(
    ("statistic", "row"),
    [
        ("t(38) = 1.60", MEANS), ("t(38) = -1.60", MEANS), ("F(1, 38) = 2.56", MEANS), ("t(37.8) = 1.60", MEANS),
        ("z = 1.60", MEANS),
        ("χ²(1, N = 40) = 5.23", COUNTS), ("χ²(1) = 3.84", COUNTS), ("z = 2.29", COUNTS), ("z = 2.45", COUNTS),
        ("F(2, 57) = 9.1", MEANS), ("Q(3) = 9.1", COUNTS),
    ],
)  # fmt: skip
def test_a_statistic_that_the_arms_give_is_no_finding(statistic, row):
    assert not found(statistic, **row)


@pytest.mark.parametrize(
    ("statistic", "row", "named"),
    [
        ("t(38) = 2.60", MEANS, "Student t 1.600"),
        ("χ²(1) = 9.23", COUNTS, "Pearson chi-square 5.227"),
        ("z = 4", COUNTS, "z"),
    ],
)
def test_a_statistic_that_the_arms_do_not_give_is_a_finding(statistic, row, named):
    (finding,) = found(statistic, **row)
    assert finding.severity == "caution"
    assert named in finding.evidence


def test_degrees_of_freedom_of_other_women_are_said():
    (finding,) = found("t(28) = 1.60", **MEANS)
    assert finding.severity == "info"
    assert "28 degrees of freedom" in finding.statement
    (finding,) = found("χ²(1, N = 38) = 5.23", **COUNTS)
    assert "N = 38" in finding.statement
    assert not found("t(28) = 1.60", **MEANS | {"claim": {"text": "adjusted", "direction": "none"}})


def test_the_p_of_a_statistic_beside_means_is_named():
    row = row_of("t(38) = 2.60", "P = 0.013", **MEANS)
    assert row.supported == "conditional"
    assert row.p_reproduced == "conditional"
    assert "the P is that of the printed t(38) = 2.60" in row.note
