"""What of embryo totals changes the graph of a likelihood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, cast

from bayes_ivf.problem import Problem


@dataclass(frozen=True)
class EmbryoLayout:
    """What changes the graph of a likelihood of embryo totals.

    Parameters
    ----------
    mechanism : str
    most : str
        Embryos that one woman received at most.
    listed : bool
        Whether NUTS reads a list of tables; else a surface.
    weights : str
        Of the ways to share out the embryos.
    """

    mechanism: str
    most: str
    listed: bool
    weights: str

    def canonical(self) -> str:
        """Return the text for hash and compile key, such as ``beta_binomial|3|rows|equal``."""
        return "|".join([self.mechanism, self.most, "rows" if self.listed else "surface", self.weights])

    @property
    def embryos(self) -> EmbryoLayout | None:
        """Itself; layouts of several stages have one beside others."""
        return self


class WithEmbryos(Protocol):
    """A layout of which the totals of embryos may be a part."""

    @property
    def embryos(self) -> EmbryoLayout | None:
        """That part, if there is one."""


def layout_of(problem: Problem) -> EmbryoLayout | None:
    """Return the layout of a problem's embryo totals; None if it has none."""
    return cast(WithEmbryos, problem.layout).embryos
