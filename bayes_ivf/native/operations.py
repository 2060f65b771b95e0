"""Operations on arrays as loops of machine code: PyTensor's tensor operations, one rule each.

What is known in advance (shapes, lengths, indices) is computed here and not when the code runs. An element-wise result that one
operation alone reads, element by element, is not stored but computed there.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, prod
from typing import Any

import numpy as np
import pytensor.scalar as ps
from pytensor.compile.builders import OpFromGraph
from pytensor.raise_op import CheckAndRaise
from pytensor.tensor.basic import Alloc, Join, MakeVector, ScalarFromTensor, TensorFromScalar
from pytensor.tensor.elemwise import CAReduce, DimShuffle, Elemwise
from pytensor.tensor.math import Dot
from pytensor.tensor.shape import Reshape, Shape, Shape_i, SpecifyShape

from bayes_ivf.native.errors import Untranslatable
from bayes_ivf.native.node import number_of, rule, translate
from bayes_ivf.native.program import Program
from bayes_ivf.native.scalars import TYPES, Arithmetic, Value, kind_of
from bayes_ivf.native.tensor import Index, Tensor, loops, store, whole

FOLDS: dict[type, tuple[Any, float | None]] = {
    ps.Add: (ps.add, 0),
    ps.Mul: (ps.mul, 1),
    ps.Maximum: (ps.maximum, -inf),
    ps.Minimum: (ps.minimum, inf),
    ps.AND: (ps.and_, 1),
    ps.OR: (ps.or_, 0),
}
"""Operation by which an axis is summed up, and where it starts."""


@rule.register(OpFromGraph)
def _(op: Any, program: Program, node: Any, inputs: list[Tensor]) -> list[Tensor]:
    inner = program.within(dict(zip(op.fgraph.inputs, inputs, strict=True)), op.fgraph)
    for each in op.fgraph.toposort():
        translate(inner, each)
    return [program.stored(inner.tensor(each)) for each in op.fgraph.outputs]


@rule.register(Elemwise)
def _(op: Any, program: Program, node: Any, inputs: list[Tensor]) -> list[Tensor]:
    if len(node.outputs) != 1:
        raise Untranslatable("an element-wise operation with several results")
    dtype = node.outputs[0].type.dtype
    shape = tuple(
        max(lengths) if 0 not in lengths else 0 for lengths in zip(*(each.shape for each in inputs), strict=True)
    )
    if any(length not in (1, all_of) for each in inputs for length, all_of in zip(each.shape, shape, strict=True)):
        raise Untranslatable("arrays whose shapes do not fit")

    def read(to: Arithmetic, index: Index) -> Value:
        return to.apply(op.scalar_op, [each.at(to, index) for each in inputs], dtype)

    result = Tensor(shape, dtype, read)
    return [result if program.is_read_once(node.outputs[0], shape) else program.stored(result)]


@rule.register(CAReduce)
def _(op: Any, program: Program, node: Any, inputs: list[Tensor]) -> list[Tensor]:
    (source,) = inputs
    fold, start = FOLDS.get(type(op.scalar_op), (None, None))
    if fold is None or start is None:
        raise Untranslatable(f"a sum by {op.scalar_op}")
    axes = tuple(range(len(source.shape))) if op.axis is None else tuple(op.axis)
    rest = [axis for axis in range(len(source.shape)) if axis not in axes]
    dtype = node.outputs[0].type.dtype
    kind = kind_of(dtype)
    if kind == "i" and not np.isfinite(start):
        raise Untranslatable("an extreme of whole numbers")

    def read(to: Arithmetic, index: Index) -> Value:
        total = program.slot(TYPES[kind])
        to.builder.store(to.constant(start, dtype), total)

        def add(inner: list[Value]) -> None:
            places: list[Value] = [whole(0)] * len(source.shape)
            for axis, place in [*zip(rest, index, strict=True), *zip(axes, inner, strict=True)]:
                places[axis] = place
            value = to.apply(fold, [to.builder.load(total), source.at(to, places)], dtype)
            to.builder.store(value, total)

        loops(to, [source.shape[axis] for axis in axes], add)
        return to.builder.load(total)

    return [program.stored(Tensor(tuple(source.shape[axis] for axis in rest), dtype, read))]


@rule.register(DimShuffle)
def _(op: Any, program: Program, node: Any, inputs: list[Tensor]) -> list[Tensor]:
    (source,) = inputs
    order = op.new_order
    shape = tuple(1 if axis == "x" else source.shape[axis] for axis in order)

    def read(to: Arithmetic, index: Index) -> Value:
        places: list[Value] = [whole(0)] * len(source.shape)
        for axis, place in zip(order, index, strict=True):
            if axis != "x":
                places[axis] = place
        return source.at(to, places)

    return [Tensor(shape, source.dtype, read)]


@rule.register(Dot)
def _(op: Any, program: Program, node: Any, inputs: list[Tensor]) -> list[Tensor]:
    left, right = inputs
    rows, columns = left.shape[:-1], right.shape[1:]
    dtype = node.outputs[0].type.dtype

    def read(to: Arithmetic, index: Index) -> Value:
        total = program.slot(TYPES[kind_of(dtype)])
        to.builder.store(to.constant(0, dtype), total)

        def add(inner: list[Value]) -> None:
            pair = left.at(to, [*index[: len(rows)], *inner]), right.at(to, [*inner, *index[len(rows) :]])
            product = to.apply(ps.mul, pair, dtype)
            to.builder.store(to.apply(ps.add, [to.builder.load(total), product], dtype), total)

        loops(to, left.shape[-1:], add)
        return to.builder.load(total)

    return [program.stored(Tensor((*rows, *columns), dtype, read))]


@rule.register(Alloc)
def _(op: Any, program: Program, node: Any, inputs: list[Tensor]) -> list[Tensor]:
    value, *lengths = inputs
    shape = tuple(number_of(each) for each in lengths)
    missing = len(shape) - len(value.shape)
    return [Tensor(shape, value.dtype, lambda to, index: value.at(to, list(index)[missing:]))]


@rule.register(MakeVector)
def _(op: Any, program: Program, node: Any, inputs: list[Tensor]) -> list[Tensor]:
    return [_side_by_side(program, [_reshaped(program, each, (1,)) for each in inputs], 0, node.outputs[0].type.dtype)]


@rule.register(Join)
def _(op: Any, program: Program, node: Any, inputs: list[Tensor]) -> list[Tensor]:
    arrays = (
        inputs[1:] if hasattr(node.inputs[0].type, "dtype") and len(inputs) > 1 and not hasattr(op, "axis") else inputs
    )
    axis = op.axis if hasattr(op, "axis") else number_of(inputs[0])
    return [_side_by_side(program, arrays, int(axis), node.outputs[0].type.dtype)]


def _side_by_side(program: Program, parts: Sequence[Tensor], axis: int, dtype: str) -> Tensor:
    first = list(parts[0].shape)
    shape = (*first[:axis], sum(each.shape[axis] for each in parts), *first[axis + 1 :])
    pointer, to = program.memory(shape, dtype), program.to
    start = 0
    for part in parts:

        def write(index: list[Value], part: Tensor = part, start: int = start) -> None:
            moved = [*index[:axis], to.builder.add(index[axis], whole(start)), *index[axis + 1 :]]
            store(to, pointer, shape, moved, to.cast(part.at(to, index), kind_of(dtype)))

        loops(to, part.shape, write)
        start += part.shape[axis]
    return Tensor.of_memory(pointer, shape, dtype)


@rule.register(Reshape)
def _(op: Any, program: Program, node: Any, inputs: list[Tensor]) -> list[Tensor]:
    source, lengths = inputs
    if lengths.known is None:
        raise Untranslatable("a shape that is not known in advance")
    shape = [int(each) for each in np.atleast_1d(lengths.known)]
    if -1 in shape:
        shape[shape.index(-1)] = source.size // max(1, -prod(shape))
    return [_reshaped(program, source, tuple(shape))]


def _reshaped(program: Program, source: Tensor, shape: tuple[int, ...]) -> Tensor:
    if source.size == 1:
        return Tensor(shape, source.dtype, lambda to, index: source.at(to, [whole(0)] * len(source.shape)))
    pointer, stored = source.memory or (program.copied(source, source.dtype)[1], None)
    return Tensor.of_memory(pointer, shape, source.dtype, stored)


@rule.register(SpecifyShape)
@rule.register(ScalarFromTensor)
@rule.register(TensorFromScalar)
def _(op: Any, program: Program, node: Any, inputs: list[Tensor]) -> list[Tensor]:
    return inputs[:1]


@rule.register(Shape_i)
def _(op: Any, program: Program, node: Any, inputs: list[Tensor]) -> list[Tensor]:
    return [Tensor.of_constant(np.int64(inputs[0].shape[op.i]))]


@rule.register(Shape)
def _(op: Any, program: Program, node: Any, inputs: list[Tensor]) -> list[Tensor]:
    return [Tensor.of_constant(np.array(inputs[0].shape, dtype=np.int64))]


@rule.register(CheckAndRaise)
def _(op: Any, program: Program, node: Any, inputs: list[Tensor]) -> list[Tensor]:
    value, *conditions = inputs
    for each in conditions:
        if each.shape:
            raise Untranslatable("a condition on an array")
        if each.known is None:
            program.fail_unless(program.to.cast(each.at(program.to, ()), "b"))
        elif not each.known:
            raise Untranslatable("a condition that never holds")
    return [value]
