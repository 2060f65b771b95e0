"""Contrasts of two risks: one map of the arms for both engines; a new one needs no more than an estimand and its curves."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pytest
from scipy import integrate, special, stats

from bayes_ivf import embryo, estimands
from bayes_ivf.embryo import ArmTotals, prepare_arm, solve_embryo
from bayes_ivf.estimands import ESTIMANDS, Estimand, risk_contrasts
from bayes_ivf.exact import (
    beta_solution,
    contrast_moments,
    counts_beta,
    counts_logistic,
    counts_solution,
    level_curves,
    means_data,
    scales,
    solve_beta_arms,
    solve_counts,
)
from bayes_ivf.exact.level_curves import CONTRASTS, saturation, threshold
from bayes_ivf.exact.plane import COORDINATES
from bayes_ivf.exact.risk_contrast import RiskContrast
from bayes_ivf.exact.risk_ratio import RISK_RATIO
from bayes_ivf.exact.scales import transform_of
from bayes_ivf.priors import BatchedPrior, Prior

U = np.linspace(-6, 5, 45)[:, None]
S = np.array([-2.0, -0.4, -1e-3, 0.0, 1e-6, 0.3, 1.7])[None]
EACH = pytest.mark.parametrize("contrast", CONTRASTS.values(), ids=CONTRASTS)
COUNTS = np.array([[16, 40, 12, 40], [0, 25, 4, 31], [9, 9, 5, 8], [3, 4, 1, 5]], dtype=float).T


def test_every_function_of_two_risks_is_solved_by_quadrature():
    assert tuple(name for name, each in ESTIMANDS.items() if each.arms == "risk") == counts_logistic.ESTIMANDS
    assert tuple(name for name, each in ESTIMANDS.items() if each.arms == "mean") == means_data.MEAN_ESTIMANDS


@EACH
@pytest.mark.parametrize("outer", ["average", "control", "treatment"])
def test_level_curves_are_where_the_estimand_has_its_value(contrast, outer):
    """The value of draws at a point of the curve is the value that the curve was asked for."""
    v, per_s = threshold(contrast.name, outer, U, S)
    inside = np.isfinite(v) & (np.abs(v) < 12)
    assert inside.mean() > 0.4
    coordinates = COORDINATES[outer]
    x_t = coordinates.t[0] * U + coordinates.t[1] * np.where(inside, v, 0)
    x_c = coordinates.c[0] * U + coordinates.c[1] * np.where(inside, v, 0)
    found = risk_contrasts(special.expit(x_t), special.expit(x_c))[contrast.name]
    expected = transform_of(contrast.name).backward(np.broadcast_to(S, v.shape))
    assert found[inside] == pytest.approx(expected[inside], rel=1e-7, abs=1e-9)
    ahead, _ = threshold(contrast.name, outer, U, S + 1e-6)
    behind, _ = threshold(contrast.name, outer, U, S - 1e-6)
    steady = inside & np.isfinite(ahead) & np.isfinite(behind) & (np.abs(v) < 6)
    assert np.abs(ahead[steady] - behind[steady]) / 2e-6 == pytest.approx(per_s[steady], rel=1e-3)


@EACH
@pytest.mark.parametrize("outer", ["control", "treatment"])
def test_curves_end_where_the_other_risk_reaches_a_bound(contrast, outer):
    s = S[0][np.abs(S[0]) > 0.1]
    ends = saturation(contrast.name, outer, s)
    assert np.isfinite(ends).any()
    for end, at in zip(ends, s, strict=True):
        beside, _ = threshold(contrast.name, outer, end + np.array([-1e-6, 1e-6]), np.array([at, at]))
        # no bound is reached anywhere, or it is between these two
        assert np.isnan(end) or np.isfinite(beside).sum() == 1


@EACH
def test_parts_make_the_gap(contrast):
    x = np.linspace(-8, 8, 41)
    part = contrast.part(special.log_expit(x))
    slope = (contrast.part(special.log_expit(x + 1e-6)) - contrast.part(special.log_expit(x - 1e-6))) / 2e-6
    assert contrast.slope(x) == pytest.approx(slope, rel=1e-4, abs=1e-8)
    assert (bool(contrast.slope(-40.0) > 0.5), bool(contrast.slope(40.0) > 0.5)) == (
        contrast.moves_at_zero,
        contrast.moves_at_one,
    )
    gap = part[:, None] - part
    value = gap if contrast.value_of_gap is None else contrast.value_of_gap(gap)
    risk = special.expit(x)
    assert value == pytest.approx(risk_contrasts(risk[:, None], risk)[contrast.name], rel=1e-9, abs=1e-12)
    coordinate = contrast.coordinate(x[:, None], x)
    assert transform_of(contrast.name).backward(coordinate) == pytest.approx(value, rel=1e-9, abs=1e-11)
    # where nothing varies, to look is to find
    center, spread = contrast.located(gap, np.zeros_like(gap))
    assert transform_of(contrast.name).backward(center) == pytest.approx(value, rel=1e-9, abs=1e-11)
    assert not spread.any()
    a, b = 3.5, 6.0
    moments = [
        integrate.quad(lambda p, k=k: contrast.part(np.log(p)) ** k * stats.beta(a, b).pdf(p), 0, 1)[0] for k in (1, 2)
    ]
    expected = moments[0], moments[1] - moments[0] ** 2
    assert contrast.part_of_beta(np.array(a), np.array(b)) == pytest.approx(expected, rel=1e-6)


@EACH
def test_averages_cross_lines_of_one_odds_ratio(contrast):
    crossed = 0
    for b in (-1.5, 0.8):
        for s in (-0.5, -0.1, 0.05, 0.4):
            for m in contrast.averages(b, np.array([s])):
                found = risk_contrasts(special.expit(m + b / 2), special.expit(m - b / 2))[contrast.name]
                crossed += int(np.isfinite(m[0]))
                assert np.isnan(m[0]) or found[0] == pytest.approx(transform_of(contrast.name).backward(s), rel=1e-9)
    assert crossed >= 2


def _mirror(curve):
    def mirrored(u, s):
        v, per_s = curve(-u, s)
        return -v, per_s

    return mirrored


SURVIVAL = Estimand(
    "survival_ratio",
    "Ratio without the event",
    "ratio",
    0.0,
    null=1.0,
    of_arms=lambda t, c: (1 - c) / (1 - t),
    arms="risk",
)
MIRRORED = RiskContrast(
    "survival_ratio",
    coordinate=lambda x_t, x_c: special.log_expit(-x_c) - special.log_expit(-x_t),
    part=lambda log_risk: -np.log(-np.expm1(log_risk)),
    slope=lambda x: special.expit(x),
    part_of_beta=lambda a, b: (special.digamma(a + b) - special.digamma(b), RISK_RATIO.part_of_beta(b, a)[1]),
    located=RISK_RATIO.located,
    value_of_gap=np.exp,
    moves_at_zero=False,
    moves_at_one=True,
    level_curves={
        "average": lambda u, s: RISK_RATIO.level_curves["average"](-u, s),
        "control": _mirror(RISK_RATIO.level_curves["treatment"]),
        "treatment": _mirror(RISK_RATIO.level_curves["control"]),
    },
    saturation=lambda s: -RISK_RATIO.saturation(-s),
    averages=lambda b, s: [-m for m in RISK_RATIO.averages(b, s)],
)
"""The risk ratio of what does not happen, control to treatment: that of the table turned around."""


@pytest.fixture
def with_a_new_contrast(monkeypatch):
    known = MappingProxyType({**ESTIMANDS, SURVIVAL.name: SURVIVAL})
    contrasts = MappingProxyType({**CONTRASTS, MIRRORED.name: MIRRORED})
    for module in (estimands, scales):
        monkeypatch.setattr(module, "ESTIMANDS", known)
    modules = (level_curves, contrast_moments, counts_solution, counts_logistic, beta_solution)
    for module in (*modules, embryo.estimands, embryo.mixture, embryo.posterior_2d):
        monkeypatch.setattr(module, "CONTRASTS", contrasts)
    for module in (counts_logistic, counts_beta):
        monkeypatch.setattr(module, "ESTIMANDS", (*counts_logistic.ESTIMANDS, MIRRORED.name))
    monkeypatch.setattr(contrast_moments, "_VALUED", (*contrast_moments._VALUED, MIRRORED.name))
    monkeypatch.setattr(counts_logistic, "_GROUPS", (*counts_logistic._GROUPS, 3))


def _solve(prior, counts):
    if prior == "Beta":
        halves = BatchedPrior("Beta", {"alpha": 0.5, "beta": 0.5})
        return solve_beta_arms(*counts, treatment=halves, control=halves, workers=1)
    level = BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.5})
    effect = BatchedPrior(prior, {"alpha": 0.0, "beta": 0.5} if prior == "Cauchy" else {"mu": 0.0, "sigma": 1.0})
    return solve_counts(*counts, first=level, effect=effect, workers=1)


@pytest.mark.usefixtures("with_a_new_contrast")
@pytest.mark.parametrize("prior", ["Beta", "Normal", "Cauchy"])
def test_a_new_contrast_is_an_estimand_and_its_curves(prior):
    """Quadrature says of it what it says of the risk ratio of the table turned around."""
    events_t, n_t, events_c, n_c = COUNTS
    found = _solve(prior, COUNTS)
    turned = _solve(prior, (n_c - events_c, n_c, n_t - events_t, n_t))
    points = np.array([[0.4, 0.8, 1.0, 1.3, 3.0]] * COUNTS.shape[1])
    assert found.cdf("survival_ratio", points) == pytest.approx(turned.cdf("risk_ratio", points), abs=2e-6)
    new, old = (each.summarize(name) for each, name in ((found, "survival_ratio"), (turned, "risk_ratio")))
    assert new.median == pytest.approx(old.median, rel=1e-4)
    assert new.ci_high == pytest.approx(old.ci_high, rel=1e-3)
    assert found.accurate.all()


@pytest.mark.usefixtures("with_a_new_contrast")
def test_draws_say_the_same_of_a_new_contrast():
    found = _solve("Beta", COUNTS[:, :1])
    rng = np.random.default_rng(8)
    drawn = risk_contrasts(rng.beta(16.5, 24.5, 200_000), rng.beta(12.5, 28.5, 200_000))["survival_ratio"]
    for t in (0.8, 1.0, 1.2, 1.5):
        assert np.mean(drawn <= t) == pytest.approx(found.cdf("survival_ratio", t)[0], abs=0.005)


PRIORS = {"average": Prior("Normal", {"mu": 0.0, "sigma": 1.5}), "effect": Prior("Normal", {"mu": 0.0, "sigma": 1.0})}


@pytest.mark.usefixtures("with_a_new_contrast")
def test_embryo_totals_have_a_new_contrast():
    """With one embryo a woman they are counts, per embryo and per woman."""
    arms = (prepare_arm(ArmTotals(25, 25, 9, 9), max_embryos=1), prepare_arm(ArmTotals(31, 31, 4, 4), max_embryos=1))
    found = solve_embryo(*arms, PRIORS)
    counts = _solve("Normal", np.array([[9.0], [25.0], [4.0], [31.0]]))
    points = np.array([0.7, 1.0, 1.2, 1.5, 2.5])
    expected = counts.cdf("survival_ratio", points[None])[0]
    summary = counts.summarize("survival_ratio")
    for name in ("survival_ratio", "woman_survival_ratio", "woman_survival_ratio_standardized"):
        assert np.ravel(found.cdf(name, points[None])) == pytest.approx(expected, abs=2e-6)
        assert found.summarize(name).median == pytest.approx(summary.median, rel=1e-4)


@pytest.mark.usefixtures("with_a_new_contrast")
def test_a_new_contrast_of_embryos_under_receptivity():
    """Both arms share the chance q that a woman is receptive, and the contrast is one of r q."""
    arms = (
        prepare_arm(ArmTotals(25, 25, 9, 9), max_embryos=1, mechanism="receptivity"),
        prepare_arm(ArmTotals(31, 31, 4, 4), max_embryos=1, mechanism="receptivity"),
    )
    found = solve_embryo(*arms, {**PRIORS, "q": Prior("Beta", {"alpha": 2.0, "beta": 2.0})})
    points = np.array([[0.9, 1.0, 1.2, 1.5]])
    of_embryos, of_women = (found.cdf(f"{of}survival_ratio", points) for of in ("", "woman_"))
    assert of_embryos == pytest.approx(of_women, abs=2e-6)
    assert of_embryos[0][1] == pytest.approx(found.cdf("risk_difference", 0.0)[0], abs=2e-6)
