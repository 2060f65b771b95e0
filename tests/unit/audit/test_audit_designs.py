"""A P from another design or another reading is not refuted by a two-sided test of two independent arms."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from bayes_ivf.auditing import audit
from bayes_ivf.auditing.claim_words import groups_of
from bayes_ivf.auditing.freeman_halton import freeman_halton_p
from bayes_ivf.auditing.one_sided import fisher_tail
from bayes_ivf.auditing.score import risks_at_difference, risks_at_ratio
from bayes_ivf.study import parse_study


def row(kind, treatment, control, text, direction, p, arms=(40, 40), design=None, **keys):
    claim = {"text": text, "direction": direction} | ({} if p is None else {"p": p})
    outcome = {"kind": kind, "treatment": treatment, "control": control, "claim": claim, "benefit": "higher", **keys}
    values = {"schema_version": 1, "id": "s", "title": "s", "outcomes": [{"id": "o", "label": "o", **outcome}]}
    values["arms"] = {arm: {"label": arm, "n": n} for arm, n in zip(("treatment", "control"), arms, strict=True)}
    (found,) = audit(parse_study({**values, **(design or {})}, "test")).ledger
    return found


def both(found):
    return found.supported, found.p_reproduced


SE = ("mean_sd", "5.00 ± 0.12", "5.10 ± 0.13", "no difference", "none", "P=0.57")


def test_a_cross_over_trial_is_undetermined_and_names_the_correlation():
    design = {"design_words": ["randomized", "cross-over"]}
    found = row("mean_sd", "7.0 ± 2.38", "6.5 ± 2.21", "no difference", "differs", "P=0.41", (10, 10), design)
    assert both(found) == ("undetermined", "undetermined")
    assert "correlation within women of 0.68" in found.note
    se = math.sqrt((2.38**2 + 2.21**2 - 2 * 0.68 * 2.38 * 2.21) / 10)
    assert 2 * stats.t.sf(0.5 / se, 9) == pytest.approx(0.41, abs=0.005)
    declared = row("mean_sd", "7.0 ± 2.38", "6.5 ± 2.21", "n", "none", "P>0.05", (10, 10), paired=True)
    assert both(declared) == ("undetermined", "")
    counts = row("counts", "20/40", "10/40", "higher", "higher", "P=0.02", paired=True)
    assert counts.supported == "undetermined"
    assert "discordant pairs of 40" in counts.note
    pairs = int(counts.note.split("is 0.02 with ")[1].split(" ")[0])
    assert round(stats.binomtest((pairs - 10) // 2, pairs).pvalue, 2) == 0.02
    # "unpaired" says the opposite.
    assert row("counts", "16/40", "12/40", "unpaired comparison", "none", "P>0.05").supported == "yes"


def test_clusters_make_a_difference_conditional_and_name_the_design_effect():
    design = {"clusters": {"treatment": 5, "control": 5}}
    found = row("counts", "30/40", "12/40", "higher", "higher", "P<0.05", design=design)
    assert found.supported == "conditional"
    chi2 = stats.chi2_contingency([[30, 10], [12, 28]], correction=False).statistic
    effect = chi2 / stats.chi2.isf(0.05, 1)
    assert f"design effect of {effect:.2f}" in found.note
    assert f"intracluster correlation of {(effect - 1) / 7:.3f}" in found.note
    # Clusters only widen: no difference stays none, and what fails without them fails with them.
    assert row("counts", "16/40", "12/40", "n", "none", "P>0.05", design=design).supported == "yes"
    assert row("counts", "16/40", "12/40", "h", "higher", "P<0.05", design=design).supported == "no"
    words = {"design_words": ["cluster-randomized"]}
    assert row("counts", "30/40", "12/40", "n", "none", "P>0.05", design=words).supported == "conditional"


@pytest.mark.parametrize(
    ("numbers", "arms"),
    [(SE, (40, 40)), (("mean_sd", "14.89 ± 0.78", "16.06 ± 0.82", "no difference", "none", "P=0.304"), (44, 48))],
)
def test_standard_errors_that_give_the_printed_p_are_named(numbers, arms):
    found = row(*numbers, arms)
    assert both(found) == ("conditional", "conditional")
    assert "reproduced if the spreads are standard errors" in found.note
    # Even where a standard deviation is declared, if the P comes out to the last digit; a bound does not say as much.
    assert both(row(*numbers, arms, spread="sd")) == ("conditional", "conditional")
    assert row(*numbers[:5], "P>0.05", arms, spread="sd").supported == "no"
    assert both(row(*numbers, arms, spread="se")) == ("yes", "yes")


def test_half_intervals_and_unknown_spreads():
    half = stats.t.ppf(0.975, 39)
    p = stats.ttest_ind_from_stats(
        5.0, 0.12 / half * 40**0.5, 40, 5.1, 0.13 / half * 40**0.5, 40, equal_var=False
    ).pvalue
    found = row(*SE[:5], f"P={p:.3f}")
    assert found.p_reproduced == "conditional"
    assert "half a 95% interval" in found.note
    lower = ("mean_sd", "5.00 ± 0.12", "5.10 ± 0.13", "lower", "lower", "P<0.05")
    assert row(*lower).supported == "yes"
    unknown = row(*lower, spread="unknown")
    assert unknown.supported == "conditional"
    assert "does not hold if the spreads are standard errors" in unknown.note
    assert row(*lower, spread="range").supported == "undetermined"


@pytest.mark.parametrize("per", ["2PN", "MII", "ovum", "neonate", "eye"])
def test_more_units_than_women_are_conditional_whatever_they_are_called(per):
    found = row(
        "counts", "350/500", "310/500", "higher", "higher", "P<0.05", per=per, n={"treatment": 500, "control": 500}
    )
    assert found.supported == "conditional"
    assert "independent" in found.note
    assert "intraclass correlation of 0.07" in found.note


def enumerated(treatment, control):
    sizes = [a + b for a, b in zip(treatment, control, strict=True)]

    def weight(x):
        return math.prod(math.comb(m, k) for m, k in zip(sizes, x, strict=True))

    seen, total, below = weight(treatment), 0, 0
    for x in itertools.product(*(range(m + 1) for m in sizes)):
        if sum(x) == sum(treatment):
            total += weight(x)
            below += weight(x) * (weight(x) <= seen)
    return below / total


def test_the_exact_test_of_categories():
    assert freeman_halton_p((1, 3, 1, 4), (3, 5, 1, 3))[0] == pytest.approx(0.7933, abs=5e-5)  # R, fisher.test
    rng = np.random.default_rng(7)
    for _ in range(60):
        k = int(rng.integers(2, 5))
        tables = [tuple(int(x) for x in rng.integers(0, 8, k)) for _ in range(2)]
        if min(sum(t) for t in tables):
            assert freeman_halton_p(*tables) == (pytest.approx(enumerated(*tables), rel=1e-9), 0.0)
    assert freeman_halton_p((0, 5), (0, 7)) == (1.0, 0.0)
    assert freeman_halton_p((16, 24), (12, 28))[0] == pytest.approx(stats.fisher_exact([[16, 24], [12, 28]])[1])


def test_a_large_table_is_simulated_with_its_error():
    p, error = freeman_halton_p((400, 310, 290, 250, 200, 150), (380, 330, 270, 270, 190, 160))
    chi2 = stats.chi2_contingency([(400, 310, 290, 250, 200, 150), (380, 330, 270, 270, 190, 160)]).pvalue
    assert 0 <= error < 0.002
    assert p == pytest.approx(chi2, abs=0.01)


def test_categories_where_the_tests_disagree_are_conditional():
    found = row("categories", "1 / 3 / 1 / 4", "3 / 5 / 1 / 3", "n", "none", "P=0.79", (9, 12), categories=list("abcd"))
    assert both(found) == ("yes", "yes")
    assert "Freeman-Halton 0.793" in found.note
    apart = ("5 / 6 / 1", "3 / 2 / 7")
    chi2 = stats.chi2_contingency([(5, 6, 1), (3, 2, 7)]).pvalue
    exact = enumerated((5, 6, 1), (3, 2, 7))
    assert chi2 < 0.05 < exact
    found = row("categories", *apart, "differs", "differs", "P<0.05", (12, 12), categories=list("abc"))
    assert found.supported == "conditional"
    assert (
        row(
            "categories", *apart, "differs by chi-square", "differs", "P<0.05", (12, 12), categories=list("abc")
        ).supported
        == "yes"
    )


def test_one_sided():
    table = [[20, 20], [12, 28]]
    one = stats.fisher_exact(table, alternative="greater")[1]
    assert fisher_tail(20, 40, 12, 40, "higher") == pytest.approx(one)
    assert fisher_tail(12, 40, 20, 40, "lower") == pytest.approx(one)
    assert both(row("counts", "20/40", "12/40", "higher", "higher", f"P={one:.4f}")) == ("yes", "conditional")  # 0.054
    named = row("counts", "20/40", "12/40", "higher", "higher", "P=0.034")
    assert both(named) == ("conditional", "conditional")
    assert "one-sided Pearson 0.034" in named.note
    assert row("counts", "20/40", "12/40", "higher", "higher", "P<0.05").supported == "conditional"  # Pearson / 2 0.034
    assert row("counts", "20/40", "12/40", "differs", "differs", "P<0.05").supported == "no"
    declared = row("counts", "22/40", "12/40", "higher", "higher", "P<0.05", alternative="one-sided")
    assert (declared.supported, declared.test) == ("yes", "one-sided Fisher")
    wrong_way = row("counts", "12/40", "22/40", "higher, one-tailed", "higher", "P<0.05")
    assert wrong_way.supported == "no"
    assert wrong_way.recomputed_p > 0.9


def test_a_p_over_three_arms_names_the_third_mean():
    found = row(
        "mean_sd", "120 ± 30", "112 ± 28", "differs among the three groups (one-way ANOVA)", "differs", "P=0.003"
    )
    assert both(found) == ("undetermined", "undetermined")
    low, high = (float(x) for x in found.note.split("third mean of ")[1].split(" or "))
    assert low == 97.6
    for third in (low, high):
        within = (39 * 30**2 + 39 * 28**2) / 78
        means = np.array([120, 112, third])
        f = 40 * ((means - means.mean()) ** 2).sum() / 2 / within
        assert stats.f.sf(f, 2, 117) == pytest.approx(0.003, rel=0.02)
    counts = row("counts", "16/40", "12/40", "differs among groups", "differs", "P=0.01")
    assert counts.supported == "undetermined"
    # An analysis of variance of two arms is Student's test.
    two = row("mean_sd", "120 ± 30", "112 ± 28", "no difference (ANOVA)", "none", "P=0.221")
    assert both(two) == ("yes", "yes")
    assert row("mean_sd", "120 ± 30", "112 ± 28", "higher (ANOVA)", "higher", "P=0.003").supported == "undetermined"


NONINFERIOR = ("counts", "150/500", "155/500", "noninferior at a margin of 8 points, one-sided", "none", "P=0.008")


def test_noninferiority_only_against_a_declared_margin():
    declared = row(*NONINFERIOR, (500, 500), margin=0.08)
    assert both(declared) == ("yes", "yes")
    assert "Wald 0.0081" in declared.note
    z = (0.3 - 0.31 + 0.08) / math.sqrt(0.3 * 0.7 / 500 + 0.31 * 0.69 / 500)
    assert stats.norm.sf(z) == pytest.approx(0.0081, abs=5e-5)
    assert both(row(*NONINFERIOR, (500, 500))) == ("undetermined", "undetermined")
    assert row(*NONINFERIOR, (500, 500), margin=0.05).supported == "no"
    assert row(*NONINFERIOR, (500, 500), margin=0.08, benefit="none").supported == "undetermined"
    # No difference is never equivalence: the 90% interval is -5.8 to 3.8 points.
    equivalent = ("counts", "150/500", "155/500", "equivalent", "none", "P<0.05", (500, 500))
    assert row(*equivalent).supported == "undetermined"
    assert row(*equivalent, margin=0.06).supported == "yes"
    assert row(*equivalent, margin=0.05).supported == "no"
    means = row("mean_sd", "10.0 ± 2.0", "10.2 ± 2.0", "non-inferior", "none", "P<0.025", (200, 200), margin=1.0)
    assert means.supported == "yes"


def test_risks_under_a_fixed_difference_or_ratio_are_the_likeliest():
    def loglik(p, q, a, n1, b, n2):
        return stats.binom.logpmf(a, n1, p) + stats.binom.logpmf(b, n2, q)

    for a, n1, b, n2 in ((5, 40, 9, 38), (0, 20, 3, 25), (20, 20, 11, 18), (150, 500, 155, 500)):
        grid = np.linspace(1e-9, 1 - 1e-9, 200_001)
        for d in (-0.3, -0.08, 0.1):
            inside = grid[(grid + d > 0) & (grid + d < 1)]
            best = inside[np.argmax(loglik(inside + d, inside, a, n1, b, n2))]
            assert risks_at_difference(a, n1, b, n2, d)[1] == pytest.approx(best, abs=2e-5)
        for ratio in (0.5, 1.0, 1.7):
            inside = grid[grid * ratio < 1]
            best = inside[np.argmax(loglik(inside * ratio, inside, a, n1, b, n2))]
            assert risks_at_ratio(a, n1, b, n2, ratio)[1] == pytest.approx(best, abs=2e-5)


def test_an_adjusted_estimate_is_judged_by_its_own_interval():
    effect = {"scale": "odds_ratio", "estimate": "1.84", "low": "1.06", "high": "3.19"}
    adjusted = ("counts", "30/100", "22/100", "higher after adjustment (adjusted OR)", "higher", "P=0.03", (100, 100))
    found = row(*adjusted, effect=effect)
    assert both(found) == ("conditional", "conditional")
    assert "printed adjusted interval (normal 0.030)" in found.note
    assert both(row(*adjusted)) == ("undetermined", "undetermined")
    contradicted = row(*adjusted, effect={**effect, "low": "0.80", "high": "4.20"})
    assert both(contradicted) == ("no", "no")
    assert both(row(*adjusted[:3], "unadjusted", *adjusted[4:])) == ("no", "no")


def test_corrections_for_several_comparisons():
    p = stats.fisher_exact([[25, 15], [12, 28]])[1]
    found = row("counts", "25/40", "12/40", "higher (Bonferroni)", "higher", f"P={4 * p:.3f}")
    assert found.p_reproduced == "conditional"
    assert "multiplied for 4 comparisons" in found.note
    bound = row("counts", "25/40", "12/40", "higher (Bonferroni)", "higher", "P<0.05")
    assert bound.supported == "conditional"
    assert "for up to" in bound.note


@pytest.mark.parametrize(
    "text",
    [
        "fell, before and after treatment",
        "higher (Mann-Whitney U test)",
        "higher in Cox regression",
        "trend",
        "lower from baseline",
    ],
)
def test_other_tests_are_never_refuted(text):
    assert both(row("mean_sd", "5.0 ± 2.0", "4.9 ± 2.0", text, "higher", "P=0.01")) == ("undetermined", "undetermined")


def test_words_are_read_as_whole_phrases():
    assert groups_of("non-adjusted, unpaired, not stratified") == frozenset()
    assert groups_of("Non‐inferior; χ² test with Yates' correction") == {"noninferior", "pearson", "yates"}
    assert groups_of("one-way ANOVA among the three groups") == {"variance", "several_arms"}
    assert groups_of("recorded at baseline, embryos repaired, coxa") == frozenset()


def test_a_named_test_decides_alone():
    numbers = ("counts", "21/40", "12/40")  # Pearson 0.041, Yates 0.069, Fisher 0.069
    assert row(*numbers, "higher", "higher", "P<0.05").supported == "conditional"
    assert row(*numbers, "higher, Pearson's test", "higher", "P<0.05").supported == "conditional"
    assert row(*numbers, "no difference by Fisher's exact test", "none", "P>0.05").supported == "yes"
    assert row(*numbers, "no difference, Yates", "none", "P>0.05").supported == "yes"


def test_no_difference_stays_none_whatever_shares_a_woman():
    sizes = {"treatment": "100-250", "control": "100-250"}
    claim = ("no difference, P = 0.32", "none", "P = 0.32")
    found = row("percent", "36%", "31%", *claim, (69, 71), per="cycle", n=sizes)
    assert found.supported == "yes"
    assert "independent" not in found.note
    # some pairs give P below 0.05: the counts leave it open, not their dependence
    open_ = row("percent", "40%", "31%", *claim, (69, 71), per="cycle", n=sizes)
    assert open_.supported == "conditional"
    assert "holds only if cycles of one woman are independent" not in open_.note
    # significant as independent cycles, printed as not: likeness within a woman may explain it
    saved = row("counts", "90/170", "60/170", "no difference", "none", "P>0.05", (69, 71), per="cycle")
    assert saved.supported == "conditional"
    assert "holds only if cycles of one woman are alike" in saved.note


def test_pairs_of_counts_that_are_too_many_are_judged_by_both_ends():
    sizes = {"treatment": "400-500", "control": "400-500"}
    claim = ("higher, P<0.05", "higher", "P<0.05")
    assert row("percent", "60%", "31%", *claim, (500, 500), n=sizes).supported == "yes"
    assert row("percent", "32%", "31%", *claim, (500, 500), n=sizes).supported == "no"
    assert row("percent", "37.5%", "31%", *claim, (500, 500), n=sizes).supported == "conditional"


@pytest.mark.parametrize("p", [None, "P<0.001"])
def test_a_margin_is_compared_with_whether_or_not_a_p_is_printed(p):
    keys = {"margin": 0.10, "arms": (497, 477)}
    found = row("percent", "37.6%", "33.1%", "non-inferior", "none", p, **keys)
    assert (found.supported, found.test) == ("yes", "Wald, against the margin")
    a, b = 187 / 497, 158 / 477
    z = (a - b + 0.1) / math.sqrt(a * (1 - a) / 497 + b * (1 - b) / 477)
    assert found.recomputed_p == pytest.approx(stats.norm.sf(z), rel=1e-6)
    assert "one-sided against -0.1" in found.note
    # the margin decides, and without one nothing is judged
    assert row("percent", "27.6%", "33.1%", "non-inferior", "none", p, **keys).supported == "no"
    assert row("percent", "37.6%", "33.1%", "non-inferior", "none", None, (497, 477)).supported == ""
