"""Numbers of the ledger's problems by both engines: quadrature to the last bit, sampling as a digest of its draws."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from io import StringIO
from typing import Any

SHORT = {"draws": 100, "tune": 200, "chains": 2, "seed": 20260128}
KEY = ("problem", "outcome", "options", "estimand", "design", "trials")
"""Columns that name a row, of those that a table has."""


def exact_table(problems: Mapping[str, Callable[[], Any]], tell: Callable[[str], None] = lambda _: None) -> str:
    """Return every row of every problem that quadrature solves; floats in hexadecimal."""
    from bayes_ivf.inference import exact_key, fit_problems
    from bayes_ivf.settings import Settings

    rows = []
    for name, maker in problems.items():
        problem = maker()
        if exact_key(problem) is None:
            continue
        tell(name)
        (fit,) = fit_problems([problem], Settings(), engine="exact", workers=1)
        rows += [_plain({**asdict(row), "problem": name, "hash": problem.hash}) for row in fit.rows]
        evidence = {key: value for key, value in fit.evidence.items() if isinstance(value, float)}
        rows += [
            _plain({"problem": name, "estimand": f"evidence {key}", "median": value}) for key, value in evidence.items()
        ]
    return table(rows)


def problem_table(problems: Mapping[str, Callable[[], Any]]) -> str:
    """Return content hash and derived seed of every problem."""
    return table(identity(name, maker()) for name, maker in problems.items())


def sampled_table(problems: Mapping[str, Callable[[], Any]], tell: Callable[[str], None] = lambda _: None) -> str:
    """Return a digest of the draws of every problem that can be sampled."""
    from bayes_ivf.inference.nuts import sample
    from bayes_ivf.problem import can_be_sampled
    from bayes_ivf.settings import Settings

    settings, rows = Settings(**SHORT), []
    for name, maker in problems.items():
        problem = maker()
        if not can_be_sampled(problem):
            continue
        tell(name)
        draws = sample(problem, settings, cores=1).posterior
        digest = hashlib.sha256()
        for each in sorted(draws):
            digest.update(f"{each} {draws[each].shape}\n".encode())
            digest.update(draws[each].tobytes())
        rows.append({"problem": name, "digest": digest.hexdigest()})
    return table(rows)


def identity(name: str, problem: Any) -> dict[str, str]:
    """Return what must stay of a problem on every machine: its content hash and the seed derived from it."""
    return {"problem": name, "hash": problem.hash, "seed": str(problem.seed(SHORT["seed"]))}


def table(rows: Iterable[Mapping[str, str]]) -> str:
    """Write rows as CSV, with all columns that any of them has."""
    rows = list(rows)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    stream = StringIO()
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def read_table(text: str) -> dict[tuple[str, ...], dict[str, str]]:
    """Return the rows of a table by their key."""
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for row in csv.DictReader(StringIO(text)):
        key = tuple(row.get(column, "") for column in KEY)
        assert key not in found, key
        found[key] = row
    return found


def _plain(row: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: value.hex() if isinstance(value, float) else "" if value is None else str(value)
        for name, value in row.items()
    }
