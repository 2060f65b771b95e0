"""Mutate every module that a trace of forty problems executes, and see that no kept number would be taken for a new one.

``python -m tests.mutations.study`` (``make mutations``) writes ``results.csv`` and ``manifest.json`` beside this file. Modules
that were tried before are kept as long as the place and the code that makes versions are the same; remove ``results.csv`` to
try all anew.
"""

from __future__ import annotations

import csv
import json
import signal
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from bayes_ivf.versions import SOLVERS, Solver, fingerprint, package_sources, reached
from tests.mutations.problems import make_problems
from tests.mutations.sites import Site, sites
from tests.mutations.solve import engines, key, numbers
from tests.mutations.trace import edited, traced

STORED = Path(__file__).parent
LEAVE = ("bayes_ivf.versions", "bayes_ivf.batches.numerics")
"""What makes versions and no number."""
TRIES, RUNS, PATIENCE = 6, 2, (15.0, 3.0)
CODE = Solver(("bayes_ivf.versions.fingerprint:fingerprint",))
"""The code whose behavior is studied."""


@dataclass(frozen=True)
class Run:
    """A problem under an engine: its numbers, the lines and functions that it ran, and how long."""

    name: str
    engine: str
    values: np.ndarray
    key: str
    lines: frozenset[tuple[str, int]]
    functions: frozenset[tuple[str, str]]
    seconds: float


@dataclass(frozen=True)
class Result:
    """A mutation, and whether a number and the version changed."""

    module: str
    function: str
    old: str
    new: str
    tried: int
    problem: str
    engine: str
    outcome: str
    """``number``: another number; ``error``: none at all; ``same``: no try did either."""
    version: str
    """``code``, ``problem``: what of the version changed; empty: it stayed."""


def baseline() -> list[Run]:
    """Solve all problems under a trace."""
    versions = {engine: fingerprint(engine) for engine in SOLVERS}
    found = []
    import_module("bayes_ivf.batches.work")  # what is imported at first is no part of a trace
    import_module("bayes_ivf.inference.run_nuts")
    for name, make in make_problems().items():
        with traced() as building:
            problem = make()
        for engine in engines(problem):
            start = time.perf_counter()
            with traced() as trace:
                values = numbers(problem, engine, name)
            seconds = time.perf_counter() - start
            lines = frozenset(trace.lines | building.lines)
            identity = key(problem, engine, versions[engine])
            found.append(Run(name, engine, values, identity, lines, frozenset(trace.functions), seconds))
            print(f"{name}, {engine}: {seconds:.1f} s, {len(trace.functions)} functions", flush=True)
    return found


def uncovered(runs: Iterable[Run]) -> list[str]:
    """Functions that ran and are not in the version of their engine."""
    covered = {engine: set(reached(engine)) for engine in SOLVERS}
    missing = set()
    for run in runs:
        for module, name in run.functions:
            outer = name.partition(".<locals>")[0]
            if (
                not module.startswith(LEAVE)
                and not outer.startswith("<")
                and f"{module}:{outer}" not in covered[run.engine]
            ):
                missing.add(f"{run.engine} {module}:{outer}")
    return sorted(missing)


def candidates(module: str, text: str, runs: Iterable[Run]) -> list[Site]:
    """Return a few places to change, spread over what ran; places at the top level where nothing else is there."""
    ran = {line for run in runs for where, line in run.lines if where == module}
    every = sites(text)
    inside = [site for site in every if site.function and site.line in ran]
    chosen = inside or [site for site in every if not site.function]
    return chosen[:: max(1, len(chosen) // TRIES)][:TRIES]


def study(module: str, runs: list[Run], sources: Mapping[str, str]) -> Result:
    """Change a module in one place after another until a number changes."""
    error = None
    places = candidates(module, sources[module], runs)
    for tried, site in enumerate(places, 1):
        text = site.apply(sources[module])
        versions = {engine: fingerprint(engine, {**sources, module: text}) for engine in SOLVERS}
        touched = [run for run in runs if not site.function or (module, site.line) in run.lines]
        for run in sorted(touched, key=lambda run: run.seconds)[:RUNS]:
            outcome, identity = probe(run, {module: text}, versions)
            now, before = identity.split(), run.key.split()
            changed = "code" if now[-1] != before[-1] else "problem" if now[0] != before[0] else ""
            found = Result(module, site.function, site.old, site.new, tried, run.name, run.engine, outcome, changed)
            if outcome == "number":
                return found
            if outcome == "error":
                error = error or found
                break
    last = places[-1] if places else Site(0, "", "", "", 0, 0)
    return error or Result(module, last.function, last.old, last.new, len(places), "", "", "same", "")


def probe(run: Run, edits: Mapping[str, str], versions: Mapping[str, str]) -> tuple[str, str]:
    """Solve a problem by an edited package; return what became of the numbers, and the key they would be kept under."""
    identity = f"? {versions[run.engine]}"
    with edited(edits):
        signal.alarm(int(PATIENCE[0] + PATIENCE[1] * run.seconds))
        try:
            problem = make_problems()[run.name]()
            identity = key(problem, run.engine, versions[run.engine])
            values = numbers(problem, run.engine, run.name)
        except Exception as error:
            print(f"    {type(error).__name__}: {error}"[:150].replace("\n", " "))
            return "error", identity
        finally:
            signal.alarm(0)
    same = values.shape == run.values.shape and np.allclose(values, run.values, rtol=1e-9, atol=1e-13, equal_nan=True)
    return "same" if same else "number", identity


def earlier() -> dict[str, Result]:
    """Return stored results by module; none if other code made the versions then."""
    manifest = STORED / "manifest.json"
    if not (STORED / "results.csv").exists() or not manifest.exists():
        return {}
    if json.loads(manifest.read_text(encoding="utf-8"))["code"] != fingerprint(CODE):
        return {}
    with (STORED / "results.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sources = package_sources()
    kept = [row for row in rows if not row["old"] or place_of(row, sources)]
    return {row["module"]: Result(**{**row, "tried": int(row["tried"])}) for row in kept}


def place_of(row: Mapping[str, Any], sources: Mapping[str, str]) -> Site | None:
    """Return the place of a stored mutation, None if the text there has changed since."""
    wanted = (row["function"], row["old"], row["new"])
    every = sites(sources[row["module"]]) if row["module"] in sources else []
    return next((site for site in every if (site.function, site.old, site.new) == wanted), None)


def write(results: list[Result]) -> None:
    """Write the table of results."""
    with (STORED / "results.csv").open("w", encoding="utf-8", newline="\n") as file:
        writer = csv.DictWriter(file, list(asdict(results[0])), lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(asdict, results))


def _late(number: int, frame: FrameType | None) -> None:
    raise TimeoutError("no answer in time")


def main() -> int:
    """Run the study and store it."""
    signal.signal(signal.SIGALRM, _late)
    start = time.perf_counter()
    sources = package_sources()
    runs = baseline()
    missing = uncovered(runs)
    print("ran and not covered:", ", ".join(missing) or "nothing")
    modules = sorted({module for run in runs for module, _ in run.lines if not module.startswith(LEAVE)})
    modules += sorted({each.partition(":")[0] for engine in SOLVERS for each in reached(engine)} - set(modules))
    known = earlier()
    results = []
    for module in modules:
        results.append(known[module] if module in known else study(module, runs, sources))
        if module not in known:
            print(results[-1], flush=True)
            write(results + [each for name, each in known.items() if name not in {it.module for it in results}])
    write(results)
    wrong = [each.module for each in results if each.outcome == "number" and not each.version]
    summary = {
        "code": fingerprint(CODE),
        "problems": len({run.name for run in runs}),
        "fits": len(runs),
        "modules": len(results),
        "changed": sum(each.outcome == "number" for each in results),
        "stale": wrong,
        "uncovered": missing,
        "minutes": round((time.perf_counter() - start) / 60, 1),
    }
    (STORED / "manifest.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(summary, indent=1))
    return 1 if wrong or missing else 0


if __name__ == "__main__":
    sys.exit(main())
