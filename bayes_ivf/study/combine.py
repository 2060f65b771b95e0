"""Several outcomes of one trial, made one by one, as one study."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study.facts import ARMS

if TYPE_CHECKING:
    from bayes_ivf.study.trial import Study


def combine(studies: Iterable[Study], study: str | None = None, title: str | None = None) -> Study:
    """Make one study of the outcomes of several.

    Parameters
    ----------
    studies : iterable of Study
        Of the same trial, such as those of `from_counts` and `from_means`.
    study, title : str, optional
        Id and title; those of the first study by default.

    Returns
    -------
    Study
        Every outcome keeps its own denominators; the arms have the most women that any of the studies says.

    Raises
    ------
    StudyError
        If there are no studies, an id stands twice, arms are named differently, or a study keeps its rows.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> cpr = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr")
    >>> fsh = bi.Study.from_means(("5.81", "0.76", 40), ("7.93", "0.82", 40), outcome="fsh")
    >>> bi.Study.combine([cpr, fsh], study="my-trial")
    Study('my-trial': 40 vs 40 women, 2 outcomes)
    """
    from bayes_ivf.study.trial import Study as Kind

    parts = list(studies) if isinstance(studies, Iterable) and not isinstance(studies, str | Kind) else []
    strange = [type(part).__name__ for part in parts if not isinstance(part, Kind)]
    if not parts or strange:
        found = ", ".join(strange) or ("no studies" if isinstance(studies, list | tuple) else repr(studies))
        raise StudyError(Fault("studies", found, "a list of studies", "write Study.combine([first, second])"))
    faults = []
    ids = [item.id for part in parts for item in part.items]
    faults += [
        Fault("outcome", f"{name!r} in {ids.count(name)} studies", "each id once", "give outcome= another id")
        for name in dict.fromkeys(ids)
        if ids.count(name) > 1
    ]
    first = parts[0]
    faults += [
        Fault("arms", f"{dict(part.arms)} in {part.id}", f"{dict(first.arms)}", "combine outcomes of the same arms")
        for part in parts[1:]
        if dict(part.arms) != dict(first.arms)
    ]
    faults += [
        Fault("rows", f"rows kept in {part.id}", "totals alone", "make this study without keep_data=True")
        for part in parts
        if part.rows
    ]
    faults += [
        Fault(
            "arms",
            f"{part.id} of {len(part.many.labels)} arms",
            "studies of two arms",
            "write all outcomes into its file",
        )
        for part in parts
        if part.many is not None
    ]
    if faults:
        raise StudyError(faults)
    merged: dict[str, Any] = {
        name: {key: value for part in reversed(parts) for key, value in getattr(part, name).items()}
        for name in ("sources", "external", "clusters")
    }
    lists = dict.fromkeys(name for part in parts for name in part.answers)
    merged["answers"] = {
        name: {key: value for part in reversed(parts) for key, value in part.answers.get(name, {}).items()}
        for name in lists
    }
    for name in ("design_words", "notes"):
        merged[name] = tuple(dict.fromkeys(text for part in parts for text in getattr(part, name)))
    return replace(
        first,
        id=study or first.id,
        title=title or study or first.title,
        items=tuple(item for part in parts for item in part.items),
        sizes={arm: max(part.sizes[arm] for part in parts) for arm in ARMS},
        max_embryos=max(part.max_embryos for part in parts),
        **merged,
    )
