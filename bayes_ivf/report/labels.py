"""What readers meet instead of ids: labels of outcomes, models and options."""

from __future__ import annotations

import re
from functools import cache

from bayes_ivf.report.context import Context

DERIVED = {"ongoing": "Ongoing pregnancy per woman", "mcr_per_woman": "Miscarriage per woman"}
"""Outcomes that no paper prints, in words."""


def outcome_label(context: Context, outcome: str) -> str:
    """Return an outcome's label, or that of what a model derives."""
    # the labels of all outcomes would be made anew for each number of a page
    title = next((item.title for item in context.study.items if item.id == outcome), "")
    if title:
        return title
    printed = context.study.printed_id(outcome)
    label = DERIVED.get(printed) or printed.replace("_", " ").capitalize()
    compared = [each.label for each in context.study.comparisons if each.expanded(printed) == outcome]
    return ": ".join([label, *compared])


def model_label(context: Context, model: str, options: str = "") -> str:
    """Return a model's label, with what its options say where they are not at their defaults."""
    label = str(context.manifest["models"].get(model, {}).get("label") or _card_label(model))
    told = [_option(model, *option.split("=", 1)) for option in options.split(";") if "=" in option]
    return f"{label} ({'; '.join(told)})" if told else label


def _option(model: str, name: str, value: str) -> str:
    meaning = _meanings(model).get(name, name.replace("_", " "))
    return f"{meaning}: {value.replace('_', ' ')}"


@cache
def _card_label(model: str) -> str:
    from bayes_ivf.cards import bundled_cards, load_card

    return load_card(model).label if model in bundled_cards() else model.replace("_", " ").capitalize()


@cache
def _meanings(model: str) -> dict[str, str]:
    from bayes_ivf.cards import bundled_cards, load_card

    if model not in bundled_cards():
        return {}
    return {name: re.split(r" \(|; |: ", option.meaning)[0] for name, option in load_card(model).options.items()}


def prior_label(context: Context, prior: str) -> str:
    """Return a prior set's label."""
    return str(context.manifest.get("priors", {}).get(prior, {}).get("label") or _set_label(prior))


@cache
def _set_label(prior: str) -> str:
    from bayes_ivf.priors import bundled_prior_sets, load_prior_set

    return load_prior_set(prior).label if prior in bundled_prior_sets() else prior.replace("_", " ")
