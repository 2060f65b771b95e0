r"""The posterior of two risks of which only a set of two-by-two tables is known: the integrand, in the plane of two log odds.

The kernel is that of `two_by_two` with the probability of a whole set in place of that of one table::

    k(x_t, x_c) = {(1 - doubt) L(x_t, x_c) + doubt} p_1(first) p_2(x_t - x_c),    L = sum_{(i, j)} W_ij Bin(i) Bin(j)

or, with an independent Beta prior on each arm's risk (coding "arms"), those densities in place of p_1 and p_2: they have the
form of an arm's likelihood, so that their shapes stand where an arm's counts do. L (`table_surface`) is the one factor of both
axes.

Examples
--------
"P>0.05" leaves the prior's mode where it is, and the likelihood is even:

>>> import numpy as np
>>> from bayes_ivf.priors import BatchedPrior
>>> normal = BatchedPrior("Normal", {"mu": 0.0, "sigma": 1.0})
>>> i = np.arange(41)
>>> surface = TableSurface.of((np.abs(i[:, None] - i) < 9).astype(float))
>>> claimed = ClaimedTables.of(surface, np.zeros(1), "average", normal, normal)
>>> x_t, x_c, _ = claimed.mode
>>> bool(abs(x_t - x_c)[0] < 0.05)
True
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bayes_ivf.exact.plane import COORDINATES
from bayes_ivf.exact.table_surface import TableSurface
from bayes_ivf.exact.two_by_two import TwoByTwoPosterior, arm_factor
from bayes_ivf.priors import BatchedPrior
from bayes_ivf.quadrature import Detail, LogFactor, SinhMap, gaussian_approximation, prior_factor

Array = npt.NDArray[np.float64]

_SCANNED, _ZOOMED, _FINER = 41, 9, (0.25, 0.25, 0.25)
# Points along each axis of the first look at the kernel, and of closer ones; how much closer each is.
_PER_PANEL, _ENOUGH = 3.0, 8
# Standard errors of an arm's log odds to a panel, and panels that any rule has.
_FLAT_SCALE = 1e3
# Scale of a flat factor, which steers nothing.
_STEP, _LEAST = 0.02, 0.01
# Step of differences, and least precision of an arm at the mode: ten units of log odds.
_NO_PRIOR = BatchedPrior("Flat", {})
# What stands in the slots of priors on log odds where the arms are independent.


def extra_panels(surface: TableSurface) -> int:
    """Panels that a rule needs beyond its own: none up to some 60 women an arm, 10 at 300."""
    return max(0, int(np.ceil(np.pi * np.sqrt(max(surface.sizes)) / _PER_PANEL)) - _ENOUGH)


@dataclass(frozen=True)
class ClaimedTables(TwoByTwoPosterior):
    """Two arms of which a set of tables is known; counts of `TwoByTwoPosterior` are what multiplies that, at first nothing.

    Parameters
    ----------
    surface : TableSurface
        Of all problems; None only where there is none.
    doubt : array (B,)
        Probability that the words say nothing of the table.
    """

    surface: TableSurface | None = None
    doubt: Array | None = None

    @classmethod
    def of(
        cls,
        surface: TableSurface,
        doubt: Array,
        coding: str,
        first: BatchedPrior,
        effect: BatchedPrior,
    ) -> ClaimedTables:
        """Return the kernel of B claims about tables of the same arms, under priors on log odds."""
        nothing = np.zeros(len(doubt))
        return cls(nothing, nothing, nothing, nothing, coding, first, effect, surface, doubt)

    @classmethod
    def of_arms(cls, surface: TableSurface, doubt: Array, shapes: tuple[Array, Array, Array, Array]) -> ClaimedTables:
        """Return the kernel of B claims, both risks Beta: a and b of the treatment arm, then of the control arm, arrays (B,)."""
        return cls(*shapes, "arms", _NO_PRIOR, _NO_PRIOR, surface, doubt)

    def take(self, index: npt.NDArray[np.intp]) -> ClaimedTables:
        """Return some of the problems."""
        assert self.doubt is not None
        taken = replace(
            self,
            events_t=self.events_t[index],
            failures_t=self.failures_t[index],
            events_c=self.events_c[index],
            failures_c=self.failures_c[index],
            first=self.first.take(index, self.size),
            effect=self.effect.take(index, self.size),
            doubt=self.doubt[index],
        )
        if "mode" in self.__dict__:
            taken.__dict__["mode"] = (self.mode[0][index], self.mode[1][index], self.mode[2][index])
        return taken

    def shifted(self, treatment: tuple[Array, Array], control: tuple[Array, Array]) -> ClaimedTables:
        """Multiply by ``p ** a (1 - p) ** b`` of each arm."""
        return replace(
            self,
            events_t=self.events_t + treatment[0],
            failures_t=self.failures_t + treatment[1],
            events_c=self.events_c + control[0],
            failures_c=self.failures_c + control[1],
        )

    def log_joint(self, x_t: Array, x_c: Array) -> Array:
        """Log probability of what was printed, (..., B) at log odds (..., B)."""
        assert self.surface is not None
        assert self.doubt is not None
        if not self.doubt.any():
            return self.surface(x_t, x_c)
        log = np.zeros(np.broadcast_shapes(x_t.shape, x_c.shape))
        some = np.flatnonzero(self.doubt < 1)
        believed = self.surface(x_t[..., some], x_c[..., some])
        with np.errstate(divide="ignore"):
            log[..., some] = np.logaddexp(np.log1p(-self.doubt[some]) + believed, np.log(self.doubt[some]))
        return log

    @property
    def detail(self) -> Detail | None:
        """What panels resolve of the set of tables, whose probability undulates with the events that are expected.

        A panel to some standard errors of an arm's log odds, less what panels of any posterior resolve.
        """
        assert self.surface is not None
        spans = [2 * np.sqrt(n) for n in self.surface.sizes]
        weight = extra_panels(self.surface) / (np.pi / 2 * max(spans))
        if not weight:
            return None

        def shares(slope_t: float, slope_c: float, x_t: Array, x_c: Array) -> Array:
            sides = zip((slope_t, slope_c), spans, (x_t, x_c), strict=True)
            # asin of the root of the risk grows by one for two standard errors, anywhere
            each = [np.sign(slope) * span * np.arctan(np.exp(np.clip(x, -700, 700) / 2)) for slope, span, x in sides]
            moving = (slope_t != 0) + (slope_c != 0)
            return np.asarray(weight * (each[0] + each[1]) / moving)

        return shares

    @cached_property
    def moments(self) -> dict[str, npt.NDArray[np.bool_]]:
        """Which moments are known to exist (B,), by name."""
        return {}

    @cached_property
    def _factors(self) -> tuple[LogFactor, ...]:
        """Four factors; of two independent arms the last two, which nobody has a prior on, are flat."""
        arms = (
            arm_factor(self.events_t, self.failures_t, (1.0, 0.0)),
            arm_factor(self.events_c, self.failures_c, (0.0, 1.0)),
        )
        if self.coding == "arms":
            wide = np.full(self.size, _FLAT_SCALE)
            flat = [LogFactor(each, np.zeros_like, np.zeros(self.size), wide) for each in ((0.5, 0.5), (1.0, -1.0))]
            return (*arms, *flat)
        first = prior_factor(self.first, self.first_combination, self.size)
        return (*arms, first, prior_factor(self.effect, (1.0, -1.0), self.size))

    def escapes_slowly(self) -> npt.NDArray[np.bool_]:
        """Whether (B,) an arm's log odds may escape along a slow tail, of a prior or of a risk with a small shape."""
        return super().escapes_slowly() if self.coding != "arms" else np.ones(self.size, dtype=bool)

    def _log(self, x_t: Array, x_c: Array) -> Array:
        """Log kernel (..., B) at points (..., B)."""
        total = self.log_joint(x_t, x_c)
        for factor in self._factors:
            p, q = factor.combination
            total = total + factor.log(p * x_t + q * x_c)
        return total

    @cached_property
    def mode(self) -> tuple[Array, Array, Array]:
        """Log odds of both arms at the highest point that a look at the kernel finds, and its height over the prior's."""
        first, effect = self._factors[:2] if self.coding == "arms" else self._factors[2:]
        across = SinhMap(first.center, first.scale), SinhMap(effect.center, effect.scale)
        y = np.zeros((2, self.size))
        width, count = 4.0, _SCANNED
        for closer in (*_FINER, None):
            steps = np.linspace(-width, width, count)
            at = [(y[0] + steps[:, None])[:, None], (y[1] + steps[:, None])[None]]
            values = np.broadcast_arrays(*(stretch.x(points) for stretch, points in zip(across, at, strict=True)))
            logs = self._log(*self._arms(*values)).reshape(-1, self.size)
            best = np.stack(np.unravel_index(logs.argmax(axis=0), (count, count)))
            y = y + steps[best]
            if closer is not None:
                width, count = width * 2 * closer / (count - 1) * 4, _ZOOMED
        x_t, x_c = self._arms(*(stretch.x(part) for stretch, part in zip(across, y, strict=True)))
        guess = gaussian_approximation(self._factors, COORDINATES["treatment"])[:2]
        gain = self._log(x_t, x_c) - self._log(*(np.broadcast_to(part, x_t.shape) for part in guess))
        return x_t, x_c, np.where(np.isfinite(gain), gain, 0.0)

    def _arms(self, first: Array, effect: Array) -> tuple[Array, Array]:
        """Log odds of both arms from the first slot's variable and the effect; of independent arms they are the two slots."""
        if self.coding == "arms":
            return first, effect
        below = 0.5 if self.coding == "average" else 0.0
        return first + (1 - below) * effect, first - below * effect

    def factors(self) -> tuple[LogFactor, ...]:
        """Return the factors of one combination each; both arms' stand for what the set of tables says at the mode."""
        x_t, x_c, _ = self.mode
        middle = self.log_joint(x_t, x_c)
        around = []
        for step in ((_STEP, 0.0), (0.0, _STEP)):
            up, down = (self.log_joint(x_t + sign * step[0], x_c + sign * step[1]) for sign in (1, -1))
            slope = (up - down) / (2 * _STEP)
            weight = np.maximum((2 * middle - up - down) / _STEP**2, _LEAST)
            x = x_t if step[0] else x_c
            around.append((x + np.clip(slope / weight, -10, 10), weight**-0.5))
        arms = (replace(factor, site=site) for factor, site in zip(self._factors, around, strict=False))
        return (*arms, *self._factors[2:])
