"""Graphs of one draw turned into graphs of all draws, with the very numbers that draw by draw would give."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pymc.pytensorf import collect_default_updates
from pytensor.compile.builders import OpFromGraph
from pytensor.compile.ops import ViewOp
from pytensor.compile.rewriting import inline_ofg_node
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.graph.replace import vectorize_graph
from pytensor.graph.traversal import io_toposort
from pytensor.tensor.random.op import RandomVariable
from pytensor.tensor.special import LogAddExp, LogSumExp
from pytensor.tensor.type_other import NoneTypeT


def all_at_once(outputs: Sequence[Any], given: Mapping[Any, Any], draws: int = 0) -> list[Any]:
    """Return a graph of all draws, of the draws of some of its variables; with `draws`, random variables are drawn as well.

    Beside ``vectorize_graph``, it opens graphs that stand as one operation, which would be called draw by draw.
    """
    found = dict(given)
    for node in io_toposort(list(given), list(outputs)):
        inputs = [found.get(each, each) for each in node.inputs]
        if draws and isinstance(node.op, RandomVariable):
            found[node.outputs[1]] = _drawn(node, inputs, draws)
        elif any(many is not one for many, one in zip(inputs, node.inputs, strict=True)) or (
            draws and isinstance(node.op, OpFromGraph)
        ):
            found.update(zip(node.outputs, _many(node, inputs, draws), strict=True))
    return [found.get(each, each) for each in outputs]


def _many(node: Apply, inputs: list[Any], draws: int) -> list[Any]:
    """Return what a node gives for all draws of its inputs."""
    if isinstance(node.op, ViewOp):
        return inputs
    if isinstance(node.op, LogSumExp):
        more = inputs[0].type.ndim - node.inputs[0].type.ndim
        return [pt.logsumexp(inputs[0], axis=[axis + more for axis in node.op.axis])]
    if isinstance(node.op, LogAddExp):
        return [pt.logaddexp(*_aligned(node, inputs))]
    if isinstance(node.op, OpFromGraph):
        return all_at_once(inline_ofg_node(node), dict(zip(node.inputs, inputs, strict=True)), draws)
    return list(vectorize_graph(node.outputs, dict(zip(node.inputs, inputs, strict=True))))


def _aligned(node: Apply, inputs: list[Any]) -> list[Any]:
    """Give inputs the dimensions of one draw that others have, behind those of draws."""
    core = max(one.type.ndim for one in node.inputs)
    missing = [core - one.type.ndim if many is not one else 0 for many, one in zip(inputs, node.inputs, strict=True)]
    return [
        pt.expand_dims(many, tuple(range(1, each + 1))) if each else many
        for many, each in zip(inputs, missing, strict=True)
    ]


def many_draws(variables: Sequence[Any], draws: int) -> tuple[list[Any], list[Any]]:
    """Return all draws of random variables, some of which depend on others, and the generators to seed, in PyMC's order.

    A generator that fills an array takes the same random numbers in the same order as one that is asked for them one by one.
    """
    return all_at_once(variables, {}, draws), list(collect_default_updates(list(variables)))


def _drawn(node: Apply, inputs: list[Any], draws: int) -> Any:
    generator, size, *parameters = inputs
    apart = tuple(many is not one for many, one in zip(parameters, node.inputs[2:], strict=True))
    op, one = node.op, node.outputs[1]
    if op.ndim_supp:
        return _OneByOne(op, draws, apart, one.type.ndim)(generator, size, *parameters)
    whole: Any = None
    if not isinstance(size.type, NoneTypeT):
        whole = pt.concatenate([[draws], size])
    elif one.type.ndim == 0:
        whole = (draws,)
    elif not any(apart):
        whole = (draws, *pt.broadcast_shape(*parameters))
    return op.make_node(generator, whole, *parameters).outputs[1]


class _OneByOne(Op):  # type: ignore[misc]  # the base class has no types
    """Draws of several numbers each, such as the totals of an arm: their function is called once for every draw."""

    __props__ = ("op", "draws", "apart", "ndim")

    def __init__(self, op: Any, draws: int, apart: tuple[bool, ...], ndim: int) -> None:
        self.op, self.draws, self.apart, self.ndim = op, draws, apart, ndim

    def make_node(self, generator: Any, size: Any, *parameters: Any) -> Apply:
        """Return the node of a generator, a size and parameters, of which some have a first dimension of draws."""
        output = pt.TensorType(self.op.dtype, shape=(self.draws, *(None,) * self.ndim))()
        return Apply(self, [generator, size, *parameters], [output])

    def perform(self, node: Apply, inputs: Sequence[Any], outputs: Any) -> None:
        """Draw."""
        generator, size, *parameters = inputs
        generator = copy.deepcopy(generator)
        size = None if size is None else tuple(size)
        values = [
            self.op.rng_fn(
                generator, *(a[i] if each else a for a, each in zip(parameters, self.apart, strict=True)), size
            )
            for i in range(self.draws)
        ]
        outputs[0][0] = np.asarray(np.stack(values), dtype=self.op.dtype)
