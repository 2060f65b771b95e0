"""Two-arm posteriors on plain panels, written from the formulas and sharing no code with the package.

A plane of two log odds is cut, row by row, at points that stand at geometric distances from every factor's center and
from the row's own peak, found by golden section. A distribution function is read along the outer coordinate; only the
risk difference is cut across rows, which are halved until it is smooth along them. Nothing adapts to what an engine does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from plain_line import NODES, Grid1D, offsets, pieces, share_below, tops
from scipy import special, stats

REACH = 45.0


def frozen(slot):
    """A prior as a SciPy distribution, its center, its scale and where it is not smooth."""
    name, p = slot["dist"], slot
    if name == "Normal":
        return stats.norm(p["mu"], p["sigma"]), p["mu"], p["sigma"], ()
    if name == "StudentT":
        return stats.t(p["nu"], p["mu"], p["sigma"]), p["mu"], p["sigma"], ()
    if name == "Cauchy":
        return stats.cauchy(p["alpha"], p["beta"]), p["alpha"], p["beta"], ()
    if name == "Laplace":
        return stats.laplace(p["mu"], p["b"]), p["mu"], p["b"], (p["mu"],)
    if name == "Logistic":
        return stats.logistic(p["mu"], p["s"]), p["mu"], p["s"], ()
    width = p["upper"] - p["lower"]
    middle = (p["upper"] + p["lower"]) / 2
    return stats.uniform(p["lower"], width), middle, width / 4, (p["lower"], p["upper"])


def center_of(slot):
    """Center, scale and kinks of a prior."""
    return frozen(slot)[1:]


def log_pdf(slot):
    """Log density of a prior, by its formula."""
    name, p = slot["dist"], slot
    if name == "Normal":
        return lambda x: -0.5 * ((x - p["mu"]) / p["sigma"]) ** 2 - np.log(p["sigma"] * np.sqrt(2 * np.pi))
    if name == "Laplace":
        return lambda x: -np.abs(x - p["mu"]) / p["b"] - np.log(2 * p["b"])
    if name == "Uniform":
        height = -np.log(p["upper"] - p["lower"])
        return lambda x: np.where((x >= p["lower"]) & (x <= p["upper"]), height, -np.inf)
    if name == "Logistic":
        return lambda x: (
            -np.abs(x - p["mu"]) / p["s"] - 2 * np.log1p(np.exp(-np.abs(x - p["mu"]) / p["s"])) - np.log(p["s"])
        )
    nu, mu, sigma = (1.0, p["alpha"], p["beta"]) if name == "Cauchy" else (p["nu"], p["mu"], p["sigma"])
    constant = special.gammaln((nu + 1) / 2) - special.gammaln(nu / 2) - 0.5 * np.log(nu * np.pi) - np.log(sigma)
    return lambda x: constant - (nu + 1) / 2 * np.log1p(((x - mu) / sigma) ** 2 / nu)


def log_arm(hits, misses):
    """Log likelihood of an arm as a function of its log odds, without the binomial coefficient."""

    def log(x):
        return -hits * np.maximum(-x, 0) - misses * np.maximum(x, 0) - (hits + misses) * np.log1p(np.exp(-np.abs(x)))

    return log


@dataclass(frozen=True)
class Factor:
    """A function of a log odds, or of what a prior is about; it is ``p y + q z`` in a plane's coordinates."""

    log: object
    center: float
    scale: float
    kinks: tuple
    heavy: bool
    steepest: float
    p: float = 0.0
    q: float = 0.0

    def of(self, p, q):
        """The same factor in a plane."""
        return Factor(self.log, self.center, self.scale, self.kinks, self.heavy, self.steepest, p, q)


def arm(hits, misses):
    """An arm as a factor; with a Beta prior, its shapes are added to both numbers."""
    a, b = max(hits, 0.5), max(misses, 0.5)
    return Factor(log_arm(hits, misses), float(np.log(a / b)), float(np.sqrt(1 / a + 1 / b)), (), False, hits + misses)


def prior(slot):
    """A prior as a factor."""
    center, scale, kinks = center_of(slot)
    return Factor(log_pdf(slot), center, scale, kinks, slot["dist"] in ("StudentT", "Cauchy"), 1 / scale)


PLANES = {
    # coordinates of treatment, control, average, control as first slot, effect for each pair of inner and outer one
    "control_risk": ((1, 0), (0, 1), (0.5, 0.5), (0, 1), (1, -1)),
    "treatment_risk": ((0, 1), (1, 0), (0.5, 0.5), (1, 0), (-1, 1)),
    "average": ((1, 0.5), (1, -0.5), (1, 0), (1, -0.5), (0, 1)),
    "control": ((1, 1), (1, 0), (1, 0.5), (1, 0), (0, 1)),
}
"""What the outer coordinate z is; in the last two it is the log odds ratio, and y the average or the control arm."""


def thinned(points, gaps):
    """Sorted edges without those that stand closer to the one before than their gap."""
    order = np.argsort(points)
    found, last = [], -np.inf
    for x, gap in zip(points[order].tolist(), gaps[order].tolist(), strict=True):
        if x - last >= gap:
            found.append(x)
            last = x
    return np.array(found)


class PosteriorGrid:
    """A posterior over (y, z), integrated in rows of y.

    Parameters
    ----------
    parts : list of Factor
        Placed in the plane.
    finest : float
        Smallest step beside a peak, in the smallest scale of a factor.
    """

    def __init__(self, parts, finest=0.4):
        self.parts = parts
        self.reach = 1e14 if any(f.heavy for f in parts) else 3e4
        self.small = finest * min(f.scale / max(abs(f.p), abs(f.q)) for f in parts)
        # a posterior pressed against a wall is as narrow as the likelihood is steep
        steep = sum(f.steepest * max(abs(f.p), abs(f.q)) for f in parts)
        self.tiny = min(self.small, 0.1 / max(1.0, steep)) if any(f.kinks for f in parts) else self.small
        self.inner_heavy = any(f.heavy and f.p for f in parts)
        edges = self._outer()
        self.rows = self._rows(edges[:-1], edges[1:])

    def log(self, y, z):
        """Log kernel."""
        return sum(f.log(f.p * y + f.q * z) for f in self.parts)

    def tops(self, z):
        """Local maxima (K, N) of rows over y, by golden section between neighboring centers."""
        walls = [
            np.sort([(k - f.q * z) / f.p for k in f.kinks], axis=0) for f in self.parts if f.p and len(f.kinks) == 2
        ]
        low = np.max([np.full_like(z, -self.reach), *(w[0] for w in walls)], axis=0)
        high = np.min([np.full_like(z, self.reach), *(w[1] for w in walls)], axis=0)
        # rounding must not put a peak at a wall outside of it
        inset = 1e-9 * np.maximum(high - low, 0)
        low, high = low + inset, np.maximum(high, low) - inset
        between = []
        if self.inner_heavy:
            for f in self.parts:
                if f.p:
                    at, step = (f.center - f.q * z) / f.p, 3 * f.scale / abs(f.p)
                    between += [at - step, at, at + step]
        cuts = np.sort(np.clip(np.stack([low, *between, high]), low, high), axis=0)
        return tops(lambda y: self.log(y, z), cuts[:-1], cuts[1:], self.tiny / 10)

    def _outer(self):
        """Edges of the outer panels."""
        points, walls = [f.center / f.q for f in self.parts if not f.p], []
        walls += [k / f.q for f in self.parts if not f.p for k in f.kinks]
        for i, a in enumerate(self.parts):
            for b in self.parts[:i]:
                det = a.p * b.q - b.p * a.q
                if abs(det) > 1e-9:
                    for c in (a.center, *a.kinks):
                        for d in (b.center, *b.kinks):
                            sharp = c in a.kinks or d in b.kinks
                            (walls if sharp else points).append((a.p * d - b.p * c) / det)
        self.walls = walls = np.unique(walls)
        first = np.unique(
            np.clip(np.add.outer([*points, *walls], offsets(self.small, self.reach)), -self.reach, self.reach)
        )
        first = thinned(first, np.full(len(first), self.small / 2))
        peaks = self._peaks(first)
        edges = [np.add.outer([*peaks, *points], offsets(self.small, self.reach)).ravel()]
        if len(walls):
            edges.append(np.add.outer(walls, offsets(self.tiny, self.reach)).ravel())
        z = np.unique(np.clip(np.concatenate(edges), -self.reach, self.reach))
        gaps = 0.45 * np.maximum(np.abs(np.subtract.outer(z, [*peaks, *points])), self.small).min(axis=1)
        if len(walls):
            gaps = np.minimum(gaps, 0.45 * np.maximum(np.abs(np.subtract.outer(z, walls)), self.tiny).min(axis=1))
            gaps[np.isin(z, walls)] = 0.0
        z = thinned(z, gaps)
        top = self.log(self.tops(z), z).max(axis=0)
        # the tallest a panel can be is seen at its ends, unless a peak lies inside: peaks are ends
        with np.errstate(divide="ignore"):
            tall = np.maximum(top[1:], top[:-1]) + np.log(np.diff(z))
        matters = np.flatnonzero(tall > max(top.max(), self.best) + np.log(self.tiny) - REACH)
        if not len(matters):
            raise ArithmeticError("no panel reaches the peak that was found")
        return z[matters[0] : matters[-1] + 2]

    def _peaks(self, z):
        """Where the rows' tops have local maxima along z, by looking ever closer."""
        top = self.log(self.tops(z), z).max(axis=0)
        with np.errstate(invalid="ignore"):
            inside = (top[1:-1] >= top[:-2]) & (top[1:-1] >= top[2:]) & (top[1:-1] > top.max() - 60)
        found = []
        for i in np.flatnonzero(inside) + 1:
            low, high = z[i - 1], z[i + 1]
            while high - low > self.small / 20 and high - low > 1e-13 * abs(low):
                grid = np.linspace(low, high, 25)
                height = self.log(self.tops(grid), grid).max(axis=0)
                j = int(np.argmax(height))
                low, high = grid[max(j - 1, 0)], grid[min(j + 1, 24)]
            found.append((low + high) / 2)
        at = np.array(found or [z[int(np.argmax(top))]])
        self.best = float(self.log(self.tops(at), at).max())
        return at

    def _rows(self, left, right, top=None):
        """Rows at the nodes of outer panels; with a log `top` only what matters beside it, and not normalized."""
        nodes, weights = pieces(np.stack([left, right], axis=-1))
        z, weight = nodes.reshape(-1), weights.reshape(-1)
        peaks = self.tops(z)
        height = self.log(peaks, z)
        with np.errstate(divide="ignore"):
            row_best = height.max(axis=0) + np.log(weight)
        kept = np.flatnonzero(row_best > (row_best.max() if top is None else top + np.log(self.tiny)) - REACH)
        order = np.argsort(-height[:, kept], axis=0)[:3]
        centers = [*np.take_along_axis(peaks[:, kept], order, axis=0)]
        steps, fine = offsets(self.small, self.reach), offsets(self.tiny, self.reach)
        some = np.array([-4.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 4.0])
        parts = []
        for block in np.array_split(np.arange(len(kept)), len(kept) // 400 + 1):
            at = z[kept[block], None]
            edges = [c[block, None] + steps for c in centers]
            edges += [(f.center - f.q * at + some * f.scale) / f.p for f in self.parts if f.p]
            edges += [(f.center - f.q * at) / f.p + steps for f in self.parts if f.p and f.heavy]
            edges += [(k - f.q * at) / f.p + fine for f in self.parts if f.p for k in f.kinks]
            edges = np.sort(np.clip(np.concatenate(edges, axis=1), -self.reach, self.reach), axis=1)
            logs = self.log(edges, at)
            width = np.diff(edges, axis=1)
            with np.errstate(divide="ignore"):
                tall = np.maximum(logs[:, 1:], logs[:, :-1]) + np.log(width) + np.log(weight[kept[block], None])
            row, panel = np.nonzero((tall > tall.max() - 60) & (width > 0))
            parts.append((edges[row, panel], edges[row, panel + 1], kept[block][row], tall[row, panel]))
        low, high, row, tall = (np.concatenate(each) for each in zip(*parts, strict=True))
        best = tall.max() if top is None else top + np.log(self.small)
        matters = tall > best - 34
        low, high, row = low[matters], high[matters], row[matters]
        y, inner = pieces(np.stack([low, high], axis=-1))
        logs = self.log(y[:, 0], z[row, None])
        top = logs.max() if top is None else top
        return Rows(left, right, low, high, row, y[:, 0], z, np.exp(logs - top) * inner[:, 0] * weight[row, None], top)


@dataclass
class Rows:
    """Mass on panels of rows: outer panels (P,), inner panels (Q,) with their row, nodes (Q, 8)."""

    outer_left: np.ndarray
    outer_right: np.ndarray
    left: np.ndarray
    right: np.ndarray
    row: np.ndarray
    y: np.ndarray
    z: np.ndarray
    mass: np.ndarray
    top: float

    @cached_property
    def sums(self):
        """Mass of each panel."""
        return self.mass.sum(axis=1)

    def line(self):
        """Density of the outer coordinate."""
        weights = pieces(np.stack([self.outer_left, self.outer_right], axis=-1))[1][:, 0]
        along = np.bincount(self.row, self.sums, len(self.z)).reshape(-1, 8)
        return Grid1D(self.outer_left, self.outer_right, along / weights)

    def moments(self, function):
        """Mean and sd of a function of (y, z)."""
        values, total = function(self.y, self.z[self.row, None]), self.mass.sum()
        mean = (values * self.mass).sum() / total
        return float(mean), float(np.sqrt((self.mass * (values - mean) ** 2).sum() / total))

    def below(self, bound):
        """Mass (P, 8) at the nodes of the outer panels with y below a bound, which is a function of z."""
        bound = bound(self.z)[self.row]
        cut = np.flatnonzero((self.left < bound) & (self.right > bound))
        found = np.where(self.right <= bound, self.sums, 0.0)
        if len(cut):
            found[cut] = share_below(self.mass[cut], self.left[cut], self.right[cut], bound[cut])
        return np.bincount(self.row, found, len(self.z)).reshape(-1, 8)

    def without(self, panels):
        """The same rows without those of some outer panels, a mask."""
        row = np.repeat(~panels, 8)
        inner = row[self.row]
        number = np.cumsum(row) - 1
        return Rows(
            self.outer_left[~panels], self.outer_right[~panels], self.left[inner], self.right[inner],
            number[self.row[inner]], self.y[inner], self.z[row], self.mass[inner], self.top,
        )  # fmt: skip

    def beside(self, other):
        """These rows and others."""
        row = np.concatenate([self.row, other.row + len(self.z)])
        names = ("outer_left", "outer_right", "left", "right", "row", "y", "z", "mass")
        joint = {name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in names} | {"row": row}
        return Rows(**joint, top=self.top)


class Cut:
    """Distribution function of a quantity across rows; outer panels are halved where it is not smooth along them."""

    def __init__(self, plane, bound):
        self.plane, self.bound, self.rows = plane, bound, plane.rows
        self.total = self.rows.mass.sum()

    def below(self, t):
        """Probability of at most `t`."""
        return float(self.rows.below(lambda z: self.bound(z, t)).sum() / self.total)

    def unrest(self, t):
        """How far from smooth each outer panel is: its last coefficients on Legendre polynomials."""
        along = self.rows.below(lambda z: self.bound(z, t))
        return np.abs(along @ LAST).sum(axis=1) / self.total

    def _grade(self, t):
        """Split the panel in which the other risk would pass 0 or 1, ever finer: an empty arm has a steep root there."""
        with np.errstate(divide="ignore", invalid="ignore"):
            pole = np.log((1 - t) / t) if t > 0 else np.log(-t / (1 + t))
        here = (self.rows.outer_left < pole) & (self.rows.outer_right > pole)
        if not here.any():
            return
        left, right = float(self.rows.outer_left[here][0]), float(self.rows.outer_right[here][0])
        near = 0.5 ** np.arange(40)
        edges = np.unique(np.concatenate([pole - (pole - left) * near, [pole], pole + (right - pole) * near]))
        fresh = self.plane._rows(edges[:-1], edges[1:], self.rows.top)
        self.rows = self.rows.without(here).beside(fresh)
        self.total = self.rows.mass.sum()

    def settle(self, t, tolerance=2e-7, rounds=12):
        """Halve outer panels until the sum of what is left at `t` is small; return it."""
        self._grade(t)
        for _ in range(rounds):
            unrest = self.unrest(t)
            if unrest.sum() < tolerance or len(unrest) > 4000:
                break
            worst = unrest > tolerance / 10 / len(unrest) ** 0.5
            left, right = self.rows.outer_left[worst], self.rows.outer_right[worst]
            middle = (left + right) / 2
            fresh = self.plane._rows(np.append(left, middle), np.append(middle, right), self.rows.top)
            self.rows = self.rows.without(worst).beside(fresh)
            self.total = self.rows.mass.sum()
        return float(self.unrest(t).sum())


LAST = np.polynomial.legendre.legvander(NODES, 7)[:, 6:] * (2 * np.arange(6, 8) + 1) / 2 / 4


def logit_after(z, t):
    """Log odds of a risk that is `t` above that with log odds `z`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        risk, rest = special.expit(z) + t, special.expit(-z) - t
        return np.where(risk <= 0, -np.inf, np.where(rest <= 0, np.inf, np.log(np.abs(risk / rest))))


class TwoArms:
    """Posterior of two arms from their factors and, if they are tied, from those of both priors.

    Parameters
    ----------
    treatment, control : Factor
    ties : sequence of Factor
        Of the first slot and the effect, or nothing.
    coding : {"average", "control"}
    """

    def __init__(self, treatment, control, ties=(), coding="average", finest=0.4):
        self.given, self.coding, self.finest = (treatment, control, ties), coding, finest
        self._planes = {}

    def plane(self, name):
        """The plane with a given outer coordinate."""
        if name not in self._planes:
            (treatment, control, ties), places = self.given, PLANES[name]
            parts = [treatment.of(*places[0]), control.of(*places[1])]
            parts += [f.of(*places[i]) for f, i in zip(ties, (3 if self.coding == "control" else 2, 4), strict=False)]
            self._planes[name] = PosteriorGrid(parts, self.finest)
        return self._planes[name]

    def log_total(self):
        """Log integral of the kernel, without binomial coefficients."""
        rows = self.plane("control_risk").rows
        return float(rows.top + np.log(rows.mass.sum()))

    def risk_difference(self):
        """`Cut` of the risk difference along the narrower arm, and whether it is that of the negative."""
        spread = {name: self.plane(name).rows.line() for name in ("control_risk", "treatment_risk")}
        spread = {name: line.quantile(0.84) - line.quantile(0.16) for name, line in spread.items()}
        name = min(spread, key=spread.get)
        return Cut(self.plane(name), logit_after), name == "treatment_risk"
