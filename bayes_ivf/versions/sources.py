"""The source texts of this package by dotted module name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import bayes_ivf


@cache
def package_sources() -> Mapping[str, str]:
    """Return the text of every module of the installed package."""
    folder = Path(bayes_ivf.__file__).parent
    found = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = path.read_text(encoding="utf-8")
    return MappingProxyType(found)
