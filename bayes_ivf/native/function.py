"""A density with its gradient, and the values derived from a point, as two functions in machine code.

Both take and give flat arrays of doubles, as nutpie calls them; data and hyperparameters are read from the addresses that it
hands over, so that they may be swapped. Nothing is kept on disk: writing and compiling a model of a trial takes a tenth of a
second, where compiling each operation as a generic function of arrays takes ten.

Examples
--------
The logarithm of a normal density and its slope at 2:

>>> import pytensor.tensor as pt
>>> x = pt.vector("x", shape=(1,))
>>> log = (-0.5 * x**2).sum()
>>> function = compile_function({x: (1,)}, [], [log], [pt.grad(log, x)])
>>> function.log_density([2.0])
(-2.0, array([-2.]))
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, prod
from typing import Any

import numpy as np
from llvmlite import binding, ir
from pytensor.compile.mode import Mode
from pytensor.graph.fg import FunctionGraph
from pytensor.graph.rewriting.db import RewriteDatabaseQuery

from bayes_ivf.native import indexing, operations  # noqa: F401 -- their rules are registered as they are loaded
from bayes_ivf.native.errors import Untranslatable
from bayes_ivf.native.node import translate
from bayes_ivf.native.program import Program
from bayes_ivf.native.scalars import BYTE, DOUBLE, INTEGER, Arithmetic, Value, kind_of
from bayes_ivf.native.tensor import STORED, Tensor, loops, whole

BAD_GRADIENT, BAD_DENSITY = 3, 4
"""Status of a point whose gradient, or whose density, is not finite, as nutpie knows them."""
_QUERY = RewriteDatabaseQuery(
    include=["fast_run", "py_only"],
    exclude=["inplace", "fusion", "BlasOpt", "c_only", "random_make_inplace"],
)
"""Simplify, but keep operations as they are: no calls of BLAS, no work in place, no fused operations."""
_POINTERS = 8
"""Bytes of an address."""


@dataclass(frozen=True, eq=False)
class NativeFunction:
    """Machine code of one function.

    Parameters
    ----------
    address : int
        Where it begins.
    size : int
        Numbers that it takes.
    shapes : tuple of tuple of int
        Of what it writes one after the other: the gradient by variable, or derived values.
    engine : object
        Owner of the code, which lives as long as this.
    """

    address: int
    size: int
    shapes: tuple[tuple[int, ...], ...]
    engine: Any = field(repr=False)

    @property
    def width(self) -> int:
        """Numbers that it writes one after the other."""
        return sum(prod(shape) for shape in self.shapes)

    def log_density(self, point: Any, data: Any = None) -> tuple[float, np.ndarray]:
        """Log density and gradient at a point, from Python.

        Parameters
        ----------
        point : array (size,)
        data : array, optional
            Addresses of the data, as nutpie keeps them.

        Raises
        ------
        ValueError
            If one of them is not finite.
        """
        pointer = ctypes.POINTER(ctypes.c_double)
        kind = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, pointer, pointer, pointer, ctypes.c_void_p)
        x, value, slope = np.array(point, dtype=float), np.zeros(1), np.zeros(self.width)
        x_at, slope_at, value_at = (each.ctypes.data_as(pointer) for each in (x, slope, value))
        status = kind(self.address)(self.size, x_at, slope_at, value_at, None if data is None else data.ctypes.data)
        if status:
            raise ValueError(f"status {status}")
        return float(value[0]), slope

    def values(self, point: Any, data: Any = None) -> np.ndarray:
        """Values derived from a point, from Python, of a function without a density."""
        pointer = ctypes.POINTER(ctypes.c_double)
        kind = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, ctypes.c_uint64, pointer, pointer, ctypes.c_void_p)
        x, out = np.array(point, dtype=float), np.zeros(self.width)
        x_at, out_at = (each.ctypes.data_as(pointer) for each in (x, out))
        status = kind(self.address)(self.size, len(out), x_at, out_at, None if data is None else data.ctypes.data)
        if status:
            raise ValueError(f"status {status}")
        return out


def compile_function(
    inputs: Mapping[Any, tuple[int, ...]],
    shared: Sequence[Any],
    first: Sequence[Any],
    others: Sequence[Any],
    rewrites: Sequence[str] = (),
) -> NativeFunction:
    """Compile a graph.

    Parameters
    ----------
    inputs : mapping of variable to shape
        In the order in which they lie in the flat point.
    shared : sequence of shared variable
        In the order in which their addresses lie in the data.
    first : sequence of variable
        One log density, or nothing.
    others : sequence of variable
        What follows in the second array: the gradient, or values derived from the point.
    rewrites : sequence of str
        Of PyTensor, beside the usual ones.

    Returns
    -------
    NativeFunction

    Raises
    ------
    Untranslatable
        If the graph holds something that has no rule.
    """
    given, data = list(inputs), list(shared)
    graph = FunctionGraph([*given, *data], [*first, *others], clone=True)
    Mode(linker="py", optimizer=_QUERY).including(*rewrites).optimizer.rewrite(graph)
    module = ir.Module("density")
    sizes = [prod(shape) for shape in inputs.values()]
    program, x, out, value, addresses = _open(module, graph, bool(first), sum(sizes))
    start = 0
    for variable, shape, size in zip(graph.inputs, inputs.values(), sizes, strict=False):
        program.known[variable] = Tensor.of_memory(program.to.builder.gep(x, [whole(start)]), shape, "float64")
        start += size
    for number, (variable, source) in enumerate(zip(graph.inputs[len(given) :], data, strict=True)):
        program.known[variable] = _shared(program, addresses, number, source)
    for node in graph.toposort():
        translate(program, node)
    shapes = _give(program, graph.outputs[len(first) :], out, checked=bool(first))
    for variable in graph.outputs[: len(first)]:
        log = program.to.cast(program.tensor(variable).at(program.to, ()), "f")
        program.to.builder.store(log, value)
        program.fail_unless(_is_finite(program.to, log), BAD_DENSITY)
    program.finish()
    address, engine = _compile(module)
    return NativeFunction(address, sum(sizes), shapes, engine)


def _open(module: ir.Module, graph: Any, density: bool, size: int) -> tuple[Program, Value, Value, Value, Value]:
    """Begin a function; return it with its point, its results, and the addresses of its data."""
    array = DOUBLE.as_pointer()
    kinds = [INTEGER, array, array, array] if density else [INTEGER, INTEGER, array, array]
    function = ir.Function(module, ir.FunctionType(INTEGER, [*kinds, BYTE.as_pointer()]), "density")
    dimension, *pointers, data = function.args
    entry, body, leave = (function.append_basic_block(name) for name in ("entry", "body", "leave"))
    to = Arithmetic(ir.IRBuilder(entry))
    status = to.builder.alloca(INTEGER)
    to.builder.store(whole(0), status)
    addresses = to.builder.bitcast(data, INTEGER.as_pointer())
    to.builder.branch(body)
    to.builder.position_at_end(body)
    program = Program(function, to, entry, leave, status, graph)
    program.fail_unless(to.builder.icmp_signed("==", dimension, whole(size)), -1)
    x, out = (pointers[0], pointers[1]) if density else (pointers[1], pointers[2])
    return program, x, out, pointers[-1], addresses


def _shared(program: Program, addresses: Value, number: int, source: Any) -> Tensor:
    value, builder = source.get_value(borrow=True), program.to.builder
    array = np.asarray(value)
    kind = kind_of(str(array.dtype))
    if kind == "f" and array.dtype != np.float64:
        raise Untranslatable("data in single precision")
    stored = ir.IntType(8 * array.dtype.itemsize) if kind == "i" else STORED[kind]
    address = builder.load(builder.gep(addresses, [whole(number)]))
    pointer = builder.inttoptr(address, stored.as_pointer())
    return Tensor.of_memory(pointer, array.shape, str(array.dtype), stored)


def _give(program: Program, variables: Sequence[Any], out: Value, *, checked: bool) -> tuple[tuple[int, ...], ...]:
    """Write results one after the other; return their shapes."""
    to, start, shapes = program.to, 0, []
    for variable in variables:
        tensor = program.tensor(variable)
        place = to.builder.gep(out, [whole(start)])

        def write(index: list[Value], tensor: Tensor = tensor, place: Value = place) -> None:
            value = to.cast(tensor.at(to, index), "f")
            position = whole(0)
            for length, each in zip(tensor.shape, index, strict=True):
                position = to.builder.add(to.builder.mul(position, whole(length)), each)
            to.builder.store(value, to.builder.gep(place, [position]))
            if checked:
                program.fail_unless(_is_finite(to, value), BAD_GRADIENT)

        loops(to, tensor.shape, write)
        start += tensor.size
        shapes.append(tensor.shape)
    return tuple(shapes)


def _is_finite(to: Arithmetic, value: Value) -> Value:
    return to.builder.fcmp_ordered("<", to.call("fabs", value), ir.Constant(DOUBLE, inf))


def _compile(module: ir.Module) -> tuple[int, Any]:
    """Machine code of a module's function for this processor, and its owner."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    target = binding.Target.from_default_triple()
    machine = target.create_target_machine(
        opt=2, cpu=binding.get_host_cpu_name(), features=binding.get_host_cpu_features().flatten()
    )
    module.triple = machine.triple
    parsed = binding.parse_assembly(str(module))
    parsed.verify()
    builder = binding.create_pass_builder(machine, binding.create_pipeline_tuning_options(speed_level=2))
    builder.getModulePassManager().run(parsed, builder)
    engine = binding.create_mcjit_compiler(parsed, machine)
    engine.finalize_object()
    return int(engine.get_function_address("density")), engine
