"""One prior: a family with numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from bayes_ivf.errors import Fault, PriorError
from bayes_ivf.priors.families import FAMILIES, Family

_SCALE = {"Normal": "sigma", "StudentT": "sigma", "Cauchy": "beta", "Laplace": "b", "Logistic": "s"}
"""Parameter that stretches a distribution on the real line around its center."""
_LOCATION = {"Cauchy": "alpha"}
"""Parameter about which a distribution on the real line is symmetric, where it is not `mu`."""
_UNITS = {name: ("mu", scale) for name, scale in _SCALE.items()} | {
    "Cauchy": ("alpha", "beta"),
    "Uniform": ("lower", "upper"),
    "Flat": (),
}
"""Parameters that are in the unit of what a distribution is of."""


@dataclass(frozen=True)
class Prior:
    """A distribution with its parameters.

    Parameters
    ----------
    dist : str
        PyMC's name of the distribution, for example ``"Normal"``.
    parameters : mapping of str to float
        Its parameters, with PyMC's names. Scale: that of the slot which the prior fills.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> prior = bi.priors.make_prior("Normal", mu=0, sigma=1)
    >>> prior.cdf([0.0, 1.0]).round(3), prior.ppf(0.975).round(2), prior.logpdf(0.0).round(3)
    (array([0.5  , 0.841]), np.float64(1.96), np.float64(-0.919))
    >>> str(prior.stretched(2)), prior.proper, prior.family.support
    ('Normal(mu=0, sigma=2)', True, 'real')
    """

    dist: str
    parameters: Mapping[str, float]

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    def __reduce__(self) -> tuple[type[Prior], tuple[str, dict[str, float]]]:
        return Prior, (self.dist, dict(self.parameters))

    def __hash__(self) -> int:
        return hash((self.dist, tuple(sorted(self.parameters.items()))))

    def __str__(self) -> str:
        inside = ", ".join(f"{name}={value:g}" for name, value in self.parameters.items())
        return f"{self.dist}({inside})"

    @property
    def family(self) -> Family:
        """The family, with its density."""
        return FAMILIES[self.dist]

    @property
    def proper(self) -> bool:
        """Whether the density integrates to one."""
        return self.family.proper

    def stretched(self, factor: float) -> Prior | None:
        """Return the same distribution, wider by a factor around its center; None for families without a scale."""
        name = _SCALE.get(self.dist)
        if name is None:
            return None
        return Prior(self.dist, dict(self.parameters) | {name: self.parameters[name] * factor})

    def mirrored(self) -> Prior | None:
        """Return the distribution of minus the same variable; None for families whose mirror is another family.

        Examples
        --------
        >>> import bayes_ivf as bi
        >>> str(bi.priors.make_prior("Normal", mu=0.5, sigma=1).mirrored())
        'Normal(mu=-0.5, sigma=1)'
        """
        known = dict(self.parameters)
        if known.keys() == {"lower", "upper"}:
            return Prior(self.dist, {"lower": -known["upper"] or 0.0, "upper": -known["lower"] or 0.0})
        # families on the real line are symmetric about their location
        location = _LOCATION.get(self.dist, "mu")
        if self.family.support != "real" or (known and location not in known):
            return None
        return Prior(self.dist, known | ({location: -known[location] or 0.0} if known else {}))

    def in_unit(self, unit: float) -> Prior | None:
        """Return the distribution of a multiple of its variable; None for families that cannot be written so.

        Parameters
        ----------
        unit : float
            Above 0, such as the standard deviation by which a standardized difference becomes one in the outcome's unit.

        Examples
        --------
        >>> import bayes_ivf as bi
        >>> str(bi.priors.make_prior("Normal", mu=0, sigma=1).in_unit(2.5))
        'Normal(mu=0, sigma=2.5)'
        """
        names = _UNITS.get(self.dist)
        if names is None:
            return None
        return Prior(self.dist, dict(self.parameters) | {name: self.parameters[name] * unit for name in names})

    def logpdf(self, x: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Log density at `x`, same shape as `x`."""
        return np.asarray(self.family.logpdf(np.asarray(x, dtype=float), **self.parameters))

    def cdf(self, x: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Probability of a value at most `x`, same shape as `x`."""
        return np.asarray(self.family.cdf(np.asarray(x, dtype=float), **self.parameters))

    def ppf(self, q: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Quantile at probability `q`, same shape as `q`."""
        return np.asarray(self.family.ppf(np.asarray(q, dtype=float), **self.parameters))


def read_prior(spec: Prior | Mapping[str, Any], where: str) -> Prior:
    """Turn ``{"dist": "Normal", "mu": 0, "sigma": 1}`` into a checked `Prior`.

    Parameters
    ----------
    spec : mapping or Prior
        The slot as written in TOML.
    where : str
        Named in errors.

    Raises
    ------
    PriorError
        If the distribution is unknown, or a parameter is missing, unknown, not finite or outside its domain.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> print(bi.priors.read_prior({"dist": "StudentT", "nu": 4, "sigma": 0.5}, "effect"))
    StudentT(nu=4, mu=0, sigma=0.5)
    """
    if isinstance(spec, Prior):
        spec = {"dist": spec.dist, **spec.parameters}
    if not isinstance(spec, Mapping):
        raise PriorError(
            Fault(
                where, repr(spec), 'a table such as {dist = "Normal", mu = 0, sigma = 1}', "write the prior as a table"
            )
        )
    dist = spec.get("dist")
    if not isinstance(dist, str) or dist not in FAMILIES:
        raise PriorError(Fault(f"{where}.dist", repr(dist), ", ".join(FAMILIES), "name one of these distributions"))
    family = FAMILIES[dist]
    parameters = {key: value for key, value in spec.items() if key != "dist"}
    faults = [
        Fault(
            f"{where}.{name}",
            repr(parameters[name]),
            f"the parameters of {dist}: {_names(family)}",
            "remove or rename it",
        )
        for name in parameters
        if name not in family.parameters
    ]
    values: dict[str, float] = {}
    for name, domain in family.parameters.items():
        value = parameters.get(name, family.defaults.get(name))
        if value is None:
            faults.append(Fault(f"{where}.{name}", "nothing", f"a {domain} number", f"give {name} for {dist}"))
        elif not _is_number(value) or (domain == "positive" and not value > 0):
            faults.append(Fault(f"{where}.{name}", repr(value), f"a finite {domain} number", "correct the number"))
        else:
            values[name] = float(value)
    if family.support == "interval" and not faults and not values["lower"] < values["upper"]:
        faults.append(
            Fault(
                where,
                f"lower = {values['lower']:g}, upper = {values['upper']:g}",
                "lower < upper",
                "correct the bounds",
            )
        )
    if faults:
        raise PriorError(faults)
    return Prior(dist, values)


def make_prior(dist: str, **parameters: float) -> Prior:
    """Make a checked prior, as a table of a TOML file would.

    Parameters
    ----------
    dist : str
        PyMC's name of the distribution.
    **parameters : float
        With PyMC's names. Scale: that of the slot which the prior fills, such as the log odds ratio.

    Returns
    -------
    Prior
        May stand for a slot wherever a mapping may: ``bi.fit(study, prior={"effect": prior})``.

    Raises
    ------
    PriorError
        If the distribution is unknown, or a parameter is missing, unknown, not finite or outside its domain.

    Examples
    --------
    Odds ratios between 1/4 and 4 with a probability of about 95%:

    >>> import bayes_ivf as bi
    >>> prior = bi.priors.make_prior("Normal", mu=0, sigma=0.7)
    >>> print(prior)
    Normal(mu=0, sigma=0.7)
    >>> import numpy as np
    >>> np.exp(prior.ppf([0.025, 0.975])).round(2)
    array([0.25, 3.94])
    """
    return read_prior({**parameters, "dist": dist}, "prior")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _names(family: Family) -> str:
    return ", ".join(family.parameters) or "none"
