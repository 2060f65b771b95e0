"""Scalar operations of PyTensor as instructions of LLVM: numbers in, one number out.

Numbers are of three kinds: ``f`` (a double), ``i`` (a 64-bit integer) and ``b`` (one bit). No instruction lets the
compiler reorder arithmetic, so that results are those of plain evaluation in the order of the graph. Special functions are
SciPy's own, by their addresses; elementary ones are those of the C library that Python runs on.

Examples
--------
>>> kind_of("float64"), kind_of("int8"), kind_of("bool")
('f', 'i', 'b')
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytensor.scalar as ps
from llvmlite import ir
from pytensor.scalar import math as special

from bayes_ivf.native.errors import Untranslatable
from bayes_ivf.native.library import SPECIAL, address_of

DOUBLE, INTEGER, BIT, BYTE = ir.DoubleType(), ir.IntType(64), ir.IntType(1), ir.IntType(8)
TYPES = {"f": DOUBLE, "i": INTEGER, "b": BIT}
_FLAG = ir.IntType(32)
_INFINITY = ir.Constant(DOUBLE, math.inf)
_INSTRUCTIONS = {"sqrt", "fabs", "floor", "ceil"}
# Functions that processors have an instruction for.

type Value = Any
"""A number of LLVM; the library has no types."""
Rule = Callable[["Arithmetic", Any, list[Value], str], Value]


def kind_of(dtype: str) -> str:
    """Kind of number in which a dtype is computed.

    Raises
    ------
    Untranslatable
        If there is none, as for complex numbers.
    """
    if dtype == "bool":
        return "b"
    if dtype.startswith(("int", "uint")):
        return "i"
    if dtype in ("float64", "float32", "float16"):
        return "f"
    raise Untranslatable(f"numbers of type {dtype}")


class Arithmetic:
    """Instructions at the place where a builder stands.

    Parameters
    ----------
    builder : ir.IRBuilder
    """

    def __init__(self, builder: ir.IRBuilder) -> None:
        self.builder = builder

    def cast(self, value: Value, kind: str) -> Value:
        """Turn a number into one of another kind."""
        builder = self.builder
        if value.type == TYPES[kind]:
            return value
        if kind == "f":
            return builder.uitofp(value, DOUBLE) if value.type == BIT else builder.sitofp(value, DOUBLE)
        if kind == "i":
            return builder.zext(value, INTEGER) if value.type == BIT else builder.fptosi(value, INTEGER)
        zero = ir.Constant(value.type, 0)
        return (
            builder.fcmp_unordered("!=", value, zero)
            if value.type == DOUBLE
            else builder.icmp_signed("!=", value, zero)
        )

    def call(self, name: str, *values: Value) -> Value:
        """Call a function of doubles: an instruction, SciPy's function, or the C library's."""
        builder, kind = self.builder, ir.FunctionType(DOUBLE, [DOUBLE] * len(values))
        if name in _INSTRUCTIONS:
            return builder.call(builder.module.declare_intrinsic(f"llvm.{name}", [DOUBLE], kind), list(values))
        if name.startswith(SPECIAL):
            # Cython's functions have one more argument, which says how a method is looked up
            kind, values = ir.FunctionType(DOUBLE, [DOUBLE, _FLAG]), (*values, ir.Constant(_FLAG, 0))
        return builder.call(self.function(address_of(name), kind), list(values))

    def function(self, address: int, kind: ir.FunctionType) -> Value:
        """A function that lies at an address."""
        return self.builder.inttoptr(ir.Constant(INTEGER, address), kind.as_pointer())

    def number(self, value: float) -> Value:
        """A constant double."""
        return ir.Constant(DOUBLE, value)

    def compare(self, sign: str, a: Value, b: Value) -> Value:
        """Compare two numbers; nothing but ``!=`` is true of NaN."""
        if DOUBLE in (a.type, b.type):
            a, b = self.cast(a, "f"), self.cast(b, "f")
            return self.builder.fcmp_unordered(sign, a, b) if sign == "!=" else self.builder.fcmp_ordered(sign, a, b)
        return self.builder.icmp_signed(sign, self.cast(a, "i"), self.cast(b, "i"))

    def larger(self, a: Value, b: Value, sign: str = ">=") -> Value:
        """The larger of two numbers of one kind (the smaller one for ``<=``), and NaN if one is NaN."""
        first = self.compare(sign, a, b)
        if a.type == DOUBLE:
            first = self.builder.or_(first, self.builder.fcmp_unordered("uno", a, a))
        return self.builder.select(first, a, b)

    def apply(self, op: Any, values: Sequence[Value], dtype: str) -> Value:
        """Apply a scalar operation.

        Raises
        ------
        Untranslatable
            If there is no rule for it.
        """
        if isinstance(op, ps.Composite):
            return self._composite(op, list(values))
        rule = RULES.get(type(op))
        if rule is None:
            raise Untranslatable(f"the scalar operation {type(op).__name__}")
        kind = kind_of(dtype)
        return self.cast(rule(self, op, list(values), kind), kind)

    def _composite(self, op: Any, values: list[Value]) -> Value:
        if len(op.fgraph.outputs) != 1:
            raise Untranslatable("a scalar operation with several results")
        known = dict(zip(op.fgraph.inputs, values, strict=True))
        for node in op.fgraph.toposort():
            given = [
                known[each] if each in known else self.constant(each.data, each.type.dtype) for each in node.inputs
            ]
            known[node.outputs[0]] = self.apply(node.op, given, node.outputs[0].type.dtype)
        return known[op.fgraph.outputs[0]]

    def constant(self, value: Any, dtype: str) -> Value:
        """A number known in advance."""
        kind = kind_of(dtype)
        return ir.Constant(TYPES[kind], float(value) if kind == "f" else int(value))


def _fold(of_doubles: str | None, of_integers: str, of_bits: str | None) -> Rule:
    """One instruction applied to any number of values from left to right, by their kind."""

    def rule(to: Arithmetic, _: Any, values: list[Value], kind: str) -> Value:
        name = {"f": of_doubles, "i": of_integers, "b": of_bits}[kind]
        if name is None:
            raise Untranslatable(f"{of_integers} of other numbers")
        total, *others = (to.cast(each, kind) for each in values)
        for each in others:
            total = getattr(to.builder, name)(total, each)
        return total

    return rule


def _doubles(name: str) -> Rule:
    """A function of doubles by its name."""

    def rule(to: Arithmetic, _: Any, values: list[Value], kind: str) -> Value:
        return to.call(name, *(to.cast(each, "f") for each in values))

    return rule


def _comparison(sign: str) -> Rule:
    def rule(to: Arithmetic, _: Any, values: list[Value], kind: str) -> Value:
        return to.compare(sign, values[0], values[1])

    return rule


def _divide(to: Arithmetic, _: Any, values: list[Value], kind: str) -> Value:
    return to.builder.fdiv(*(to.cast(each, "f") for each in values))


def _negate(to: Arithmetic, _: Any, values: list[Value], kind: str) -> Value:
    value = to.cast(values[0], kind)
    return to.builder.fneg(value) if kind == "f" else to.builder.neg(value)


def _square(to: Arithmetic, _: Any, values: list[Value], kind: str) -> Value:
    value = to.cast(values[0], kind)
    return to.builder.fmul(value, value) if kind == "f" else to.builder.mul(value, value)


def _reciprocal(to: Arithmetic, _: Any, values: list[Value], kind: str) -> Value:
    return to.builder.fdiv(to.number(1.0), to.cast(values[0], "f"))


def _absolute(to: Arithmetic, _: Any, values: list[Value], kind: str) -> Value:
    value = to.cast(values[0], kind)
    if kind == "f":
        return to.call("fabs", value)
    return to.builder.select(to.compare("<", value, ir.Constant(INTEGER, 0)), to.builder.neg(value), value)


def _sign(to: Arithmetic, _: Any, values: list[Value], kind: str) -> Value:
    value = to.cast(values[0], "f")
    positive = to.builder.select(to.compare(">", value, to.number(0.0)), to.number(1.0), value)
    return to.builder.select(to.compare("<", value, to.number(0.0)), to.number(-1.0), positive)


def _switch(to: Arithmetic, _: Any, values: list[Value], kind: str) -> Value:
    condition, yes, no = to.cast(values[0], "b"), to.cast(values[1], kind), to.cast(values[2], kind)
    return to.builder.select(condition, yes, no)


def _sigmoid(to: Arithmetic, _: Any, values: list[Value], kind: str) -> Value:
    one, value = to.number(1.0), to.cast(values[0], "f")
    return to.builder.fdiv(one, to.builder.fadd(one, to.call("exp", to.builder.fneg(value))))


def _softplus(to: Arithmetic, _: Any, values: list[Value], kind: str) -> Value:
    """``log(1 + exp(x))`` as ``max(x, 0) + log1p(exp(-|x|))``, which neither overflows nor cancels."""
    value = to.cast(values[0], "f")
    decay = to.call("exp", to.builder.fneg(to.call("fabs", value)))
    return to.builder.fadd(to.larger(value, to.number(0.0)), to.call("log1p", decay))


def _log_of_complement(to: Arithmetic, _: Any, values: list[Value], kind: str) -> Value:
    """``log(1 - exp(x))`` for negative x (Maechler 2012), by the one of two ways that keeps its digits."""
    value = to.cast(values[0], "f")
    near = to.call("log", to.builder.fneg(to.call("expm1", value)))
    far = to.call("log1p", to.builder.fneg(to.call("exp", value)))
    return to.builder.select(to.compare("<", value, to.number(-math.log(2))), far, near)


def _is_infinite(to: Arithmetic, _: Any, values: list[Value], kind: str) -> Value:
    return to.builder.fcmp_ordered("==", to.call("fabs", to.cast(values[0], "f")), _INFINITY)


def _is_nan(to: Arithmetic, _: Any, values: list[Value], kind: str) -> Value:
    value = to.cast(values[0], "f")
    return to.builder.fcmp_unordered("uno", value, value)


def _extreme(sign: str) -> Rule:
    def rule(to: Arithmetic, _: Any, values: list[Value], kind: str) -> Value:
        return to.larger(to.cast(values[0], kind), to.cast(values[1], kind), sign)

    return rule


def _clip(to: Arithmetic, _: Any, values: list[Value], kind: str) -> Value:
    value, low, high = (to.cast(each, kind) for each in values)
    raised = to.builder.select(to.compare("<", value, low), low, value)
    return to.builder.select(to.compare(">", raised, high), high, raised)


def _invert(to: Arithmetic, _: Any, values: list[Value], kind: str) -> Value:
    return to.builder.not_(to.cast(values[0], kind))


def _first(to: Arithmetic, _: Any, values: list[Value], kind: str) -> Value:
    return values[0]


def _last(to: Arithmetic, _: Any, values: list[Value], kind: str) -> Value:
    return values[-1]


RULES: dict[type, Rule] = {
    ps.Add: _fold("fadd", "add", "or_"),
    ps.Mul: _fold("fmul", "mul", "and_"),
    ps.Sub: _fold("fsub", "sub", None),
    ps.TrueDiv: _divide,
    ps.Neg: _negate,
    ps.Sqr: _square,
    ps.Reciprocal: _reciprocal,
    ps.Abs: _absolute,
    ps.Sign: _sign,
    ps.Switch: _switch,
    ps.Second: _last,
    ps.Identity: _first,
    ps.Cast: _first,
    ps.Clip: _clip,
    ps.Maximum: _extreme(">="),
    ps.Minimum: _extreme("<="),
    ps.AND: _fold(None, "and_", "and_"),
    ps.OR: _fold(None, "or_", "or_"),
    ps.XOR: _fold(None, "xor", "xor"),
    ps.Invert: _invert,
    ps.IsInf: _is_infinite,
    ps.IsNan: _is_nan,
    special.Sigmoid: _sigmoid,
    special.Softplus: _softplus,
    special.Log1mexp: _log_of_complement,
    **{
        op: _comparison(sign)
        for op, sign in ((ps.EQ, "=="), (ps.NEQ, "!="), (ps.LT, "<"), (ps.LE, "<="), (ps.GT, ">"), (ps.GE, ">="))
    },
    **{
        op: _doubles(name)
        for op, name in (
            (ps.Exp, "exp"),
            (ps.Log, "log"),
            (ps.Log1p, "log1p"),
            (ps.Expm1, "expm1"),
            (ps.Sqrt, "sqrt"),
            (ps.Pow, "pow"),
            (ps.Floor, "floor"),
            (ps.Ceil, "ceil"),
            (ps.Sin, "sin"),
            (ps.Cos, "cos"),
            (ps.Sinh, "sinh"),
            (ps.Cosh, "cosh"),
            (ps.Tanh, "tanh"),
            (ps.ArcSinh, "asinh"),
            (ps.ArcTanh, "atanh"),
            (ps.ArcTan, "atan"),
            (special.GammaLn, "scipy.gammaln"),
            (special.Psi, "scipy.psi"),
            (special.Erf, "scipy.erf"),
            (special.Erfc, "scipy.erfc"),
            (special.Erfcx, "scipy.erfcx"),
        )
    },
}
"""What is known of each scalar operation."""
