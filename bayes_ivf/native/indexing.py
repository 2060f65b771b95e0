"""Parts of arrays: places and ranges along axes, an axis indexed by an array, and sums into them.

What an index points at is mostly known in advance. A place that is only known when the code runs is looked at then, and one
beyond its array ends the evaluation with a status instead of reading what lies there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytensor.scalar as ps
from pytensor.tensor.subtensor import (
    AdvancedIncSubtensor,
    AdvancedSubtensor,
    IncSubtensor,
    Subtensor,
    indices_from_subtensor,
)

from bayes_ivf.native.errors import Untranslatable
from bayes_ivf.native.node import number_of, rule
from bayes_ivf.native.program import Program
from bayes_ivf.native.scalars import Arithmetic, Value, kind_of
from bayes_ivf.native.tensor import Index, Tensor, loops, store, whole


@rule.register(Subtensor)
def _(op: Any, program: Program, node: Any, inputs: list[Tensor]) -> list[Tensor]:
    source, *_ = inputs
    starts = _places(op, program, node, node.inputs[1:], source.shape)
    shape = tuple(len(each) for each in starts if isinstance(each, range))

    def read(to: Arithmetic, index: Index) -> Value:
        return source.at(to, _within(to, starts, index))

    return [Tensor(shape, source.dtype, read)]


@rule.register(IncSubtensor)
def _(op: Any, program: Program, node: Any, inputs: list[Tensor]) -> list[Tensor]:
    starts = _places(op, program, node, node.inputs[2:], inputs[0].shape)
    shape = tuple(len(each) for each in starts if isinstance(each, range))
    return [_changed(op, program, node, inputs, shape, lambda index: _within(program.to, starts, index))]


def _changed(
    op: Any,
    program: Program,
    node: Any,
    inputs: Sequence[Tensor],
    shape: tuple[int, ...],
    place_of: Callable[[Index], list[Value]],
) -> Tensor:
    """A copy of the first input to which the second is added, or in which it is put, at the places of an index of that part."""
    source, added = inputs[:2]
    dtype = node.outputs[0].type.dtype
    array, pointer = program.copied(source, dtype)
    to, missing = program.to, len(shape) - len(added.shape)

    def change(index: list[Value]) -> None:
        places = place_of(index)
        value = added.at(to, index[missing:])
        if not op.set_instead_of_inc:
            value = to.apply(ps.add, [array.at(to, places), value], dtype)
        store(to, pointer, source.shape, places, to.cast(value, kind_of(dtype)))

    loops(to, shape, change)
    return array


def _places(op: Any, program: Program, node: Any, given: Sequence[Any], shape: Sequence[int]) -> list[range | Value]:
    """Where an index points: a place, or a range of places, on every axis."""

    def number(value: Any) -> int | None:
        if value is None or isinstance(value, int):
            return value
        return number_of(program.tensor(value))

    places: list[range | Value] = []
    indices = indices_from_subtensor(given, op.idx_list)
    for axis, length in enumerate(shape):
        each = indices[axis] if axis < len(indices) else slice(None)
        if isinstance(each, slice):
            places.append(range(length)[slice(number(each.start), number(each.stop), number(each.step))])
        else:
            places.append(_place(program, program.tensor(each), length))
    return places


def _place(program: Program, tensor: Tensor, length: int) -> Value:
    """A place on an axis; one that is only known when the code runs is looked at then."""
    if tensor.shape:
        raise Untranslatable("an index that is an array")
    if tensor.known is not None:
        place = int(tensor.known)
        if not -length <= place < length:
            raise Untranslatable("an index beyond its array")
        return whole(place % length)
    return _at_place(program, tensor, (), length)


def _checked(program: Program, place: Value, length: int) -> Value:
    """The same place, after a look at whether it is one."""
    program.fail_unless(program.to.builder.icmp_unsigned("<", place, whole(length)))
    return place


def _within(to: Arithmetic, starts: Sequence[range | Value], index: Index) -> list[Value]:
    inner = iter(index)
    places = []
    for each in starts:
        if isinstance(each, range):
            step = to.builder.mul(next(inner), whole(each.step))
            places.append(to.builder.add(step, whole(each.start)))
        else:
            places.append(each)
    return places


@rule.register(AdvancedSubtensor)
def _(op: Any, program: Program, node: Any, inputs: list[Tensor]) -> list[Tensor]:
    source, places = inputs[0], _taken(op, inputs[1:])
    axis, length = _axis_of(op), inputs[0].shape[_axis_of(op)]
    shape = (*source.shape[:axis], *places.shape, *source.shape[axis + 1 :])

    def read(to: Arithmetic, index: Index) -> Value:
        inner = index[axis : axis + len(places.shape)]
        place = _at_place(program, places, inner, length)
        return source.at(to, [*index[:axis], place, *index[axis + len(places.shape) :]])

    return [program.stored(Tensor(shape, source.dtype, read))]


@rule.register(AdvancedIncSubtensor)
def _(op: Any, program: Program, node: Any, inputs: list[Tensor]) -> list[Tensor]:
    source, places, axis = inputs[0], _taken(op, inputs[2:]), _axis_of(op)
    shape = (*source.shape[:axis], *places.shape, *source.shape[axis + 1 :])
    if op.ignore_duplicates and not op.set_instead_of_inc:
        raise Untranslatable("a sum that leaves out repeated places")

    def place_of(index: Index) -> list[Value]:
        inner = index[axis : axis + len(places.shape)]
        place = _at_place(program, places, inner, source.shape[axis])
        return [*index[:axis], place, *index[axis + len(places.shape) :]]

    return [_changed(op, program, node, inputs, shape, place_of)]


def _axis_of(op: Any) -> int:
    """The one axis that is indexed by an array, all others being taken whole."""
    arrays = [axis for axis, each in enumerate(op.idx_list) if isinstance(each, int)]
    whole_axes = all(each == slice(None) for axis, each in enumerate(op.idx_list) if axis not in arrays)
    if len(arrays) != 1 or not whole_axes:
        raise Untranslatable("an index of several arrays")
    return arrays[0]


def _taken(op: Any, given: Sequence[Tensor]) -> Tensor:
    places: Tensor = given[op.idx_list[_axis_of(op)]]
    if kind_of(places.dtype) != "i":
        raise Untranslatable("an index of truth values")
    return places


def _at_place(program: Program, places: Tensor, index: Index, length: int) -> Value:
    builder, value = program.to.builder, places.at(program.to, index)
    moved = builder.select(builder.icmp_signed("<", value, whole(0)), builder.add(value, whole(length)), value)
    return _checked(program, moved, length)
