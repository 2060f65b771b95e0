"""The two arms, the priors and the coding: what the exact engine for embryo totals integrates.

Examples
--------
>>> from bayes_ivf.embryo.arm import ArmTotals
>>> from bayes_ivf.embryo.likelihood import prepare_arm
>>> arm, normal = prepare_arm(ArmTotals(4, 8, 2, 3), max_embryos=2), Prior("Normal", {"mu": 0.0, "sigma": 1.0})
>>> problem = embryo_problem(arm, arm, {"control": normal, "effect": normal})
>>> problem.coding, problem.within.dist
('control', 'Uniform')
>>> embryo_problem(arm, arm, {"effect": normal, "icc": normal})  # doctest: +ELLIPSIS
Traceback (most recent call last):
...
bayes_ivf.errors.RequestError: ...
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bayes_ivf.embryo.likelihood import ArmLikelihood
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.priors import BatchedPrior, Prior, check_slots

WITHIN_SLOT = {"beta_binomial": "icc", "receptivity": "q", "biochemical": "icc"}
"""Slot of the parameter that makes the embryos of one woman alike; shared by the arms."""
DEFAULT_WITHIN = Prior("Uniform", {"lower": 0.0, "upper": 1.0})
DEFAULT_LOSS = Prior("Beta", {"alpha": 1.0, "beta": 9.0})
"""One implantation in ten is lost on average. Both as in the prior set `weakly_informative`, which problems are filled from."""


@dataclass(frozen=True)
class EmbryoProblem:
    """Two arms with a shared mechanism and their priors.

    Parameters
    ----------
    treatment, control : ArmLikelihood
        Made with the same M, weights and mechanism.
    coding : {"average", "control"}
        Which log odds the prior `first` is on: midway between the arms, or the control arm's. Of pi; of r under
        ``receptivity``.
    first, effect : BatchedPrior
        Priors on that log odds and on the log odds ratio.
    within : BatchedPrior
        Prior on the icc, or on q under ``receptivity``.
    loss : BatchedPrior or None
        Prior on lambda; None unless ``biochemical``.
    """

    treatment: ArmLikelihood
    control: ArmLikelihood
    coding: str
    first: BatchedPrior
    effect: BatchedPrior
    within: BatchedPrior
    loss: BatchedPrior | None

    @property
    def mechanism(self) -> str:
        """The mechanism of both arms."""
        return self.treatment.mechanism


def embryo_problem(treatment: ArmLikelihood, control: ArmLikelihood, priors: Mapping[str, Prior]) -> EmbryoProblem:
    """Check the priors and put them in place.

    Parameters
    ----------
    treatment, control : ArmLikelihood
        From `prepare_arm`, with the same options.
    priors : mapping of str to Prior
        ``effect`` and either ``average`` or ``control`` (log odds of pi; of r under ``receptivity``); ``icc`` or,
        under ``receptivity``, ``q`` (left out: uniform); ``lambda`` under ``biochemical`` (left out: Beta(1, 9)).

    Raises
    ------
    RequestError
        If the arms differ in their options, a slot is missing, unknown or improper, or a prior of a probability
        reaches outside (0, 1).
    """
    faults = [
        Fault(
            name,
            f"{getattr(treatment, name)!r} and {getattr(control, name)!r}",
            "the same in both arms",
            "prepare both arms with one option",
        )
        for name in ("mechanism", "max_embryos", "weights")
        if getattr(treatment, name) != getattr(control, name)
    ]
    mechanism = treatment.mechanism
    within = WITHIN_SLOT[mechanism]
    known = ["average", "control", "effect", within] + (["lambda"] if mechanism == "biochemical" else [])
    faults += [
        Fault(f"prior.{slot}", str(prior), ", ".join(known), f"{mechanism} has no such slot: remove it")
        for slot, prior in priors.items()
        if slot not in known
    ]
    codings = [slot for slot in ("average", "control") if slot in priors]
    if not codings:
        faults.append(Fault("prior", "neither average nor control", "exactly one of them", "give one of them"))
    if "effect" not in priors:
        faults.append(Fault("prior.effect", "nothing", "a distribution of the log odds ratio", "give the prior"))
    # the same rules as for slots that a user writes; parameters are checked by the priors themselves
    faults += check_slots({slot: prior for slot, prior in priors.items() if slot in known}, "log_odds", "prior")
    if faults:
        raise RequestError(faults)
    coding = codings[0]
    loss = _batched(priors.get("lambda", DEFAULT_LOSS)) if mechanism == "biochemical" else None
    return EmbryoProblem(
        treatment,
        control,
        coding,
        _batched(priors[coding]),
        _batched(priors["effect"]),
        _batched(priors.get(within, DEFAULT_WITHIN)),
        loss,
    )


def _batched(prior: Prior) -> BatchedPrior:
    return BatchedPrior(prior.dist, dict(prior.parameters))
