"""Right answers of hard problems by plain panels, and the file that keeps them: they hang on no engine's version.

A quantile is kept as the stretch in which the distribution function is within a millionth of its probability, which is wide
where a posterior of two humps is flat.
"""

from __future__ import annotations

import csv
import json
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from plain_claims import Claim
from plain_line import invert
from plain_means import Means
from plain_panels import TwoArms, arm, prior
from scipy import special

FILE = Path(__file__).with_name("right_answers.csv")
PROBABILITIES = (0.025, 0.5, 0.975)
CUT = 1e-6
SMD, SIZE, MD = "standardized_mean_difference", "absolute_standardized_mean_difference", "mean_difference"
NAMES = ("log_odds_ratio", "risk_difference", "control_risk", "treatment_risk", SMD, SIZE, MD, "control_mean")


@dataclass(frozen=True)
class Right:
    """Mean and sd (NaN where they do not exist), stretches of three quantiles, and the probability below 0."""

    mean: float
    sd: float
    low: tuple
    high: tuple
    below_zero: float = np.nan

    @property
    def spread(self):
        """What errors are measured in."""
        quarter = (self.high[2] - self.low[0]) / 4
        return float(np.nanmin([self.sd, quarter]))


def of_line(line, moments=None, turn=lambda x: x, zero=False):
    """Answer of a density on a line, seen through a rising function."""
    low, high = (tuple(float(turn(line.quantile(p + side * CUT))) for p in PROBABILITIES) for side in (-1, 1))
    mean, sd = line.moments(turn) if moments is None else moments
    return Right(mean, sd, low, high, line.below(0.0) if zero else np.nan)


def of_function(below, values, weights, moments, settle=None, zero=False):
    """Answer of a distribution function; values and weights are a rough sketch of it."""
    order = np.argsort(values)
    values, share = values[order], np.cumsum(weights[order]) / weights.sum()
    found, middle = [], []
    for p in PROBABILITIES:
        i, j, k = np.minimum(np.searchsorted(share, [p - 0.004, p + 0.004, p]), len(values) - 1)
        low, high, at, slack = values[max(i - 1, 0)], values[j], values[k], CUT
        for _ in range(6):
            if settle is not None:
                slack = max(CUT, settle(at))
            low, high = _around(below, p, slack, low, high)
            before, at = at, invert(below, p, low, high)
            if settle is None or abs(below(at) - below(before)) < CUT:
                break
        found.append((low, high, p, slack))
        middle.append(at)
    spread = (middle[2] - middle[0]) / 4
    stretches = []
    for at, (low, high, p, slack) in zip(middle, found, strict=True):
        ends = []
        for side, limit in ((-1, low), (1, high)):
            step = 1e-5 * spread
            while side * (p - below(at + side * step)) > -slack and step < abs(limit - at):
                step *= 2
            ends.append(at + side * step)
        stretches.append(ends if slack < 1e-3 else [-np.inf, np.inf])
    low, high = (tuple(float(each[k]) for each in stretches) for k in (0, 1))
    return Right(*moments, low, high, below(0.0) if zero else np.nan)


def _around(below, p, slack, low, high):
    """Bounds of a quantile, widened until they are."""
    width = least = max(high - low, 1e-9 * abs(high), 1e-300)
    while below(low) > p - 2 * slack and width < 1e300:
        low, width = low - width, 2 * width
    width = least
    while below(high) < p + 2 * slack and width < 1e300:
        high, width = high + width, 2 * width
    return low, high


def _counts(problem):
    (k, n), (j, m) = problem["arms"]
    if problem["kind"] == "beta":
        (a, b), (c, d) = problem["shapes"]
        shapes = ((a + k, b + n - k), (c + j, d + m - j))
        two, name = TwoArms(arm(*shapes[0]), arm(*shapes[1])), "control"
    else:
        ties = (prior(problem["first"]), prior(problem["effect"]))
        two, name = TwoArms(arm(k, n - k), arm(j, m - j), ties, problem["coding"]), problem["coding"]
    planes = {which: two.plane(which) for which in (name, "control_risk", "treatment_risk")}
    totals = [plane.rows.top + np.log(plane.rows.mass.sum()) for plane in planes.values()]
    if np.ptp(totals) > 1e-6:
        raise ArithmeticError(f"planes differ by {np.ptp(totals):.1e}")
    lines = {which: plane.rows.line() for which, plane in planes.items()}
    effect = lines[name]
    found = {"log_odds_ratio": of_line(effect, light(effect), zero=True)}
    for risk in ("control_risk", "treatment_risk"):
        found[risk] = of_line(lines[risk], turn=special.expit)
    cut, turned = two.risk_difference()
    sign = -1.0 if turned else 1.0
    rows = cut.rows
    values = sign * risk_gap(rows.y.mean(axis=1), rows.z[rows.row])
    moments = rows.moments(lambda y, z: sign * risk_gap(y, z))

    def below(t):
        return 1 - cut.below(-t) if turned else cut.below(t)

    found["risk_difference"] = of_function(
        below, values, rows.mass.sum(axis=1), moments, lambda t: cut.settle(sign * t)
    )
    return found


def risk_gap(y, z):
    """Difference of two risks from their log odds, by the smaller sides."""
    with np.errstate(over="ignore"):
        return np.where(y + z > 0, special.expit(-z) - special.expit(-y), special.expit(y) - special.expit(z))


def light(line):
    """Moments of a line, or NaN where a tail decides them."""
    mean, sd = line.moments()
    middle, spread = line.quantile(0.5), line.quantile(0.84) - line.quantile(0.16)
    far = np.abs(line.x - middle) > 1e6 * spread
    decided = (line.mass * (line.x - mean) ** 2)[far].sum() > 1e-8 * sd**2
    return (np.nan, np.nan) if decided else (mean, sd)


def _claim(problem):
    names = ("direction", "n", "alpha", "doubt", "effect")
    claim = Claim(*(problem[name] for name in names))
    found = {SMD: of_line(claim.line, light(claim.line), zero=True)}
    if problem["direction"] == "differs":
        line = claim.line
        right = np.unique(np.abs(np.concatenate([line.left, line.right])))
        size = line.moments(np.abs) if np.isfinite(found[SMD].sd) else (np.nan, np.nan)
        weights = np.diff([claim.size_below(x) for x in right])
        found[SIZE] = of_function(claim.size_below, right[1:], np.maximum(weights, 0), size)
    return found


def _means(problem):
    means = Means(*problem["arms"], problem.get("effect"), problem["common"], problem.get("level"), problem["coding"])
    cells = means.cells
    pooled = means.pooled(cells.sigmas)[cells.row]
    d, weights = cells.d.mean(axis=1), cells.mass.sum(axis=1)
    small = min(n for _, _, n in problem["arms"]) < 6 and not problem["common"]
    small = small or sum(n for _, _, n in problem["arms"]) < 8
    moments = {
        SMD: means.moments(lambda d, s: d),
        MD: (np.nan, np.nan) if small else means.moments(lambda d, s: d * s),
        "control_mean": (np.nan, np.nan) if small else means.control_mean(),
    }
    nothing = (-np.inf,) * 3
    found = {"control_mean": Right(*moments["control_mean"], nothing, (np.inf,) * 3)}
    for name, values in ((SMD, d), (MD, d * pooled)):

        def bound(t, name=name):
            return lambda sigmas: np.full(len(sigmas), t) if name == SMD else t / means.pooled(sigmas)

        found[name] = of_function(
            lambda t, bound=bound: means.probability(bound(t)), values, weights, moments[name],
            lambda t, bound=bound: means.settle(bound(t)), zero=name == SMD,
        )  # fmt: skip
    return found


SOLVERS = {"claim": _claim, "separate": _means, "common": _means, "reference": _means}


def right(problem):
    """Right answers by estimand."""
    with np.errstate(all="ignore"):
        return SOLVERS.get(problem["kind"], _counts)(problem)


def mark(problem):
    """A short mark of a problem, so that answers of another draw are not taken for its own."""
    return f"{zlib.crc32(json.dumps(problem, sort_keys=True).encode()):08x}"


def text(x, spread):
    """A number to a hundred-thousandth of a spread."""
    if np.isnan(x):
        return ""
    if not np.isfinite(x) or x == 0:
        return f"{x:g}"
    digits = 5 + max(0, int(np.ceil(np.log10(abs(x) / spread)))) if spread > 0 else 15
    return f"{x:.{min(digits, 16)}g}"


def _stretch(low, high, spread):
    if np.isinf(low):
        return ""
    if high - low < 2e-4 * spread:
        return text((low + high) / 2, spread)
    return f"{text(low, spread)}:{text(high, spread)}"


def lines_of(index, problem, answers):
    """Rows of the file: one for each estimand."""
    rows = []
    for name, a in answers.items():
        quantiles = [_stretch(low, high, a.spread) for low, high in zip(a.low, a.high, strict=True)]
        zero = "" if np.isnan(a.below_zero) else f"{abs(a.below_zero):.6g}"
        rows.append(
            [index, mark(problem), NAMES.index(name), text(a.mean, a.spread), text(a.sd, a.spread), *quantiles, zero]
        )
    return rows or [[index, mark(problem)]]


def read(path=FILE):
    """Mark and answers by problem."""
    found = {}
    if not path.exists():
        return found
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            _, answers = found.setdefault(int(row[0]), (row[1], {}))
            if len(row) > 2:
                mean, sd, *_ = (float(x or "nan") for x in row[3:5])
                ends = [
                    [float(x) for x in (cell.split(":") * 2)[:2]] if cell else (-np.inf, np.inf) for cell in row[5:8]
                ]
                low, high = (tuple(each[k] for each in ends) for k in (0, 1))
                answers[NAMES[int(row[2])]] = Right(mean, sd, low, high, float(row[8] or "nan"))
    return found


def keep(rows, path=FILE):
    """Add rows to the file."""
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
