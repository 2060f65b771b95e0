"""The gate: reads draws and nutpie's statistics, and says pass, warn or fail with reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bayes_ivf import defaults
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.inference.draws import Draws

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Verdict:
    """What the gate says of a fit.

    Parameters
    ----------
    level : {"pass", "warn", "fail"}
    reasons : tuple of str
        Empty for a pass.
    figures : mapping of str to float
        The worst R-hat, the smallest effective sample sizes, divergences and so on.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> verdict = bi.fit(bi.Study.from_counts((16, 40), (12, 40)), engine="exact").verdict
    >>> str(verdict), sorted(verdict.figures)
    ('pass', ['error_probability', 'error_quantile'])
    >>> str(verdict.warned(("of what follows",)))
    'warn: of what follows'
    """

    level: str
    reasons: tuple[str, ...]
    figures: Mapping[str, float]

    def warned(self, reasons: tuple[str, ...]) -> Verdict:
        """Return this verdict with further reasons for a warning."""
        level = "warn" if reasons and self.level == "pass" else self.level
        return Verdict(level, self.reasons + reasons, self.figures)

    def __str__(self) -> str:
        return self.level if not self.reasons else f"{self.level}: {'; '.join(self.reasons)}"


def diagnose_estimands(estimands: Mapping[EstimandId, Array]) -> dict[str, Array]:
    """Compute convergence diagnostics of every estimand.

    Parameters
    ----------
    estimands : mapping of EstimandId to array, shape (chain, draw)

    Returns
    -------
    dict of str to array, shape (estimand,)
        Rank-normalized split ``r_hat``, ``ess_bulk``, ``ess_tail``, and ``mcse`` of the mean.

    References
    ----------
    Vehtari et al. 2021, doi 10.1214/20-BA1221.
    """
    from arviz_stats.base import array_stats

    stacked = np.stack(list(estimands.values()))
    axes = {"chain_axis": -2, "draw_axis": -1}
    tails = ((1 - defaults.CI_PROB) / 2, (1 + defaults.CI_PROB) / 2)
    return {
        "r_hat": np.asarray(array_stats.rhat(stacked, **axes)),
        "ess_bulk": np.asarray(array_stats.ess(stacked, method="bulk", **axes)),
        "ess_tail": np.asarray(array_stats.ess(stacked, method="tail", prob=tails, **axes)),
        "mcse": np.asarray(array_stats.mcse(stacked, method="mean", **axes)),
    }


def probability_mcse(indicator: Array) -> float:
    """Return the Monte Carlo standard error of a probability; 0 for an indicator that never changes.

    Parameters
    ----------
    indicator : array of 0 and 1, shape (chain, draw)
    """
    from arviz_stats.base import array_stats

    if indicator.min() == indicator.max():
        return 0.0
    return float(array_stats.mcse(indicator.astype(float), method="mean", chain_axis=-2, draw_axis=-1))


def energy_bfmi(energy: Array) -> Array:
    """Return the energy Bayesian fraction of missing information of each chain, shape (chain,)."""
    return np.asarray(np.mean(np.diff(energy, axis=-1) ** 2, axis=-1) / np.var(energy, axis=-1))


def judge(draws: Draws, diagnostics: Mapping[str, Array], probability_errors: Mapping[str, float]) -> Verdict:
    """Judge a fit.

    Parameters
    ----------
    draws : Draws
    diagnostics : mapping
        From `diagnose_estimands`.
    probability_errors : mapping of str to float
        Monte Carlo standard error of each printed probability.
    """
    figures = {
        "r_hat_max": float(np.fmax.reduce(diagnostics["r_hat"])),
        "ess_bulk_min": float(np.fmin.reduce(diagnostics["ess_bulk"])),
        "ess_tail_min": float(np.fmin.reduce(diagnostics["ess_tail"])),
        "divergences": float(draws.stats["diverging"].sum()),
        "divergent_share": float(draws.stats["diverging"].mean()),
        "e_bfmi_min": float(energy_bfmi(draws.stats["energy"]).min()),
        "saturated_trees": float(draws.stats["maxdepth_reached"].sum()),
        "probability_mcse_max": max(probability_errors.values(), default=0.0),
        "target_accept": draws.target_accept,
    }
    undefined = any(np.isnan(diagnostics[name]).all() for name in ("r_hat", "ess_bulk", "ess_tail"))
    fails = [
        (undefined, "a diagnostic could not be computed"),
        (figures["r_hat_max"] >= defaults.RHAT_FAIL, f"R-hat {figures['r_hat_max']:.3f}"),
        (figures["ess_bulk_min"] < defaults.ESS_FAIL, f"bulk ESS {figures['ess_bulk_min']:.0f}"),
        (figures["ess_tail_min"] < defaults.ESS_FAIL, f"tail ESS {figures['ess_tail_min']:.0f}"),
        (figures["divergent_share"] > defaults.DIVERGENCE_FAIL, f"{figures['divergences']:.0f} divergences"),
        (figures["e_bfmi_min"] < defaults.EBFMI_FAIL, f"E-BFMI {figures['e_bfmi_min']:.2f}"),
    ]
    warns = [
        (0 < figures["divergent_share"] <= defaults.DIVERGENCE_FAIL, f"{figures['divergences']:.0f} divergences"),
        (figures["saturated_trees"] > 0, f"{figures['saturated_trees']:.0f} saturated trees"),
        (
            defaults.EBFMI_FAIL <= figures["e_bfmi_min"] < defaults.EBFMI_WARN,
            f"E-BFMI {figures['e_bfmi_min']:.2f}",
        ),
        (
            figures["probability_mcse_max"] > defaults.MCSE_PROBABILITY_WARN,
            f"MCSE of a probability {figures['probability_mcse_max']:.3f}",
        ),
    ]
    failed = [reason for holds, reason in fails if holds]
    warned = [reason for holds, reason in warns if holds]
    level = "fail" if failed else "warn" if warned else "pass"
    return Verdict(level, tuple(failed + warned), figures)
