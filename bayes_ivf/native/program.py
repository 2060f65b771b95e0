"""A function under construction: where code is written, what is known of each variable, and memory for what is stored.

Every address is fixed when the function starts, so that it may run in several threads at once: small arrays lie on the stack of
the call, large ones are asked of the system and given back at its end.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from llvmlite import ir
from pytensor.graph.basic import Constant
from pytensor.tensor.elemwise import CAReduce, Elemwise

from bayes_ivf.native.errors import Untranslatable
from bayes_ivf.native.library import address_of
from bayes_ivf.native.scalars import BYTE, INTEGER, Arithmetic, Value, kind_of
from bayes_ivf.native.tensor import STORED, Tensor, loops, store, whole

_SMALL = 512
"""Numbers of an array up to which it lies on the stack."""


@dataclass(frozen=True)
class Program:
    """A function whose body is being written.

    Parameters
    ----------
    function : ir.Function
        Its status is 0 after all has gone well.
    to : Arithmetic
        Where code is written now.
    entry, leave : ir.Block
        Where memory is asked for, and where it is given back.
    status : Value
        Where the status lies.
    graph : FunctionGraph
        Tells who reads a variable.
    known : dict
        Arrays of variables that code has been written for.
    """

    function: ir.Function
    to: Arithmetic
    entry: ir.Block
    leave: ir.Block
    status: Value
    graph: Any
    known: dict[Any, Tensor] = field(default_factory=dict)
    borrowed: list[Value] = field(default_factory=list)

    def within(self, known: dict[Any, Tensor], graph: Any) -> Program:
        """The same function, at work on a graph inside of an operation."""
        return replace(self, graph=graph, known=known)

    def tensor(self, variable: Any) -> Tensor:
        """Array of a variable."""
        if variable not in self.known:
            if not isinstance(variable, Constant):
                raise Untranslatable(f"the input {variable}")
            if variable.data is None:
                return Tensor((), "none", lambda to, index: whole(0))
            self.known[variable] = Tensor.of_constant(variable.data)
        return self.known[variable]

    def is_read_once(self, variable: Any, shape: tuple[int, ...]) -> bool:
        """Whether one operation alone reads it, each element once, so that it need not be stored."""
        readers = self.graph.clients[variable]
        if not shape or len(readers) != 1:
            return False
        node = readers[0][0]
        if isinstance(node.op, Elemwise):
            return bool(node.outputs[0].type.broadcastable == variable.type.broadcastable)
        return isinstance(node.op, CAReduce)

    def stored(self, result: Tensor) -> Tensor:
        """Write the code that computes an array here and now, and return where it is."""
        if result.known is not None:
            return result
        if result.size == 1:
            value = result.at(self.to, [whole(0)] * len(result.shape))
            return Tensor(result.shape, result.dtype, lambda to, index: value)
        return self.copied(result, result.dtype)[0]

    def copied(self, source: Tensor, dtype: str) -> tuple[Tensor, Value]:
        """A copy in memory of its own, and its address."""
        pointer, kind = self.memory(source.shape, dtype), kind_of(dtype)

        def write(index: list[Value]) -> None:
            store(self.to, pointer, source.shape, index, self.to.cast(source.at(self.to, index), kind))

        loops(self.to, source.shape, write)
        return Tensor.of_memory(pointer, source.shape, dtype), pointer

    def slot(self, kind: ir.Type) -> Value:
        """Memory for one number."""
        with self.to.builder.goto_block(self.entry):
            return self.to.builder.alloca(kind)

    def memory(self, shape: tuple[int, ...], dtype: str) -> Value:
        """Memory for an array."""
        stored, size = STORED[kind_of(dtype)], 1
        for length in shape:
            size *= length
        builder = self.to.builder
        with builder.goto_block(self.entry):
            if size <= _SMALL:
                return builder.alloca(stored, size=whole(max(size, 1)))
            ask = ir.FunctionType(BYTE.as_pointer(), [INTEGER])
            pointer = builder.call(self.to.function(address_of("malloc"), ask), [whole(size * 8)])
            self.borrowed.append(pointer)
            return builder.bitcast(pointer, stored.as_pointer())

    def fail_unless(self, condition: Value, status: int = 1) -> None:
        """Leave the function with a status unless a condition holds."""
        builder = self.to.builder
        go_on = builder.append_basic_block("holds")
        failed = builder.append_basic_block("failed")
        builder.cbranch(condition, go_on, failed)
        builder.position_at_end(failed)
        builder.store(whole(status), self.status)
        builder.branch(self.leave)
        builder.position_at_end(go_on)

    def finish(self) -> None:
        """Close the function."""
        builder = self.to.builder
        builder.branch(self.leave)
        builder.position_at_end(self.leave)
        give = ir.FunctionType(ir.VoidType(), [BYTE.as_pointer()])
        for pointer in self.borrowed:
            builder.call(self.to.function(address_of("free"), give), [pointer])
        builder.ret(builder.load(self.status))
