"""Trials of more than two arms under audit: a P over all arms, shared arms, and what is told once."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

import bayes_ivf as bi
from bayes_ivf.auditing.any_of_several import chance_of_any
from bayes_ivf.auditing.over_all import anova_p
from bayes_ivf.study import parse_study

SIZES = {"control": 40, "low": 41, "mid": 39, "high": 40}


def study(kind="counts", cells=None, claim=None, arms=None, **more):
    change = {key: more.pop(key) for key in ("pool", "compare") if key in more}
    row = {"id": "x", "label": "X", "kind": kind, "benefit": "higher"} | more
    row["cells"] = cells or {"control": "6/40", "low": "9/41", "mid": "8/39", "high": "9/40"}
    if claim:
        row["claims"] = {"all": {"text": claim[0], "direction": claim[1], "p": claim[2]}}
    arms = {arm: {"label": f"dose {arm}", "n": n} for arm, n in (arms or SIZES).items()}
    head = {"schema_version": 1, "id": "doses", "title": "Doses", "design_words": ["randomized"], "arms": arms}
    return parse_study(head | change | {"outcomes": [row]}, "f.toml")


def row_of_all(audited):
    return audited.claims.set_index("outcome").loc["x--all"]


def exact_p(counts):
    """P of all tables with these margins, one by one."""
    sizes, total = [n for _, n in counts], sum(x for x, _ in counts)
    weight = {
        table: math.prod(map(math.comb, sizes, table))
        for table in itertools.product(*(range(n + 1) for n in sizes))
        if sum(table) == total
    }
    seen = weight[tuple(x for x, _ in counts)]
    return sum(value for value in weight.values() if value <= seen * (1 + 1e-7)) / sum(weight.values())


def test_a_p_over_all_arms_is_recomputed_from_all_counts():
    cells, arms = {"control": "1/6", "low": "4/7", "high": "6/8"}, {"control": 6, "low": 7, "high": 8}
    counts = [(1, 6), (4, 7), (6, 8)]
    pearson = stats.chi2_contingency([[x for x, _ in counts], [n - x for x, n in counts]]).pvalue
    row = row_of_all(
        bi.audit(study(cells=cells, arms=arms, claim=("no difference among groups", "none", f"P={pearson:.3f}")))
    )
    assert (row.test, row.supported, row.p_reproduced) == ("Freeman-Halton", "yes", "yes")
    assert row.recomputed_p == pytest.approx(exact_p(counts), abs=1e-12)
    assert f"chi-square {pearson:.3f}"[:13] in row.note
    assert row.treatment == "dose control 1/6, dose low 4/7, dose high 6/8"


def test_a_p_over_all_arms_is_recomputed_from_all_means():
    rng = np.random.default_rng(5)
    values = {arm: rng.normal(100 + 5 * place, 20, n) for place, (arm, n) in enumerate(SIZES.items())}
    p = stats.f_oneway(*values.values()).pvalue
    own = anova_p([v.mean() for v in values.values()], [v.std(ddof=1) for v in values.values()], list(SIZES.values()))
    assert own == pytest.approx(p, rel=1e-10)
    cells = {arm: f"{v.mean():.6f} ± {v.std(ddof=1):.6f}" for arm, v in values.items()}
    row = row_of_all(bi.audit(study("mean_sd", cells, ("differs (ANOVA)", "differs", f"P={p:.3f}"))))
    assert (row.test, row.p_reproduced) == ("analysis of variance", "yes")


def test_without_the_third_arm_a_p_over_all_is_undetermined_and_with_it_is_not():
    arms = {"t": 40, "c": 40, "third": 40}
    cells = {"t": "120 ± 30", "c": "112 ± 28"}
    claim = ("differs among the three groups (one-way ANOVA), P=0.003", "differs", "P=0.003")
    row = row_of_all(bi.audit(study("mean_sd", cells, claim, arms, compare=[["t", "c"]])))
    assert (row.supported, row.p_reproduced) == ("undetermined", "undetermined")
    assert "nothing is known of dose third" in row.note
    row = row_of_all(bi.audit(study("mean_sd", cells | {"third": "98 ± 27"}, claim, arms, compare=[["t", "c"]])))
    assert (row.supported, row.p_reproduced) == ("yes", "yes")
    assert row.recomputed_p == pytest.approx(0.0028, abs=5e-5)


def test_a_claim_over_all_that_does_not_hold_is_a_finding():
    audited = bi.audit(study(claim=("differs among groups", "differs", "P<0.05")))
    found = [each for each in audited.found if each.check == "claims"]
    assert [each.subject for each in found] == ["x--all"]
    assert row_of_all(audited).supported == "no"


def test_comparisons_that_share_an_arm_are_told_to():
    (found,) = [each for each in bi.audit(study()).found if each.check == "several_arms"]
    assert "share an arm (dose control)" in found.statement
    assert not [each for each in bi.audit(study(compare=[["low", "control"]])).found if each.check == "several_arms"]
    apart = study(compare=[["low", "control"], ["mid", "high"]])
    assert len(apart.shared_arms) == 0
    assert not [each for each in bi.audit(apart).found if each.check == "several_arms"]


@pytest.mark.parametrize("sizes", [SIZES, {"control": 100, "low": 20, "mid": 60}, {"control": 10, "low": 400}])
def test_the_chance_that_any_comparison_comes_out(sizes):
    cells = {arm: f"3/{n}" for arm, n in sizes.items()}
    many = study(cells=cells, arms=sizes).many
    doses = [n for arm, n in sizes.items() if arm != "control"]
    load = np.sqrt([n / (n + sizes["control"]) for n in doses])
    correlation = np.outer(load, load)
    np.fill_diagonal(correlation, 1)
    for (i, a), (j, b) in itertools.combinations(enumerate(many.comparisons), 2):
        assert many.correlation(a, b) == pytest.approx(correlation[i, j], abs=1e-12)
    chance, exact = chance_of_any(many, 0.05)
    # another road to it: the box of a multivariate normal distribution
    z = stats.norm.ppf(0.975)
    inside = stats.multivariate_normal(np.zeros(len(doses)), correlation).cdf(
        [z] * len(doses), lower_limit=[-z] * len(doses)
    )
    assert exact
    assert chance == pytest.approx(1 - inside, abs=2e-4)


def test_correlation_of_means_is_that_of_simulated_differences():
    doses = study(pool=["low", "mid"], compare=[["pooled", "control"], ["high", "control"], ["high", "mid"]])
    rng = np.random.default_rng(11)
    means = {arm: rng.normal(0, 1 / math.sqrt(n), 200_000) for arm, n in SIZES.items()}
    means["pooled"] = (41 * means["low"] + 39 * means["mid"]) / 80
    differences = [means[each.treatment] - means[each.control] for each in doses.comparisons]
    for (i, a), (j, b) in itertools.combinations(enumerate(doses.comparisons), 2):
        simulated = np.corrcoef(differences[i], differences[j])[0, 1]
        assert doses.many.correlation(a, b) == pytest.approx(simulated, abs=0.01)


def test_what_comparisons_have_in_common_is_told_once():
    cells = {"control": "17 (40%)", "low": "16/40", "high": "15/40"}
    audited = bi.audit(study("percent", cells, arms={"control": 40, "low": 40, "high": 40}))
    texts = [each.statement for each in audited.found]
    assert len(texts) == len(set(texts))
    about = [
        each for each in audited.found if "17" in each.statement + each.evidence and each.check == "printed_values"
    ]
    assert [each.subject for each in about] == ["x--low-control + x--high-control"]


def test_what_is_wrong_with_an_arm_of_a_pool_is_said_of_that_arm():
    cells = {"control": "6/40", "low": "9/41 (30%)", "mid": "8/39", "high": "9/40"}
    item = study(cells=cells, pool=["low", "mid", "high"]).items[0]
    assert str(item.counts("treatment")) == "26/120"
    assert ["dose low" in each.why for each in item.impossible] == [True]
