"""Distributions that a prior may have: names and parameters are PyMC's, the functions are vectorized NumPy.

Each function broadcasts its argument against the parameters, so that one call serves many priors at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

Array = Any  # arrays and numbers alike: the functions broadcast
Function = Callable[..., Any]

_LOG_SQRT_2PI = 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True)
class Family:
    """A family of distributions.

    Parameters
    ----------
    name : str
        PyMC's name.
    parameters : mapping of str to str
        Parameter name to its domain: ``real``, ``positive`` or ``probability``.
    support : str
        ``real``, ``positive``, ``unit`` or ``interval`` (from ``lower`` to ``upper``).
    logpdf, cdf, ppf : callable
        ``f(x, **parameters)``; `logpdf` is minus infinity outside the support.
    defaults : mapping
        Parameters that may be left out, as in PyMC.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> family = bi.priors.FAMILIES["HalfNormal"]
    >>> dict(family.parameters), family.support, family.proper
    ({'sigma': 'positive'}, 'positive', True)
    >>> float(round(family.cdf(1.0, sigma=1.0), 3))
    0.683
    """

    name: str
    parameters: Mapping[str, str]
    support: str
    logpdf: Function
    cdf: Function
    ppf: Function
    defaults: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def proper(self) -> bool:
        """Whether the density integrates to one."""
        return self.name != "Flat"


def _where(inside: npt.ArrayLike, value: Array) -> Array:
    return np.where(inside, value, -np.inf)


def _normal_logpdf(x: Array, mu: Array, sigma: Array) -> Array:
    z = (x - mu) / sigma
    return -0.5 * z * z - np.log(sigma) - _LOG_SQRT_2PI


def _t_logpdf(x: Array, nu: Array, mu: Array, sigma: Array) -> Array:
    z = (x - mu) / sigma
    constant = special.gammaln((nu + 1) / 2) - special.gammaln(nu / 2) - 0.5 * np.log(nu * np.pi) - np.log(sigma)
    return constant - (nu + 1) / 2 * np.log1p(z * z / nu)


def _t_cdf(x: Array, nu: Array, mu: Array, sigma: Array) -> Array:
    return special.stdtr(nu, (x - mu) / sigma)


def _t_ppf(q: Array, nu: Array, mu: Array, sigma: Array) -> Array:
    return mu + sigma * special.stdtrit(nu, q)


def _laplace_cdf(x: Array, mu: Array, b: Array) -> Array:
    z = (x - mu) / b
    return np.where(z < 0, 0.5 * np.exp(np.minimum(z, 0)), 1 - 0.5 * np.exp(-np.maximum(z, 0)))


def _laplace_ppf(q: Array, mu: Array, b: Array) -> Array:
    q = np.asarray(q, dtype=float)
    with np.errstate(divide="ignore"):
        return np.where(q < 0.5, mu + b * np.log(2 * q), mu - b * np.log(2 * (1 - q)))


def _logistic_logpdf(x: Array, mu: Array, s: Array) -> Array:
    z = np.abs((x - mu) / s)
    return -z - 2 * np.log1p(np.exp(-z)) - np.log(s)


def _invgamma_logpdf(x: Array, alpha: Array, beta: Array) -> Array:
    safe = np.where(x > 0, x, 1.0)
    value = alpha * np.log(beta) - special.gammaln(alpha) - (alpha + 1) * np.log(safe) - beta / safe
    return _where(x > 0, value)


def _gamma_logpdf(x: Array, alpha: Array, beta: Array) -> Array:
    safe = np.where(x > 0, x, 1.0)
    value = alpha * np.log(beta) - special.gammaln(alpha) + (alpha - 1) * np.log(safe) - beta * safe
    return _where(x > 0, value)


def _lognormal_logpdf(x: Array, mu: Array, sigma: Array) -> Array:
    safe = np.where(x > 0, x, 1.0)
    return _where(x > 0, _normal_logpdf(np.log(safe), mu, sigma) - np.log(safe))


def _beta_logpdf(x: Array, alpha: Array, beta: Array) -> Array:
    inside = (x >= 0) & (x <= 1)
    safe = np.where(inside, x, 0.5)
    value = special.xlogy(alpha - 1, safe) + special.xlog1py(beta - 1, -safe) - special.betaln(alpha, beta)
    return _where(inside, value)


def _clipped(function: Function) -> Function:
    """Evaluate a distribution function of a positive variable at zero where its argument is negative."""

    def clipped(x: Array, **parameters: Array) -> Any:
        return function(np.maximum(x, 0.0), **parameters)

    return clipped


def _invgamma_cdf(x: Array, alpha: Array, beta: Array) -> Array:
    with np.errstate(divide="ignore"):
        return special.gammaincc(alpha, beta / np.maximum(x, 0.0))


def _lognormal_cdf(x: Array, mu: Array, sigma: Array) -> Array:
    with np.errstate(divide="ignore"):
        return special.ndtr((np.log(np.maximum(x, 0.0)) - mu) / sigma)


def _uniform_logpdf(x: Array, lower: Array, upper: Array) -> Array:
    return np.where((x >= lower) & (x <= upper), -np.log(np.asarray(upper) - lower), -np.inf)


def _undefined(*_: Any, **__: Any) -> Any:
    return np.nan


def _positive(*names: str) -> Mapping[str, str]:
    return MappingProxyType(dict.fromkeys(names, "positive"))


def _located(location: str, *positive: str) -> Mapping[str, str]:
    return MappingProxyType({location: "real"} | dict.fromkeys(positive, "positive"))


_MEMBERS = (
    Family(
        "Normal",
        _located("mu", "sigma"),
        "real",
        _normal_logpdf,
        lambda x, mu, sigma: special.ndtr((x - mu) / sigma),
        lambda q, mu, sigma: mu + sigma * special.ndtri(q),
    ),
    Family(
        "StudentT",
        MappingProxyType({"nu": "positive", "mu": "real", "sigma": "positive"}),
        "real",
        _t_logpdf,
        _t_cdf,
        _t_ppf,
        MappingProxyType({"mu": 0.0, "sigma": 1.0}),
    ),
    Family(
        "Cauchy",
        _located("alpha", "beta"),
        "real",
        lambda x, alpha, beta: _t_logpdf(x, 1.0, alpha, beta),
        lambda x, alpha, beta: _t_cdf(x, 1.0, alpha, beta),
        lambda q, alpha, beta: _t_ppf(q, 1.0, alpha, beta),
    ),
    Family(
        "Laplace",
        _located("mu", "b"),
        "real",
        lambda x, mu, b: -np.abs(x - mu) / b - np.log(2 * b),
        _laplace_cdf,
        _laplace_ppf,
    ),
    Family(
        "Logistic",
        _located("mu", "s"),
        "real",
        _logistic_logpdf,
        lambda x, mu, s: special.expit((x - mu) / s),
        lambda q, mu, s: mu + s * special.logit(q),
    ),
    Family(
        "Uniform",
        MappingProxyType({"lower": "real", "upper": "real"}),
        "interval",
        _uniform_logpdf,
        lambda x, lower, upper: np.clip((x - lower) / (upper - lower), 0, 1),
        lambda q, lower, upper: lower + q * (upper - lower),
    ),
    Family("Flat", MappingProxyType({}), "real", lambda x: np.zeros_like(x, dtype=float), _undefined, _undefined),
    Family(
        "HalfNormal",
        _positive("sigma"),
        "positive",
        lambda x, sigma: _where(x >= 0, np.log(2.0) + _normal_logpdf(x, 0.0, sigma)),
        _clipped(lambda x, sigma: special.erf(x / sigma / np.sqrt(2.0))),
        lambda q, sigma: sigma * np.sqrt(2.0) * special.erfinv(q),
    ),
    Family(
        "HalfStudentT",
        _positive("nu", "sigma"),
        "positive",
        lambda x, nu, sigma: _where(x >= 0, np.log(2.0) + _t_logpdf(x, nu, 0.0, sigma)),
        _clipped(lambda x, nu, sigma: 2 * _t_cdf(x, nu, 0.0, sigma) - 1),
        lambda q, nu, sigma: _t_ppf((1 + np.asarray(q)) / 2, nu, 0.0, sigma),
    ),
    Family(
        "HalfCauchy",
        _positive("beta"),
        "positive",
        lambda x, beta: _where(x >= 0, np.log(2.0) + _t_logpdf(x, 1.0, 0.0, beta)),
        _clipped(lambda x, beta: 2 / np.pi * np.arctan(x / beta)),
        lambda q, beta: beta * np.tan(np.pi / 2 * q),
    ),
    Family(
        "Exponential",
        _positive("lam"),
        "positive",
        lambda x, lam: _where(x >= 0, np.log(lam) - lam * x),
        _clipped(lambda x, lam: -np.expm1(-lam * x)),
        lambda q, lam: -np.log1p(-np.asarray(q)) / lam,
    ),
    Family(
        "LogNormal",
        _located("mu", "sigma"),
        "positive",
        _lognormal_logpdf,
        _lognormal_cdf,
        lambda q, mu, sigma: np.exp(mu + sigma * special.ndtri(q)),
    ),
    Family(
        "InverseGamma",
        _positive("alpha", "beta"),
        "positive",
        _invgamma_logpdf,
        _invgamma_cdf,
        lambda q, alpha, beta: beta / special.gammainccinv(alpha, q),
    ),
    Family(
        "Gamma",
        _positive("alpha", "beta"),
        "positive",
        _gamma_logpdf,
        _clipped(lambda x, alpha, beta: special.gammainc(alpha, beta * x)),
        lambda q, alpha, beta: special.gammaincinv(alpha, q) / beta,
    ),
    Family(
        "Beta",
        _positive("alpha", "beta"),
        "unit",
        _beta_logpdf,
        lambda x, alpha, beta: special.betainc(alpha, beta, np.clip(x, 0, 1)),
        lambda q, alpha, beta: special.betaincinv(alpha, beta, q),
    ),
)

FAMILIES: Mapping[str, Family] = MappingProxyType({member.name: member for member in _MEMBERS})
"""Every family by its PyMC name."""
