"""A change from baseline of which the values before and after are printed, with a stated correlation of the two in one woman.

The change of an arm has the mean m_after - m_before and the variance

    sd^2 = sd_before^2 + sd_after^2 - 2 rho sd_before sd_after,

and is then a mean and a standard deviation of n women (`mean_sd`). That is an approximation where rho is known: a variance put
together so varies a little less than one of n changes, and 95% intervals cover 95 to 96.5% from 10 women an arm on. Papers
hardly print rho; it is stated in the study file with a range, and the ends of the range stand beside the result.

References
----------
Higgins, Li and Deeks, Cochrane Handbook, chapter 6.5.2.8. Abrams, Gillies and Lambert 2005, doi 10.1002/sim.2423.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.forms import mean_sd
from bayes_ivf.forms.form import Form
from bayes_ivf.problem import DataArray, array
from bayes_ivf.study import ARMS, Outcome, Study, changes

FORM = Form("change", kinds=("mean_sd",), support="location")
DIMS, simulate = mean_sd.DIMS, mean_sd.simulate
OPTIONS: tuple[str, ...] = ("variance", "correlation")
observe, log_likelihood, rough = mean_sd.observe, mean_sd.log_likelihood, mean_sd.rough
derived, can_be_sampled, solver = mean_sd.derived, mean_sd.can_be_sampled, mean_sd.solver


def takes(outcome: Outcome) -> bool:
    """Whether values before treatment are printed beside those after it."""
    return outcome.baseline is not None


def arrays(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[dict[str, DataArray], str]:
    """Return means, variances and sizes of both arms' changes, unit of the outcome.

    Raises
    ------
    RequestError
        If nothing is left of the variance of a change at this correlation.
    """
    found = changes(outcome, float(options["correlation"])) or {}
    for arm in ARMS:
        if not found[arm][1] > 0:
            raise RequestError(
                Fault(
                    f"{study.id}/{outcome.id}, {arm}",
                    f"a correlation of {options['correlation']}, at which every woman changes by the same amount",
                    "a correlation below 1",
                    "state a smaller correlation",
                )
            )
    data = {
        "mean": np.array([found[arm][0] for arm in ARMS]),
        "variance": np.array([found[arm][1] ** 2 for arm in ARMS]),
        "n": array([found[arm][2] for arm in ARMS], np.int64),
    }
    return data, ""


def conditions(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[str, ...]:
    """Return what the result hangs on: that it is of changes, and the correlation that was stated."""
    return (
        *mean_sd.conditions(study, outcome, options),
        "The effect is on the change from baseline; the standard deviation of a change is not printed and follows from a "
        f"correlation of {options['correlation']} between a woman's values before and after, which was stated.",
    )
