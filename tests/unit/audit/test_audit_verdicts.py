"""Two questions, two columns: does the conclusion hold, and is the printed P that of a usual test?"""

import pytest
from scipy import stats

from bayes_ivf.auditing import audit
from bayes_ivf.study import parse_study


def study(*outcomes, arms=(40, 40), **keys):
    rows = [{"id": f"o{i}", "label": "o", "benefit": "higher", **row} for i, row in enumerate(outcomes)]
    values = {"schema_version": 1, "id": "s", "title": "s", "outcomes": rows, **keys}
    values["arms"] = {arm: {"label": arm, "n": n} for arm, n in zip(("treatment", "control"), arms, strict=True)}
    return parse_study(values, "test")


def row(kind, treatment, control, text, direction, p, arms=(40, 40), design=None, **keys):
    claim = {"text": text, "direction": direction, "p": p}
    outcome = {"kind": kind, "treatment": treatment, "control": control, "claim": claim, **keys}
    (found,) = audit(study(outcome, arms=arms, **(design or {}))).ledger
    return found


def both(found):
    return found.supported, found.p_reproduced


LETROZOLE = (98, 106)


def test_a_conclusion_may_hold_while_its_p_is_not_reproduced():
    cycles = row(
        "counts", "196/294", "216/318", "comparable", "none", "P=0.712", LETROZOLE, per="cycle"
    )  # Fisher 0.796, nearest Pearson 0.740
    assert both(cycles) == ("yes", "no")
    assert "nearest is Pearson with 0.740" in cycles.note
    endometrium = row("mean_sd", "9.1±0.3", "6.3±1.1", "higher", "higher", "P=0.014", LETROZOLE)
    assert both(endometrium) == ("yes", "no")
    assert "the printed P is much larger than these numbers give" in endometrium.note
    prism = row("counts", "1513/2025", "1459/2013", "no difference", "none", "P=0.08", (2025, 2013))
    assert both(prism) == ("yes", "no")
    assert prism.recomputed_p == pytest.approx(stats.fisher_exact([[1513, 512], [1459, 554]])[1])


def test_what_rounding_hides_makes_a_conclusion_conditional_in_both_directions():
    follicles = row("mean_sd", "1.86±0.26", "1.92±0.17", "P=0.126", "none", "P=0.126", LETROZOLE)
    assert both(follicles) == ("conditional", "no")
    assert follicles.recomputed_p == pytest.approx(
        stats.ttest_ind_from_stats(1.86, 0.26, 98, 1.92, 0.17, 106, equal_var=False).pvalue
    )
    # t = 2.598, P = 0.027 as printed; rounding leaves 0.001 to 0.196 open.
    for p, reproduced in (("P=0.009", "conditional"), ("P<0.01", "")):
        assert both(row("mean_sd", "8 ± 2", "5 ± 2", "higher", "higher", p, (6, 6))) == ("conditional", reproduced)


def test_a_p_reached_by_cutting_off_digits_is_conditional_and_named():
    found = row("counts", "43/98", "28/106", "higher", "higher", "P=0.013", LETROZOLE)
    assert both(found) == ("yes", "conditional")
    assert "cut off, by Yates (0.014)" in found.note
    yates = stats.chi2_contingency([[43, 55], [28, 78]]).pvalue
    assert 0.0135 < yates < 0.014  # rounds to 0.014, cut off to 0.013


@pytest.mark.parametrize(
    ("text", "direction", "p", "verdict"),
    [
        ("higher", "higher", "P=0.05", "no"),  # 0.35 to 0.48 by every test, the words claim a difference
        ("differs", "differs", "P=0.05", "no"),
        ("no difference", "none", "P=0.05", "yes"),
        ("P=0.05", "differs", "P=0.05", "undetermined"),
        ("P=0.050", "none", "P=0.050", "undetermined"),
        ("P=0.06", "differs", "P=0.06", "yes"),
        ("P=0.04", "differs", "P=0.04", "no"),
    ],
)
def test_where_the_printed_p_rounds_to_its_level_the_words_decide(text, direction, p, verdict):
    assert row("counts", "16/40", "12/40", text, direction, p).supported == verdict


def test_an_exact_p_that_a_test_gives_but_for_the_claimed_direction():
    found = row("counts", "12/40", "16/40", "higher", "higher", "P=0.48")
    assert both(found) == ("no", "yes")
    assert "direction is not as claimed" in found.note


def test_the_columns_stand_apart_in_every_form():
    found = audit(
        study(
            {
                "kind": "counts",
                "treatment": "16/40",
                "control": "12/40",
                "claim": {"text": "n", "direction": "none", "p": "P=0.30"},
            }
        )
    )
    assert list(found.claims.columns)[-1] == "p_reproduced"
    assert (found.claims.supported[0], found.claims.p_reproduced[0]) == ("yes", "no")
    assert "1 supported, 0 not, 0 conditional; 0 of 1 exact P reproduced" in repr(found)
    assert "P reproduced" in found.to_table(160)
    assert '<th scope="col">P reproduced</th>' in found._repr_html_()


def test_why_a_claim_is_undetermined_is_told_where_numbers_are_printed():
    claim = {"text": "no difference", "direction": "none", "p": "P=0.41"}
    crossed = {"kind": "mean_sd", "treatment": "7.0 ± 2.38", "control": "6.5 ± 2.21", "paired": True, "claim": claim}
    words = {"kind": "claim_only", "claim": {**claim, "p": "P>0.05"}}
    table = " ".join(audit(study(crossed, words, arms=(10, 10))).to_table(200).split())
    assert "correlation within women of 0.68" in table
    assert "nothing can be recomputed for o1" in table
