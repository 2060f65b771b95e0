"""A printed mean and standard deviation: both sufficient statistics, as observed variables."""

from __future__ import annotations

from typing import Any

import pymc as pm


def observe_mean_sd(
    data: dict[str, Any], mu: Any, sigma: Any, *, own: Any = 1.0, dims: str | tuple[str, ...] = "arm"
) -> None:
    """Observe means and variances of normal samples.

    The variance has its own density, chi-square with its Jacobian, so that the pair carries the likelihood of the
    whole sample.

    Parameters
    ----------
    data : dict
        ``mean``, ``variance`` (the squared printed sd) and ``n``, dims arm; unit of the outcome.
    mu, sigma : tensor, shape (arm,)
        Unit of the outcome; sigma may be a scalar.
    own : tensor
        Share of the standard error that is not already in `mu` as a common factor of several outcomes.
    dims : str or tuple of str
        Of data and parameters.
    """
    n = data["n"]
    pm.Normal("mean_observed", mu=mu, sigma=own * sigma / pm.math.sqrt(n), observed=data["mean"], dims=dims)
    half = (n - 1) / 2
    pm.Gamma("variance_observed", alpha=half, beta=half / sigma**2, observed=data["variance"], dims=dims)
