"""How large effects are in the field: a stored reference distribution, and what it says of an effect or of a test."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

import numpy as np

from bayes_ivf.auditing.count_tests import Floats

Scale = Literal["standardized_mean_difference", "log_odds_ratio"]
_TAUS, _MIXES = 800, 200
_LARGEST, _TOGETHER = 4000, 40
"""Variances that are kept one by one, which decide about extreme effects, and those that stand as their mean among the others."""


@dataclass(frozen=True)
class ReferenceEffects:
    """Distribution of the true effect of a new trial of the field.

    Parameters
    ----------
    label, source : str
        Which effects these are, and where the numbers come from.
    variances : ndarray
        Variances of a zero-mean Normal: a grid over the heterogeneity and the t's mixing distribution.
    weights : ndarray
        Their probabilities.
    """

    label: str
    source: str
    variances: Floats
    weights: Floats

    def exceedance(self, effect: float, se: float) -> float:
        """Probability that a trial's *estimate*, sampling error included, is at least this far from zero.

        Parameters
        ----------
        effect, se : float
            On the scale of the reference.
        """
        from scipy.special import ndtr

        return float(2 * ndtr(-abs(effect) / np.sqrt(self.variances + se**2)) @ self.weights)

    def significance(self, se: float, alpha: float = 0.05) -> float:
        """Prior-predictive probability of P < alpha (two-sided z test) for an estimate with this standard error."""
        from scipy.special import ndtri

        return self.exceedance(float(ndtri(1 - alpha / 2)) * se, se)


@cache
def reference_effects(scale: Scale) -> ReferenceEffects:
    """Return the stored reference distribution of a scale."""
    from scipy.special import gammaincinv

    text = (resources.files("bayes_ivf.auditing") / "tables" / "effect_sizes.toml").read_text(encoding="utf-8")
    row = tomllib.loads(text)[scale]
    # 1/Gamma quantiles at the middle of equally likely classes; a t is a Normal with such a variance.
    taus = row["tau_scale"] / gammaincinv(row["tau_shape"], (np.arange(_TAUS) + 0.5) / _TAUS)
    half = row["df"] / 2
    mixes = half / gammaincinv(half, (np.arange(_MIXES) + 0.5) / _MIXES)
    each = np.sort((taus[:, None] ** 2 + row["scale"] ** 2 * mixes[None, :]).ravel())
    together = each[:-_LARGEST].reshape(-1, _TOGETHER).mean(axis=1)
    weights = np.append(np.full(len(together), float(_TOGETHER)), np.ones(_LARGEST)) / len(each)
    return ReferenceEffects(row["label"], row["source"], np.append(together, each[-_LARGEST:]), weights)
