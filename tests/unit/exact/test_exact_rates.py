"""Two rates: the conditional binomial likelihood, plain sums over a fine grid, and properties."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from bayes_ivf.exact import solve_rates
from bayes_ivf.priors import BatchedPrior

NORMAL = BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0})
LEVEL = BatchedPrior("Normal", {"mu": -2.0, "sigma": 1.5})
DATA = [(12, 300.0, 20, 310.0), (3, 50.0, 4, 60.0), (150, 1000.0, 90, 900.0), (1, 10.0, 0, 12.0), (0, 50.0, 3, 60.0)]


def weights_on_a_grid(data, dispersion, level):
    """Log rates of both arms on a grid, and posterior weights: sums of probabilities that share no code with the engine."""
    events_t, time_t, events_c, time_c = data
    middle = np.log((events_t + events_c + 0.5) / (time_t + time_c))
    total = events_t + events_c
    low, high = (-32, 6) if total < 30 else (-12 * np.sqrt(dispersion / total), 12 * np.sqrt(dispersion / total))
    widest = 7 if total < 30 else 12 * np.sqrt(dispersion / min(events_t, events_c))
    d = np.linspace(-widest, widest, 1401)
    m, d = np.meshgrid(middle + np.linspace(low, high, 2401), d, indexing="ij")
    expected = time_t * np.exp(m + d / 2), time_c * np.exp(m - d / 2)
    if dispersion == 1:
        logs = [stats.poisson.logpmf(r, mean) for r, mean in zip((events_t, events_c), expected, strict=True)]
    else:
        shape = [mean / (dispersion - 1) for mean in expected]
        logs = [stats.nbinom.logpmf(r, s, 1 / dispersion) for r, s in zip((events_t, events_c), shape, strict=True)]
    log = logs[0] + logs[1] + stats.norm.logpdf(d) + (stats.norm(-2, 1.5).logpdf(m) if level else 0.0)
    log = np.where(np.isnan(log), -np.inf, log)
    weight = np.exp(log - log.max())
    return m, d, weight / weight.sum(), log.max() + np.log(weight.sum() * (high - low) / 2400 * widest / 700)


def below(name, end, m, d, weight):
    """Probability of a value below `end`: linear in m between the lines of the grid, the same in every column of d."""
    d, columns = d[0], weight.sum(axis=0)
    if name in ("log_rate_ratio", "rate_ratio"):
        at = end if name == "log_rate_ratio" else np.log(end)
        half = (d[1] - d[0]) / 2
        edges = np.concatenate([d - half, [d[-1] + half]])
        return np.interp(at, edges, np.concatenate([[0.0], np.cumsum(columns)]))
    if name == "rate_difference":
        with np.errstate(divide="ignore", invalid="ignore"):
            bound = np.log(end / (2 * np.sinh(d / 2)))
    else:
        bound = np.log(end) + (d / 2 if name == "control_rate" else -d / 2)
    lines = m[:, 0]
    step = lines[1] - lines[0]
    edges = np.concatenate([lines - step / 2, [lines[-1] + step / 2]])
    found = 0.0
    for j, at in enumerate(bound):
        inside = np.interp(at, edges, np.concatenate([[0.0], np.cumsum(weight[:, j])])) if not np.isnan(at) else 0.0
        # a difference falls below a negative end where the rates are high enough
        falling = name == "rate_difference" and d[j] < 0
        found += (columns[j] - inside if end < 0 else columns[j]) if falling else (0.0 if np.isnan(at) else inside)
    return found


@pytest.mark.parametrize("level", [None, LEVEL], ids=["flat", "normal"])
@pytest.mark.parametrize("dispersion", [1.0, 2.5])
@pytest.mark.parametrize("data", DATA, ids=str)
def test_against_plain_sums(data, dispersion, level):
    m, d, weight, log_total = weights_on_a_grid(data, dispersion, level)
    found = solve_rates(*data, effect=NORMAL, first=level, dispersion=dispersion, workers=1)
    values = {
        "log_rate_ratio": d,
        "rate_ratio": np.exp(d),
        "control_rate": np.exp(m - d / 2),
        "treatment_rate": np.exp(m + d / 2),
        "rate_difference": np.exp(m + d / 2) - np.exp(m - d / 2),
    }
    assert set(values) == set(found.estimands)
    for name, value in values.items():
        mean = (weight * value).sum()
        sd = np.sqrt((weight * (value - mean) ** 2).sum())
        told = found.summarize(name)
        assert told.mean[0] == pytest.approx(mean, abs=2e-6 * sd)
        assert told.sd[0] == pytest.approx(sd, rel=2e-5)
        for end, probability in ((told.ci_low, 0.025), (told.median, 0.5), (told.ci_high, 0.975)):
            assert found.cdf(name, end)[0] == pytest.approx(probability, abs=1e-9)
            assert below(name, end[0], m, d, weight) == pytest.approx(probability, abs=2e-4)
    if level is not None:
        assert found.log_marginal_likelihood[0] == pytest.approx(log_total, abs=1e-6)
    else:
        assert np.isnan(found.log_marginal_likelihood[0])
    assert found.accurate.all()


def test_a_flat_level_gives_the_conditional_likelihood():
    """Given all events, those of the treatment arm are binomial: one integral of one dimension, to 1e-7."""
    for events_t, time_t, events_c, time_c in DATA:
        found = solve_rates(events_t, time_t, events_c, time_c, effect=NORMAL, workers=1)
        d = np.linspace(-9, 9, 180001)
        kernel = stats.binom.pmf(events_t, events_t + events_c, special.expit(d + np.log(time_t / time_c)))
        kernel = kernel * stats.norm.pdf(d)
        total = kernel.sum()
        for threshold in (-0.5, 0.0, 0.3):
            below = (kernel[d < threshold - 1e-9].sum() + kernel[np.argmin(np.abs(d - threshold))] / 2) / total
            assert found.cdf("log_rate_ratio", threshold)[0] == pytest.approx(below, abs=1e-7)
        at_zero = kernel[90000] / (total * 1e-4)
        assert found.log_bayes_factor_null[0] == pytest.approx(np.log(at_zero) - stats.norm.logpdf(0), abs=1e-7)


@pytest.mark.parametrize("coding", ["average", "control"])
def test_swap_of_arms_and_unit_of_time(coding):
    prior = BatchedPrior("StudentT", {"nu": 3.0, "mu": 0.0, "sigma": 1.0})
    one = solve_rates(12, 300.5, 20, 310, effect=prior, coding=coding, workers=1)
    other = solve_rates(20, 310, 12, 300.5, effect=prior, coding=coding, workers=1)
    monthly = solve_rates(12, 12 * 300.5, 20, 12 * 310, effect=prior, coding=coding, workers=1)
    for threshold in (-0.6, 0.0, 0.4):
        below = one.cdf("log_rate_ratio", threshold)[0]
        assert 1 - other.cdf("log_rate_ratio", -threshold)[0] == pytest.approx(below, abs=1e-7)
        assert monthly.cdf("log_rate_ratio", threshold)[0] == pytest.approx(below, abs=1e-7)
    difference, by_month = one.summarize("rate_difference"), monthly.summarize("rate_difference")
    assert by_month.ci_low[0] * 12 == pytest.approx(difference.ci_low[0], abs=1e-7)


def test_equal_arms_are_even():
    assert solve_rates(7, 100, 7, 100, effect=NORMAL).cdf("rate_difference", 0.0)[0] == pytest.approx(0.5, abs=1e-9)


def test_dispersion_near_one_is_poisson():
    plain = solve_rates(12, 300, 20, 310, effect=NORMAL, first=LEVEL)
    nearly = solve_rates(12, 300, 20, 310, effect=NORMAL, first=LEVEL, dispersion=1 + 1e-7)
    assert nearly.summarize("rate_ratio").mean[0] == pytest.approx(plain.summarize("rate_ratio").mean[0], rel=1e-6)
    assert nearly.log_marginal_likelihood[0] == pytest.approx(plain.log_marginal_likelihood[0], abs=1e-5)


def test_moments_that_do_not_exist_are_empty():
    cauchy = BatchedPrior("Cauchy", {"alpha": 0.0, "beta": 1.0})
    few = solve_rates(3, 50, 1, 60, effect=cauchy)
    assert np.isnan(few.summarize("rate_ratio").mean[0])
    assert np.isfinite(few.summarize("log_rate_ratio").sd[0])
    none = solve_rates(3, 50, 0, 60, effect=cauchy)
    assert np.isnan(none.summarize("log_rate_ratio").mean[0])
    assert np.isfinite(none.summarize("rate_difference").mean[0])


def test_faults(faults_of):
    flat = BatchedPrior("Flat", {})
    wheres = [f.where for f in faults_of(solve_rates, -1, 0, 2.5, 3, effect=flat, dispersion=0.5, coding="arms")]
    assert wheres == ["events_treatment", "time_treatment", "events_control", "dispersion", "effect", "coding"]
    assert faults_of(solve_rates, 0, 3, 0, 4, effect=NORMAL)[0].where == "first"
