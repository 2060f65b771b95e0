"""Printed means with a prior on the standardized difference, on plain panels, sharing no code with the package.

Cells of (log sigma_t, log sigma_c), or of one log sigma, are halved until everything is smooth along them; in each row the
effect is a normal factor times its prior. The average is integrated out in closed form.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from plain_line import NODES, WEIGHTS, offsets, pieces, share_below, tops
from plain_panels import LAST, center_of, log_pdf, thinned
from scipy import special


@dataclass
class Given:
    """What both sigmas say of the effect and the control arm's mean, arrays (N,)."""

    pooled: np.ndarray
    center: np.ndarray
    width: np.ndarray
    log: np.ndarray


@dataclass
class Cells:
    """Cells (C, k) of the outer coordinates, and inner panels (Q,) with their row."""

    low: np.ndarray
    high: np.ndarray
    left: np.ndarray
    right: np.ndarray
    row: np.ndarray
    d: np.ndarray
    mass: np.ndarray
    sigmas: np.ndarray

    @cached_property
    def sums(self):
        """Mass of each panel."""
        return self.mass.sum(axis=1)

    def pick(self, kept):
        """Some of the cells, a mask."""
        many = 8 ** self.low.shape[1]
        rows = np.repeat(kept, many)
        inner = rows[self.row]
        number = np.cumsum(rows) - 1
        return Cells(
            self.low[kept], self.high[kept], self.left[inner], self.right[inner], number[self.row[inner]],
            self.d[inner], self.mass[inner], self.sigmas[rows],
        )  # fmt: skip

    def beside(self, other):
        """These cells and others."""
        row = np.concatenate([self.row, other.row + len(self.sigmas)])
        names = ("low", "high", "left", "right", "row", "d", "mass", "sigmas")
        return Cells(
            **({name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in names} | {"row": row})
        )


class Means:
    """Posterior of two printed means.

    Parameters
    ----------
    treatment, control : tuple
        Mean, sd and number.
    effect : dict or None
        Prior on the standardized difference; None for flat priors on both means.
    common : bool
        One sigma for both arms.
    level : tuple, optional
        Mean and sd of a normal prior on the average or the control arm's mean.
    coding : {"average", "control"}
    """

    def __init__(self, treatment, control, effect, common=False, level=None, coding="average"):
        self.arms, self.effect, self.common, self.level = (treatment, control), effect, common, level
        self.k = (0.5, -0.5) if coding == "average" else (1.0, 0.0)
        self.log_prior = log_pdf(effect) if effect else (lambda d: np.zeros_like(d))
        self.center, self.scale, self.kinks = center_of(effect) if effect else (0.0, np.inf, ())
        self.heavy = bool(effect) and effect["dist"] in ("StudentT", "Cauchy")
        self.top = None
        edges = self._edges()
        if common:
            low, high = edges[0][:-1, None], edges[0][1:, None]
        else:
            low, high = (
                np.stack(np.meshgrid(edges[0][part], edges[1][part], indexing="ij"), axis=-1).reshape(-1, 2)
                for part in (slice(None, -1), slice(1, None))
            )
        self.cells = self._cells(low, high)
        self.settle(lambda s: np.full(len(s), np.inf), 1e-5, 60)

    @property
    def total(self):
        """Mass of all cells."""
        return self.cells.sums.sum()

    def _edges(self):
        (m_t, s_t, n_t), (m_c, s_c, n_c) = self.arms
        gap = abs(m_t - m_c)
        sizes = [gap, gap / self.scale, gap / (abs(self.center) + self.scale)] if self.effect else []
        found = []
        for s, df in ((s_t, n_t - 1), (s_c, n_c - 1)):
            if self.common:
                top = max(s_t, s_c)
                df = n_t + n_c - 2
                s = top * np.sqrt(((n_t - 1) * (s_t / top) ** 2 + (n_c - 1) * (s_c / top) ** 2) / df)
            width = 1 / np.sqrt(2 * df)
            marks = [np.log(s)] + [np.log(size) for size in sizes if 1e-6 * s < size < 1e20 * s]
            low = np.log(s) - min(2.5, 9 * width) - 0.5 * np.log1p(20 / df)
            high = max(marks) + 50 / df + 9 * width
            edges = np.unique(np.clip(np.add.outer(marks, offsets(2 * width, 60.0)), low, high))
            gap = np.maximum(np.abs(np.subtract.outer(edges, marks)).min(axis=1) / 2, width)
            found.append(np.append(thinned(edges[:-1], gap[:-1]), high))
        return found

    def _log_rows(self, sigmas):
        logs = 0.0
        for (_, s, n), log_sigma in zip(self.arms, (sigmas[:, 0], sigmas[:, -1]), strict=True):
            gap = np.log(s) - log_sigma
            logs = logs + (n - 1) * gap - (n - 1) / 2 * (np.exp(np.minimum(2 * gap, 600.0)) - 1)
        return logs

    def _precisions(self, sigmas):
        (_, _, n_t), (_, _, n_c) = self.arms
        weights = [n_t * np.exp(-2 * sigmas[:, 0]), n_c * np.exp(-2 * sigmas[:, -1])]
        return [*weights, np.full(len(sigmas), 0.0 if self.level is None else self.level[1] ** -2.0)]

    def pooled(self, sigmas):
        """Standardizer."""
        top = sigmas.max(axis=1)
        return np.exp(top) * np.sqrt((np.exp(2 * (sigmas[:, 0] - top)) + np.exp(2 * (sigmas[:, -1] - top))) / 2)

    def given(self, sigmas):
        """Normal factor of the effect in each row."""
        (m_t, _, _), (m_c, _, _) = self.arms
        s, (p_t, p_c, p_0) = self.pooled(sigmas), self._precisions(sigmas)
        level = 0.0 if self.level is None else self.level[0]
        whole = p_t + p_c + p_0
        # normal densities that share a mean, as sums over pairs: nothing cancels
        pairs = [(p_t / whole * p_c, m_t - m_c, s)]
        if self.level is not None:
            pairs += [
                (p_t / whole * p_0, m_t - level, self.k[0] * s),
                (p_c / whole * p_0, m_c - level, self.k[1] * s),
            ]
        precision = sum(w * g * g for w, _, g in pairs)
        center = sum(w * g * r for w, r, g in pairs) / precision
        log = -0.5 * sum(w * (r - g * center) ** 2 for w, r, g in pairs)
        log = log + 0.5 * (np.log(p_t / whole) + np.log(p_c)) + self._log_rows(sigmas)
        return Given(s, center, precision**-0.5, log + (0.0 if self.effect else np.log(s)))

    def _tops(self, given):
        """Local maxima (K, N) of the effect in each row."""
        center = np.full_like(given.center, self.center)
        if not self.effect:
            return given.center[None]
        low, high = np.minimum(given.center, center), np.maximum(given.center, center)
        if len(self.kinks) == 2:
            low, high = (np.clip(given.center, *self.kinks) for _ in range(2))
        between = []
        if self.heavy:
            between = [center + k * self.scale for k in (-3, 3)] + [given.center + k * given.width for k in (-3, 3)]
        cuts = np.sort(np.clip(np.stack([low, *between, high]), low, high), axis=0)
        width = 1e-3 * min(self.scale, given.width.min())
        return tops(lambda d: self._log_effect(d, given), cuts[:-1], cuts[1:], width)

    def _log_effect(self, d, given):
        return self.log_prior(d) - 0.5 * ((d - given.center) / given.width) ** 2

    def _cells(self, low, high):
        """Integrate the rows of some cells."""
        k = low.shape[1]
        half = (high - low) / 2
        grid = np.stack(np.meshgrid(*[NODES] * k, indexing="ij"), axis=-1).reshape(-1, k)
        weights = np.prod(np.stack(np.meshgrid(*[WEIGHTS] * k, indexing="ij"), axis=-1).reshape(-1, k), axis=1)
        sigmas = ((low + high) / 2)[:, None] + half[:, None] * grid
        sigmas = sigmas.reshape(-1, k)
        log_weight = np.log(np.outer(np.prod(half, axis=1), weights).reshape(-1))
        given = self.given(sigmas)
        peaks = self._tops(given)
        height = self._log_effect(peaks, given)
        log_inner_integral = given.log + log_weight
        row_best = height.max(axis=0) + log_inner_integral + np.log(np.minimum(given.width, self.scale))
        best = row_best.max() if self.top is None else max(self.top, row_best.max())
        kept = np.flatnonzero(row_best > best - 36)
        if not self.effect:
            return self._flat(low, high, sigmas, given, log_inner_integral, kept)
        small = 0.6 * np.minimum(given.width, self.scale)
        order = np.argsort(-height, axis=0)[:3]
        centers = np.take_along_axis(peaks, order, axis=0)
        some = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
        initial_points = np.concatenate([-(2.0 ** np.arange(11))[::-1], [0.0], 2.0 ** np.arange(11)])
        parts = []
        for block in np.array_split(kept, len(kept) // 2000 + 1):
            edges = [c[block, None] + small[block, None] * initial_points for c in centers]
            edges.append(given.center[block, None] + given.width[block, None] * some)
            edges.append(np.broadcast_to(self.center + self.scale * some, (len(block), 5)))
            if self.heavy:
                edges.append(self.center + small[block, None] * initial_points)
            fine = np.minimum(given.width[block], self.scale)[:, None] * 0.1
            edges += [kink + fine * np.array([-4.0, -1.0, 0.0, 1.0, 4.0]) for kink in self.kinks]
            edges = np.sort(np.concatenate(edges, axis=1), axis=1)
            logs = self.log_prior(edges) - 0.5 * ((edges - given.center[block, None]) / given.width[block, None]) ** 2
            width = np.diff(edges, axis=1)
            with np.errstate(divide="ignore"):
                tall = np.maximum(logs[:, 1:], logs[:, :-1]) + np.log(width) + log_inner_integral[block, None]
            row, panel = np.nonzero((tall > best - 34) & (width > 0))
            parts.append((edges[row, panel], edges[row, panel + 1], block[row]))
        left, right, row = (np.concatenate(each) for each in zip(*parts, strict=True))
        d, inner = (each[:, 0] for each in pieces(np.stack([left, right], axis=-1)))
        logs = self.log_prior(d) - 0.5 * ((d - given.center[row, None]) / given.width[row, None]) ** 2
        logs += log_inner_integral[row, None]
        if self.top is None:
            self.top = float(best)
        return Cells(low, high, left, right, row, d, np.exp(logs - self.top) * inner, sigmas)

    def _flat(self, low, high, sigmas, given, log_inner_integral, kept):
        """Rows in which the effect is normal: each is one panel, forty sds to either side."""
        x, weights = np.polynomial.hermite_e.hermegauss(8)
        center, width = given.center[kept], given.width[kept]
        d = center[:, None] + width[:, None] * x
        logs = (log_inner_integral + np.log(given.width))[kept]
        if self.top is None:
            self.top = float(logs.max())
        mass = np.exp(logs - self.top)[:, None] * weights
        return Cells(low, high, center - 40 * width, center + 40 * width, kept, d, mass, sigmas)

    def below(self, bound):
        """Mass (C, 8, ...) at the nodes of the cells with the effect below a bound, which is a function of the sigmas."""
        cells = self.cells
        at = bound(cells.sigmas)[cells.row]
        cut = np.flatnonzero((cells.left < at) & (cells.right > at))
        found = np.where(cells.right <= at, cells.sums, 0.0)
        if not self.effect:
            middle, width = (cells.left + cells.right) / 2, (cells.right - cells.left) / 80
            found = cells.sums * special.ndtr((at - middle) / width)
        elif len(cut):
            found[cut] = share_below(cells.mass[cut], cells.left[cut], cells.right[cut], at[cut])
        return np.bincount(cells.row, found, len(cells.sigmas)).reshape(-1, *[8] * cells.low.shape[1])

    def unrest(self, bound):
        """How far from smooth each cell (C, k) is along each coordinate."""
        along = self.below(bound)
        if along.ndim == 2:
            return np.abs(along @ LAST).sum(axis=1)[:, None] / self.total
        pair = along, np.moveaxis(along, 1, 2)
        found = [np.abs(each.sum(axis=1) @ LAST).sum(axis=1) for each in pair[::-1]]
        # a small share of what cancels in the sum along the other coordinate
        apart = [np.abs(each @ LAST).sum(axis=(1, 2)) for each in pair[::-1]]
        found = np.maximum(np.stack(found, axis=1), 0.02 * np.stack(apart, axis=1))
        return found / self.total

    def settle(self, bound, tolerance=1e-5, rounds=30, most=1500):
        """Halve cells until what is left at a bound is small; return it."""
        for _ in range(rounds):
            unrest = self.unrest(bound)
            if unrest.sum() < tolerance:
                break
            each = unrest.max(axis=1)
            worst = each > max(tolerance / 3 / len(unrest), 0.03 * each.max())
            if len(unrest) + worst.sum() > most:
                break
            self.cells, (low, high) = self.cells.pick(~worst), self._halves(worst, unrest)
            self.cells = self.cells.beside(self._cells(low, high))
            if self.total > 1e6 or self.total < 1e-6:
                factor = self.total
                self.cells = replace(self.cells, mass=self.cells.mass / factor)
                self.top += float(np.log(factor))
        return float(self.unrest(bound).sum())

    def _halves(self, worst, unrest):
        cells = self.cells
        low, high, along = cells.low[worst], cells.high[worst], unrest[worst].argmax(axis=1)
        middle = (low + high) / 2
        chosen = np.arange(low.shape[1]) == along[:, None]
        return np.concatenate([low, np.where(chosen, middle, low)]), np.concatenate(
            [np.where(chosen, middle, high), high]
        )

    def probability(self, bound):
        """Probability of an effect below a bound."""
        return float(self.below(bound).sum() / self.total)

    def moments(self, function):
        """Mean and sd of a function of the effect and the standardizer."""
        cells = self.cells
        values = function(cells.d, self.pooled(cells.sigmas)[cells.row, None])
        mean = (values * cells.mass).sum() / self.total
        return float(mean), float(np.sqrt((cells.mass * (values - mean) ** 2).sum() / self.total))

    def control_mean(self):
        """Mean and sd of the control arm's mean."""
        (m_t, _, _), (m_c, _, _) = self.arms
        cells = self.cells
        sigmas = cells.sigmas[cells.row]
        precisions, s = self._precisions(sigmas), self.pooled(sigmas)[:, None]
        level = 0.0 if self.level is None else self.level[0]
        whole = sum(precisions)
        share = [(p / whole)[:, None] for p in precisions]
        shift = m_c
        center = share[0] * (m_t - shift - self.k[0] * s * cells.d) + share[1] * (m_c - shift - self.k[1] * s * cells.d)
        center = center + share[2] * (level - shift) + self.k[1] * s * cells.d
        mean = (center * cells.mass).sum() / self.total
        variance = ((center - mean) ** 2 + 1 / whole[:, None]) * cells.mass
        return float(mean + shift), float(np.sqrt(variance.sum() / self.total))
