"""The other engine of a fit: sampling a problem again, and both engines side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.results import without_sign

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
    sampled = fit_nuts(fit.problem, settings)
    beside = fit if fit.engine == "exact" else fit.beside
    return replace(sampled, rows=without_sign(sampled.rows), beside=beside).about(fit.rows[0].outcome)


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
    exact_rows = {row.estimand: row for row in fit.beside.rows}
    rows = []
    for row in fit.rows:
        exact = exact_rows.get(row.estimand)
        if exact is None or exact.mean is None or row.mean is None or not row.mcse:
            continue
        rows.append(
            {
                "estimand": row.estimand,
                "nuts_mean": row.mean,
                "exact_mean": exact.mean,
                "mcse": row.mcse,
                "difference_in_mcse": (row.mean - exact.mean) / row.mcse,
                "nuts_p_benefit": row.p_benefit,
                "exact_p_benefit": exact.p_benefit,
            }
        )
    return pd.DataFrame(rows)
