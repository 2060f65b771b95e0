"""Errors that say where, what was found, what is allowed and what to do.

Every fault of a piece of input is collected before anything is raised, so that a user mends a file once.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


def visible(text: str) -> str:
    """Return a text with control and hidden characters, which a terminal would obey, as escapes."""
    if text.isprintable():
        return text
    return "".join(repr(sign)[1:-1] if unicodedata.category(sign) in _HIDDEN else sign for sign in text)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with what the user gave.

    Parameters
    ----------
    where : str
        The place: file and key, argument, or option.
    found : str
        What stands there.
    allowed : str
        What may stand there.
    action : str
        What to do about it.
    """

    where: str
    found: str
    allowed: str
    action: str

    def __str__(self) -> str:
        where, found, allowed, action = (visible(part) for part in (self.where, self.found, self.allowed, self.action))
        return f"{where}\n  found:   {found}\n  allowed: {allowed}\n  to do:   {action}"


class BayesIvfError(Exception):
    """Base of every error that a user can cause.

    Parameters
    ----------
    faults : Fault or iterable of Fault
        Everything that is wrong, not only the first; kept as the attribute `faults`.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> try:
    ...     bi.Study.from_counts((43, 40), (12, 40))
    ... except bi.BayesIvfError as error:
    ...     print(error)
    treatment, events
      found:   43 of 40
      allowed: 0 to 40
      to do:   correct the counts
    """

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class StudyError(BayesIvfError):
    """A study, or a file or constructor argument that describes one."""


class CardError(BayesIvfError):
    """A model card."""


class PriorError(BayesIvfError):
    """A prior or a set of priors."""


class RequestError(BayesIvfError):
    """A combination of study, outcome, model, prior or option that cannot be carried out."""


class OutputError(BayesIvfError):
    """A folder or file that cannot be written or read as asked."""
