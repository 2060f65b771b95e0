"""Two-arm posteriors on plain panels, written from the formulas and sharing no code with the package.

The plane of both arms' log odds is cut, row by row, at points that stand at geometric distances from every factor's
center and from the row's own peak, found by golden section. Nothing adapts to what an engine does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import optimize, special, stats

NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)
GOLDEN = (np.sqrt(5) - 1) / 2
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


def log_arm(events, n):
    """Log likelihood of an arm as a function of its log odds, without the binomial coefficient."""

    def log(x):
        size = np.abs(x)
        return -events * np.maximum(-x, 0) - (n - events) * np.maximum(x, 0) - n * np.log1p(np.exp(-size))

    return log


@dataclass(frozen=True)
class Factor:
    """A function of ``p x_t + q x_c``, with where it varies."""

    log: object
    p: float
    q: float
    center: float
    scale: float
    kinks: tuple


def factors(treatment, control, first, effect, coding):
    """The four factors of the posterior."""
    found = []
    for (k, n), (p, q) in ((treatment, (1.0, 0.0)), (control, (0.0, 1.0))):
        hits, misses = k + 0.5, n - k + 0.5
        found.append(Factor(log_arm(k, n), p, q, np.log(hits / misses), np.sqrt(1 / hits + 1 / misses), ()))
    level = {"average": (0.5, 0.5), "control": (0.0, 1.0), "treatment": (1.0, 0.0)}[coding]
    for slot, (p, q) in ((first, level), (effect, (1.0, -1.0))):
        _, center, scale, kinks = frozen(slot)
        found.append(Factor(log_pdf(slot), p, q, center, scale, kinks))
    return found


def offsets(smallest, reach):
    """Distances from a point, each twice the last."""
    steps = smallest * 2.0 ** np.arange(np.ceil(np.log2(reach / smallest)) + 1)
    return np.concatenate([-steps[::-1], [0.0], steps])


@dataclass
class Plane:
    """The log posterior over (x_t, x_c) and the panels that were kept."""

    parts: list
    reach: float

    def log(self, x_t, x_c):
        """Log kernel."""
        return sum(f.log(f.p * x_t + f.q * x_c) for f in self.parts)

    def peaks(self):
        """Local maxima, from several starts."""
        starts = []
        for i in range(4):
            for j in range(i):
                a, b = self.parts[i], self.parts[j]
                det = a.p * b.q - b.p * a.q
                if abs(det) > 1e-9:
                    starts.append(((b.q * a.center - a.q * b.center) / det, (a.p * b.center - b.p * a.center) / det))

        def cost(x):
            value = -self.log(x[0], x[1])
            return value if np.isfinite(value) else 1e290

        found = [
            optimize.minimize(cost, s, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-9, "maxiter": 800})
            for s in starts
        ]
        return [each.x for each in found if each.fun < 1e280]


def pieces(edges):
    """Sorted distinct edges (..., P + 1) to nodes and weights (..., P, 8)."""
    left, right = edges[..., :-1, None], edges[..., 1:, None]
    half = (right - left) / 2
    return (left + right) / 2 + half * NODES, half * WEIGHTS


def row_peaks(plane, x_c):
    """Local maxima (K, N) of rows over x_t, by golden section between neighboring centers."""
    centers = [np.full_like(x_c, -plane.reach), np.full_like(x_c, plane.reach)]
    for f in plane.parts:
        if f.p:
            at = (f.center - f.q * x_c) / f.p
            centers += [at - 3 * f.scale / abs(f.p), at, at + 3 * f.scale / abs(f.p)]
            centers += [(kink - f.q * x_c) / f.p for kink in f.kinks]
    centers = np.sort(np.clip(np.stack(centers), -plane.reach, plane.reach), axis=0)
    low, high = centers[:-1].copy(), centers[1:].copy()
    for _ in range(44):
        a, b = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        # on a plateau of minus infinity go toward the middle of the bracket
        better = plane.log(a, x_c) > plane.log(b, x_c)
        low, high = np.where(better, low, a), np.where(better, b, high)
    return (low + high) / 2


class Plain:
    """Moments and distribution functions of a posterior, the control arm in the outer integral.

    Parameters
    ----------
    treatment, control : tuple of int
        Events and number.
    first, effect : dict
        Priors as in a study's TOML.
    coding : {"average", "control"}
    """

    def __init__(self, treatment, control, first, effect, coding="average", finest=0.1):
        parts = factors(treatment, control, first, effect, coding)
        heavy = [
            f["nu"] if f["dist"] == "StudentT" else 1.0 for f in (first, effect) if f["dist"] in ("StudentT", "Cauchy")
        ]
        self.plane = plane = Plane(parts, 1e12 if heavy and min(heavy) < 5 else 3e4)
        small = finest * min([f.scale for f in parts] + [2 / np.sqrt(n) for _, n in (treatment, control)])
        # a posterior pressed against a wall is as narrow as the likelihood is steep
        tiny = min(small, 0.1 / max(1.0, treatment[1] + control[1])) if any(f.kinks for f in parts) else small
        self.tiny = tiny
        peaks = plane.peaks()
        points, walls = [peak[1] for peak in peaks], []
        for i in range(4):
            for j in range(i):
                a, b = parts[i], parts[j]
                det = a.p * b.q - b.p * a.q
                if abs(det) > 1e-9:
                    for c in (a.center, *a.kinks):
                        for d in (b.center, *b.kinks):
                            sharp = c in a.kinks or d in b.kinks
                            (walls if sharp else points).append((a.p * d - b.p * c) / det)
        edges = [np.unique(points)[:, None] + offsets(small, plane.reach)]
        edges += [np.unique(walls)[:, None] + offsets(tiny, plane.reach)] if walls else []
        x_c = np.unique(np.clip(np.concatenate([e.ravel() for e in edges]), -plane.reach, plane.reach))
        # merge what is closer than the smallest step
        x_c = x_c[np.concatenate([[True], np.diff(x_c) > tiny / 4])]
        # rows at the edges tell which panels matter
        best = max(plane.log(*peak) for peak in peaks)
        top = plane.log(row_peaks(plane, x_c), x_c).max(axis=0)
        best = max(best, top.max())
        width = np.diff(x_c)
        # the tallest a panel can be is seen at its ends, unless a peak lies inside: peaks are ends
        matters = np.maximum(top[1:], top[:-1]) + np.log(width) > best + np.log(tiny) - REACH
        self._rows(x_c[:-1][matters], x_c[1:][matters], small)

    def _rows(self, left, right, small):
        plane = self.plane
        nodes, weights = pieces(np.stack([left, right], axis=-1))
        x_c, weight = nodes.reshape(-1), weights.reshape(-1)
        peaks = row_peaks(plane, x_c)
        height = plane.log(peaks, x_c)
        # rows far below the best one hold nothing
        row_best = height.max(axis=0) + np.log(weight)
        kept = row_best > row_best.max() - REACH
        x_c, weight, peaks, height = x_c[kept], weight[kept], peaks[:, kept], height[:, kept]
        # the two tallest peaks of each row are enough: others coincide with them or with a center
        order = np.argsort(-height, axis=0)[:3]
        centers = [*np.take_along_axis(peaks, order, axis=0)]
        centers += [(f.center - f.q * x_c) / f.p for f in plane.parts if f.p]
        sharp = [(kink - f.q * x_c) / f.p for f in plane.parts if f.p for kink in f.kinks]
        steps, fine = offsets(small, plane.reach), offsets(self.tiny, plane.reach)
        lefts, rights, rows = [], [], []
        best = -np.inf
        for block in np.array_split(np.arange(len(x_c)), len(x_c) // 400 + 1):
            edges = [c[block, None] + steps for c in centers] + [c[block, None] + fine for c in sharp]
            edges = np.concatenate(edges, axis=1)
            edges = np.sort(np.clip(edges, -plane.reach, plane.reach), axis=1)
            at = plane.log(edges, x_c[block, None])
            with np.errstate(divide="ignore"):
                width = np.diff(edges, axis=1)
                tall = np.maximum(at[:, 1:], at[:, :-1]) + np.log(width) + np.log(weight[block, None])
            best = max(best, tall.max())
            row, panel = np.nonzero((tall > best - 34) & (width > 0))
            lefts.append(edges[row, panel])
            rights.append(edges[row, panel + 1])
            rows.append(block[row])
        self.left, self.right = np.concatenate(lefts), np.concatenate(rights)
        rows = np.concatenate(rows)
        self.c, self.w = x_c[rows], weight[rows]
        self.x_t, inner = pieces(np.stack([self.left, self.right], axis=-1))
        self.x_t, inner = self.x_t[:, 0], inner[:, 0]
        logs = plane.log(self.x_t, self.c[:, None])
        self.top = logs.max()
        self.mass = np.exp(logs - self.top) * inner * self.w[:, None]
        self.total = self.mass.sum()
        self.mass /= self.total

    @property
    def log_total(self):
        """Log integral of the kernel, without binomial coefficients."""
        return float(self.top + np.log(self.total))

    def values(self, estimand):
        """The estimand at the nodes."""
        x_t, x_c = self.x_t, self.c[:, None]
        if estimand == "log_odds_ratio":
            return x_t - x_c
        if estimand == "control_risk":
            return np.broadcast_to(special.expit(x_c), x_t.shape)
        if estimand == "treatment_risk":
            return special.expit(x_t)
        return special.expit(x_t) - special.expit(x_c)

    def moments(self, estimand):
        """Mean and sd."""
        values = self.values(estimand)
        mean = (values * self.mass).sum()
        return float(mean), float(np.sqrt((self.mass * (values - mean) ** 2).sum()))

    def below(self, estimand, t):
        """Probability that the estimand is at most `t`: every row is integrated up to its own threshold."""
        x_c = self.c
        if estimand == "control_risk":
            bound = np.where(special.expit(x_c) <= t, np.inf, -np.inf)
        elif estimand == "treatment_risk":
            bound = np.full_like(x_c, special.logit(np.clip(t, 0.0, 1.0)))
        elif estimand == "log_odds_ratio":
            bound = x_c + t
        else:
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                if estimand == "risk_difference":
                    risk, rest = special.expit(x_c) + t, special.expit(-x_c) - t
                else:
                    risk = t * special.expit(x_c)
                    rest = 1 - risk if t < 0.5 else special.expit(-x_c) + (1 - t) * special.expit(x_c)
                bound = np.where(risk <= 0, -np.inf, np.where(rest <= 0, np.inf, np.log(np.abs(risk / rest))))
        whole = self.right <= bound
        cut = (self.left < bound) & ~whole
        total = self.mass[whole].sum()
        if cut.any():
            nodes, weights = pieces(np.stack([self.left[cut], np.minimum(self.right, bound)[cut]], axis=-1))
            logs = self.plane.log(nodes[:, 0], x_c[cut][:, None])
            total += (np.exp(logs - self.top) * weights[:, 0] * self.w[cut][:, None]).sum() / self.total
        return float(total)


TURNED = {"control_risk": "treatment_risk", "treatment_risk": "control_risk"}


class Answer:
    """`Plain`, with distribution functions from the order of integration in which they are smooth.

    An estimand that varies mainly along the outer coordinate would be cut between nodes there.
    """

    def __init__(self, treatment, control, first, effect, coding="average"):
        self.given = treatment, control, first, effect, coding
        self.plain = Plain(*self.given)

    @cached_property
    def turned(self):
        """The same posterior with the arms' names exchanged: a prior on the average stays, one on control moves."""
        treatment, control, first, effect, coding = self.given
        return Plain(control, treatment, first, mirrored(effect), coding if coding == "average" else "treatment")

    @property
    def log_total(self):
        """Log integral of the kernel, without binomial coefficients."""
        return self.plain.log_total

    def moments(self, estimand):
        """Mean and sd."""
        return self.plain.moments(estimand)

    def spreads(self):
        """Posterior sd of both arms' log odds."""
        p = self.plain
        mass = p.mass.sum(axis=1)
        sd_t = np.sqrt((p.mass * (p.x_t - (p.mass * p.x_t).sum()) ** 2).sum())
        return sd_t, np.sqrt((mass * (p.c - (mass * p.c).sum()) ** 2).sum())

    def below(self, estimand, t):
        """Probability that the estimand is at most `t`."""
        sd_t, sd_c = self.spreads()
        outer = estimand == "control_risk" or (estimand != "treatment_risk" and sd_c > sd_t)
        if not outer:
            return self.plain.below(estimand, t)
        if estimand in TURNED:
            return self.turned.below(TURNED[estimand], t)
        return 1 - self.turned.below(estimand, 1 / t if estimand == "risk_ratio" else -t)


def mirrored(slot):
    """The prior of minus the variable."""
    turned = dict(slot)
    for name in ("mu", "alpha"):
        if name in turned:
            turned[name] = -turned[name]
    if slot["dist"] == "Uniform":
        turned["lower"], turned["upper"] = -slot["upper"], -slot["lower"]
    return turned
