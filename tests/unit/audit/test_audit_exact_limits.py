"""Exact limits of two arms of counts against brute force: the outermost crossing of P values that are not monotone."""

import numpy as np
import pytest
from scipy import stats

from bayes_ivf.auditing.boschloo import highest
from bayes_ivf.auditing.interval_exact import conditional, unconditional
from bayes_ivf.auditing.interval_readings import best_fit
from bayes_ivf.study import Counts, EffectCI, Printed

DIFFERENCE, SCORE = "exact unconditional, by difference", "exact unconditional, by score"


def limits(method, name, a, n1, b, n2, level=0.95):
    """Low and high of every interval of that name, in order."""
    return [found[1:] for at, found in method(Counts(a, n1), Counts(b, n2), level) if at == name]


def fitted_score(x, n1, y, n2, shift):
    """Score of every table, its risks by halving the slope of the likelihood."""
    low, high = (np.full((n1 + 1, n2 + 1), end) for end in (max(0.0, -shift), min(1.0, 1.0 - shift)))
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(50):
            q = (low + high) / 2
            parts = ((x, q + shift), (n1 - x, q + shift - 1), (y, q), (n2 - y, q - 1))
            rises = sum(np.where(count > 0, count / at, 0.0) for count, at in parts) > 0
            low, high = np.where(rises, q, low), np.where(rises, high, q)
        p = q + shift
        off = x / n1 - y / n2 - shift
        return np.where(np.abs(off) < 1e-9, 0.0, off / np.sqrt(p * (1 - p) / n1 + q * (1 - q) / n2))


def worst_tail(a, n1, b, n2, shift, points=301):
    """One-sided P of a difference, tables ordered by their score, at the worst of many common risks."""
    x, y = np.arange(n1 + 1.0), np.arange(n2 + 1.0)
    score = fitted_score(x[:, None], n1, y[None, :], n2, shift)
    region = score >= score[a, b] - 1e-7 * max(1, abs(score[a, b]))
    q = max(0.0, -shift) + (1 - abs(shift)) * np.sin(np.linspace(0, np.pi / 2, points)) ** 2
    left = stats.binom.pmf(x, n1, np.clip(q + shift, 0, 1)[:, None])
    return ((left @ region) * stats.binom.pmf(y, n2, q[:, None])).sum(axis=1).max()


# The first difference from outside whose P is above 0.025: by the functions above on differences 0.001 to 0.02 apart
# with 1,001 to 6,001 common risks, then halved 18 times.
BY_SCORE = {
    (0, 5, 36, 42): (-0.947255, -0.283582),
    (1, 18, 19, 39): (-0.612260, -0.096741),
    (17, 17, 25, 42): (0.103136, 0.567365),
    # A table enters and leaves again: nothing between 0.093 and 0.105 is above.
    (9, 21, 3, 37): (0.078916, 0.581024),
    (20, 100, 0, 100): (0.126656, 0.291843),
    (6, 10, 0, 1000): (0.262378, None),
    (3, 5, 0, 2000): (0.146633, None),
    (5, 20, 0, 500): (0.086572, None),
}


@pytest.mark.parametrize("table", BY_SCORE, ids=str)
def test_limits_by_score_are_the_outermost_differences_that_are_not_rejected(table):
    found = limits(unconditional, SCORE, *table)
    for known, end in zip(BY_SCORE[table], found[0], strict=True):
        assert known is None or end == pytest.approx(known, abs=2e-6)
    assert found[0] == (min(low for low, _ in found), max(high for _, high in found))
    mirrored = limits(unconditional, SCORE, *table[2:], *table[:2])
    assert set(mirrored) == {(-high, -low) for low, high in found}


@pytest.mark.parametrize("table", [(0, 5, 36, 42), (17, 17, 25, 42), (12, 30, 9, 31), (3, 14, 2, 9)], ids=str)
def test_no_difference_outside_the_limits_by_score_is_kept(table):
    low, high = limits(unconditional, SCORE, *table)[0]
    for arms, end in ((table, low), ((*table[2:], *table[:2]), -high)):
        away = np.concatenate((np.geomspace(1e-5, 0.2, 12), np.linspace(0.25, 1.9, 6)))
        assert max(worst_tail(*arms, end - x) for x in away if end - x > -1) <= 0.025 * (1 + 1e-4)
        assert worst_tail(*arms, end + 1e-5) > 0.025


def test_limits_by_difference_look_at_the_ends_of_the_common_risk():
    # With nobody of 1,000 the worst risk of the control arm is 0, which leaves Clopper and Pearson's limit.
    assert limits(unconditional, DIFFERENCE, 6, 10, 0, 1000)[0][0] == pytest.approx(
        stats.beta.ppf(0.025, 6, 5), abs=2e-6
    )


def test_the_largest_size_may_lie_at_an_end_or_between_two_risks():
    assert highest(lambda risks: 1 - risks, 0.2, 0.9, 11) == pytest.approx(0.8)
    assert highest(lambda risks: risks, 0.2, 0.9, 11) == pytest.approx(0.9)
    # a peak beside an end
    assert highest(lambda risks: np.exp(-(((risks - 1e-4) / 5e-4) ** 2)), 0.0, 1.0, 41) == pytest.approx(1, abs=1e-3)
    assert highest(lambda risks: 0.1 - (risks - 0.37) ** 2, 0.0, 1.0, 11, 0.0999) == pytest.approx(0.1, abs=1e-5)


def no_likelier(a, n1, b, n2, share):
    """P of Baptista and Pike on 16,001 log odds ratios."""
    k = np.arange(max(0, a + b - n2), min(n1, a + b) + 1)
    x = np.linspace(-12, 12, 16_001)
    p = stats.hypergeom(n1 + n2, a + b, n1).logpmf(k) + x[:, None] * k
    p = np.exp(p - p.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    seen = p[:, [a - k[0]]]
    return x, (p * (p <= seen * (1 + 1e-7))).sum(axis=1) - share * seen[:, 0]


@pytest.mark.parametrize(("name", "share"), [("Baptista-Pike exact", 0.0), ("Baptista-Pike mid-P exact", 0.5)])
def test_limits_by_baptista_and_pike_are_the_outermost_crossings_and_the_others_are_known(name, share):
    rng = np.random.default_rng(8)
    tables = [(1, 57, 14, 14), (41, 47, 18, 18), (9, 11, 7, 24), (1, 5, 6, 7), (7, 34, 1, 34)]
    for _ in range(20):
        n1, n2 = (int(n) for n in rng.integers(5, 45, 2))
        tables.append((int(rng.integers(1, n1)), n1, int(rng.integers(1, n2)), n2))
    several = 0
    for table in tables:
        x, p = no_likelier(*table, share)
        turns = np.flatnonzero(np.diff(p > 0.05))
        found = limits(conditional, name, *table)
        ends = sorted({np.log(end) for pair in found for end in pair if 0 < end < np.inf})
        assert len(ends) == len(turns)
        # each lies in its own step of the grid
        np.testing.assert_allclose(ends, (x[turns] + x[turns + 1]) / 2, atol=8e-4)
        assert found[0] == (min(low for low, _ in found), max(high for _, high in found))
        several += len(found) > 1
    assert several >= (4 if share else 0)


# Outermost crossings, and inner ones that a search may end at as well.
@pytest.mark.parametrize(
    ("table", "scale", "ends", "name"),
    [
        ((1, 5, 6, 7), "odds_ratio", ("0.042", "0.003", "1.136"), "Baptista-Pike"),
        ((1, 5, 6, 7), "odds_ratio", ("0.042", "0.003", "0.885"), "Baptista-Pike mid-P exact"),
        ((9, 11, 7, 24), "odds_ratio", ("10.93", "2.08", "55.86"), "Baptista-Pike mid-P exact"),
        ((0, 5, 36, 42), "risk_difference", ("-0.857", "-0.947", "-0.284"), SCORE),
        ((0, 5, 36, 42), "risk_difference", ("-0.857", "-0.947", "-0.384"), SCORE),
        ((17, 17, 25, 42), "risk_difference", ("0.405", "0.103", "0.567"), SCORE),
    ],
)
def test_printed_limits_at_any_crossing_are_known_by_the_name_of_their_method(table, scale, ends, name):
    a, n1, b, n2 = table
    found = best_fit(EffectCI(scale, *map(Printed, ends)), Counts(a, n1), Counts(b, n2))
    assert found is not None
    assert found.method.startswith(name)


def test_very_unequal_arms_take_little_memory(peak_of):
    """One woman beside a million: an array of all risks and all counts of the larger arm would take gigabytes."""
    code = (
        "from bayes_ivf import Study, audit\n"
        "for arms in (((1, 1), (300000, 1000000)), ((1, 4), (7000, 20000)), ((3, 9), (4000, 11000))):\n"
        "    audit(Study.from_counts(*arms))"
    )
    assert peak_of(code)[1] < 350
