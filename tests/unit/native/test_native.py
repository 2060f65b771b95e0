"""Each rule of the translation to machine code, against PyTensor's own evaluation in NumPy."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.compile.mode import Mode

from bayes_ivf.native import Untranslatable, compile_function
from bayes_ivf.native.scalars import RULES

PLAIN = Mode(linker="py", optimizer=None)
X = np.array([-2.5, -0.3, 0.4, 1.7])
Y = np.array([[0.5, 1.5, -2.0], [3.0, -0.25, 0.75]])

OF_NUMBERS = {
    "arithmetic": lambda x: 3 * x + x * x - 1 / x - x / (x + 7) + -x + pt.sqr(x) + pt.reciprocal(x),
    "exp, log": lambda x: pt.exp(x) + pt.log(x + 4) + pt.log1p(x + 3) + pt.expm1(x) + pt.sqrt(x + 5),
    "powers": lambda x: (x + 5) ** x + (x + 5) ** 1.7,
    "circular": lambda x: pt.sin(x) + pt.cos(x) + pt.arctan(x),
    "hyperbolic": lambda x: pt.sinh(x) + pt.cosh(x) + pt.tanh(x) + pt.arcsinh(x) + pt.arctanh(x / 3),
    "rounding": lambda x: pt.floor(x) + pt.ceil(2 * x) + pt.abs(x) + pt.sign(x),
    "special": lambda x: pt.gammaln(x + 4) + pt.erf(x) + pt.erfc(x) + pt.erfcx(x),
    "digamma": lambda x: pt.psi(x + 4),
    "logistic": lambda x: pt.sigmoid(x) + pt.softplus(x) + pt.softplus(50 * x) + pt.log1mexp(-(x + 3)),
    "choices": lambda x: pt.switch(pt.gt(x, 0), x, 2 * x) + pt.maximum(x, 0.1) + pt.minimum(x, 0.2) + pt.clip(x, -1, 1),
    "comparisons": lambda x: sum(
        pt.cast(each(x, 0.4), "float64") for each in (pt.eq, pt.neq, pt.lt, pt.le, pt.gt, pt.ge)
    ),
    "truth": lambda x: pt.switch(pt.or_(pt.lt(x, 0), pt.and_(pt.gt(x, 1), pt.invert(pt.gt(x, 9)))), x, -x),
    "infinite": lambda x: pt.switch(pt.isinf(x / 0.0), 1.0, x) + pt.switch(pt.isnan(x), 1.0, x),
    "whole numbers": lambda x: pt.cast(pt.cast(x * 3, "int64") * 2 - 1, "float64"),
}
OF_ARRAYS = {
    "sums": lambda x, y: [
        x.sum(),
        y.sum(axis=0),
        y.sum(axis=1),
        y.prod(),
        y.max(axis=1),
        y.min(),
        pt.all(pt.gt(y, -9)),
    ],
    "shapes": lambda x, y: [y.T, y.reshape((3, 2)), y.ravel(), x[:, None] * x[None, :], x.shape[0] + x],
    "parts": lambda x, y: [x[1], x[-1], x[1:3], x[::-1], x[::2], y[1, :], y[:, 1:], y[1, -2]],
    "places": lambda x, y: [x[np.array([2, 0, 2])], y[:, np.array([1, 1])], x[pt.cast(x[2] * 5, "int64")]],
    "changed": lambda x, y: [
        pt.set_subtensor(x[1:3], 7.0),
        pt.inc_subtensor(y[1], x[:3]),
        pt.inc_subtensor(x[np.array([0, 0, 3])], 1.5),
    ],
    "products": lambda x, y: [pt.dot(y, x[:3]), pt.dot(x[:2], y), pt.dot(y, y.T), pt.dot(x, x)],
    "joined": lambda x, y: [
        pt.concatenate([x, x[:2]]),
        pt.stack([x[0], x[1]]),
        pt.alloc(x[0], 2, 3),
        pt.zeros((2,)) + x[1],
    ],
    "in steps": lambda x, y: [pt.logsumexp(y, axis=1), pt.logsumexp(x), ((y - y.mean()) ** 2).mean()],
}
SLOPED = ("arithmetic", "exp, log", "powers", "circular", "hyperbolic", "special", "logistic", "choices")


def flat(arrays):
    return np.concatenate([np.ravel(np.asarray(each, dtype=float)) for each in arrays])


def vector(values=X):
    return pt.vector("x", shape=values.shape)


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_numbers(name):
    x = vector()
    outputs = [OF_NUMBERS[name](x)]
    with np.errstate(all="ignore"):
        expected = pytensor.function([x], outputs, mode=PLAIN)(X)
    np.testing.assert_allclose(compile_function({x: X.shape}, [], [], outputs).values(X), flat(expected), rtol=1e-14)


@pytest.mark.parametrize("name", SLOPED)
def test_slopes(name):
    x = vector()
    total = OF_NUMBERS[name](x).sum()
    slopes = pt.grad(total, x)
    value, ours = compile_function({x: X.shape}, [], [total], [slopes]).log_density(X)
    with np.errstate(all="ignore"):
        log, expected = pytensor.function([x], [total, slopes], mode=PLAIN)(X)
    assert value == pytest.approx(float(log), rel=1e-13)
    np.testing.assert_allclose(ours, expected, rtol=1e-12)


@pytest.mark.parametrize("name", OF_ARRAYS)
def test_arrays(name):
    x, y = vector(), pt.matrix("y", shape=Y.shape)
    outputs = [pt.cast(each, "float64") for each in OF_ARRAYS[name](x, y)]
    expected = pytensor.function([x, y], outputs, mode=PLAIN, on_unused_input="ignore")(X, Y)
    function = compile_function({x: X.shape, y: Y.shape}, [], [], outputs)
    assert function.shapes == tuple(np.shape(each) for each in expected)
    np.testing.assert_allclose(function.values(flat([X, Y])), flat(expected), rtol=1e-13)


def test_every_scalar_rule_is_tried():
    """What no graph above holds, no test would miss."""
    x, y = vector(), pt.matrix("y", shape=Y.shape)
    graphs = [[OF_NUMBERS[name](x)] for name in OF_NUMBERS] + [OF_ARRAYS[name](x, y) for name in OF_ARRAYS]
    graphs += [[pt.grad(OF_NUMBERS[name](x).sum(), x)] for name in SLOPED]
    seen = set()
    for outputs in graphs:
        for node in pytensor.graph.traversal.applys_between([x, y], outputs):
            seen.add(type(getattr(node.op, "scalar_op", node.op)))
    untried = {each.__name__ for each in RULES} - {each.__name__ for each in seen}
    assert untried <= {"Identity", "Second", "XOR"}


def test_data_are_read_where_they_lie():
    x, whole, real = vector(), pytensor.shared(np.array([1, 2, 3, 4], dtype="int32"), "n"), pytensor.shared(2.0, "s")
    function = compile_function({x: X.shape}, [whole, real], [], [x * whole + real])
    for n, s in (([1, 2, 3, 4], 2.0), ([-9, 0, 1, 7], -0.5)):
        arrays = np.array(n, dtype="int32"), np.array(s)
        addresses = np.array([each.ctypes.data for each in arrays], dtype=np.uint64)
        np.testing.assert_allclose(function.values(X, addresses), X * np.array(n) + s, rtol=1e-15)


def test_large_arrays_in_many_threads():
    """Nothing that one call stores is seen by another."""
    size, x = 4000, pt.vector("x", shape=(1,))
    table = np.linspace(0, 1, size)
    log = pt.logsumexp(x[0] * table)
    function = compile_function({x: (1,)}, [], [log], [pt.grad(log, x)])
    points = np.linspace(-3, 3, 40)
    expected = [np.log(np.exp(each * table).sum()) for each in points]
    found = [[] for _ in range(4)]

    def ask(told):
        told += [function.log_density([each])[0] for each in points]

    threads = [threading.Thread(target=ask, args=(told,)) for told in found]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for told in found:
        np.testing.assert_allclose(told, expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("make", "status"),
    [
        (lambda x: pt.log(x).sum(), 4),  # the density itself is not finite
        (lambda x: pt.sqrt(x - x.min()).sum(), 3),  # its slope is not
        (lambda x: x[pt.cast(x[2] * 1e6, "int64")], 1),  # a place beyond the array
    ],
)
def test_what_is_no_number_is_told(make, status):
    x = vector()
    value = make(x)
    with np.errstate(all="ignore"), pytest.raises(ValueError, match=f"status {status}"):
        compile_function({x: X.shape}, [], [value], [pt.grad(value, x)]).log_density(X)
    function = compile_function({x: X.shape}, [], [], [x])
    with pytest.raises(ValueError, match="status -1"):
        replace(function, size=3).values(X)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda x: pt.linalg.det(pt.outer(x, x)), "operation"),
        (lambda x: pt.gammainc(x + 4, 2.0), "scalar operation"),
        (lambda x: x[: pt.cast(x[2] * 5, "int64")], "not known in advance"),
        (lambda x: pt.cumsum(x), "operation"),
    ],
)
def test_what_has_no_rule_is_named(make, named):
    x = vector()
    with pytest.raises(Untranslatable, match=named):
        compile_function({x: X.shape}, [], [], [make(x)])


def test_what_has_no_rule_goes_the_usual_way(monkeypatch):
    import pymc as pm

    from bayes_ivf.inference.density import compile_model

    with pm.Model() as model:
        scale = pm.HalfNormal("scale")
        pm.Normal("effect", 0, scale, shape=2)
        pm.Deterministic("twice", 2 * scale)
    ours = compile_model(model)

    def refuse(*_):
        raise Untranslatable("anything")

    monkeypatch.setattr("bayes_ivf.inference.density.compile_function", refuse)
    usual = compile_model(model)
    assert type(ours) is type(usual)
    (names, slices, shapes), (names_usual, slices_usual, shapes_usual) = ours.shape_info, usual.shape_info
    assert (names, slices, shapes) == (names_usual, slices_usual, [tuple(each) for each in shapes_usual])
    assert (ours.n_dim, ours.n_expanded) == (usual.n_dim, usual.n_expanded)
    np.testing.assert_array_equal(ours.initial_point_func(7), usual.initial_point_func(7))
