"""One node of a graph: by the rule of its operation, or computed here where all that it takes is known in advance.

Examples
--------
Shapes and lengths are known, so that they are numbers before any code is written:

>>> number_of(Tensor.of_constant(3))
3
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from typing import Any

from pytensor.compile.builders import OpFromGraph
from pytensor.raise_op import CheckAndRaise

from bayes_ivf.native.errors import Untranslatable
from bayes_ivf.native.program import Program
from bayes_ivf.native.tensor import Tensor


def translate(program: Program, node: Any) -> None:
    """Write the code of one node.

    Raises
    ------
    Untranslatable
        If there is no rule for it, or something must be known in advance that is not.
    """
    inputs = [program.tensor(each) for each in node.inputs]
    if all(each.known is not None for each in inputs) and not isinstance(node.op, CheckAndRaise):
        for variable, value in zip(node.outputs, _computed(node, inputs), strict=True):
            program.known[variable] = Tensor.of_constant(value)
        return
    results = rule(node.op, program, node, inputs)
    for variable, result in zip(node.outputs, results, strict=True):
        program.known[variable] = result


def _computed(node: Any, inputs: Sequence[Tensor]) -> list[Any]:
    """What a node gives for numbers known in advance."""
    storage: list[list[Any]] = [[None] for _ in node.outputs]
    op = node.op
    if isinstance(op, OpFromGraph):
        raise Untranslatable("a function of constants")
    values = [
        variable.type.filter(each.known, allow_downcast=True)
        for variable, each in zip(node.inputs, inputs, strict=True)
    ]
    op.perform(node, values, storage)
    return [each[0] for each in storage]


def number_of(tensor: Tensor) -> int:
    """A whole number that is known in advance.

    Raises
    ------
    Untranslatable
        If it is not.
    """
    if tensor.known is None:
        raise Untranslatable("an index or length that is not known in advance")
    return int(tensor.known)


@singledispatch
def rule(op: Any, program: Program, node: Any, inputs: list[Tensor]) -> list[Tensor]:
    """Write the code of an operation; `operations` and `indexing` hold one rule for each."""
    raise Untranslatable(f"the operation {op}")
