"""The likelihood of one arm's totals: listed tables where they are few, a contour integral where they are many.

``Pr(P, S | W, E, M; parameters)``, averaged over what each woman may have received. The number of tables grows with a high
power of the women: 5,610 where 33 of 80 embryos implanted in 16 of 40 women with M = 3, and 109,224 where 60 of 150 did in 30
of 75. Both ways are exact to rounding.

Examples
--------
Three women, five embryos, one pregnant with two implanted: by hand over allocations (1, 2, 0) and (2, 0, 1), each of weight
1/2.

>>> from bayes_ivf.embryo.arm import ArmTotals
>>> arm = prepare_arm(ArmTotals(women=3, embryos=5, pregnant=1, implanted=2), max_embryos=3)
>>> p10, p11, p20, p21, p22, p30, p31, p32, p33 = np.exp(log_pmf("beta_binomial", 3, -0.4, 0.25))
>>> by_hand = 0.5 * 2 * p10 * p20 * p22 + 0.5 * p10**2 * p32
>>> print(np.exp(arm.log_likelihood(-0.4, 0.25)).round(6), by_hand.round(6))
0.098104 0.098104
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.embryo.allocations import list_allocations
from bayes_ivf.embryo.arm import ArmTotals, check_totals
from bayes_ivf.embryo.equal_weights import equal_weights
from bayes_ivf.embryo.generating_function import GeneratingFunction, Pmf
from bayes_ivf.embryo.multinomial import Multinomial
from bayes_ivf.embryo.rows import MergedTables, collapse
from bayes_ivf.embryo.saddlepoint_contour import log_coefficient
from bayes_ivf.embryo.tables import cells, list_tables
from bayes_ivf.embryo.terms import log_pmf, log_terms
from bayes_ivf.errors import Fault, RequestError

Floats = npt.NDArray[np.float64]

LISTING_LIMIT = 1_500_000
"""Tables beyond which `prepare_arm` integrates instead: up to here merged tables are the faster, and listing takes less than a
gigabyte."""


@dataclass(frozen=True)
class LossParts:
    """The likelihood under ``biochemical`` by the number of women with an implanted embryo who lost it.

    Parameters
    ----------
    pregnant : int
        P.
    lost : (N,) array of float
        Such women.
    log_probability : (..., N) array of float
        Log probability of the implanted embryos with that many women, and of choosing who lost.
    allocation : (..., N, M) array of float
        Mean number of women by embryos received.
    """

    pregnant: int
    lost: Floats
    log_probability: Floats
    allocation: Floats

    @classmethod
    def join(cls, parts: Sequence[LossParts]) -> LossParts:
        """Put side by side what differs along the last axis of the parameters."""
        log_probability = np.concatenate([each.log_probability for each in parts], axis=-2)
        allocation = np.concatenate([each.allocation for each in parts], axis=-3)
        return cls(parts[0].pregnant, parts[0].lost, log_probability, allocation)

    def take(self, index: npt.NDArray[np.intp]) -> LossParts:
        """Return the same at some indices along the last axis of the parameters."""
        return LossParts(
            self.pregnant, self.lost, self.log_probability[..., index, :], self.allocation[..., index, :, :]
        )

    def log_likelihood(self, loss: npt.ArrayLike) -> Floats:
        """Log probability of the totals; lambda (...) broadcasts with the parameters."""
        return np.asarray(special.logsumexp(self._at(loss), axis=-1))

    def mean_allocation(self, loss: npt.ArrayLike) -> Floats:
        """Mean number of women by embryos received, (..., M); lambda (...) broadcasts with the parameters."""
        weight = special.softmax(self._at(loss), axis=-1)
        return np.asarray((weight[..., None] * self.allocation).sum(axis=-2))

    def _at(self, loss: npt.ArrayLike) -> Floats:
        loss = np.asarray(loss, dtype=float)[..., None]
        return np.asarray(self.log_probability + (self.lost * np.log(loss) + self.pregnant * np.log1p(-loss)))


@dataclass(frozen=True, eq=False)
class ArmLikelihood:
    """Pr(P, S | parameters) of one arm, averaged over what each woman may have received.

    Made by `prepare_arm`. All methods broadcast their arguments.

    Parameters
    ----------
    totals : ArmTotals
        The data.
    max_embryos : int
        M.
    weights, mechanism : str
        See `prepare_arm`.
    rows : MergedTables or None
        None where there are too many tables.
    function : GeneratingFunction
        The generating function of the totals.
    """

    totals: ArmTotals
    max_embryos: int
    weights: str
    mechanism: str
    rows: MergedTables | None
    function: GeneratingFunction

    def log_likelihood(self, log_odds: npt.ArrayLike, within: npt.ArrayLike, loss: npt.ArrayLike = 0.0) -> Floats:
        """Log probability of the totals.

        Parameters
        ----------
        log_odds : array_like
            Log odds of pi, the implantation probability per embryo; of r under ``receptivity``.
        within : array_like
            rho, the icc; q under ``receptivity``. In (0, 1).
        loss : array_like
            lambda; used by ``biochemical`` only. In (0, 1).

        Returns
        -------
        array of float
            The broadcast shape.
        """
        if self.rows is not None:
            return self.rows.log_likelihood(log_terms(self.mechanism, self.max_embryos, log_odds, within, loss))
        pmf, shape = self._pmf(log_odds, within, loss)
        return log_coefficient(self.function, pmf)[0].reshape(shape)

    def parts(self, log_odds: npt.ArrayLike, within: npt.ArrayLike) -> LossParts:
        """Likelihood under ``biochemical`` in parts that do not depend on lambda; needs rows.

        Parameters
        ----------
        log_odds, within : array_like
            As in `log_likelihood`.
        """
        if self.rows is None:
            raise RequestError(
                Fault("arm", "too many tables to list", "an arm with rows", "ask for `log_likelihood` instead")
            )
        terms = log_terms("beta_binomial", self.max_embryos, log_odds, within)
        return LossParts(self.totals.pregnant, *self.rows.grouped(terms, column=-2))

    def mean_allocation(self, log_odds: npt.ArrayLike, within: npt.ArrayLike, loss: npt.ArrayLike = 0.0) -> Floats:
        """Mean number of women by embryos received, given the totals and the parameters.

        Parameters
        ----------
        log_odds, within, loss : array_like
            As in `log_likelihood`.

        Returns
        -------
        (..., M) array of float
            Sums to W; weighted by m it sums to E.
        """
        if self.rows is not None:
            return self.rows.mean_allocation(log_terms(self.mechanism, self.max_embryos, log_odds, within, loss))
        pmf, shape = self._pmf(log_odds, within, loss)
        return log_coefficient(self.function, pmf, with_women=True)[1].reshape(*shape, self.max_embryos)

    def _pmf(self, log_odds: npt.ArrayLike, within: npt.ArrayLike, loss: npt.ArrayLike) -> tuple[Pmf, tuple[int, ...]]:
        size = self.max_embryos
        lost = np.asarray(loss, dtype=float) if self.mechanism == "biochemical" else np.zeros(())
        log_odds, within, lost = np.broadcast_arrays(
            np.asarray(log_odds, dtype=float), np.asarray(within, dtype=float), lost
        )
        probability = np.exp(log_pmf(self.mechanism, size, log_odds.ravel(), within.ravel()))
        none = np.zeros((len(probability), size))
        some = np.zeros((len(probability), size, size))
        for column, (m, k) in enumerate(cells(size)):
            if k == 0:
                none[:, m - 1] = probability[:, column]
            else:
                some[:, m - 1, k - 1] = probability[:, column]
        return Pmf(none, some, lost.ravel()), log_odds.shape


def prepare_arm(
    totals: ArmTotals,
    max_embryos: int,
    weights: str = "equal",
    mechanism: str = "beta_binomial",
    where: str = "arm",
    limit: int = LISTING_LIMIT,
) -> ArmLikelihood:
    """Check one arm's totals and prepare their likelihood.

    Parameters
    ----------
    totals : ArmTotals
        Women, embryos, pregnant women, implanted embryos.
    max_embryos : int
        M, the most embryos that any woman received.
    weights : {"equal", "multinomial", "least_spread"}
        How the unprinted allocations are weighted.
    mechanism : {"beta_binomial", "receptivity", "biochemical"}
        Dependence between embryos of one woman; see `terms.log_pmf`.
    where : str
        Named in errors, for example ``"treatment"``.
    limit : int
        Tables beyond which the likelihood is integrated instead of summed over a list. Both are exact to rounding.

    Raises
    ------
    RequestError
        If no allocation can give the totals, or an option is unknown.
    """
    totals = check_totals(totals, max_embryos, weights, mechanism, where)
    tables = list_tables(totals, max_embryos, weights, mechanism, limit)
    rows = None if tables is None else collapse(tables, mechanism, totals.pregnant)
    function = generating_function(totals, max_embryos, weights)
    return ArmLikelihood(totals, max_embryos, weights, mechanism, rows, function)


def generating_function(totals: ArmTotals, max_embryos: int, weights: str) -> GeneratingFunction:
    """Return the generating function of an arm's totals.

    Parameters
    ----------
    totals : ArmTotals
        Checked totals.
    max_embryos : int
        M.
    weights : str
        See `allocations.list_allocations`.
    """
    allocations = list_allocations(totals.women, totals.embryos, max_embryos, weights)
    if weights == "multinomial":
        ways = special.gammaln(totals.women + 1.0) - special.gammaln(allocations.women + 1.0).sum(axis=1)
        return Multinomial(totals, float(special.logsumexp(ways)))
    return equal_weights(totals, allocations)
