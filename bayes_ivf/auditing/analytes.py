"""Analytes of reproductive medicine that a label names, with their usual units."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any

from bayes_ivf.study import Outcome


def analyte_of(item: Outcome) -> dict[str, Any] | None:
    """Return the analyte that the label names first."""
    table = _table()
    if re.search(table["exclude"], item.label, flags=re.IGNORECASE):
        return None
    analytes = []
    for analyte in table["analytes"]:
        match = re.search(analyte["pattern"], item.label, flags=re.IGNORECASE)
        if match:
            analytes.append((match.start(), analyte))
    return min(analytes, key=lambda pair: pair[0])[1] if analytes else None


@cache
def _table() -> dict[str, Any]:
    text = (resources.files("bayes_ivf.auditing") / "tables" / "analytes.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
