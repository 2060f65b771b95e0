"""What an outcome may declare to count: events on the path to birth, oocytes and embryos in the laboratory."""

from __future__ import annotations

from typing import Literal

Stage = Literal[
    "implantation",
    "positive_test",
    "biochemical_loss",
    "clinical_pregnancy",
    "ectopic",
    "multiple",
    "miscarriage",
    "ongoing",
    "live_birth",
    "retrieved",
    "mature",
    "fertilized",
    "good",
    "blastocyst",
    "frozen",
    "transferred",
]

EVENTS: tuple[Stage, ...] = (
    "implantation",
    "positive_test",
    "biochemical_loss",
    "clinical_pregnancy",
    "ectopic",
    "multiple",
    "miscarriage",
    "ongoing",
    "live_birth",
)
"""Stages that happen to a woman, an embryo or a pregnancy or do not: a claim about one is about counts."""
