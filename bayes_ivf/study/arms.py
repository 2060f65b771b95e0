"""The arms of every trial, in the order of all arrays; a file of its own, since numbers depend on nothing else here."""

from __future__ import annotations

from typing import Literal

ArmName = Literal["treatment", "control"]
ARMS: tuple[ArmName, ArmName] = ("treatment", "control")
