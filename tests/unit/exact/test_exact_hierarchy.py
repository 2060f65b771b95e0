import numpy as np
import pytest
from scipy import integrate, special, stats

from bayes_ivf.errors import RequestError
from bayes_ivf.inference.exact import Slot, solve_hierarchy

Y = np.array([0.3, -0.1, 0.8, 0.5, 0.2])
SE = np.array([0.2, 0.3, 0.4, 0.25, 0.15])


def slot(dist, **parameters):
    return Slot(dist, parameters)


# Prior on mu (mean, sd; None is flat), prior slot on tau, its scale, its density in tau
CASES = {
    "half-normal": ((0.1, 0.8), slot("HalfNormal", sigma=0.5), "tau", lambda t: stats.halfnorm.pdf(t, scale=0.5)),
    "half-Cauchy, flat": (None, slot("HalfCauchy", beta=0.3), "tau", lambda t: stats.halfcauchy.pdf(t, scale=0.3)),
    "half-t": (
        (0.0, 1.0),
        slot("HalfStudentT", nu=4.0, sigma=0.4),
        "tau",
        lambda t: 2 * stats.t.pdf(t / 0.4, 4) / 0.4,
    ),
    "inverse gamma": (
        (0.0, 1.0),
        slot("InverseGamma", alpha=1.24, beta=0.28),
        "tau",
        lambda t: stats.invgamma.pdf(t, 1.24, scale=0.28),
    ),
    "Turner": (
        (0.0, 1.0),
        slot("LogNormal", mu=-3.52, sigma=1.74),
        "tau_squared",
        lambda t: stats.lognorm.pdf(t * t, 1.74, scale=np.exp(-3.52)) * 2 * t,
    ),
    "Rhodes": (
        (0.0, 1.0),
        slot("StudentT", nu=5.0, mu=-4.13, sigma=2.34),
        "log_tau_squared",
        lambda t: stats.t.pdf((2 * np.log(t) + 4.13) / 2.34, 5) / 2.34 * 2 / t,
    ),
    "uniform, flat": (None, slot("Uniform", lower=0.0, upper=0.9), "tau", lambda t: stats.uniform.pdf(t, 0, 0.9)),
    "log-normal": (
        (0.2, 0.5),
        slot("LogNormal", mu=-1.0, sigma=0.7),
        "tau",
        lambda t: stats.lognorm.pdf(t, 0.7, scale=np.exp(-1)),
    ),
}


def panels(edges):
    x, w = np.polynomial.legendre.leggauss(12)
    half = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + half * (x + 1)).ravel(), (half * w).ravel()


def oracle(case, tau_upper):
    """Integrals by fixed dense rules over mu (split at 0.25, where distribution functions are asked) and log tau.

    From the joint density of the data given (mu, tau); the package integrates mu in closed form instead.
    """
    mean_sd, _, _, prior = CASES[case]
    # The grid of mu has to hold its whole posterior, however wide tau lets it be.
    side, w_side = panels(np.linspace(0, 1, 25))
    width = 9.0 if mean_sd else 60.0
    mu = 0.25 + width * np.concatenate([-(side**3), side**3])
    w = np.tile(w_side * width * 3 * side**2, 2)
    low = mu <= 0.25
    mu_prior = stats.norm.pdf(mu, *mean_sd) if mean_sd else np.ones_like(mu)
    # tau = 0.15 is an edge as well.
    log_tau, v = panels(
        np.concatenate(
            [
                -np.geomspace(90, 8, 30),
                np.linspace(-8, np.log(0.15), 20)[1:],
                np.linspace(np.log(0.15), np.log(tau_upper), 25)[1:],
            ]
        )
    )
    total = np.zeros(8)
    for x, weight in zip(log_tau, v, strict=True):
        tau = np.exp(x)
        variance = SE[:, None] ** 2 + tau**2
        gap = (Y[:, None] - mu) ** 2 / variance
        likelihood = np.exp(-0.5 * (gap + np.log(2 * np.pi * variance)).sum(axis=0))
        joint = likelihood * mu_prior * prior(tau) * tau * w
        shrunk = (Y[0] * tau**2 + mu * SE[0] ** 2) / variance[0]
        sd = np.sqrt(tau**2 * SE[0] ** 2 / variance[0])
        everything = joint.sum()
        values = [
            everything,
            joint[low].sum(),
            (joint * special.ndtr((0.25 - mu) / tau)).sum(),
            (joint * special.ndtr((0.25 - shrunk) / sd)).sum(),
            (joint * mu).sum(),
            (joint * mu * mu).sum(),
            everything * tau,
            everything * (tau <= 0.15),
        ]
        total += weight * np.array(values)
    return total


@pytest.mark.parametrize("case", list(CASES))
def test_a_fixed_rule_agrees(case):
    mean_sd, tau, scale, _ = CASES[case]
    mu = slot("Normal", mu=mean_sd[0], sigma=mean_sd[1]) if mean_sd else slot("Flat")
    upper = 0.9 if case.startswith("uniform") else 8.0
    total = oracle(case, upper)
    posterior = solve_hierarchy(Y, SE, mu=mu, tau=tau, tau_scale=scale)
    slack = 2e-6
    assert posterior.cdf("theta_new", 0.25)[0] == pytest.approx(total[2] / total[0], abs=slack)
    assert posterior.cdf("theta[0]", 0.25)[0] == pytest.approx(total[3] / total[0], abs=slack)
    assert posterior.cdf("tau", 0.15)[0] == pytest.approx(total[7] / total[0], abs=slack)
    assert posterior.cdf("mu", 0.25)[0] == pytest.approx(total[1] / total[0], abs=slack)
    summary = posterior.summarize("mu")
    assert summary.mean[0] == pytest.approx(total[4] / total[0], abs=slack)
    assert summary.sd[0] == pytest.approx(np.sqrt(total[5] / total[0] - (total[4] / total[0]) ** 2), abs=1e-5)
    if mean_sd:
        assert posterior.log_marginal_likelihood[0] == pytest.approx(np.log(total[0]), abs=2 * slack)
    else:
        assert np.isnan(posterior.log_marginal_likelihood[0])
    assert posterior.accurate.all()


def test_tau_near_zero_is_the_common_effect():
    posterior = solve_hierarchy(Y, SE, mu=slot("Flat"), tau=slot("HalfNormal", sigma=1e-4))
    weight = SE**-2.0
    summary = posterior.summaries(("mu", "theta_new", "theta[3]"))
    for s in summary.values():
        assert s.mean[0] == pytest.approx((weight * Y).sum() / weight.sum(), abs=1e-5)
        assert s.sd[0] == pytest.approx(weight.sum() ** -0.5, rel=1e-5)


def test_one_study_with_a_flat_mean_keeps_the_prior_of_tau():
    posterior = solve_hierarchy([0.4], [0.2], mu=slot("Flat"), tau=slot("HalfNormal", sigma=0.5))
    s = posterior.summaries()
    assert s["tau"].median[0] == pytest.approx(0.5 * stats.halfnorm.median(), abs=1e-6)
    assert s["theta[0]"].sd[0] == pytest.approx(0.2, abs=1e-7)
    assert s["mu"].sd[0] == pytest.approx(np.sqrt(0.2**2 + 0.5**2), rel=1e-6)


def test_two_studies_by_cubature():
    posterior = solve_hierarchy(Y[:2], SE[:2], mu=slot("Normal", mu=0.0, sigma=1.0), tau=slot("HalfNormal", sigma=0.5))

    def density(x):
        mu, tau = x[:, 0], x[:, 1]
        each = [stats.norm.pdf(y, mu, np.hypot(s, tau)) for y, s in zip(Y[:2], SE[:2], strict=True)]
        return each[0] * each[1] * stats.norm.pdf(mu) * stats.halfnorm.pdf(tau, scale=0.5)

    below = integrate.cubature(density, [-5, 0], [0, 4], rtol=1e-9).estimate
    above = integrate.cubature(density, [0, 0], [5, 4], rtol=1e-9).estimate
    assert posterior.cdf("mu", 0.0)[0] == pytest.approx(below / (below + above), abs=5e-7)
    assert posterior.log_marginal_likelihood[0] == pytest.approx(np.log(below + above), abs=5e-7)


def test_moments_follow_the_tail_of_tau():
    def finite(j, mu, tau, scale="tau"):
        s = solve_hierarchy(Y[:j], SE[:j], mu=mu, tau=tau, tau_scale=scale).summaries(("mu", "tau", "theta_new"))
        return [(bool(np.isfinite(v.mean[0])), bool(np.isfinite(v.sd[0]))) for v in s.values()]

    flat, proper = slot("Flat"), slot("Normal", mu=0.0, sigma=1.0)
    cauchy, rhodes = slot("HalfCauchy", beta=0.5), slot("StudentT", nu=5.0, mu=-4.13, sigma=2.34)
    assert finite(1, flat, cauchy) == [(False, False)] * 3
    assert finite(2, flat, cauchy) == [(True, False)] * 3
    assert finite(3, flat, cauchy) == [(True, True)] * 3
    assert finite(1, proper, cauchy) == [(True, True), (True, False), (True, False)]
    assert finite(2, proper, rhodes, "log_tau_squared") == [(True, True), (False, False), (False, False)]
    assert finite(5, proper, rhodes, "log_tau_squared") == [(True, True)] * 3


def test_batches_equal_single_problems():
    y = np.stack([Y, Y + 0.5, -Y])
    sigma = np.array([0.2, 0.5, 1.0])
    whole = solve_hierarchy(y, SE, mu=slot("Flat"), tau=slot("HalfNormal", sigma=sigma))
    summary = whole.summaries()
    for i in range(3):
        one = solve_hierarchy(y[i], SE, mu=slot("Flat"), tau=slot("HalfNormal", sigma=sigma[i]), workers=1)
        for name, s in one.summaries().items():
            assert np.array_equal(s.hdi_high, summary[name].hdi_high[[i]])
    assert summary["mu"].mean[1] > summary["mu"].mean[0] > summary["mu"].mean[2]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"se": [0.1, 0.0, 0.2, 0.2, 0.2]}, "se"),
        ({"y": [0.1, np.nan, 0.2, 0.2, 0.2]}, "y"),
        ({"mu": slot("Cauchy", alpha=0.0, beta=1.0)}, "mu"),
        ({"tau": slot("Normal", mu=0.0, sigma=1.0)}, "tau"),
        ({"tau_scale": "variance"}, "tau_scale"),
    ],
)
def test_bad_input_is_named(change, where):
    given = {"y": Y, "se": SE, "mu": slot("Flat"), "tau": slot("HalfNormal", sigma=0.5)} | change
    with pytest.raises(RequestError) as caught:
        solve_hierarchy(**given)
    assert caught.value.faults[0].where == where
