"""A table that a result keeps: an ordinary DataFrame that may also be asked for with parentheses."""

from __future__ import annotations

from typing import Any

import pandas as pd


class _AnyFrame(type):
    """Take every DataFrame for a kept table, so that both compare as equals in either order."""

    def __instancecheck__(cls, other: object) -> bool:
        return isinstance(other, pd.DataFrame)


class KeptTable(pd.DataFrame, metaclass=_AnyFrame):
    """A DataFrame that returns itself when it is called: ``result.effects()`` is ``result.effects``.

    Everything made from it (slices, groups, copies) is a plain DataFrame.

    Examples
    --------
    >>> import pandas as pd
    >>> table = KeptTable(pd.DataFrame({"p": [0.25, 0.5]}))
    >>> table() is table, type(table.head(1)).__name__
    (True, 'DataFrame')
    """

    @property
    def _constructor(self) -> Any:
        return pd.DataFrame

    def __call__(self) -> KeptTable:
        """Return this table."""
        return self

    def __deepcopy__(self, memo: Any = None) -> KeptTable:
        return KeptTable(self.copy(deep=True))
