"""Every model is compiled as machine code, and it is the model's own log density."""

from __future__ import annotations

import ctypes

import numpy as np
import pymc as pm
import pytensor
import pytest
from pytensor.compile.mode import Mode
from pytensor.graph.rewriting.db import RewriteDatabaseQuery

from bayes_ivf.calibration import designs_for
from bayes_ivf.cards import bundled_cards, load_card
from bayes_ivf.inference.density import compile_model
from bayes_ivf.structures import build_model, updates

DESIGNS = {each.problem.compile_key: each for name in bundled_cards() for each in designs_for(load_card(name))}.values()
PLAIN = Mode(
    linker="py", optimizer=RewriteDatabaseQuery(["fast_run", "py_only"], exclude=["inplace", "fusion", "BlasOpt"])
)
POINTS = 100
DOUBLES = ctypes.POINTER(ctypes.c_double)


@pytest.mark.parametrize("design", DESIGNS, ids=lambda each: each.name)
def test_machine_code_is_the_model(design, monkeypatch):
    """Log density, gradient and stored values at 100 points of each shape, against PyTensor run as plain NumPy."""
    monkeypatch.setattr("nutpie.compile_pymc_model", None)  # nothing goes the usual way
    model = build_model(design.problem)
    compiled = compile_model(model)
    swapped = {each.name for each in compiled.shared_var_keys}
    compiled = compiled.with_data(**{name: each for name, each in updates(design.problem).items() if name in swapped})
    values = [model.rvs_to_values[each] for each in model.free_RVs]
    density = pytensor.graph.rewriting.utils.rewrite_graph(model.logp(), include=["canonicalize", "stabilize"])
    names = [each.name for each in values]
    derived = [each for each in model.unobserved_value_vars if each.name not in names]
    assert compiled.shape_info[0] == [*names, *(each.name for each in derived)]
    outputs = [density, *pytensor.grad(density, values), *values, *derived]
    with pytensor.config.change_flags(cxx=""):
        plain = pm.compile(values, outputs, mode=PLAIN, on_unused_input="ignore")
    generator = np.random.default_rng(20261130)
    compared = 0
    for _ in range(POINTS):
        start = compiled.initial_point_func(int(generator.integers(2**31)))
        flat = start + generator.normal(0, 0.5, len(start))
        point = _unraveled(flat, [compiled.shapes[name] for name in names])
        with np.errstate(all="ignore"):
            log, *others = plain(*point)
        slopes, stored = (np.concatenate([np.ravel(each) for each in part]) for part in _halves(others, len(values)))
        told, ours, status = _density(compiled, flat)
        assert (status == 0) == bool(np.isfinite(log) and np.isfinite(slopes).all())
        np.testing.assert_allclose(_stored(compiled, flat), stored, rtol=1e-13, atol=1e-300)
        if status == 0:
            compared += 1
            assert told == pytest.approx(float(log), rel=1e-10, abs=1e-10)
            np.testing.assert_allclose(ours, slopes, rtol=1e-10, atol=1e-10 * max(1.0, np.abs(slopes).max()))
    assert compared >= POINTS // 2


def _halves(arrays, count):
    return arrays[:count], arrays[count:]


def _unraveled(flat, shapes):
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    return [part.reshape(shape) for part, shape in zip(np.split(flat, ends[:-1]), shapes, strict=True)]


def _density(compiled, point):
    kind = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, DOUBLES, DOUBLES, DOUBLES, ctypes.c_void_p)
    value, slopes = np.full(1, np.nan), np.full(len(point), np.nan)
    arrays = [each.ctypes.data_as(DOUBLES) for each in (point, slopes, value)]
    status = kind(compiled.compiled_logp_func.address)(len(point), *arrays, compiled.user_data.ctypes.data)
    return float(value[0]), slopes, status


def _stored(compiled, point):
    kind = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, ctypes.c_uint64, DOUBLES, DOUBLES, ctypes.c_void_p)
    out = np.full(compiled.n_expanded, np.nan)
    arrays = [each.ctypes.data_as(DOUBLES) for each in (point, out)]
    function = kind(compiled.compiled_expand_func.address)
    assert function(len(point), len(out), *arrays, compiled.user_data.ctypes.data) == 0
    return out
