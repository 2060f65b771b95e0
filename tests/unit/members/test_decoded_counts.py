"""Percentages that fit several pairs of counts: which are left, and what is made of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import special, stats

import bayes_ivf as bi
from bayes_ivf.auditing import audit, decoded_pairs, spread_out
from bayes_ivf.forms import counts, decoded_counts
from bayes_ivf.structures import build_model

SINGH = """
schema_version = 1
id = "singh"
title = "Intralipid"
max_embryos = 3
[arms.treatment]
label = "intralipid"
n = 52
[arms.control]
label = "saline"
n = 50
[[outcomes]]
id = "cpr"
label = "Clinical pregnancy"
kind = "percent"
per = "woman"
benefit = "higher"
treatment = "34.62%"
control = "14%"
[[outcomes]]
id = "implantation"
label = "Implantation"
kind = "percent"
per = "embryo"
benefit = "higher"
mcid = 0.05
treatment = "16.6%"
control = "6.6%"
"""
LIMITS = 'claim = { text = "RR = 2.5 (1.18 to 5.41)", direction = "higher" }\n'
EFFECT = 'effect = { scale = "risk_ratio", estimate = "2.5", low = "1.18", high = "5.41" }\n'


def study_of(tmp_path, text):
    path = tmp_path / "study.toml"
    path.write_text(text, encoding="utf-8")
    return bi.load_study(path)


def left(study, outcome="implantation"):
    return [f"{a} v {b}" for a, b in decoded_pairs(study, study.outcome(outcome)).pairs]


@pytest.mark.parametrize("printed", [LIMITS, EFFECT])
def test_pregnancies_leave_ten_pairs_and_the_limits_one(tmp_path, printed):
    study = study_of(tmp_path, SINGH + printed)
    decoded = decoded_pairs(study, study.outcome("implantation"))
    assert decoded.total == 16
    assert [(each.name, each.before, each.kept) for each in decoded.filters] == [
        ("coherence", 16, 10),
        ("limits", 10, 1),
    ]
    assert left(study) == ["24/145 v 8/122"]
    fit = bi.fit(study, "implantation", model="two_arm", engine="exact")
    printed_counts = bi.Study.from_counts((24, 145), (8, 122), outcome="implantation", benefit="higher")
    assert fit.problem.likelihood == "counts"
    alone = bi.fit(printed_counts, engine="exact")
    assert fit.probability("odds_ratio", above=1) == alone.probability("odds_ratio", above=1)
    assert "Taken as 24/145 vs 8/122" in " ".join(fit.problem.caveats)
    # the one pair is known to every model
    assert bi.fit(study, "implantation", engine="exact").problem.structure == "embryo_cluster"


def test_a_number_that_no_pair_gives_is_a_finding_and_not_applied(tmp_path):
    claim = 'claim = { text = "higher", direction = "higher", p = "P=0.44" }\n'
    study = study_of(tmp_path, SINGH + claim)
    decoded = decoded_pairs(study, study.outcome("implantation"))
    assert decoded.size == 10
    assert not decoded.filters[-1].applied
    (finding,) = [each for each in audit(study).found if each.check == "decoded_pairs" and each.severity == "caution"]
    assert "None of the 10 pairs" in finding.statement
    assert "P=0.44" in finding.statement
    # after the limits one pair is left, which the P does not give: it stays
    both = study_of(tmp_path, SINGH + claim.replace('"higher", d', '"RR = 2.5 (1.18 to 5.41)", d'))
    assert left(both) == ["24/145 v 8/122"]
    assert [each.applied for each in decoded_pairs(both, both.outcome("implantation")).filters] == [True, True, False]


def test_a_p_keeps_what_some_test_gives(tmp_path):
    study = study_of(tmp_path, SINGH + 'claim = { text = "higher", direction = "higher", p = "P=0.012" }\n')
    pairs = decoded_pairs(study, study.outcome("implantation")).pairs
    assert ("24/145", "8/122") in [(str(a), str(b)) for a, b in pairs]
    assert 1 < len(pairs) < 10
    for a, b in pairs:
        table = [[a.events, a.n - a.events], [b.events, b.n - b.events]]
        found = [
            stats.fisher_exact(table).pvalue,
            *(stats.chi2_contingency(table, correction=c).pvalue for c in (0, 1)),
        ]
        near = min(abs(p - 0.012) for p in found)
        assert near < 0.004  # one of the usual tests, or a relative of it


def test_denominators_of_what_is_printed_per_event_are_totals(tmp_path):
    text = SINGH.replace('"34.62%"', '"35%"\nn = { treatment = "40-60", control = "50" }') + LIMITS
    ambiguous = study_of(tmp_path, text)
    assert len({pair.split(" ")[0] for pair in left(ambiguous, "cpr")}) > 3
    lost = """
[[outcomes]]
id = "lost"
label = "Miscarriage"
kind = "counts"
per = "clinical_pregnancy"
benefit = "lower"
denominator = "cpr"
treatment = "3/18"
control = "1/7"
"""
    assert {pair.split(" ")[0] for pair in left(study_of(tmp_path, text + lost), "cpr")} == {"18/51", "18/52"}


def mixture(problem, weights):
    """Pairs of counts as problems of their own, and their weighted answers."""
    data = [{"events": e, "n": n} for e, n in zip(problem.data["events"], problem.data["n"], strict=True)]
    posterior = counts.solver(problem)([replace(problem, likelihood="counts", data=each) for each in data], 1)
    return posterior, weights(posterior)


@pytest.mark.parametrize("prior", ["weakly_informative", "beta_jeffreys"])
def test_the_posterior_is_the_weighted_sum_over_pairs(tmp_path, prior):
    study = study_of(tmp_path, SINGH)
    for how in ("stated", "evidence"):
        fit = bi.fit(study, "implantation", "two_arm", prior, engine="exact", options={"decodings": how})

        def weights(posterior, how=how):
            chances = np.exp(posterior.log_marginal_likelihood) if how == "evidence" else np.ones(10)
            return chances / chances.sum()

        posterior, weight = mixture(fit.problem, weights)
        for at in (-0.05, 0.0, 0.05, 0.1):
            expected = 1 - weight @ posterior.cdf("risk_difference", at)
            assert fit.probability("risk_difference", above=at) == pytest.approx(expected, abs=1e-10)
        assert fit.verdict.level == "pass"


def test_twins_agree_and_weigh_as_quadrature(tmp_path):
    """The likelihood of NUTS, on a plain grid of both log odds, has quadrature's posterior."""
    import pymc as pm

    study = study_of(tmp_path, SINGH)
    for how in ("stated", "evidence"):
        fit = bi.fit(study, "implantation", "two_arm", engine="exact", options={"decodings": how})
        problem = fit.problem
        data = dict(problem.data) | decoded_counts.derived(problem)
        a, d = (np.linspace(low, high, 401) for low, high in ((-4.5, 0.5), (-2.5, 4.0)))
        log_odds = np.stack([a[:, None] + d / 2, a[:, None] - d / 2], axis=-1)
        kernel = decoded_counts.log_likelihood(data, logit_risk=log_odds)
        density = np.exp(kernel + stats.norm.logpdf(a, 0, 1.5)[:, None] + stats.norm.logpdf(d))
        gap = special.expit(log_odds[..., 0]) - special.expit(log_odds[..., 1])
        total = density.sum()
        mean = (density * gap).sum() / total
        row = fit.effects().set_index("estimand").loc["risk_difference"]
        assert row["mean"] == pytest.approx(mean, abs=1e-6 * row["sd"])
        assert row["sd"] == pytest.approx(np.sqrt((density * (gap - mean) ** 2).sum() / total), rel=1e-6)
        model = build_model(problem)
        (variable,) = model.observed_RVs
        symbolic = pm.logp(variable, model.rvs_to_values[variable]).sum()
        for point in ((-1.5, 0.4), (-2.2, 1.1)):
            ours = symbolic.eval({model["average"]: np.float64(point[0]), model["effect"]: np.float64(point[1])})
            levels = np.array([point[0] + point[1] / 2, point[0] - point[1] / 2])
            assert ours == pytest.approx(float(decoded_counts.log_likelihood(data, logit_risk=levels)), rel=1e-10)


def test_swap_of_arms(tmp_path):
    study = study_of(tmp_path, SINGH)
    swapped = SINGH.replace("16.6%", "?").replace("6.6%", "16.6%", 1).replace("?", "6.6%")
    swapped = swapped.replace("34.62%", "?").replace('"14%"', '"34.62%"').replace("?", "14%").replace("n = 52", "n = #")
    swapped = swapped.replace("n = 50", "n = 52").replace("n = #", "n = 50")
    one = bi.fit(study, "implantation", "two_arm", engine="exact")
    other = bi.fit(study_of(tmp_path, swapped), "implantation", "two_arm", engine="exact")
    assert one.probability("odds_ratio", above=1.5) == pytest.approx(
        other.probability("odds_ratio", below=1 / 1.5), abs=1e-8
    )


def test_far_too_many_pairs_are_spread_evenly(tmp_path):
    wide = 'n = { treatment = "100-2000", control = "100-2000" }\n'
    study = study_of(tmp_path, SINGH.replace('"16.6%"\n', f'"17%"\n{wide}').replace('"6.6%"', '"7%"'))
    decoded = decoded_pairs(study, study.outcome("implantation"))
    assert decoded.size > 100_000
    assert len(spread_out(decoded, decoded_counts.MOST)) <= decoded_counts.MOST
    fit = bi.fit(study, "implantation", "two_arm", engine="exact")
    assert "evenly spread" in " ".join(fit.problem.caveats)
    # nearly the mixture over twice as many
    more = [(a.events, a.n, b.events, b.n) for a, b in spread_out(decoded, 900)]
    a, na, b, nb = np.array(more).T
    problem = replace(fit.problem, data={"events": np.stack([a, b], 1), "n": np.stack([na, nb], 1)})
    posterior, _ = mixture(problem, lambda each: None)
    expected = 1 - posterior.cdf("risk_difference", 0.08).mean()
    assert fit.probability("risk_difference", above=0.08) == pytest.approx(expected, abs=0.01)


def test_a_percentage_is_printed_as_its_counts_are():
    rng = np.random.default_rng(4)
    for _ in range(50):
        printed = decoded_counts.simulate(rng, np.array([0.3, 0.2]), (41, 37), 1)
        assert all(text.endswith("%") and len(text.split(".")[1]) == 2 for text in printed)


def test_ranks_of_the_truth_are_uniform(tmp_path):
    """Unknown denominators of 36 to 44, drawn uniformly: by evidence the truth has a uniform rank (1,000 gave P = 0.98)."""
    rng, sizes = np.random.default_rng(11), range(36, 45)
    study = study_of(tmp_path, SINGH)
    base = bi.fit(study, "implantation", "two_arm", engine="exact", options={"decodings": "evidence"}).problem
    problems, truth = [], []
    for _ in range(200):
        average, effect = rng.normal(0, 1.5), rng.normal()
        risk = special.expit(np.array([average + effect / 2, average - effect / 2]))
        printed = decoded_counts.simulate(rng, risk, rng.choice(sizes, 2))
        arms = [
            [(k, n) for n in sizes for k in range(n + 1) if np.floor(100 * k / n + 0.5) == float(text[:-1])]
            for text in printed
        ]
        pairs = np.array([(one, other) for one in arms[0] for other in arms[1]])
        data = {"events": pairs[..., 0], "n": pairs[..., 1], "weight": np.full(len(pairs), 1 / len(pairs))}
        problems.append(replace(base, data=data))
        truth.append(effect)
    posterior = decoded_counts.solver(base)(problems, 1)
    ranks = posterior.cdf("log_odds_ratio", np.array(truth)[:, None])[:, 0]
    assert stats.kstest(ranks, "uniform").pvalue > 0.01
