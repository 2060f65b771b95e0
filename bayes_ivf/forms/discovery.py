"""The forms, found by listing the folder: adding a form is adding a file."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from bayes_ivf import forms
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.forms.form import Form

if TYPE_CHECKING:
    from bayes_ivf.problem import Problem
    from bayes_ivf.study import Outcome


@cache
def all_forms() -> Mapping[str, Form]:
    """Return every form by name, in the order of their files."""
    found = {}
    for info in pkgutil.iter_modules(forms.__path__):
        member = getattr(import_module(f"{forms.__name__}.{info.name}"), "FORM", None)
        if isinstance(member, Form):
            found[member.name] = member
    return MappingProxyType(found)


def find_form(problem: Problem) -> Form:
    """Return the form that a problem's likelihood is: from its own file, so that a version takes in this form and no other.

    Raises
    ------
    RequestError
        If there is none. A fault inside a form's file stays what it is.
    """
    try:
        member = getattr(import_module(f"bayes_ivf.forms.{problem.likelihood}"), "FORM", None)
    except ModuleNotFoundError as error:
        if error.name != f"bayes_ivf.forms.{problem.likelihood}":
            raise
        member = None
    if not isinstance(member, Form):
        raise RequestError(
            Fault("likelihood", repr(problem.likelihood), ", ".join(all_forms()), "use one of these forms")
        )
    return member


def form_of(outcome: Outcome) -> Form | None:
    """Return the form in which an outcome is printed; None if outcomes of its kind have none that a model reads.

    Of several forms of a kind it is the one that says that it takes the outcome, else the one that says nothing; where there is
    neither, the first says why.
    """
    forms = forms_of_kind(outcome.kind)
    asked = {form: getattr(form.load_part(), "takes", None) for form in forms if len(forms) > 1}
    taking = (form for form, takes in asked.items() if takes is not None and takes(outcome))
    plain = (form for form, takes in asked.items() if takes is None)
    return next(taking, None) or next(plain, forms[0] if forms else None)


def forms_of_kind(kind: str) -> tuple[Form, ...]:
    """Return the forms in which outcomes of a kind may be printed."""
    return tuple(form for form in all_forms().values() if kind in form.kinds)
