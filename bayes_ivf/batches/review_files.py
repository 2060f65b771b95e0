"""The tables of reviews in the folder of a batch; those of other reviews that lie there are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayes_ivf.batches.reviewed import Reviewed
from bayes_ivf.results import FINDINGS, REVIEW, RISK_OF_BIAS

if TYPE_CHECKING:
    import pandas as pd

    from bayes_ivf.auditing import Finding


def write_reviews(folder: Path, staging: Path, reviews: Sequence[Reviewed]) -> None:
    """Write ``findings.csv``, ``review.csv`` and ``risk_of_bias.csv``, as far as there is anything for them.

    Parameters
    ----------
    folder : Path
        Of the batch, with what earlier reviews left there.
    staging : Path
        Folder whose files will replace those of `folder`.
    reviews : sequence of Reviewed
        Those of this call; what lies there of files of the same name is replaced.
    """
    names = {review.name for review in reviews}
    _write(
        FINDINGS,
        folder,
        staging,
        [row for each in reviews for row in each.findings],
        lambda frame: _owner(frame, names),
    )
    for table, rows in (
        (REVIEW, [row for each in reviews for row in each.checks]),
        (RISK_OF_BIAS, [row for each in reviews for row in each.bias]),
    ):
        _write(table, folder, staging, rows, lambda frame: frame.review.isin(names))


def findings_in(*folders: Path) -> list[Finding]:
    """Return the findings about reviews, from the first of these folders that has any."""
    found = next((folder for folder in folders if (folder / FINDINGS.file).exists()), None)
    return [] if found is None else [*FINDINGS.rows(FINDINGS.read(found))]


def _owner(frame: pd.DataFrame, names: Iterable[str]) -> Any:
    """Say which findings are of files of some names, with which their evidence begins."""
    starts = tuple(f"{name}{mark}" for name in names for mark in (",", ":"))
    return frame.evidence.map(lambda text: str(text).startswith(starts)).astype(bool)


def _write(table: Any, folder: Path, staging: Path, rows: Sequence[Any], own: Callable[[pd.DataFrame], Any]) -> None:
    import pandas as pd

    frame = table.frame(rows)
    if (folder / table.file).exists():
        kept = table.read(folder)
        frame = pd.concat([kept[~own(kept)], frame], ignore_index=True) if len(kept) else frame
    elif not rows:
        return
    table.write(frame, staging)
