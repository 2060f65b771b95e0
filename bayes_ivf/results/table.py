"""A table that is written: its columns follow from the fields of a row, so that a field and its column are one thing.

A field that is a column says what it means, in its annotation::

    p_benefit: Annotated[float | None, "probability that treatment helps"]

The annotation gives the dtype, too: ``str`` is text, ``float | None`` a number that may be missing. A field without a meaning
is no column.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from bayes_ivf.auditing import BOUND, LEAST_P, held_p, written_p
from bayes_ivf.errors import Fault, OutputError
from bayes_ivf.spreadsheet import parse_table, safe_frame

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["text", "float", "int", "bool"]
SMALL_P = "P"
"""Second note of an annotation: a P too small for a float is written as a bound."""
_KINDS: Mapping[Any, Kind] = {str: "text", bool: "bool", int: "int"}
_DTYPES = {"text": str, "float": float, "int": int, "bool": bool}


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    name : str
    kind : {"text", "float", "int", "bool"}
        An empty cell of a text is an empty text, that of a float is missing.
    meaning : str
    optional : bool
        Whether a row holds None where the cell is empty.
    small_p : bool
        Whether it holds a P that may be written as a bound.
    default : object
        What a file of an earlier version, without this column, means.
    late : bool
        Whether there are such files.
    """

    name: str
    kind: Kind
    meaning: str
    optional: bool = False
    small_p: bool = False
    default: Any = None
    late: bool = False


@dataclass(frozen=True)
class Table[Row]:
    """A table, declared once by the class of its rows.

    Parameters
    ----------
    name : str
        Of its file, without ``.csv``.
    row : type
        A dataclass.
    keys : tuple of str
        Columns whose values together name a row.
    about : str
        What a row is.
    """

    name: str
    row: type[Row]
    keys: tuple[str, ...]
    about: str

    @property
    def file(self) -> str:
        """Name of the file."""
        return f"{self.name}.csv"

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns, in the order of the file."""
        hints = get_type_hints(self.row, include_extras=True)
        known = {field.name: field for field in fields(self.row)}  # type: ignore[arg-type]
        return tuple(
            _column(name, hints[name], field.default)
            for name, field in known.items()
            if get_origin(hints[name]) is Annotated
        )

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)

    def frame(self, rows: Iterable[Row]) -> pd.DataFrame:
        """Return rows as a DataFrame; what is empty is missing. A row that holds arrays stands for one row per element."""
        import pandas as pd

        many = list(rows)
        if any(hasattr(getattr(row, name), "shape") for row in many[:1] for name in self.names):
            parts = [pd.DataFrame({name: getattr(row, name) for name in self.names}) for row in many]
            return self.typed(pd.concat(parts, ignore_index=True))
        return self.typed(pd.DataFrame({name: [getattr(row, name) for row in many] for name in self.names}))

    def typed(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a frame with the columns in their order, its numbers as numbers."""
        numbers = {column.name: _DTYPES[column.kind] for column in self.columns if column.kind != "text"}
        return frame[list(self.names)].astype(numbers)

    def rows(self, frame: pd.DataFrame) -> tuple[Row, ...]:
        """Return the rows of a frame as `read` gives it."""
        empty = {column.name for column in self.columns if column.optional}
        return tuple(
            self.row(**{str(name): None if name in empty and value != value else value for name, value in row.items()})
            for row in frame.to_dict("records")
        )

    def bounded(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a frame as it is written: a P too small for a float as a bound."""
        small = [column.name for column in self.columns if column.small_p and (frame[column.name] < LEAST_P).any()]
        return frame.assign(**{name: [written_p(p) for p in frame[name]] for name in small}) if small else frame

    def write(self, frame: pd.DataFrame, folder: Path) -> None:
        """Write a frame to the table's file in a folder; no text is one that a spreadsheet would run."""
        safe = safe_frame(self.bounded(frame[list(self.names)]))
        safe.to_csv(folder / self.file, index=False, encoding="utf-8", lineterminator="\n")

    def read(self, folder: Path) -> pd.DataFrame:
        """Read the table's file in a folder; numbers and texts are those that were written.

        Raises
        ------
        OutputError
            If it cannot be read, or lacks a column.
        """
        path = folder / self.file
        again = "put the file back, or run the study again"
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise OutputError(Fault(str(path), "no readable file", "a finished run or batch", again)) from None
        header = text.partition("\n")[0].split(",")
        late = {column.name: column.default for column in self.columns if column.name not in header}
        lost = [column.name for column in self.columns if column.name in late and not column.late]
        if lost:
            raise OutputError(Fault(str(path), f"no column {', '.join(lost)}", ", ".join(self.names), again))
        return self._parsed(text, [column for column in self.columns if column.name in header]).assign(**late)[
            list(self.names)
        ]

    def _parsed(self, text: str, columns: Iterable[Column]) -> pd.DataFrame:
        import pandas as pd

        # the default of later versions, which reads a number as it was written
        exactly = {"float_precision": "round_trip"} if pd.__version__ < "3" else {}
        whole = {column.name for column in columns if column.kind == "text" or column.small_p}
        frame = parse_table(
            text,
            dtype={column.name: str if column.name in whole else _DTYPES[column.kind] for column in columns},
            keep_default_na=False,
            na_values={column.name: [""] for column in columns if column.name not in whole},
            **exactly,
        )
        bounds = [column.name for column in columns if column.small_p]
        return frame.assign(**{name: frame[name].map(_p_of).astype(float) for name in bounds})

    def markdown(self) -> str:
        """Return what the columns mean, as a table in Markdown."""
        head = f"`{self.file}`: {self.about}; key: {', '.join(self.keys)}\n\n| column | dtype | meaning |\n| --- | --- | --- |\n"
        return head + "".join(f"| `{column.name}` | {column.kind} | {column.meaning} |\n" for column in self.columns)


def _p_of(cell: str) -> float:
    return held_p(0.0) if cell == BOUND else float(cell or "nan")


def _column(name: str, hint: Any, default: Any) -> Column:
    told, meaning, *notes = get_args(hint)
    members = get_args(told) if get_origin(told) in (Union, types.UnionType) else (told,)
    kinds: set[Kind] = {
        "text" if get_origin(member) is Literal else _KINDS.get(member, "float")
        for member in members
        if member is not type(None)
    }
    (kind,) = kinds
    late = default is not MISSING
    return Column(name, kind, meaning, type(None) in members, SMALL_P in notes, default if late else None, late)
