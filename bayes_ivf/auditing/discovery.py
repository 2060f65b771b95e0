"""The checks, found by listing the folder: adding a check is adding a file."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import cast

from bayes_ivf.auditing import checks
from bayes_ivf.auditing.finding import Check


@cache
def all_checks() -> tuple[Check, ...]:
    """Return every check of the package, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(checks.__path__))
    return tuple(cast(Check, import_module(f"{checks.__name__}.{name}")) for name in names)
