"""An exact P or a printed t as data: the noncentral t far into its tails, and posteriors against plain sums."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from bayes_ivf.errors import RequestError
from bayes_ivf.exact import log_t_interval, number_of_nodes, solve_p_value, t_nodes
from bayes_ivf.priors import BatchedPrior

SMD = "standardized_mean_difference"
NORMAL = (BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0}), stats.norm(0, 1))
SHIFTED = (BatchedPrior("Normal", {"mu": 0.3, "sigma": 0.5}), stats.norm(0.3, 0.5))
HEAVY = (BatchedPrior("StudentT", {"nu": 3.0, "mu": 0.0, "sigma": 1.0}), stats.t(3))
WIDE = (BatchedPrior("Normal", {"mu": -2.0, "sigma": 5.0}), stats.norm(-2, 5))

X, W = np.polynomial.legendre.leggauss(24)


def panels(edges):
    """Gauss-Legendre nodes and weights between edges."""
    half = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + half * (1 + X)).ravel(), (half * W).ravel()


def sizes_of(p, half, df):
    return tuple(float(stats.t.isf(min(1.0, end) / 2, df)) for end in (p + half, p - half))


def chance(ncp, df, low, high):
    """Probability of low <= T <= high for ncp (N,): over the pooled sd on the scale of its log, from the normal numerator."""
    width = 1 / np.sqrt(2 * df)
    y, weights = panels(np.linspace(-40 / df - 9 * width, 9 * width, 81))
    log = df * y - df / 2 * np.expm1(2 * y)
    s, share = np.exp(y), weights * np.exp(log - log.max())
    share = share / share.sum()
    gap = special.ndtr(high * s - ncp[:, None]) - special.ndtr(low * s - ncp[:, None])
    other = special.ndtr(ncp[:, None] - low * s) - special.ndtr(ncp[:, None] - high * s)
    return (np.where(low * s > ncp[:, None], other, gap) * share).sum(axis=1)


def plain(side, n, low, high, distribution, doubt):
    """Mean, sd, probability above 0 and log evidence by plain panels of the difference."""
    scale, df = np.sqrt(1 / n[0] + 1 / n[1]), n[0] + n[1] - 2
    center, reach = (
        distribution.mean(),
        60 if distribution.kwds or distribution.args == (3,) else 12 * distribution.std(),
    )
    step = min(0.5 * distribution.std(), 1.5 * scale * np.sqrt(1 + high**2 / (2 * df)))
    far = np.arange(0, reach + abs(center), step)
    d, weights = panels(np.unique(np.concatenate([-far, far])))
    signs = {"higher": (1,), "lower": (-1,), "either": (-1, 1)}[side]
    prior = distribution.pdf(d)
    data = sum(chance(sign * d / scale, df, low, high) for sign in signs)
    m = (weights * prior * data).sum()
    mass = weights * prior * ((1 - doubt) * data / m + doubt)
    mass = mass / mass.sum()
    mean = (mass * d).sum()
    return mean, np.sqrt((mass * (d - mean) ** 2).sum()), mass[d > 0].sum(), np.log(m)


@pytest.mark.parametrize("df", [3, 10, 78, 1000])
@pytest.mark.parametrize("ncp", [-2.0, 0.0, 1.5, 4.0])
def test_an_interval_of_t_is_that_of_the_noncentral_t(df, ncp):
    low, high = 1.9, 2.3
    nodes = t_nodes([float(df)], [low], [high], 8)
    found = np.exp(log_t_interval(np.array([[ncp]]), np.array([float(df)]), *nodes))[0, 0]
    assert found == pytest.approx(stats.nct(df, ncp).cdf(high) - stats.nct(df, ncp).cdf(low), rel=1e-8)
    assert found == pytest.approx(chance(np.array([ncp]), df, low, high)[0], rel=1e-9)


@pytest.mark.parametrize("number", [8, 20, 64])
def test_intervals_of_every_width_add_up(number):
    """Two halves are the whole, whatever the number of nodes."""
    df, ncp = np.array([12.0]), np.linspace(-6, 9, 31)[:, None]
    low, middle, high = 1.0, 1.2, 1.45
    parts = [log_t_interval(ncp, df, *t_nodes(df, [a], [b], number)) for a, b in ((low, middle), (middle, high))]
    whole = log_t_interval(ncp, df, *t_nodes(df, [low], [high], number))
    np.testing.assert_allclose(np.logaddexp(*parts), whole, rtol=0, atol=1e-10)


@pytest.mark.parametrize("df", [2.0, 6.0, 78.0, 2e6])
def test_far_tails_have_values_and_slopes(df):
    """Where SciPy's noncentral t gives nothing: logs are finite, smooth and concave in their tails."""
    low, high = sizes_of(1.5e-30, 5e-32, df)
    nodes = t_nodes([df], [low], [high], int(number_of_nodes(df, low, high)))
    ncp = np.linspace(-60, 60, 2401)[:, None]
    log = log_t_interval(ncp, np.array([df]), *nodes)[:, 0]
    assert np.isfinite(log).all()
    slope = np.diff(log) / np.diff(ncp[:, 0])
    assert np.abs(np.diff(slope)).max() < 0.2
    at_null = log[np.flatnonzero(ncp[:, 0] == 0)[0]]
    assert at_null == pytest.approx(np.log(0.5 * 1e-31), rel=1e-6)  # half of a P's interval has either sign


CASES = [
    ("higher", (40, 40), 0.044, 0.0005, 0.0, NORMAL),
    ("higher", (40, 40), 0.044, 0.0005, 0.25, NORMAL),
    ("lower", (20, 31), 0.44, 0.005, 0.0, SHIFTED),
    ("either", (20, 31), 0.44, 0.005, 0.5, SHIFTED),
    ("either", (8, 400), 0.01, 0.005, 0.0, SHIFTED),
    ("higher", (2, 2), 0.05, 0.005, 0.0, NORMAL),
    ("lower", (3, 2), 0.012, 0.0005, 0.5, SHIFTED),
    ("higher", (40, 40), 1.0, 0.005, 0.0, NORMAL),
    ("lower", (12, 30), 0.5, 0.05, 0.0, WIDE),
    ("either", (12, 30), 0.002, 0.0005, 0.0, WIDE),
    ("higher", (2000, 2000), 1e-9, 5e-11, 0.0, NORMAL),
]


@pytest.mark.parametrize(("side", "n", "p", "half", "doubt", "prior"), CASES)
def test_exact_agrees_with_plain_sums(side, n, p, half, doubt, prior):
    low, high = sizes_of(p, half, sum(n) - 2)
    posterior = solve_p_value(side, *n, low, high, effect=prior[0], doubt=doubt)
    found = posterior.summarize(SMD)
    mean, sd, above, log_total = plain(side, n, low, high, prior[1], doubt)
    assert posterior.accurate.all()
    assert found.mean[0] == pytest.approx(mean, abs=1e-6 * sd)
    assert found.sd[0] == pytest.approx(sd, rel=1e-6)
    assert 1 - posterior.cdf(SMD, 0.0)[0] == pytest.approx(above, abs=1e-6)
    assert posterior.log_marginal_likelihood[0] == pytest.approx(log_total, abs=1e-6)


@pytest.mark.parametrize("side", ["higher", "either"])
def test_doubt_mixes_posterior_and_prior(side):
    low, high = sizes_of(0.044, 0.0005, 78)
    at = np.array([[-1.0, -0.2, 0.0, 0.3, 0.9, 2.0]])
    believed, doubted, empty = (
        solve_p_value(side, 40, 40, low, high, effect=HEAVY[0], doubt=doubt) for doubt in (0.0, 0.3, 1.0)
    )
    np.testing.assert_allclose(empty.cdf(SMD, at), HEAVY[1].cdf(at), atol=1e-7)
    np.testing.assert_allclose(doubted.cdf(SMD, at), 0.7 * believed.cdf(SMD, at) + 0.3 * HEAVY[1].cdf(at), atol=1e-7)
    assert doubted.log_marginal_likelihood == pytest.approx(believed.log_marginal_likelihood)
    assert np.isfinite(believed.summarize(SMD).sd).all()


def test_a_swap_of_arms_turns_the_sign():
    low, high = sizes_of(0.01, 0.005, 50)
    one = solve_p_value("higher", 12, 40, low, high, effect=HEAVY[0]).summarize(SMD)
    other = solve_p_value("lower", 40, 12, low, high, effect=HEAVY[0]).summarize(SMD)
    for name, turned in (("mean", "mean"), ("median", "median"), ("ci_low", "ci_high"), ("ci_high", "ci_low")):
        assert getattr(one, name)[0] == pytest.approx(-getattr(other, turned)[0], abs=1e-8)
    either = solve_p_value("either", 12, 40, low, high, effect=HEAVY[0])
    assert either.cdf(SMD, 0.0)[0] == pytest.approx(0.5, abs=1e-9)
    size = either.summarize(f"absolute_{SMD}")
    assert 0 < size.ci_low[0] < size.median[0] < size.ci_high[0]


@pytest.mark.parametrize(
    ("n", "p"), [((2, 2), 0.3), ((1_000_000, 1_000_000), 1e-30), ((2, 1_000_000), 1e-12), ((5, 5), 1e-30)]
)
def test_any_size_and_any_p_is_solved(n, p):
    low, high = sizes_of(p, p / 20, sum(n) - 2)
    for doubt in (0.0, 0.5):
        posterior = solve_p_value("higher", *n, low, high, effect=HEAVY[0], doubt=doubt)
        found = posterior.summarize(SMD)
        assert posterior.accurate.all()
        assert np.isfinite([found.median[0], found.ci_low[0], found.ci_high[0]]).all()
        assert np.isfinite(posterior.log_marginal_likelihood).all()


def test_problems_of_a_batch_do_not_touch_each_other():
    n, p = np.array([4, 40, 400]), np.array([0.2, 0.044, 1e-6])
    ends = np.array([sizes_of(each, each / 10, 2 * size - 2) for each, size in zip(p, n, strict=True)])
    together = solve_p_value("higher", n, n, ends[:, 0], ends[:, 1], effect=NORMAL[0]).summarize(SMD)
    for i in range(3):
        alone = solve_p_value("higher", n[i], n[i], *ends[i], effect=NORMAL[0]).summarize(SMD)
        assert (alone.mean[0], alone.ci_high[0]) == (together.mean[i], together.ci_high[i])


@pytest.mark.parametrize(
    ("given", "where"),
    [
        (("up", 40, 40, 1.9, 2.0), "side"),
        (("higher", 1, 40, 1.9, 2.0), "n_treatment"),
        (("higher", 40, 40, 2.0, 1.9), "low, high"),
        (("higher", 40, 40, 2.0, np.inf), "low, high"),
        (("higher", 40, 40, 0.0, 40.0), "low, high"),
    ],
)
def test_what_cannot_be_solved_is_refused(given, where):
    with pytest.raises(RequestError) as caught:
        solve_p_value(*given, effect=NORMAL[0])
    assert [fault.where for fault in caught.value.faults] == [where]
    with pytest.raises(RequestError, match="doubt"):
        solve_p_value("higher", 40, 40, 1.9, 2.0, effect=NORMAL[0], doubt=1.5)
