"""Large tables to CSV and Parquet, a piece at a time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from bayes_ivf.spreadsheet import safe_frame

if TYPE_CHECKING:
    import pandas as pd

PARQUET_FROM = 50_000
"""Rows from which a table is written as Parquet too."""


def write_frames(frames: Iterable[pd.DataFrame], path: Path) -> int:
    """Write frames with the same columns below each other, and as Parquet too if they are long; return the rows.

    Numbers are written with as few digits as read back to the same value.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = 0
    writer: pq.ParquetWriter | None = None
    first: list[pa.Table] = []
    with path.open("wb") as file:
        for number, frame in enumerate(frames):
            table = pa.Table.from_pandas(_typed(frame), preserve_index=False).replace_schema_metadata(None)
            safe = safe_frame(frame)
            cells = table if safe is frame else pa.Table.from_pandas(_typed(safe), preserve_index=False)
            _append(file, cells, header=number == 0)
            rows += len(frame)
            if writer is not None:
                writer.write_table(table)
                continue
            first.append(table)
            if rows >= PARQUET_FROM:
                writer = pq.ParquetWriter(path.with_suffix(".parquet"), table.schema)
                for each in first:
                    writer.write_table(each)
                first.clear()
    if writer is not None:
        writer.close()
    return rows


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Give text columns a type of their own, so that an empty column is text in every piece."""
    return frame.astype({name: "str" for name in frame.columns if frame[name].dtype == object})


def _append(file: BinaryIO, table: Any, *, header: bool) -> None:
    import pyarrow as pa
    import pyarrow.csv as pc

    if header:
        file.write((",".join(table.column_names) + "\n").encode())
    try:
        plain = pa.BufferOutputStream()
        pc.write_csv(table, plain, pc.WriteOptions(include_header=False, quoting_style="none"))
    except pa.ArrowInvalid:  # a text with a comma, a quote or a line end
        plain = pa.BufferOutputStream()
        pc.write_csv(table, plain, pc.WriteOptions(include_header=False, quoting_style="needed"))
    file.write(memoryview(plain.getvalue()))
