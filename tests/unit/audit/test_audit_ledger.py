"""The claims ledger: verdicts, what they rest on, and the least change."""

import math
import subprocess
import sys

import pytest

from bayes_ivf.auditing import audit, fisher_p, welch
from bayes_ivf.study import Study, load_study, parse_study


@pytest.fixture(scope="module")
def lei():
    return {row.outcome: row for row in audit(load_study("lei-2026")).ledger}


def one(study):
    (row,) = audit(study).ledger
    return row


def counts(treatment, control, claim="P<0.05", benefit="higher"):
    direction = {"none": "differs"}.get(benefit, benefit)
    return one(Study.from_counts(treatment, control, claim=claim, benefit=benefit, direction=direction))


def outcome_study(arms=(40, 40), **keys):
    row = {"id": "o", "label": "o", "benefit": "higher", **keys}
    values = {"schema_version": 1, "id": "s", "title": "s", "outcomes": [row]}
    values["arms"] = {arm: {"label": arm, "n": n} for arm, n in zip(("treatment", "control"), arms, strict=True)}
    return parse_study(values, "test")


def test_the_index_trial_in_the_papers_order(lei):
    study = load_study("lei-2026")
    assert list(lei) == [item.id for item in study.items if item.claim is not None]
    verdicts = {name: row.supported for name, row in lei.items()}
    assert verdicts["cpr"] == verdicts["mcr"] == "no"
    assert verdicts["eir"] == "conditional"
    assert {verdicts[name] for name in ("fsh", "e2", "lh", "age", "bmi", "education", "prior_transfers")} == {"yes"}
    nothing = ("ca125", "il6", "qol_physiological", "qol_mental", "adverse_reactions")
    assert {verdicts[name] for name in nothing} == {"undetermined"}
    assert all(math.isnan(lei[name].recomputed_p) and lei[name].note for name in nothing)


def test_recomputed_p_is_the_primary_test_in_full_precision(lei):
    assert (lei["cpr"].test, lei["cpr"].recomputed_p) == ("Fisher", fisher_p(16, 40, 12, 40))
    assert (lei["fsh"].test, lei["fsh"].recomputed_p) == ("Welch", welch(5.81, 0.76, 40, 7.93, 0.82, 40).p)
    assert lei["education"].recomputed_p == pytest.approx(0.89737100586664242)  # R, audit_tests.json
    assert lei["eir"].recomputed_p == pytest.approx(0.012091192180482917)


def test_least_change_of_the_index_trial(lei):
    assert lei["cpr"].least_change == "treatment 22/40 instead of 16/40 (Fisher)"
    for needed in ("21 under Pearson", "21 under Boschloo", "22 under Yates"):
        assert needed in lei["cpr"].note
    assert "no treatment count alone" in lei["mcr"].least_change
    assert "0/16 vs 4/12" in lei["mcr"].least_change
    assert lei["eir"].least_change == ""
    assert "independent" in lei["eir"].note


def test_the_least_change_is_least():
    for treatment, control in (((16, 40), (12, 40)), ((5, 30), (9, 31)), ((0, 25), (3, 20)), ((30, 90), (30, 60))):
        row = counts(treatment, control)
        if "instead" not in row.least_change or "no treatment" in row.least_change:
            continue
        needed = int(row.least_change.split()[1].split("/")[0])
        (a, n1), (b, n2) = treatment, control
        assert fisher_p(needed, n1, b, n2) < 0.05
        for other in range(n1 + 1):
            if abs(other - a) < abs(needed - a) and other / n1 > b / n2:
                assert fisher_p(other, n1, b, n2) >= 0.05


def test_the_direction_must_hold_too():
    row = counts((5, 40), (25, 40))
    assert row.recomputed_p < 0.001
    assert row.supported == "no"
    assert "direction" in row.note
    assert counts((5, 40), (25, 40), benefit="lower").supported == "yes"
    assert counts((5, 40), (25, 40), benefit="none").supported == "yes"


@pytest.mark.parametrize(
    ("treatment", "control", "claim", "verdict"),
    [
        ((22, 40), (12, 40), "P<0.05", "yes"),
        ((21, 40), (12, 40), "P<0.05", "conditional"),  # Pearson 0.041, Fisher 0.069
        ((20, 40), (12, 40), "P<0.05", "conditional"),  # only one-sided: Pearson 0.034
        ((18, 40), (12, 40), "P<0.05", "no"),
        ((16, 40), (12, 40), "P>0.05", "yes"),
        ((30, 40), (12, 40), "P>0.05", "no"),
        ((16, 40), (12, 40), "P=0.48", "yes"),  # Fisher 0.482
        ((16, 40), (12, 40), "P=0.348", "yes"),  # Pearson 0.3484
        ((16, 40), (12, 40), "P=0.02", "no"),
        ((0, 20), (0, 20), "P<0.05", "no"),
        ((0, 20), (0, 20), "P>0.05", "no"),  # claimed higher, and it is not
        ((1, 1), (0, 1), "P<0.05", "no"),
    ],
)
def test_verdicts_of_counts(treatment, control, claim, verdict):
    assert counts(treatment, control, claim).supported == verdict


def test_a_claim_of_no_difference_that_is_not():
    row = one(
        outcome_study(
            kind="counts", treatment="30/40", control="12/40", claim={"text": "n", "direction": "none", "p": "P>0.05"}
        )
    )
    assert row.supported == "no"
    assert row.least_change == "treatment 21/40 instead of 30/40 (Fisher)"  # 0.0685; 22 gives 0.041


def test_means_where_rounding_decides():
    claim = {"text": "h", "direction": "higher", "p": "P<0.05"}
    # 0.1 of difference with each mean known to 0.05 only: P from far below to 1.
    row = one(outcome_study(kind="mean_sd", treatment="1.1 ± 0.2", control="1.0 ± 0.2", claim=claim))
    assert row.supported == "conditional"
    assert "rounding" in row.note
    saved = one(outcome_study(kind="mean_sd", treatment="1.1 ± 0.3", control="1.0 ± 0.3", claim=claim))
    assert saved.supported == "conditional"
    assert "rounding" in saved.note
    clear = one(outcome_study(kind="mean_sd", treatment="1.20 ± 0.20", control="1.00 ± 0.20", claim=claim))
    assert clear.supported == "yes"
    assert "rounding" not in clear.note
    failed = one(outcome_study(kind="mean_sd", treatment="1.05 ± 0.20", control="1.00 ± 0.20", claim=claim))
    assert failed.supported == "no"
    needed = float(failed.least_change.split()[2])
    assert welch(needed, 0.2, 40, 1.0, 0.2, 40).p < 0.05 <= welch(needed - 0.01, 0.2, 40, 1.0, 0.2, 40).p


def test_percentages_with_several_decodings():
    claim = {"text": "h", "direction": "higher", "p": "P<0.05"}
    n = {"treatment": "10-200", "control": "10-200"}
    row = one(outcome_study(kind="percent", per="transfer", treatment="40%", control="30%", n=n, claim=claim))
    assert row.supported == "conditional"
    assert math.isnan(row.recomputed_p)
    assert "pairs of counts" in row.note
    clear = one(
        outcome_study(
            kind="percent", treatment="90%", control="10%", n={"treatment": "20-39", "control": "20-39"}, claim=claim
        )
    )
    assert clear.supported == "yes"


@pytest.mark.parametrize("per", ["embryo", "embryos transferred", "oocyte", "gestational sac"])
def test_parts_of_a_woman_are_conditional(per):
    claim = {"text": "h", "direction": "higher", "p": "P<0.05"}
    data = {"kind": "counts", "per": per, "claim": claim}
    assert one(outcome_study(treatment="60/80", control="30/84", **data)).supported == "conditional"
    assert one(outcome_study(treatment="30/80", control="30/84", **data)).supported == "no"
    # One embryo for each woman is as good as one woman.
    assert one(outcome_study(treatment="30/40", control="10/40", **data)).supported == "yes"


def test_more_cycles_than_women_are_conditional():
    claim = {"text": "h", "direction": "higher", "p": "P<0.05"}
    assert (
        one(outcome_study(kind="counts", per="cycle", treatment="60/80", control="30/84", claim=claim)).supported
        == "conditional"
    )
    assert (
        one(outcome_study(kind="counts", per="transfer", treatment="30/38", control="10/39", claim=claim)).supported
        == "yes"
    )


def test_a_printed_interval_alone():
    effect = {"scale": "odds_ratio", "estimate": "1.61", "low": "1.03", "high": "2.53"}
    row = one(outcome_study(kind="effect_ci", effect=effect, claim={"text": "h", "direction": "higher", "p": "P<0.05"}))
    assert (row.supported, row.test) == ("yes", "normal")
    assert row.recomputed_p == pytest.approx(0.0377, abs=2e-4)  # log 1.61 / ((log 2.53 - log 1.03) / 3.92) = 2.077


def test_large_arms_are_answered():
    row = counts((30_100, 100_000), (29_950, 100_000))
    assert row.supported == "no"
    needed = int(row.least_change.split()[1].split("/")[0])
    assert fisher_p(needed, 100_000, 29_950, 100_000) < 0.05 <= fisher_p(needed - 1, 100_000, 29_950, 100_000)
    assert "Boschloo not computed" in row.note


def test_a_cold_start_is_quick_and_light():
    code = (
        "import sys, time; start = time.process_time(); from bayes_ivf.auditing import audit; "
        "from bayes_ivf.study import load_study; audit(load_study('lei-2026')).to_table(); "
        "print(time.process_time() - start, [m for m in "
        "('pymc', 'pytensor', 'arviz', 'numba', 'nutpie', 'xarray', 'pandas', 'scipy.stats') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split(" ", 1)
    assert out[1].strip() == "[]"
    assert float(out[0]) < 5
