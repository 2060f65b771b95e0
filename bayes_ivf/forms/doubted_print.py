"""Doubt in a printed number: with probability w it is of another trial, whose parameters come from the same prior.

    posterior = (1 - w) posterior of the print + w prior

Words such as "P<0.05" are an event, which an author may write whatever the effect is: likelihood plus constant (`operations`).
An exact P is one of a thousand prints, beside which any constant would win; so trust in numbers mixes posterior and prior, and w
is the posterior probability that the print says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.problem import DataArray, array

if TYPE_CHECKING:
    from bayes_ivf.quadrature import ExactPosterior

Array = npt.NDArray[np.float64]


def doubt_of(options: Mapping[str, str], number: bool) -> dict[str, DataArray]:
    """Return the arrays of the option `doubt`: of words a constant of the likelihood, of a number the chance of another trial.

    Parameters
    ----------
    options : mapping
    number : bool
        Whether a number was printed.

    Examples
    --------
    >>> {name: float(value) for name, value in doubt_of({"doubt": "0.25"}, number=True).items()}
    {'doubt': 0.0, 'empty': 0.25}
    """
    share = float(options["doubt"])
    found = {"doubt": array(0.0 if number else share, np.float64)}
    return found | ({"empty": array(share, np.float64)} if number and share else {})


def mixed_with_prior(
    readings: ExactPosterior,
    owner: npt.NDArray[np.intp],
    weights: Array,
    prior: ExactPosterior,
    empty: Array,
    workers: int | None,
) -> Any:
    """Mix posteriors of prints with the prior; the print is as probable as it is under the prior, doubted or not.

    Parameters
    ----------
    readings : ExactPosterior
        Of N readings of B prints.
    owner : array (N,)
        The print of each.
    weights : array (N,)
        Stated weight of each reading; those of a print add up to one.
    prior : ExactPosterior
        The B problems without data.
    empty : array (B,)
        Probability that the print says nothing.
    workers : int or None
    """
    from bayes_ivf.exact import mix_posteriors

    evidence = readings.log_marginal_likelihood
    of_print = np.array([special.logsumexp(evidence[owner == i], b=weights[owner == i]) for i in range(len(empty))])
    return mix_posteriors(
        [readings, prior],
        owners=[owner, np.arange(len(empty))],
        weights=[(1 - empty[owner]) * weights, empty],
        factors=[np.zeros_like(evidence), of_print],
        workers=workers,
    )
