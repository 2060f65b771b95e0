"""The packages of the extra ``office``: whether they are there is asked before anything is done."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from types import MappingProxyType

from bayes_ivf.errors import Fault, RequestError

PACKAGES: Mapping[str, str] = MappingProxyType(
    {"great_tables": "great-tables", "docx": "python-docx", "openpyxl": "openpyxl"}
)
"""Names under which packages are installed, by the modules that are imported."""


def require_office() -> None:
    """Refuse by name what is not installed.

    Raises
    ------
    RequestError
        If one of the packages is missing.
    """
    missing = [package for module, package in PACKAGES.items() if find_spec(module) is None]
    if missing:
        raise RequestError(
            Fault(
                "take-home files",
                f"no {', '.join(missing)} in this environment",
                "the packages of the extra office",
                "pip install 'bayes-ivf[office]'",
            )
        )
