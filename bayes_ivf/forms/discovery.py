"""The forms, found by listing the folder: adding a form is adding a file."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

from bayes_ivf import forms
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.forms.form import Form


@cache
def all_forms() -> Mapping[str, Form]:
    """Return every form by name, in the order of their files."""
    found = {}
    for info in pkgutil.iter_modules(forms.__path__):
        member = getattr(import_module(f"{forms.__name__}.{info.name}"), "FORM", None)
        if isinstance(member, Form):
            found[member.name] = member
    return MappingProxyType(found)


def find_form(name: str) -> Form:
    """Return a form by the name that a problem's likelihood has.

    Raises
    ------
    RequestError
        If there is none.
    """
    if name not in all_forms():
        raise RequestError(Fault("likelihood", repr(name), ", ".join(all_forms()), "use one of these forms"))
    return all_forms()[name]


def form_of_kind(kind: str) -> Form | None:
    """Return the form of outcomes of a kind; None if outcomes of this kind have none that a model reads."""
    return next((form for form in all_forms().values() if kind in form.kinds), None)
