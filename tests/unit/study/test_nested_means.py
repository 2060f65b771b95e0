"""Means of values that share a woman or a cluster: effective sizes, degrees of freedom, ends of the correlation, coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import bayes_ivf as bi
from bayes_ivf.exact import solve_means, solve_means_reference
from bayes_ivf.forms import nested_means
from bayes_ivf.priors import BatchedPrior
from bayes_ivf.study import parse_study, study_table

TABLE = {
    "schema_version": 1,
    "id": "clinics",
    "title": "Clinics",
    "arms": {"treatment": {"label": "A", "n": 120}, "control": {"label": "B", "n": 100}},
    "clusters": {"treatment": 6, "control": 5},
    "outcomes": [
        {
            "id": "score",
            "label": "Score",
            "kind": "mean_sd",
            "benefit": "higher",
            "treatment": "7.4 ± 1.9",
            "control": "6.8 ± 2.1",
            "spread": "sd",
            "icc": {"value": 0.1, "low": 0, "high": 0.3},
        }
    ],
}
NORMAL = BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0})


def table(changes=None, **study):
    return {**TABLE, **study, "outcomes": [{**TABLE["outcomes"][0], **(changes or {})}]}


def told(n, k, m, icc):
    """Effective size, bias and degrees of freedom, from the two sums of squares one by one."""
    between = 1 + (m - 1) * icc
    mean = (k - 1) * between + (n - k) * (1 - icc)
    variance = 2 * (k - 1) * between**2 + 2 * (n - k) * (1 - icc) ** 2
    return n / between, mean / (n - 1), 2 * mean**2 / variance


def test_sizes_and_degrees_of_freedom_are_those_of_two_sums_of_squares():
    data = bi.fit(parse_study(TABLE, "file"), engine="exact").problem.data
    effective, bias, df = told(120, 6, 20, 0.1)
    assert data["n"][0] == pytest.approx(effective)
    assert data["variance"][0] == pytest.approx(1.9**2 / bias)
    assert data["df"][0] == pytest.approx(df)


@pytest.mark.parametrize(("icc", "df"), [(0.0, [119, 99]), (1.0, [5, 4])])
def test_without_correlation_values_are_independent_and_with_a_full_one_clusters_are(icc, df):
    data = bi.fit(parse_study(TABLE, "file"), engine="exact", options={"icc": icc}).problem.data
    assert data["df"] == pytest.approx(df)
    assert data["n"] == pytest.approx(np.array(df) + 1)


def test_no_correlation_is_the_form_of_independent_means():
    plain = table()
    del plain["outcomes"][0]["icc"]
    one = bi.fit(parse_study(plain, "file"), engine="exact").row("mean_difference")
    other = bi.fit(parse_study(TABLE, "file"), engine="exact", options={"icc": 0}).row("mean_difference")
    assert (other.mean, other.sd) == pytest.approx((one.mean, one.sd), abs=1e-9)


def test_against_a_plain_grid():
    """Both means given the sigmas are normal; the sigmas and the effect on a grid that shares no code with the engine."""
    effect = 0.8
    fit = bi.fit(
        parse_study(TABLE, "file"), engine="exact", prior={"effect": {"dist": "Normal", "mu": 0, "sigma": effect}}
    )
    (n_t, c_t, df_t), (n_c, c_c, df_c) = told(120, 6, 20, 0.1), told(100, 5, 20, 0.1)
    a, b, d = np.meshgrid(
        np.linspace(-0.6, 0.7, 161) + np.log(1.9), np.linspace(-0.6, 0.7, 161) + np.log(2.1), np.linspace(-3, 3.6, 241),
        indexing="ij",
    )  # fmt: skip
    log = stats.norm.logpdf(d, 0, effect)
    for x, sd, c, df in ((a, 1.9, c_t, df_t), (b, 2.1, c_c, df_c)):
        # density of q = df sd^2 / (c sigma^2), given sigma, as one of sd: constant factors in sigma only
        q = df * sd**2 / (c * np.exp(2 * x))
        log = log + stats.chi2.logpdf(q, df) - 2 * x
    pooled = np.sqrt((np.exp(2 * a) + np.exp(2 * b)) / 2)
    log = log + stats.norm.logpdf(0.6, d * pooled, np.sqrt(np.exp(2 * a) / n_t + np.exp(2 * b) / n_c))
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    mean = (weight * d).sum()
    sd = np.sqrt((weight * (d - mean) ** 2).sum())
    row = fit.row("standardized_mean_difference")
    assert row.mean == pytest.approx(mean, abs=1e-6 * sd)
    assert row.sd == pytest.approx(sd, rel=1e-6)
    difference = (weight * d * pooled).sum()
    spread = np.sqrt((weight * (d * pooled - difference) ** 2).sum())
    assert fit.row("mean_difference").mean == pytest.approx(difference, abs=1e-6 * spread)


def test_swapping_the_arms_turns_the_sign_and_another_unit_scales():
    one = bi.fit(parse_study(TABLE, "file"), engine="exact").row("mean_difference")
    swapped = table(
        {"treatment": "6.8 ± 2.1", "control": "7.4 ± 1.9"},
        arms={"treatment": TABLE["arms"]["control"], "control": TABLE["arms"]["treatment"]},
        clusters={"treatment": 5, "control": 6},
    )
    assert bi.fit(parse_study(swapped, "file"), engine="exact").row("mean_difference").mean == pytest.approx(-one.mean)
    scaled = table({"treatment": "74 ± 19", "control": "68 ± 21"})
    assert bi.fit(parse_study(scaled, "file"), engine="exact").row("mean_difference").sd == pytest.approx(10 * one.sd)


@pytest.mark.parametrize(
    ("clusters", "size", "icc"), [((6, 5), 20, 0.05), ((8, 8), 10, 0.3), ((5, 6), 15, 0.6), ((25, 30), 2, 0.8)]
)
def test_intervals_cover_under_a_random_intercept(clusters, size, icc):
    """Under flat priors, 95% intervals of the difference in 2,000 simulated trials with clusters of normal values.

    The stated correlation is the true one. 95 ± 1.6 points are 3.3 standard errors of 2,000 trials.
    """
    rng = np.random.default_rng(5)
    sigma = np.array([1.0, 1.4])
    trials = np.broadcast_to(np.array([0.5, 0.0]), (2000, 2))
    mean, variance = nested_means.simulate(rng, trials, sigma, clusters, size, icc)
    parts = [told(k * size, k, size, icc) for k in clusters]
    n, bias, df = (np.array(column) for column in zip(*parts, strict=True))
    sd = np.sqrt(variance / bias)
    found = solve_means_reference(mean[:, 0], sd[:, 0], n[0], mean[:, 1], sd[:, 1], n[1], df=(df[0], df[1]), workers=1)
    below = found.cdf("mean_difference", 0.5)
    covered = np.mean((below > 0.025) & (below < 0.975))
    assert abs(covered - 0.95) < 0.016
    # taken as independent they would not cover
    naive = np.abs(mean[:, 0] - mean[:, 1] - 0.5) / np.sqrt((variance / (np.array(clusters) * size)).sum(axis=1))
    assert np.mean(naive < 1.96) < 0.93


def test_a_run_tells_the_range_and_what_was_stated():
    result = bi.reanalyze(parse_study(TABLE, "file"), engine="exact", priors=["weakly_informative"])
    assert {"icc=0.1", "icc=0", "icc=0.3"} == set(result.effects.options)
    (reading,) = result.comparison.reading
    assert "120 count as 41.4 (20.0 a cluster)" in reading
    assert "where clusters differ in size, less" in reading


def test_a_stated_size_of_unequal_clusters_is_taken():
    study = parse_study(table({"icc": {"value": 0.1, "size": 25}}), "file")
    assert parse_study(study_table(study), "file") == study
    problem = bi.fit(study, engine="exact").problem
    assert problem.data["n"] == pytest.approx([120 / 3.4, 100 / 3.4])
    assert "differ in size" not in " ".join(problem.caveats)
    counts = table({"kind": "counts", "treatment": "60/120", "control": "40/100", "icc": {"value": 0.1, "size": 25}})
    del counts["outcomes"][0]["spread"]
    assert bi.fit(parse_study(counts, "file"), engine="exact").problem.data["design_effect"] == pytest.approx(
        [3.4, 3.4]
    )


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"spread": "unknown"}, "beside spread = 'unknown'"),
        (
            {"kind": "quantiles", "treatment": "5 (3-8)", "control": "4 (2-7)", "spread": None},
            "beside kind = 'quantiles'",
        ),
        (
            {"baseline": {"treatment": "7 ± 2", "control": "7 ± 2", "correlation": {"value": 0.5}}},
            "beside a baseline",
        ),
    ],
)
def test_a_correlation_that_would_change_nothing_is_a_fault(change, found, faults_of):
    row = {key: value for key, value in (TABLE["outcomes"][0] | change).items() if value is not None}
    (fault, *_) = faults_of(parse_study, TABLE | {"outcomes": [row]}, "file")
    assert found in fault.found


def test_one_cluster_of_wholly_alike_values_is_said():
    study = parse_study(table({"icc": {"value": 1.0}}, clusters={"treatment": 1, "control": 1}), "file")
    assert "a single cluster" in bi.reanalyze(study, engine="exact").comparison.reading[0]


def test_degrees_of_freedom_of_their_own(faults_of):
    arms = 9.0, 2.0, 20, 8.0, 2.0, 20
    plain = solve_means(*arms, effect=NORMAL)
    same = solve_means(*arms, effect=NORMAL, df=(19, 19))
    assert same.cdf("mean_difference", 0.5) == plain.cdf("mean_difference", 0.5)
    (fault,) = faults_of(solve_means, *arms, effect=NORMAL, df=(0, 19))
    assert fault.where == "df_treatment"
