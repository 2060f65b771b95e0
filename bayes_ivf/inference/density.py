"""A model compiled for nutpie: its log density and gradient as machine code, and the values that its draws are stored as.

The ``pm.Model`` is the definition: both functions are made from its graph. Names, their order and starting points are those that
nutpie gives a model that it compiles itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import accumulate
from math import prod
from typing import Any

import numpy as np
import nutpie
from nutpie.compile_pymc import CompiledPyMCModel, make_user_data
from pymc.initial_point import make_initial_point_fn
from pytensor import grad
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.rewriting.utils import rewrite_graph
from pytensor.graph.traversal import ancestors

from bayes_ivf.native import Untranslatable, compile_function

_BOUNDS, _NO_BOUNDS = "local_check_parameter_to_ninf_switch", "local_remove_check_parameter"
"""Of PyMC: parameters out of bounds give a density of zero, or are not looked at."""


def compile_model(model: Any) -> Any:
    """Return a ``pm.Model`` as a compiled model of nutpie, whose data can be swapped by others of the same shape."""
    try:
        return _native(model)
    except Untranslatable:
        return nutpie.compile_pymc_model(model)


def _native(model: Any) -> CompiledPyMCModel:
    by_name, start = _starting_points(model)
    values = [model.rvs_to_values[variable] for variable in model.free_RVs]
    first_point = by_name(0)
    shapes = {value: np.shape(first_point[value.name]) for value in values}
    rewrites = (_BOUNDS if model.check_bounds else _NO_BOUNDS,)
    log_density = rewrite_graph(model.logp(), include=["canonicalize", "stabilize", *rewrites])
    slopes = grad(log_density, values)
    joined = {value.name for value in values}
    derived = [each for each in model.unobserved_value_vars if each.name not in joined]
    shared = _shared([log_density, *slopes, *derived])
    density = compile_function(shapes, shared, [log_density], slopes, rewrites)
    stored = compile_function(shapes, shared, [], [*values, *derived], rewrites)
    keys = {variable: f"data{number}" for number, variable in enumerate(shared)}
    data = {key: _frozen(variable.get_value()) for variable, key in keys.items()}
    sizes = [prod(shape) for shape in stored.shapes]
    ends = list(accumulate(sizes))
    slices = [slice(end - size, end) for size, end in zip(sizes, ends, strict=True)]
    names = [each.name for each in (*values, *derived)]
    return CompiledPyMCModel(
        dims={},
        _coords={},
        _n_dim=density.size,
        _shapes=dict(zip(names, stored.shapes, strict=True)),
        compiled_logp_func=density,
        compiled_expand_func=stored,
        initial_point_func=start,
        shared_data=data,
        shared_var_keys=keys,
        user_data=make_user_data(keys, data),
        n_expanded=stored.width,
        shape_info=(names, slices, list(stored.shapes)),
        logp_func=None,
        expand_func=None,
    )


def _shared(variables: list[Any]) -> list[SharedVariable]:
    """Data and hyperparameters that some variables depend on, in an order that does not depend on the process."""
    found = {each for each in ancestors(variables) if isinstance(each, SharedVariable)}
    return sorted(found, key=lambda each: str(each.name))


def _frozen(value: Any) -> Any:
    array = np.array(value, order="C", copy=True)
    array.flags.writeable = False
    return array


def _starting_points(model: Any) -> tuple[Callable[[Any], dict[str, Any]], Callable[[Any], Any]]:
    """Starting points by a seed, one value for each variable or one flat array; one thread at a time."""
    by_name = make_initial_point_fn(
        model=model, default_strategy="support_point", jitter_rvs=set(model.free_RVs), return_transformed=True
    )
    names = [model.rvs_to_values[variable].name for variable in model.free_RVs]
    lock = threading.Lock()

    def flat(seed: Any) -> Any:
        with lock:
            point = by_name(seed)
        return np.concatenate([np.ravel(np.asarray(point[name], dtype=float)) for name in names])

    return by_name, flat
