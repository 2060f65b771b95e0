"""From draws to a complete tree: log likelihood, log prior, prior and predictive draws, compiled once per shape.

The functions are vectorized over draws and run as plain NumPy calls: they compile in milliseconds and one call serves all
draws, where a fast linker would compile for seconds.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pymc as pm
import pytensor
import pytensor.tensor as pt
from pymc.pytensorf import reseed_rngs
from pytensor.compile.mode import Mode

from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.inference.all_at_once import all_at_once, many_draws
from bayes_ivf.inference.diagnostics import Verdict
from bayes_ivf.inference.draws import SAMPLER_NAMES, Draws
from bayes_ivf.inference.provenance import stamp
from bayes_ivf.problem import Problem
from bayes_ivf.settings import Settings
from bayes_ivf.structures import build_model, model_key, updates

if TYPE_CHECKING:
    from xarray import Dataset, DataTree

Array = npt.NDArray[Any]
_MODE = Mode(linker="py", optimizer=None)
PRIOR_DRAWS = 1000


@dataclass(frozen=True)
class Completer:
    """Functions of one shape; each takes the free variables' draws, shape (sample, ...)."""

    model: pm.Model
    free: tuple[str, ...]
    observed: tuple[str, ...]
    observations: Any
    log_likelihood: Any
    log_prior: Any
    predict: Any
    rngs: tuple[Any, ...]
    draw_prior: Any
    prior_rngs: tuple[Any, ...]
    lock: threading.Lock


_CACHE: dict[tuple[Any, ...], Completer] = {}
_GUARD = threading.Lock()


def _completer(problem: Problem) -> Completer:
    key = model_key(problem)
    with _GUARD:
        if key not in _CACHE:
            _CACHE[key] = _make(problem)
        return _CACHE[key]


def _make(problem: Problem) -> Completer:
    model = build_model(problem)
    free = list(model.free_RVs)
    batched = {rv: pt.tensor(f"{rv.name}_draws", dtype=rv.dtype, shape=(None, *rv.type.shape)) for rv in free}
    inputs = list(batched.values())

    def function(outputs: Sequence[Any]) -> Any:
        return pytensor.function(inputs, all_at_once(outputs, batched), mode=_MODE, on_unused_input="ignore")

    likelihood = [pm.logp(rv, model.rvs_to_values[rv]) for rv in model.observed_RVs]
    prior = [pm.logp(rv, rv) for rv in free if rv.owner.op.__class__.__name__ != "FlatRV"]
    predictions = []
    for rv in model.observed_RVs:
        op, node = rv.owner.op, rv.owner
        vectorized = all_at_once(op.dist_params(node), batched)
        predictions.append(op.make_node(op.rng_param(node), None, *vectorized).outputs[1])
    predict, rng_updates = pm.compile(
        inputs, predictions, mode=_MODE, on_unused_input="ignore", random_seed=False, return_updates=True
    )
    drawn, prior_rngs = many_draws([*free, *model.observed_RVs], PRIOR_DRAWS) if problem.proper else ([], [])
    return Completer(
        model,
        tuple(rv.name for rv in free),
        tuple(rv.name for rv in model.observed_RVs),
        pytensor.function([], [model.rvs_to_values[rv] for rv in model.observed_RVs], mode=_MODE),
        function(likelihood),
        function(prior) if problem.proper else None,
        predict,
        tuple(rng_updates),
        pytensor.function([], drawn, mode=_MODE),
        tuple(prior_rngs),
        threading.Lock(),
    )


def complete(
    problem: Problem, settings: Settings, draws: Draws, estimands: Mapping[EstimandId, Array], verdict: Verdict
) -> DataTree:
    """Return the complete tree of what NUTS found, with its provenance.

    Parameters
    ----------
    problem : Problem
    settings : Settings
    draws : Draws
    estimands : mapping of EstimandId to array, shape (chain, draw)
        Added to the posterior beside the parameters.
    verdict : Verdict

    Returns
    -------
    DataTree
        Groups posterior, sample_stats, log_likelihood, posterior_predictive, observed_data, constant_data and, where
        every prior is proper, log_prior, prior and prior_predictive.
    """
    from xarray import DataTree

    completer = _completer(problem)
    shape = next(iter(draws.posterior.values())).shape[:2]
    flat = [draws.posterior[name].reshape(-1, *draws.posterior[name].shape[2:]) for name in completer.free]
    own = {"verdict": str(verdict), "target_accept": draws.target_accept, "sampling_seconds": draws.seconds}
    attributes = stamp(problem, settings) | own
    seed = problem.seed(settings.seed)
    with completer.lock:
        _set_data(completer.model, updates(problem))
        likelihood = completer.log_likelihood(*flat)
        prior_density = completer.log_prior(*flat) if completer.log_prior is not None else None
        observed = completer.observations()
        reseed_rngs(completer.rngs, seed)
        predicted = completer.predict(*flat)
        reseed_rngs(completer.prior_rngs, seed)
        prior_draws = dict(zip((*completer.free, *completer.observed), completer.draw_prior(), strict=False))
    posterior = dict(draws.posterior)
    posterior |= {each.text: values for each, values in estimands.items() if each.text not in draws.posterior}

    def unstacked(names: Sequence[str], values: Sequence[Array]) -> dict[str, Array]:
        return {name: value.reshape(*shape, *value.shape[1:]) for name, value in zip(names, values, strict=True)}

    groups: dict[str, Mapping[str, Array]] = {
        "posterior": posterior,
        "sample_stats": _arviz_stats(draws),
        "log_likelihood": unstacked(completer.observed, likelihood),
        "posterior_predictive": unstacked(completer.observed, predicted),
        "observed_data": dict(zip(completer.observed, observed, strict=True)),
        # of the model's own types, so that PyMC takes the tree where it takes one of its own
        "constant_data": {
            name: np.asarray(value).astype(completer.model[name].type.dtype) for name, value in updates(problem).items()
        },
    }
    if prior_density is not None:
        groups["log_prior"] = unstacked(completer.free, prior_density)
        groups["prior"] = {name: prior_draws[name][None] for name in completer.free}
        groups["prior_predictive"] = {name: prior_draws[name][None] for name in completer.observed}
    dims = {name: list(sizes) for name, sizes in completer.model.named_vars_to_dims.items() if sizes}
    coords = {name: list(values) for name, values in completer.model.coords.items() if values is not None}
    densities = {name: groups.pop(name) for name in ("log_likelihood", "log_prior") if name in groups}
    sets = {name: _dataset(name, values, dims, coords) for name, values in groups.items()}
    for name, values in densities.items():
        # a density has one value for a vector that is observed as a whole
        trimmed = {each: dims[each][: value.ndim - 2] for each, value in values.items() if each in dims}
        sets[name] = _dataset(name, values, trimmed, coords)
    tree = DataTree.from_dict(sets)
    tree.attrs.update({k: v if isinstance(v, str | int | float) else json.dumps(v) for k, v in attributes.items()})
    if prior_density is None:
        tree.attrs["prior_groups"] = "left out: a flat prior has no density to draw from or to integrate"
    return tree


def _set_data(model: pm.Model, values: Mapping[str, Any]) -> None:
    """Give a model other data; PyMC's own way compiles a function for every length, though most stay the same."""
    resized = {}
    for name, value in values.items():
        variable = model[name]
        if variable.get_value(borrow=True).shape == np.shape(value):
            variable.set_value(np.asarray(value, dtype=variable.type.dtype))
        else:
            resized[name] = value
    if resized:
        pm.set_data(resized, model=model)


def _dataset(
    group: str, values: Mapping[str, Array], dims: Mapping[str, list[str]], coords: Mapping[str, list[Any]]
) -> Dataset:
    """Return what ``arviz_base.from_dict`` makes of a group, without aligning as many arrays as there are variables."""
    from arviz_base import generate_dims_coords, make_attrs
    from xarray import Dataset

    sample = [] if "data" in group else ["chain", "draw"]
    variables, index = {}, {}
    for name, value in values.items():
        skip = group == "log_likelihood"
        own, points = generate_dims_coords(
            value.shape, name, [*sample, *dims.get(name, [])], dict(coords), skip_event_dims=skip
        )
        variables[name] = (own, value)
        index.update(points)
    return Dataset(variables, index, make_attrs(sample_dims=sample))


def _arviz_stats(draws: Draws) -> dict[str, Array]:
    """Name the statistics as ArviZ's plots and checks expect them, keeping nutpie's values."""
    names = {theirs: ours for ours, theirs in SAMPLER_NAMES.items()}
    return {names.get(name, name): values for name, values in draws.stats.items()}
