"""How to sample: checked once, then handed around as one value."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass

from bayes_ivf import defaults
from bayes_ivf.errors import Fault, RequestError

ENGINES = ("auto", "exact", "nuts")


@dataclass(frozen=True)
class Settings:
    """Settings of the sampler.

    Parameters
    ----------
    draws, tune, chains : int
        Kept draws and tuning steps per chain, and chains. At least 1; at least 4 draws and 2 chains, so that the
        diagnostics exist.
    seed : int
        At least 0; every problem derives its own seed from it.

    Raises
    ------
    RequestError
        With everything that is no whole number or too small.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> bi.Settings(draws=2000, seed=1)
    Settings(draws=2000, tune=500, chains=4, seed=1)
    """

    draws: int = defaults.DRAWS
    tune: int = defaults.TUNE
    chains: int = defaults.CHAINS
    seed: int = defaults.SEED

    def __post_init__(self) -> None:
        least = {"draws": 4, "tune": 1, "chains": 2, "seed": 0}
        most = {"draws": 10_000_000, "tune": 10_000_000, "chains": 1000, "seed": 2**63 - 1}
        faults = []
        for name, low in least.items():
            value = getattr(self, name)
            whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
            if not whole or not low <= int(value) <= most[name]:
                faults.append(Fault(name, repr(value), f"a whole number from {low} to {most[name]}", f"correct {name}"))
            else:
                object.__setattr__(self, name, int(value))
        if faults:
            raise RequestError(faults)


def refuse_idle(engine: str, given: Mapping[str, object]) -> None:
    """Refuse what only sampling uses beside the engine that draws nothing; None is what was not given.

    Raises
    ------
    RequestError
        With every option that would change nothing.
    """
    faults = [
        Fault(
            name,
            f"{value!r} beside the exact engine, which draws nothing",
            "an engine that draws: auto or nuts",
            f"leave out --{name.replace('_', '-')}",
        )
        for name, value in given.items()
        if value is not None and engine == "exact"
    ]
    if faults:
        raise RequestError(faults)


def choose_settings(settings: Settings | None, **given: int | None) -> Settings:
    """Return the settings that were given as one value or one by one; None stands for the default.

    Raises
    ------
    RequestError
        If a setting is out of range, or both ways are mixed.
    """
    single = {name: value for name, value in given.items() if value is not None}
    if settings is None:
        return Settings(**single)
    if not isinstance(settings, Settings):
        raise RequestError(Fault("settings", repr(settings), "a Settings, or None", "write bi.Settings(draws=2000)"))
    if single:
        raise RequestError(
            Fault(
                "settings",
                f"settings beside {', '.join(single)}",
                "one of the two",
                "put the numbers into bi.Settings(...)",
            )
        )
    return settings


def sampler_settings(engine: str, settings: Settings | None = None, **given: int | None) -> Settings:
    """Return settings of a job by an engine; None stands for the default, and whatever is given must be of use.

    Raises
    ------
    RequestError
        If a setting is out of range, or nothing can be sampled.
    """
    chosen = choose_settings(settings, **given)
    refuse_idle(check_engine(engine), {**given, "settings": settings})
    return chosen


def check_fraction(value: object, name: str) -> float:
    """Return a number from 0 to 1, or raise a RequestError."""
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value) or not 0 <= value <= 1:
        raise RequestError(Fault(name, repr(value), "a number from 0 to 1", f"correct {name}"))
    return float(value)


LEVELS = (0.5, 0.999)
"""Least and largest probability of an interval: of the usual 4,000 draws two lie beyond either end of the largest."""


def check_level(value: object, name: str = "ci_prob") -> float:
    """Return the probability of an interval as a number, or raise a RequestError that knows percentages."""
    low, high = LEVELS
    number = float(value) if isinstance(value, numbers.Real) and not isinstance(value, bool) else math.nan
    if low <= number <= high:
        return number
    meant = [share for share in (_written(value), _written(value) / 100) if low <= share <= high]
    write = f"{meant[0]:.10g}" if meant else "0.9, for example"
    raise RequestError(Fault(name, repr(value), f"a probability from {low} to {high}", f"write {write}"))


def _written(value: object) -> float:
    """Return the number that a text tells, with or without a percent sign; NaN if there is none."""
    try:
        return float(str(value).strip().removesuffix("%").replace(",", "."))
    except ValueError:
        return math.nan


def check_engine(engine: object) -> str:
    """Return the name of an engine, or raise a RequestError."""
    if engine not in ENGINES:
        raise RequestError(Fault("engine", repr(engine), ", ".join(ENGINES), "name one of these engines"))
    return str(engine)


def check_workers(workers: object) -> int | None:
    """Return a number of workers, None for all cores, or raise a RequestError."""
    if workers is None:
        return None
    if not isinstance(workers, numbers.Integral) or isinstance(workers, bool) or not 1 <= int(workers) <= 10_000:
        raise RequestError(Fault("workers", repr(workers), "a whole number from 1 to 10000", "correct workers"))
    return int(workers)
