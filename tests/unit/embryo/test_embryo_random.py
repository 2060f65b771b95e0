"""Trials drawn at random: the exact engine against plain grids placed where the likelihood itself says."""

import itertools

import numpy as np
import pytest
from scipy import special, stats

from bayes_ivf.embryo.arm import ArmTotals
from bayes_ivf.embryo.likelihood import prepare_arm
from bayes_ivf.embryo.posterior import solve_embryo
from bayes_ivf.errors import RequestError

MANY = 10**7


def span(grid, near):
    kept = np.flatnonzero(near)
    return grid[max(kept[0] - 1, 0)], grid[min(kept[-1] + 1, len(grid) - 1)]


def panels(low, high, order, number):
    nodes, weights = np.polynomial.legendre.leggauss(order)
    half = (high - low) / number / 2
    centers = low + half * (2 * np.arange(number) + 1)
    return (centers[:, None] + half * nodes).ravel(), np.tile(half * weights, number)


def log_prior(x_t, x_c):
    return stats.norm.logpdf((x_t[:, None] + x_c) / 2, 0, 1.5) + stats.norm.logpdf(x_t[:, None] - x_c)


def grid_moments(treatment, control, mechanism):
    """Log evidence, then mean and sd of the risk difference, of the shared parameter and of the control risk."""
    x, z = np.linspace(-14, 14, 57), np.linspace(-18, 18, 37)
    ours, theirs = (arm.log_likelihood(x[:, None], special.expit(z)) for arm in (treatment, control))
    flat = special.log_expit(z) + special.log_expit(-z)
    scan = ours[:, None] + theirs + log_prior(x, x)[..., None] + flat
    near = scan > scan.max() - 32
    x_t, w_t = panels(*span(x, near.any(axis=(1, 2))), 24, 6)
    x_c, w_c = panels(*span(x, near.any(axis=(0, 2))), 24, 6)
    z, w_z = panels(*span(z, near.any(axis=(0, 1))), 20, 7)
    shared = special.expit(z)
    ours, theirs = (arm.log_likelihood(each[:, None], shared) for arm, each in ((treatment, x_t), (control, x_c)))
    logs = ours[:, None] + theirs + log_prior(x_t, x_c)[..., None] + special.log_expit(z) + special.log_expit(-z)
    mass = np.exp(logs) * w_t[:, None, None] * w_c[:, None] * w_z
    share = mass / mass.sum()
    factor = shared if mechanism == "receptivity" else np.ones_like(shared)
    risk_c = special.expit(x_c)[:, None] * factor
    difference = (special.expit(x_t)[:, None] * factor)[:, None] - risk_c
    found = [float(np.log(mass.sum()))]
    for value, weight in ((difference, share), (shared, share.sum(axis=(0, 1))), (risk_c, share.sum(axis=0))):
        mean = float((weight * value).sum())
        found += [mean, float(np.sqrt((weight * (value - mean) ** 2).sum()))]
    return found


def compare(totals, most, mechanism, priors):
    treatment, control = (prepare_arm(each, most, "equal", mechanism, limit=MANY) for each in totals)
    expected = grid_moments(treatment, control, mechanism)
    posterior = solve_embryo(treatment, control, priors)
    tie = "q" if mechanism == "receptivity" else "icc"
    found = [posterior.log_marginal_likelihood[0]]
    for name in ("risk_difference", tie, "control_risk"):
        summary = posterior.summarize(name)
        found += [summary.mean[0], summary.sd[0]]
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6)
    assert posterior.accurate.all()


def draw_trial(rng, mechanism):
    women, most = int(rng.choice([5, 12, 25, 50])), int(rng.choice([1, 2, 3]))
    chance, tie = rng.uniform(0.03, 0.8), rng.uniform(0.02, 0.95)
    totals = []
    for _ in range(2):
        sizes = rng.integers(1, most + 1, size=women + int(rng.integers(-2, 3)))
        chances = rng.beta(chance * (1 - tie) / tie, (1 - chance) * (1 - tie) / tie, size=len(sizes))
        implanted = rng.binomial(sizes, chances)
        totals.append(ArmTotals(len(sizes), int(sizes.sum()), int((implanted > 0).sum()), int(implanted.sum())))
    for each in totals:
        prepare_arm(each, most, "equal", mechanism)
    return totals, most


@pytest.mark.parametrize("mechanism", ["beta_binomial", "receptivity"])
@pytest.mark.parametrize("seed", range(6))
def test_against_a_plain_grid(seed, mechanism, priors):
    rng = np.random.default_rng(seed)
    while True:
        try:
            totals, most = draw_trial(rng, mechanism)
            break
        except RequestError:
            continue
    compare(totals, most, mechanism, priors)


@pytest.mark.parametrize(
    ("mechanism", "most", "totals"),
    [
        ("receptivity", 3, [(150, 300, 60, 110), (150, 300, 50, 95)]),
        ("beta_binomial", 2, [(150, 255, 60, 85), (150, 250, 45, 60)]),
    ],
)
def test_large_arms_against_a_plain_grid(mechanism, most, totals, priors):
    # the posterior is narrow: curves tabulated around it must not rise beyond, or values far away would carry it off
    compare([ArmTotals(*each) for each in totals], most, mechanism, priors)


@pytest.mark.parametrize("probability", [0.025, 0.5, 0.975])
def test_an_arms_risk_under_receptivity_in_a_small_trial(probability, priors):
    # no risk exceeds q: its probability, as a function of q, bends where q passes the risk asked about
    treatment, control = (
        prepare_arm(ArmTotals(*each), 3, "equal", "receptivity") for each in ((15, 30, 6, 9), (15, 30, 4, 5))
    )
    posterior = solve_embryo(treatment, control, priors)
    summary = posterior.summarize("control_risk", 0.95)
    risk = {0.025: summary.ci_low, 0.5: summary.median, 0.975: summary.ci_high}[probability][0]
    cuts = np.concatenate(
        [np.linspace(0, risk, 3), risk + (1 - risk) * np.array([1e-4, 1e-3, 0.01, 0.05, 0.15, 0.4, 1])]
    )
    parts = [panels(low, high, 24, 1) for low, high in itertools.pairwise(cuts)]
    q, w_q = (np.concatenate(each) for each in zip(*parts, strict=True))
    x_t, w_t = panels(-12.0, 12.0, 20, 6)
    ours = treatment.log_likelihood(x_t[:, None], q)
    masses = []
    for ends in (np.full(len(q), 12.0), np.where(risk < q, special.logit(np.minimum(risk / q, 1 - 1e-15)), 12.0)):
        mass = 0.0
        for i, end in enumerate(np.clip(ends, -12 + 1e-9, 12)):
            x_c, w_c = panels(-12.0, end, 20, 6)
            logs = ours[:, i, None] + control.log_likelihood(x_c, q[i]) + log_prior(x_t, x_c)
            mass += w_q[i] * float(w_t @ np.exp(logs) @ w_c)
        masses.append(mass)
    assert masses[1] / masses[0] == pytest.approx(probability, abs=1e-6)
    assert posterior.accurate.all()
