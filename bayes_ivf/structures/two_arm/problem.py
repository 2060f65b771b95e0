"""Problems of the structure `two_arm`: one outcome, two arms, three kinds of print."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from bayes_ivf.cards import Card
from bayes_ivf.errors import Fault, PriorError, RequestError
from bayes_ivf.priors import Prior
from bayes_ivf.problem import (
    FEWEST,
    DataArray,
    PriorLike,
    Problem,
    array,
    claim_nodes,
    coding_of,
    make_problem,
    resolve,
    taken_as_independent,
)
from bayes_ivf.study import ARMS, MeanSD, Outcome, Size, Study, sd_factor

CLAIM_DIRECTIONS = {"lower": "lower", "higher": "higher", "differs": "differs", "none": "no_difference"}


MEANS, CLAIMS = ("variance",), ("doubt",)
"""Options that change the result of means, and of claims."""


def why_not(study: Study, outcome: Outcome, card: Card) -> str | None:
    """Return None: every outcome of a kind that the card allows can be compared in two arms."""
    return None


def applying_options(study: Study, outcome: Outcome) -> tuple[str, ...] | None:
    """Return the options that can change the result of an outcome."""
    means = outcome.data is not None and isinstance(outcome.data["treatment"], MeanSD)
    return MEANS if means else CLAIMS if outcome.kind == "claim_only" else ()


def build(
    study: Study, outcome: Outcome, card: Card, prior: PriorLike, options: Mapping[str, object] | None
) -> Problem:
    """Make a problem of one outcome in two arms.

    Raises
    ------
    RequestError
        If what was printed is not enough.
    PriorError
        If the priors do not fit.
    """
    chosen = card.choose(options)
    where = f"prior of {study.id}/{outcome.id}"
    if outcome.kind == "mean_sd":
        return _means(study, outcome, card, prior, chosen, where)
    if outcome.kind == "claim_only":
        return _claim(study, outcome, card, prior, chosen, where)
    return _counts(study, outcome, card, prior, where)


def _counts(study: Study, outcome: Outcome, card: Card, prior: PriorLike, where: str) -> Problem:
    counts = [outcome.counts(arm) for arm in ARMS]
    events, n = [], []
    for arm, found in zip(ARMS, counts, strict=True):
        if found is None:
            statement = getattr((outcome.data or {}).get(arm), "statement", "No counts were printed.")
            raise RequestError(
                Fault(
                    f"{study.id}/{outcome.id}, {arm}",
                    statement,
                    "counts, or a percentage that one pair of whole numbers fits",
                    "give the denominators in the study file (n)",
                )
            )
        events.append(found.events)
        n.append(found.n)
    name, priors = resolve(prior, "log_odds", ("average", "effect", "control", "treatment"), outcome.sign, where)
    nested = taken_as_independent(study, outcome)
    return make_problem(
        study,
        outcome,
        card,
        likelihood="counts",
        coding=coding_of(priors),
        data={"events": array(events, np.int64), "n": array(n, np.int64)},
        priors=priors,
        prior_set=name,
        caveats=(nested,) if nested else (),
        assumes=nested,
    )


def mean_data(outcome: Outcome) -> dict[str, DataArray]:
    """Return means, variances and sizes of both arms, unit of the outcome; a declared standard error is no sd."""
    printed = [cast(MeanSD, (outcome.data or {})[arm]) for arm in ARMS]
    sd = np.array([float(datum.sd) * (sd_factor(outcome.spread, datum.n) or 1.0) for datum in printed])
    return {
        "mean": np.array([float(datum.mean) for datum in printed]),
        "variance": sd**2,
        "n": array([datum.n for datum in printed], np.int64),
    }


def _means(
    study: Study, outcome: Outcome, card: Card, prior: PriorLike, options: Mapping[str, str], where: str
) -> Problem:
    allowed = ("average", "effect", "control", "treatment", "sigma")
    name, priors = resolve(prior, "means", allowed, outcome.sign, where)
    coding = coding_of(priors)
    flat = Prior("Flat", {})
    priors = {"sigma": flat} | ({"average": flat} if coding == "average" else {}) | priors
    _check_means(priors, where)
    common = options["variance"] == "common"
    return make_problem(
        study,
        outcome,
        card,
        likelihood="mean_sd",
        coding=coding,
        data=mean_data(outcome),
        priors=priors,
        prior_set=name,
        options={"variance": "common"} if common else {},
        variant="common" if common else "separate",
    )


def _check_means(priors: Mapping[str, Prior], where: str) -> None:
    arms = [priors[slot] for slot in ("control", "treatment") if slot in priors]
    if "treatment" in priors and any(prior.proper for prior in arms) and not all(prior.proper for prior in arms):
        raise PriorError(
            Fault(where, "one arm's mean flat and the other's proper", "both flat or both proper", "change one slot")
        )


def claim_data(study: Study, outcome: Outcome, doubt: float, nodes: int = FEWEST) -> tuple[dict[str, DataArray], str]:
    """Return the arrays of a claim, with at least so many nodes, and its direction.

    Raises
    ------
    RequestError
        If the claim has no inequality for P, or its direction contradicts it.
    """
    claim = outcome.claim
    sizes = [cast(Size, (outcome.data or {})[arm]).n for arm in ARMS]
    if claim is None or claim.level is None or claim.relation not in ("<", ">"):
        raise RequestError(
            Fault(
                f"{study.id}/{outcome.id}",
                "a claim without an inequality for P"
                if claim is None or claim.p is None
                else f"{claim.p} alone, without the numbers of the arms: a claim is modeled from P<alpha or P>alpha",
                "P<alpha or P>alpha",
                "give the claim's P as printed",
            )
        )
    if (claim.relation == ">") != (claim.direction == "none"):
        raise RequestError(
            Fault(
                f"{study.id}/{outcome.id}",
                f"direction {claim.direction} with {claim.p}",
                "a direction with P<alpha, or no difference with P>alpha",
                "correct the claim",
            )
        )
    bounds, log_weights = claim_nodes(sizes[0], sizes[1], claim.level, nodes)
    data: dict[str, DataArray] = {
        "n": array(sizes, np.int64),
        "alpha": array(claim.level, np.float64),
        "doubt": array(doubt, np.float64),
        "nodes": bounds,
        "log_weights": log_weights,
        "claimed": array(1, np.int64),
    }
    return data, CLAIM_DIRECTIONS[claim.direction]


def _claim(
    study: Study, outcome: Outcome, card: Card, prior: PriorLike, options: Mapping[str, str], where: str
) -> Problem:
    data, direction = claim_data(study, outcome, float(options["doubt"]))
    name, priors = resolve(prior, "means", ("effect",), outcome.sign, where)
    words = cast(Any, outcome.claim).text
    return make_problem(
        study,
        outcome,
        card,
        likelihood="claim_only",
        coding="effect",
        data=data,
        priors=priors,
        prior_set=name,
        options={"doubt": options["doubt"]},
        variant=direction,
        caveats=(
            f"Known only from the words {words!r}; if the claim is true and came from an equal-variance t test."
            if options["doubt"] == "0"
            else f"Known only from the words {words!r}, doubted with probability {options['doubt']}.",
        ),
    )
