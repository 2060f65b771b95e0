"""What a SOURCE may be: a bundled study or table, a study file, a table of trials, or one of these as an object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayes_ivf.batches.columns import TABLE_SUFFIXES, TEXT_SUFFIXES, frame_columns, read_columns
from bayes_ivf.batches.mixed_rows import sources_of
from bayes_ivf.batches.table import read_trials
from bayes_ivf.batches.trials import TrialTable
from bayes_ivf.errors import BayesIvfError, Fault, RequestError
from bayes_ivf.frames import column_names
from bayes_ivf.study import Study, bundled_studies, load_study

if TYPE_CHECKING:
    import pandas as pd

Source = Study | TrialTable


def bundled_tables() -> dict[str, Path]:
    """Return the tables of trials that travel with the package, by id."""
    folder = Path(str(resources.files("bayes_ivf") / "data"))
    return {path.stem: path for path in sorted(folder.glob("*.csv"))}


def load_sources(
    sources: str | Path | Source | pd.DataFrame | Sequence[Any],
    separator: str | None = None,
    decimal: str | None = None,
    fill: Mapping[str, str] | None = None,
) -> list[Source]:
    """Load every source; the same one given twice counts once.

    Parameters
    ----------
    sources : str, Path, Study, DataFrame or a sequence of these
    separator, decimal : str, optional
        Of text tables, comma and point by default; refused if there is none.
    fill : mapping of str to str, optional
        Values of columns that the tables lack; refused if there is no table.

    Raises
    ------
    BayesIvfError
        With every fault of every source, also where two sources name the same study and outcome.
    """
    many = list(sources) if isinstance(sources, list | tuple) else [sources]
    loaded: list[Source] = []
    faults: list[Fault] = []
    seen: set[object] = set()
    marks = {"separator": "," if separator is None else separator, "decimal": "." if decimal is None else decimal}
    for source in many:
        if isinstance(source, str | Path):
            if str(source) in seen:
                continue
            seen.add(str(source))
        try:
            loaded.extend(_load(source, marks["separator"], marks["decimal"], fill))
        except BayesIvfError as error:
            faults.extend(error.faults)
    if not many:
        faults.append(Fault("sources", "nothing", "at least one source", "name a study or a table of trials"))
    faults += [*_overlaps(loaded), *_idle(many, separator, decimal, fill)]
    if faults:
        raise RequestError(faults)
    return loaded


def _idle(
    sources: Sequence[Any], separator: str | None, decimal: str | None, fill: Mapping[str, str] | None
) -> list[Fault]:
    """Refuse options that no source uses."""
    studies = bundled_studies()
    suffixes = [
        Path(each).suffix.lower() for each in sources if isinstance(each, str | Path) and str(each) not in studies
    ]
    texts = any(suffix in TEXT_SUFFIXES for suffix in suffixes)
    tables = (
        texts or any(suffix in TABLE_SUFFIXES for suffix in suffixes) or any(column_names(each) for each in sources)
    )
    given = {"separator": separator is not None, "decimal": decimal is not None}
    idle = [name for name in given if given[name] and not texts]
    idle += ["fill"] if fill and not tables else []
    kinds = {"fill": "a table of trials"}
    return [
        Fault(name, "no source that it is for", kinds.get(name, "a table as text"), f"leave out --{name}")
        for name in idle
    ]


def _load(source: Any, separator: str, decimal: str, fill: Mapping[str, str] | None) -> Sequence[Source]:
    if isinstance(source, Study | TrialTable):
        return [source]
    if column_names(source) is not None:
        return sources_of(frame_columns(source), fill or {})
    if not isinstance(source, str | Path):
        raise RequestError(
            Fault("source", repr(source)[:60], "a study, a table of trials or the path of one", "name a source")
        )
    tables, path = bundled_tables(), Path(source)
    if str(source) in tables:
        return [read_trials(tables[str(source)])]
    if path.suffix.lower() in TABLE_SUFFIXES:
        return sources_of(read_columns(path, separator, decimal), fill or {})
    if path.suffix.lower() == ".toml" or str(source) in bundled_studies():
        return [load_study(source)]
    raise RequestError(
        Fault(
            "source",
            repr(str(source)),
            f"a bundled study ({', '.join(bundled_studies())}), a bundled table ({', '.join(tables)}), a study file "
            f"(.toml) or a table of trials ({', '.join(TABLE_SUFFIXES)})",
            "check the spelling",
        )
    )


def _overlaps(loaded: Iterable[Source]) -> list[Fault]:
    owner: dict[str, tuple[int, str]] = {}
    faults = []
    for place, source in enumerate(loaded):
        name = repr(source)
        for study in {source.id} if isinstance(source, Study) else dict.fromkeys(source.study):
            before, other = owner.setdefault(study, (place, name))
            if before != place:
                faults.append(
                    Fault(f"study {study}", f"in {other} and in {name}", "a study in one source", "rename one of them")
                )
    return faults
