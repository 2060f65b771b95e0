"""Ranks in a CSV file that grows by one row per simulation; a row that was cut off is made again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np
import numpy.typing as npt

from bayes_ivf.calibration.constants import RANK_DRAWS
from bayes_ivf.calibration.design import Design
from bayes_ivf.errors import Fault, OutputError

Ints = npt.NDArray[np.int64]
VERDICTS = ("pass", "warn", "fail")


@dataclass(frozen=True, eq=False)
class Ranks:
    """Ranks of a design.

    Parameters
    ----------
    name, label : str
        Of the design.
    ranks : dict of str to array of int, shape (simulation,)
        By quantity, 0..RANK_DRAWS.
    verdicts : tuple of str
        Of the gate of every fit.
    """

    name: str
    label: str
    ranks: dict[str, Ints]
    verdicts: tuple[str, ...]

    def first(self, simulations: int) -> Ranks:
        """Return the first simulations only."""
        ranks = {name: values[:simulations] for name, values in self.ranks.items()}
        return Ranks(self.name, self.label, ranks, self.verdicts[:simulations])

    def __repr__(self) -> str:
        return f"Ranks({self.name}: {len(self.verdicts)} simulations of {len(self.ranks)} quantities)"


class RankFile:
    """A file of ranks; without a path, the rows are only held.

    Parameters
    ----------
    path : Path or None
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._rows: list[tuple[str, dict[str, int]]] = []
        self._file: IO[str] | None = None

    def read(self, design: Design) -> Ranks | None:
        """Return what the file holds already, or None.

        Raises
        ------
        OutputError
            If it is not a file of ranks.
        """
        if self._path is None or not self._path.exists():
            return None
        text = self._path.read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1]
        if whole != text:
            self._path.write_text(whole, encoding="utf-8", newline="\n")
        lines = [line.split(",") for line in whole.splitlines()]
        if not lines:
            return None
        self._rows = [self._row(lines[0], line, i) for i, line in enumerate(lines[1:])]
        return self.ranks(design) if self._rows else None

    def _row(self, header: list[str], line: list[str], index: int) -> tuple[str, dict[str, int]]:
        values = dict(zip(header, line, strict=False))
        ranks = {name: int(text) for name, text in list(values.items())[2:] if text.isdecimal()}
        valid = len(line) == len(header) == len(ranks) + 2 and all(value <= RANK_DRAWS for value in ranks.values())
        if not valid or header[:2] != ["simulation", "verdict"] or line[0] != str(index) or line[1] not in VERDICTS:
            raise OutputError(
                Fault(
                    f"{self._path}, line {index + 2}",
                    ",".join(line)[:80],
                    "a row of ranks that a calibration wrote",
                    "remove the file",
                )
            )
        return line[1], ranks

    def __enter__(self) -> RankFile:
        if self._path is not None:
            self._file = self._path.open("a", encoding="utf-8", newline="\n")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def add(self, index: int, verdict: str, ranks: dict[str, int]) -> None:
        """Add one simulation."""
        self._rows.append((verdict, ranks))
        if self._file is None:
            return
        if self._file.tell() == 0:
            self._file.write(",".join(["simulation", "verdict", *ranks]) + "\n")
        self._file.write(",".join([str(index), verdict, *map(str, ranks.values())]) + "\n")
        self._file.flush()

    def ranks(self, design: Design) -> Ranks:
        """Return everything that was read and added."""
        names = list(self._rows[0][1])
        ranks = {name: np.array([row[name] for _, row in self._rows], dtype=np.int64) for name in names}
        return Ranks(design.name, design.label, ranks, tuple(verdict for verdict, _ in self._rows))
