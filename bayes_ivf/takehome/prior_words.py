"""Priors in words: what a slot is on its scale, and a distribution with its parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping

SHAPES = {
    "Normal": "Normal with mean {mu} and standard deviation {sigma}",
    "StudentT": "Student t with {nu} degrees of freedom, location {mu} and scale {sigma}",
    "Cauchy": "Cauchy with location {alpha} and scale {beta}",
    "Laplace": "Laplace with location {mu} and scale {b}",
    "Logistic": "logistic with location {mu} and scale {s}",
    "Uniform": "uniform from {lower} to {upper}",
    "Flat": "flat",
    "HalfNormal": "half-Normal with scale {sigma}",
    "HalfStudentT": "half-Student t with {nu} degrees of freedom and scale {sigma}",
    "HalfCauchy": "half-Cauchy with scale {beta}",
    "Exponential": "exponential with rate {lam}",
    "LogNormal": "log-normal, its logarithm with mean {mu} and standard deviation {sigma}",
    "InverseGamma": "inverse gamma with shape {alpha} and scale {beta}",
    "Gamma": "gamma with shape {alpha} and rate {beta}",
    "Beta": "beta with parameters {alpha} and {beta}",
}
"""Families by name, with their parameters."""
LOG_ODDS = {
    "average": "average log odds of the arms",
    "effect": "log odds ratio",
    "control": "log odds of the control arm",
    "mu": "mean of the log odds ratios of a family of outcomes",
    "tau": "standard deviation of the log odds ratios of a family of outcomes",
    "icc": "intraclass correlation within a woman",
    "q": "chance that an embryo of a receptive woman implants",
    "lambda": "chance that a woman with an implanted embryo is not clinically pregnant",
    "miscarriage_average": "average log odds of miscarriage of the arms",
    "miscarriage_effect": "log odds ratio of miscarriage",
}
RISKS = {"control": "risk of the control arm", "treatment": "risk of the treatment arm"}
"""Where each arm has a prior of its own."""
MEANS = {
    "average": "average of the arms' means",
    "effect": "standardized mean difference",
    "control": "mean of the control arm",
    "treatment": "mean of the treatment arm",
    "mu": "mean of the standardized mean differences of a family of outcomes",
    "tau": "standard deviation of the standardized mean differences of a family of outcomes",
}
SPREAD, LOG_SPREAD = "standard deviation of an arm", "logarithm of the standard deviation of an arm"
_WRITTEN = re.compile(r"(\w+)\((.*)\)")


def slot_words(slot: str, priors: Mapping[str, str], means: bool) -> str:
    """Name a slot of a fit.

    Parameters
    ----------
    slot : str
    priors : mapping of str to str
        All of the fit.
    means : bool
        Whether it speaks of means.

    Examples
    --------
    >>> slot_words("effect", {"effect": "Normal(mu=0, sigma=1)"}, means=False)
    'log odds ratio'
    """
    if slot == "sigma":
        return LOG_SPREAD if priors[slot].startswith("Flat") else SPREAD
    known = MEANS if means else LOG_ODDS | (RISKS if "treatment" in priors else {})
    return known.get(slot) or LOG_ODDS.get(slot) or slot.replace("_", " ")


def prior_words(prior: str) -> str:
    """Tell a distribution that is written as in code.

    Examples
    --------
    >>> prior_words("Normal(mu=0, sigma=1.5)")
    'Normal with mean 0 and standard deviation 1.5'
    """
    found = _WRITTEN.fullmatch(prior)
    if found is None or found[1] not in SHAPES:
        return prior
    return SHAPES[found[1]].format_map(dict(part.split("=", 1) for part in found[2].split(", ") if part))
