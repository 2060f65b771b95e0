"""Sets of columns of other programs: a set counts only whole, since ``ci`` alone is an interval."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bayes_ivf.study.facts import ARMS
from bayes_ivf.study.imports.columns import meta, metafor

FAMILIES: tuple[tuple[Mapping[str, str], ...], ...] = (
    (metafor.BCG,),
    (metafor.COUNTS, metafor.MEANS),
    (meta.COUNTS, meta.MEANS),
)
"""Programs, each with its sets; sets of one program may stand beside each other in a table."""


def coded_names(keys: Collection[str]) -> dict[str, str]:
    """Return what the columns of another program hold.

    Parameters
    ----------
    keys : collection of str
        Headings as lower-case words joined by ``_``.

    Returns
    -------
    dict of str to str
        The column of this package by heading, of the first program that has a whole set; empty if none has. Events beside
        ``nonevents_treatment`` need no ``n_treatment``, and the other way round.

    Examples
    --------
    >>> coded_names({"tpos", "tneg", "cpos", "cneg", "year"})["tneg"]
    'nonevents_treatment'
    >>> coded_names({"ai", "ci"})
    {}
    """
    for family in FAMILIES:
        found: dict[str, str] = {}
        for names in family:
            here = {key: target for key, target in names.items() if key in keys}
            found |= here if _is_whole(set(here.values()), set(names.values())) else {}
        if found:
            return found
    return {}


def _is_whole(here: set[str], whole: set[str]) -> bool:
    """Whether a set is whole: of each arm's size and women without an event, one is enough."""
    told = here | {f"n_{arm}" for arm in ARMS if f"nonevents_{arm}" in here}
    told |= {f"nonevents_{arm}" for arm in ARMS if f"n_{arm}" in here}
    return whole <= told and bool(here)
