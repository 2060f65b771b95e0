"""The two arms, the priors and the coding: what the exact engine for embryo totals integrates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bayes_ivf.embryo.likelihood import ArmLikelihood
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.priors import BatchedPrior, Prior

WITHIN = {"beta_binomial": "icc", "receptivity": "q", "biochemical": "icc"}
"""BatchedPrior of the parameter that ties the embryos of one woman together; shared by the arms."""
DEFAULT_WITHIN = Prior("Uniform", {"lower": 0.0, "upper": 1.0})
DEFAULT_LOSS = Prior("Beta", {"alpha": 1.0, "beta": 9.0})


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
    faults = []
    for name in ("mechanism", "max_embryos", "weights"):
        ours, theirs = getattr(treatment, name), getattr(control, name)
        if ours != theirs:
            faults.append(
                Fault(name, f"{ours!r} and {theirs!r}", "the same in both arms", "prepare both arms with one option")
            )
    mechanism = treatment.mechanism
    within = WITHIN[mechanism]
    known = ["average", "control", "effect", within] + (["lambda"] if mechanism == "biochemical" else [])
    faults += [
        Fault(f"prior.{slot}", str(prior), ", ".join(known), f"{mechanism} has no such slot: remove it")
        for slot, prior in priors.items()
        if slot not in known
    ]
    firsts = [slot for slot in ("average", "control") if slot in priors]
    if len(firsts) != 1:
        found = " and ".join(firsts) or "neither"
        faults.append(Fault("prior", f"{found} of average and control", "exactly one of them", "give one of them"))
    if "effect" not in priors:
        faults.append(Fault("prior.effect", "nothing", "a distribution of the log odds ratio", "give the prior"))
    faults += [
        Fault(f"prior.{slot}", str(prior), "a proper distribution", "give one that integrates to one")
        for slot, prior in priors.items()
        if not prior.proper
    ]
    faults += [
        Fault(f"prior.{slot}", str(priors[slot]), "Beta, or Uniform within 0 and 1", "give a prior of a probability")
        for slot in (within, "lambda")
        if slot in priors and not _is_probability(priors[slot])
    ]
    if faults:
        raise RequestError(faults)
    coding = firsts[0]
    loss = _slot(priors.get("lambda", DEFAULT_LOSS)) if mechanism == "biochemical" else None
    return EmbryoProblem(
        treatment,
        control,
        coding,
        _slot(priors[coding]),
        _slot(priors["effect"]),
        _slot(priors.get(within, DEFAULT_WITHIN)),
        loss,
    )


def _slot(prior: Prior) -> BatchedPrior:
    return BatchedPrior(prior.dist, dict(prior.parameters))


def _is_probability(prior: Prior) -> bool:
    if prior.dist == "Uniform":
        return prior.parameters["lower"] >= 0 and prior.parameters["upper"] <= 1
    return prior.dist == "Beta"
