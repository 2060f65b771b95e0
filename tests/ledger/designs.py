"""What calibrations start from: digests of the trials that every design simulates.

The ranks of a design are kept as long as its code means the same (`bayes_ivf.versions`). Where code was moved in a way that the
version notices, equal digests show that the same trials would be fitted, under the same seeds, and asked the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import numpy as np

from bayes_ivf.calibration import Design, designs_for, simulate_once
from bayes_ivf.calibration.ranks import quantities
from bayes_ivf.cards import bundled_cards, load_card
from bayes_ivf.settings import Settings
from tests.ledger.numbers import table

TRIALS = (3, 100)
"""Simulations of a design of which digests are kept: as many as a test repeats, and as many as a proof needs."""
_DIGITS = 9
"""Decimals, and significant digits, that count: further ones are those of a processor's libraries."""


class _AskedError(Exception):
    """Carries what the sampler was asked for."""


def all_designs() -> dict[str, Design]:
    """Return the designs of all bundled cards by name."""
    return {design.name: design for name in bundled_cards() for design in designs_for(load_card(name))}


def design_table(trials: tuple[int, ...] = TRIALS, tell: Callable[[str], None] = lambda _: None) -> str:
    """Return digests of the first trials of every design, for each of some numbers of trials.

    Columns: `problems`, arrays, compile keys, content hashes and seeds; `truths`, what was put in; `quantities`, what is
    ranked of it.
    """
    rows = []
    for name, design in all_designs().items():
        tell(name)
        rows += design_rows(design, trials)
    return table(rows)


def design_rows(design: Design, trials: tuple[int, ...]) -> Iterator[dict[str, str]]:
    """Give a row for each number of trials, in ascending order."""
    digests = {column: hashlib.sha256() for column in ("problems", "truths", "quantities")}
    for index in range(max(trials)):
        for digest, content in zip(digests.values(), _trial(design, index), strict=True):
            digest.update(f"{content}\n".encode())
        if index + 1 in trials:
            found = {column: digest.hexdigest() for column, digest in digests.items()}
            yield {"design": design.name, "trials": str(index + 1), **found}


def _trial(design: Design, index: int) -> tuple[object, object, object]:
    """Return a trial as a calibration makes it, up to the call of the sampler; equal where its texts are."""
    kept = []

    def simulate(rng: np.random.Generator) -> Any:
        kept.append(design.simulate(rng))
        return kept[-1]

    try:
        with patch("bayes_ivf.inference.run_nuts.sample_problem", side_effect=_refuse):
            simulate_once(replace(design, simulate=simulate), index, Settings())
    except _AskedError as asked:
        problem, settings = asked.args
    (simulated,) = kept
    assert problem is simulated.problem
    # what is derived from numbers that are rounded is the same on every machine
    plain = replace(problem, data={name: _rounded(values) for name, values in problem.data.items()})
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        ranked = quantities(problem, simulated.truth, design.log_likelihood(problem, simulated.truth))
    identity = plain.compile_key, plain.hash, plain.seed(settings.seed), settings
    return identity, _content(simulated.truth), _content(ranked)


def _refuse(problem: Any, settings: Settings, **_: object) -> None:
    raise _AskedError(problem, settings)


def _rounded(values: Any) -> Any:
    found = np.array(values)
    if found.dtype.kind != "f":
        return found
    near = np.round(found, _DIGITS) + 0.0
    return np.array([float(f"{each:.{_DIGITS}g}") for each in near.ravel()]).reshape(near.shape)


def _content(arrays: Mapping[str, Any]) -> list[object]:
    return [[str(name), values.shape, _rounded(values).tolist()] for name, values in sorted(arrays.items())]
