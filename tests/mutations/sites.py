"""Where a module can be changed by one constant or one operator."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_OPERATORS = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*"}
_COMPARISONS = {ast.Lt: ">=", ast.Gt: "<=", ast.LtE: ">", ast.GtE: "<", ast.Eq: "!=", ast.NotEq: "=="}


@dataclass(frozen=True)
class Site:
    """One change of one line.

    Parameters
    ----------
    line : int
    function : str
        Where it is; empty at the top level.
    old, new : str
        The expression before and after.
    start, end : int
        Where the expression lies in the text.
    """

    line: int
    function: str
    old: str
    new: str
    start: int
    end: int

    def apply(self, text: str) -> str:
        """Return the text with the change."""
        return text[: self.start] + self.new + text[self.end :]


def sites(text: str) -> list[Site]:
    """Return every place where a number, an operator or a comparison can be changed, in the order of the text."""
    starts = [0]
    for line in text.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    raw = text.encode()

    def place(node: ast.expr, function: str, new: str) -> Site:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        first, last = starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
        old = raw[first:last].decode()
        begin = len(raw[:first].decode())
        return Site(node.lineno, function, old, new, begin, begin + len(old))

    found = []
    for node, function in _expressions(ast.parse(text), ""):
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            left, right = ast.unparse(node.left), ast.unparse(node.right)
            found.append(place(node, function, f"(({left}) {_OPERATORS[type(node.op)]} ({right}))"))
        elif isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARISONS:
            left, right = ast.unparse(node.left), ast.unparse(node.comparators[0])
            found.append(place(node, function, f"(({left}) {_COMPARISONS[type(node.ops[0])]} ({right}))"))
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
            found.append(
                place(node, function, repr(node.value * 1.5 + 0.25 if type(node.value) is float else node.value + 1))
            )
    return found


def _expressions(node: ast.AST, function: str) -> Iterator[tuple[ast.expr, str]]:
    """Yield expressions with the function around them; types, texts put together and error messages aside."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns"):
            continue
        for each in value if isinstance(value, list) else [value]:
            if not isinstance(each, ast.AST) or isinstance(each, ast.JoinedStr | ast.Raise):
                continue
            inside = function
            if isinstance(each, ast.FunctionDef | ast.ClassDef):
                inside = f"{function}.{each.name}".strip(".")
            if isinstance(each, ast.expr):
                yield each, function
            yield from _expressions(each, inside)
