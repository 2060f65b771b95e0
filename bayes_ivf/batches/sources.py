"""What a SOURCE may be: a bundled study or table, a study file, a table of trials, or one of these as an object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayes_ivf.batches.columns import TABLE_SUFFIXES, TEXT_SUFFIXES, Columns, frame_columns, read_columns
from bayes_ivf.batches.foreign import Asked
from bayes_ivf.batches.mixed_rows import sources_of
from bayes_ivf.batches.reviewed import ALL, SUFFIXES, Reviewed, read_review, review_of_rows, take_review
from bayes_ivf.batches.table import read_trials
from bayes_ivf.batches.trials import TrialTable
from bayes_ivf.errors import BayesIvfError, Fault, RequestError
from bayes_ivf.frames import column_names
from bayes_ivf.study import Review, Study, bundled_studies, cochrane, load_study

if TYPE_CHECKING:
    import pandas as pd

Source = Study | TrialTable


def bundled_tables() -> dict[str, Path]:
    """Return the tables of trials that travel with the package, by id."""
    folder = Path(str(resources.files("bayes_ivf") / "data"))
    return {path.stem: path for path in sorted(folder.glob("*.csv"))}


@dataclass
class Loaded:
    """What sources hold.

    Parameters
    ----------
    sources : list of Study or TrialTable
    notes : list of str
        What tables were read otherwise than they stand.
    reviews : list of Reviewed
        What reviews hold beside their rows.
    """

    sources: list[Source] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    reviews: list[Reviewed] = field(default_factory=list)


def load_sources(
    sources: str | Path | Source | pd.DataFrame | Sequence[Any],
    separator: str | None = None,
    decimal: str | None = None,
    fill: Mapping[str, str] | None = None,
) -> list[Source]:
    """Load every source; see `gather_sources`."""
    return gather_sources(sources, separator, decimal, Asked(fill or {})).sources


def gather_sources(
    sources: str | Path | Source | pd.DataFrame | Sequence[Any],
    separator: str | None = None,
    decimal: str | None = None,
    asked: Asked | None = None,
) -> Loaded:
    """Load every source; the same one given twice counts once.

    Parameters
    ----------
    sources : str, Path, Study, DataFrame or a sequence of these
    separator, decimal : str, optional
        Of text tables, comma and point by default; refused if there is none.
    asked : Asked, optional
        How tables are read; refused if there is no table.

    Raises
    ------
    BayesIvfError
        With every fault of every source, also where two sources name the same study and outcome.
    """
    many = list(sources) if isinstance(sources, list | tuple) else [sources]
    asked = asked or Asked()
    loaded = Loaded()
    faults: list[Fault] = []
    seen: set[object] = set()
    marks = {"separator": "," if separator is None else separator, "decimal": "." if decimal is None else decimal}
    for source in many:
        if isinstance(source, str | Path):
            if str(source) in seen:
                continue
            seen.add(str(source))
        try:
            _load(loaded, source, marks["separator"], marks["decimal"], asked)
        except BayesIvfError as error:
            faults.extend(error.faults)
    if not many:
        faults.append(Fault("sources", "nothing", "at least one source", "name a study or a table of trials"))
    faults += [*_overlaps(loaded.sources), *_idle(many, separator, decimal, asked, bool(loaded.reviews))]
    if faults:
        raise RequestError(faults)
    return loaded


def _idle(
    sources: Sequence[Any], separator: str | None, decimal: str | None, asked: Asked, reviews: bool
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
    reviews = reviews or _may_be_reviews(suffixes)
    given = {"separator": separator is not None, "decimal": decimal is not None}
    idle = [name for name in given if given[name] and not texts]
    of_tables = {"fill": asked.fill, "map": asked.columns, "treatment and --control": asked.arms}
    idle += [name for name, value in of_tables.items() if value and not (tables or (name == "fill" and reviews))]
    kinds = dict.fromkeys(of_tables, "a table of trials") | {"benefit": "the data of a review"}
    actions = {"benefit": "leave out --benefit; of a table, give --fill benefit=higher"}
    idle += ["benefit"] if asked.benefit and not reviews else []
    return [
        Fault(
            name,
            "no source that it is for",
            kinds.get(name, "a table as text"),
            actions.get(name, f"leave out --{name}"),
        )
        for name in idle
    ]


def _may_be_reviews(suffixes: Sequence[str]) -> bool:
    """Whether sources were named that are reviews, though they may be refused for other reasons."""
    return any(suffix in SUFFIXES for suffix in suffixes)


def _load(loaded: Loaded, source: Any, separator: str, decimal: str, asked: Asked) -> None:
    if isinstance(source, Study | TrialTable):
        loaded.sources.append(source)
        return
    if column_names(source) is not None:
        _take(loaded, frame_columns(source), asked)
        return
    if not isinstance(source, str | Path):
        raise RequestError(
            Fault("source", repr(source)[:60], "a study, a table of trials or the path of one", "name a source")
        )
    tables, path = bundled_tables(), Path(source)
    if str(source) in tables:
        loaded.sources.append(read_trials(tables[str(source)]))
    elif path.suffix.lower() in TABLE_SUFFIXES:
        _take(loaded, read_columns(path, separator, decimal), asked)
    elif path.suffix.lower() in SUFFIXES:
        _take_review(loaded, read_review(path), asked)
    elif path.suffix.lower() == ".toml" or str(source) in bundled_studies():
        loaded.sources.append(load_study(source))
    else:
        raise RequestError(
            Fault(
                "source",
                repr(str(source)),
                f"a bundled study ({', '.join(bundled_studies())}), a bundled table ({', '.join(tables)}), a study file "
                f"(.toml), a table of trials ({', '.join(TABLE_SUFFIXES)}) or a review ({', '.join(SUFFIXES)})",
                "check the spelling",
            )
        )


def _take(loaded: Loaded, columns: Columns, asked: Asked) -> None:
    """Add what a table holds, with what was read otherwise than it stands."""
    if cochrane.is_data_rows(list(columns.cells)):
        _take_review(loaded, review_of_rows(columns, columns.name), asked)
        return
    found = sources_of(columns, asked)
    told = (note for source in found for note in source.notes if note.startswith(f"{columns.name}: "))
    loaded.sources.extend(found)
    loaded.notes.extend(dict.fromkeys(told))


def _take_review(loaded: Loaded, review: Review, asked: Asked) -> None:
    """Add the rows of a review, and what it holds beside them."""
    given = {ALL: asked.fill["benefit"]} if "benefit" in asked.fill else {}
    columns, reviewed = take_review(review, given | dict(asked.benefit))
    fill = {name: value for name, value in asked.fill.items() if name != "benefit"}
    found = sources_of(columns, replace(asked, fill=fill, columns={}, arms=None))
    loaded.sources.extend(replace(source, notes=(*source.notes, *reviewed.open)) for source in found)
    loaded.notes.extend(reviewed.notes)
    loaded.reviews.append(reviewed)


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
