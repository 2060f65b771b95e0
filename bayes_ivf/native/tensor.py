"""Arrays of known shape in machine code: something that gives the number at an index.

An array is a pointer with a shape, or a rule that computes an element when it is asked for; a view is a rule that asks another
array at another index. Indices are values of LLVM, since they may be those of a loop.

Examples
--------
>>> import numpy as np
>>> known = Tensor.of_constant(np.array([[1.0, 2.0], [3.0, 4.0]]))
>>> known.shape, known.dtype, known.size
((2, 2), 'float64', 4)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
from llvmlite import ir

from bayes_ivf.native.scalars import BIT, BYTE, DOUBLE, INTEGER, Arithmetic, Value, kind_of

Index = Sequence[Value]
Reader = Callable[[Arithmetic, Index], Value]

STORED = {"f": DOUBLE, "i": INTEGER, "b": BYTE}
"""How numbers lie in memory."""


def whole(value: int) -> Value:
    """A constant index."""
    return ir.Constant(INTEGER, value)


@dataclass(frozen=True)
class Tensor:
    """An array of known shape.

    Parameters
    ----------
    shape : tuple of int
    dtype : str
    read : callable
        Gives the number at an index, at the place where a builder stands.
    known : array, optional
        The numbers themselves, where they are known in advance.
    memory : (Value, Type or None), optional
        Where the numbers lie one after the other, and as what, for those that lie in memory.
    """

    shape: tuple[int, ...]
    dtype: str
    read: Reader
    known: Any = field(default=None, compare=False)
    memory: tuple[Value, ir.Type | None] | None = None

    @property
    def size(self) -> int:
        """Number of elements."""
        return prod(self.shape)

    @classmethod
    def of_constant(cls, values: Any) -> Tensor:
        """An array whose numbers are known in advance."""
        array = np.asarray(values)
        dtype = str(array.dtype)
        kind = kind_of(dtype)

        def read(to: Arithmetic, index: Index) -> Value:
            if array.size == 1:
                return to.constant(array.reshape(())[()], dtype)
            table = _table(to.builder.module, array, kind)
            return load(to, table, array.shape, index, kind)

        return cls(array.shape, dtype, read, array)

    @classmethod
    def of_memory(cls, pointer: Value, shape: tuple[int, ...], dtype: str, stored: ir.Type | None = None) -> Tensor:
        """An array in memory, the last index running fastest."""
        kind = kind_of(dtype)

        def read(to: Arithmetic, index: Index) -> Value:
            return load(to, pointer, shape, index, kind, stored)

        return cls(shape, dtype, read, memory=(pointer, stored))

    @classmethod
    def of_scalar(cls, value: Value, dtype: str) -> Tensor:
        """One number."""
        return cls((), dtype, lambda to, index: value)

    def at(self, to: Arithmetic, index: Index) -> Value:
        """The number at an index; an axis of length one is read at its only place whatever the index."""
        places = [whole(0) if length == 1 else place for length, place in zip(self.shape, index, strict=True)]
        return self.read(to, places)


def flat(to: Arithmetic, shape: Sequence[int], index: Index) -> Value:
    """Position of an element in memory."""
    position = whole(0)
    for length, place in zip(shape, index, strict=True):
        position = to.builder.add(to.builder.mul(position, whole(length)), place)
    return position


def load(
    to: Arithmetic, pointer: Value, shape: Sequence[int], index: Index, kind: str, stored: ir.Type | None = None
) -> Value:
    """Read an element from memory, as a number of its kind."""
    builder = to.builder
    value = builder.load(builder.gep(pointer, [flat(to, shape, index)]))
    if stored is not None and stored != STORED[kind]:
        # whole numbers and truth values of fewer bytes
        value = builder.sext(value, INTEGER) if kind == "i" else value
    return builder.trunc(value, BIT) if kind == "b" else value


def store(to: Arithmetic, pointer: Value, shape: Sequence[int], index: Index, value: Value) -> None:
    """Write an element to memory."""
    builder = to.builder
    if value.type == BIT:
        value = builder.zext(value, BYTE)
    builder.store(value, builder.gep(pointer, [flat(to, shape, index)]))


def loops(to: Arithmetic, shape: Sequence[int], body: Callable[[list[Value]], None], index: Index = ()) -> None:
    """Go through all indices of a shape, the last one running fastest."""
    if not shape:
        body(list(index))
        return
    length, *inner = shape
    if length == 0:
        return
    if length == 1:
        loops(to, inner, body, [*index, whole(0)])
        return
    builder = to.builder
    before = builder.block
    head = builder.append_basic_block("loop")
    after = builder.append_basic_block("after")
    builder.branch(head)
    builder.position_at_end(head)
    place = builder.phi(INTEGER)
    place.add_incoming(whole(0), before)
    loops(to, inner, body, [*index, place])
    following = builder.add(place, whole(1))
    place.add_incoming(following, builder.block)
    builder.cbranch(builder.icmp_signed("<", following, whole(length)), head, after)
    builder.position_at_end(after)


def _table(module: ir.Module, array: Any, kind: str) -> Value:
    """Numbers known in advance as a constant of the module."""
    stored = STORED[kind]
    python = float if kind == "f" else int
    values = [stored(python(each)) for each in array.ravel().tolist()]
    kinds = ir.ArrayType(stored, len(values))
    table = ir.GlobalVariable(module, kinds, module.get_unique_name("table"))
    table.global_constant, table.linkage = True, "internal"
    table.initializer = ir.Constant(kinds, values)
    return table.gep([whole(0), whole(0)])
