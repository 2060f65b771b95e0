"""Claims about a standardized difference on plain panels, written from the formulas and sharing no code with the package."""

from __future__ import annotations

import numpy as np
from plain_line import Grid1D, offsets, pieces
from plain_panels import center_of, log_pdf, thinned
from scipy import special, stats


def pooled_sd_nodes(df):
    """Nodes and log weights of S = sqrt(chi2_df / df), by panels of log S far into the lower tail."""
    width = 1 / np.sqrt(2 * df)
    cap = min(1.0, 4 * width)
    up = np.minimum(0.7 * width * 1.3 ** np.arange(40), cap)
    steps = np.cumsum(np.concatenate([up, np.full(int(160 / df / cap) + 2, cap)]))
    low, high = steps[steps < 150 / df + 12 * width + cap], steps[steps < 8 * width + 0.5 * cap]
    y, weights = pieces(np.concatenate([-low[::-1], [0.0], high]))
    y, weights = y.ravel(), weights.ravel()
    log = df * y - df / 2 * np.expm1(2 * y)
    log = log - log.max() + np.log(weights)
    return np.exp(y), log - np.log(np.exp(log).sum())


def log_chance(d, direction, n, alpha):
    """Log probability that an equal-variance t test prints a claim, for differences (N,)."""
    df = n[0] + n[1] - 2
    s, log_weight = pooled_sd_nodes(df)
    bound = stats.t.isf(alpha / 2, df) * s
    shift = d / np.sqrt(1 / n[0] + 1 / n[1])
    if direction == "higher":
        shift = -shift
    elif direction != "lower":
        shift = np.abs(shift)
    critical = stats.t.isf(alpha / 2, df)
    if critical > np.sqrt(2 * df):
        # nodes of the pooled sd would leave steps
        return by_normal(shift, direction, df, critical)
    found = []
    for part in np.array_split(shift, len(shift) // 400 + 1):
        z = part[:, None]
        if direction == "no difference":
            # by the smaller tails, so that nothing cancels
            with np.errstate(divide="ignore"):
                logs = np.log(np.maximum(special.ndtr(bound - z) - special.ndtr(-bound - z), 0.0))
                far = special.log_ndtr(bound - z)
            logs = np.where(z - bound > 30, far, logs)
        else:
            logs = special.log_ndtr(-bound - z)
            if direction == "differs":
                logs = np.logaddexp(logs, special.log_ndtr(z - bound))
        logs = logs + log_weight
        top = logs.max(axis=1, keepdims=True)
        found.append((top + np.log(np.exp(logs - top).sum(axis=1, keepdims=True)))[:, 0])
    return np.concatenate(found)


def by_normal(shift, direction, df, critical):
    """`log_chance` for few values: over the normal numerator, given which the pooled sd has a chi-squared distribution."""

    def side(m, tail):
        """Log of E[tail(u)] over positive u = Z + m."""
        m = m[:, None]
        top = np.maximum(m, 0) + 12
        grid = np.linspace(-12, 12, 33)
        between = m / (1 + df / critical**2)
        edges = [top * 2.0 ** -np.arange(26), np.zeros_like(m), m + grid, between + grid]
        edges = np.sort(np.clip(np.concatenate(edges, axis=1), 0, top), axis=1)
        u, weights = pieces(edges)
        with np.errstate(divide="ignore"):
            logs = np.log(tail(df / 2, df / 2 * (u / critical) ** 2)) - (u - m[:, :, None]) ** 2 / 2 + np.log(weights)
        return special.logsumexp(logs, axis=(1, 2)) - 0.5 * np.log(2 * np.pi)

    found = []
    for m in np.array_split(-shift, len(shift) // 100 + 1):
        if direction == "no difference":
            found.append(np.logaddexp(side(m, special.gammaincc), side(-m, special.gammaincc)))
        elif direction == "differs":
            found.append(np.logaddexp(side(m, special.gammainc), side(-m, special.gammainc)))
        else:
            found.append(side(m, special.gammainc))
    return np.concatenate(found)


class Claim:
    """Posterior of the difference; with `size`, of its absolute value, too."""

    def __init__(self, direction, n, alpha, doubt, effect):
        center, scale, kinks = center_of(effect)
        prior, error = log_pdf(effect), np.sqrt(1 / n[0] + 1 / n[1])
        heavy = effect["dist"] in ("StudentT", "Cauchy")
        reach = (1e14 if heavy else 60.0) * scale + 60 * error
        edge = stats.t.isf(alpha / 2, n[0] + n[1] - 2) * error

        def log(d):
            with np.errstate(divide="ignore", invalid="ignore"):
                chance = log_chance(d, direction, n, alpha) if doubt < 1 else np.zeros_like(d)
                believed = np.logaddexp(np.log1p(-doubt) + chance, np.log(doubt)) if doubt else chance
            return prior(d) + believed

        marks = [(center, 0.5 * scale), (0.0, 0.5 * error), *((k, 0.05 * min(scale, error)) for k in kinks)]
        marks += [(side * edge, 0.3 * error) for side in (-1, 1)]
        for _ in range(3):
            edges = np.unique(np.concatenate([mark + offsets(step, reach) for mark, step in marks]))
            edges = edges[(edges >= center - reach) & (edges <= center + reach)]
            if effect["dist"] == "Uniform":
                edges = edges[(edges >= kinks[0]) & (edges <= kinks[1])]
            gap = np.min([np.maximum(np.abs(edges - mark), step) for mark, step in marks], axis=0)
            edges = thinned(edges, np.where(np.isin(edges, kinks), 0.0, 0.3 * gap))
            at = log((edges[1:] + edges[:-1]) / 2)
            with np.errstate(divide="ignore"):
                tall = at + np.log(np.diff(edges))
            # where the claim meets the prior, on either side of zero
            for side in (edges[:-1] >= 0, edges[:-1] < 0):
                if side.any():
                    i = int(np.flatnonzero(side)[np.argmax(at[side])])
                    marks.append(((edges[i] + edges[i + 1]) / 2, 0.3 * min(scale, error)))
        ends = log(edges)
        with np.errstate(divide="ignore"):
            tall = np.maximum(np.maximum(ends[1:], ends[:-1]), at) + np.log(np.diff(edges))
        kept = tall > tall.max() - 45
        kept[1:-1] |= kept[2:] | kept[:-2]
        self.left, self.right = edges[:-1][kept], edges[1:][kept]
        x = pieces(np.stack([self.left, self.right], axis=-1))[0][:, 0]
        logs = log(x.ravel()).reshape(x.shape)
        self.values = np.exp(logs - logs.max())
        self.line = Grid1D(self.left, self.right, self.values)
        self.log_total = float(np.log(self.line.total) + logs.max())

    def size_below(self, t):
        """Probability that the difference is smaller than `t` in size."""
        return self.line.below(t) - self.line.below(-t)
