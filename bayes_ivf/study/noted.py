"""What reading the table of one outcome has noted so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from bayes_ivf.errors import Fault
from bayes_ivf.study.facts import Impossible


@dataclass
class Noted:
    """Faults, which stop the reading, and what was read and cannot hold."""

    faults: list[Fault] = field(default_factory=list)
    found: list[Impossible] = field(default_factory=list)
