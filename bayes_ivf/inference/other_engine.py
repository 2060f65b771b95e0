"""The other engine of a fit: sampling a problem again, and both engines side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.results import agreement, with_derived, without_sign

if TYPE_CHECKING:
    import pandas as pd

    from bayes_ivf.inference.fit import Fit


def fit_sampled(fit: Fit, **numbers: int | None) -> Fit:
    """Sample the problem of a fit with NUTS; an exact fit then stands beside the sampled one.

    Parameters
    ----------
    fit : Fit
    **numbers : int, optional
        Settings that differ from those of the fit.
    """
    from bayes_ivf.inference.run_nuts import fit_nuts

    settings = replace(fit.settings, **{name: value for name, value in numbers.items() if value is not None})
    sampled = fit_nuts(fit.problem, settings, ci_prob=fit.ci_prob)
    beside = fit if fit.engine == "exact" else fit.beside
    rows = with_derived(fit.problem, without_sign(sampled.rows))
    return replace(sampled, rows=rows, beside=beside).about(fit.rows[0].outcome)


def agreement_table(fit: Fit) -> pd.DataFrame:
    """Return both engines side by side, and their difference in Monte Carlo standard errors.

    Parameters
    ----------
    fit : Fit
        Sampled, with the fit of quadrature beside it.

    Returns
    -------
    DataFrame
        One row per estimand that both engines give a mean: ``(nuts_mean - exact_mean) / mcse`` is near a standard normal
        variable where both are right.

    Raises
    ------
    RequestError
        Unless both engines ran.
    """
    import pandas as pd

    if fit.beside is None or fit.engine != "nuts":
        one, do = f"one engine, {fit.engine}", 'fit the primary prior with engine="auto"'
        raise RequestError(Fault("fit.agreement()", one, "both engines", do))
    return pd.DataFrame(
        [
            {
                "estimand": both.sampled.estimand,
                "nuts_mean": both.sampled.mean,
                "exact_mean": both.exact.mean,
                "mcse": both.sampled.mcse,
                "difference_in_mcse": both.difference,
                "nuts_p_benefit": both.sampled.p_benefit,
                "exact_p_benefit": both.exact.p_benefit,
            }
            for both in agreement((*fit.rows, *fit.beside.rows))
            if both.difference is not None
        ]
    )
