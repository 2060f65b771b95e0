"""The words "lower, P<0.05" and nothing else: the event that a two-sided, equal-variance t test gave them.

With T = (Z + d / sqrt(1/n_t + 1/n_c)) / S, Z standard normal and S^2 = chi2_df / df, "higher" is the event T > t_crit; words
that are doubted with probability w carry no information with that probability: (1 - w) Pr(event) + w.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.forms.form import Form, Solver
from bayes_ivf.forms.operations import doubted, log_doubted
from bayes_ivf.forms.printed_t import is_exact, p_of_t, printed_t, rounded_p, women_of
from bayes_ivf.forms.stacking import batched_priors, stacked
from bayes_ivf.problem import FEWEST, DataArray, Plain, Problem, array, claim_nodes, near_enough
from bayes_ivf.simulate import simulate_claims
from bayes_ivf.study import ARMS, Outcome, Size, Study

Array = npt.NDArray[np.float64]

FORM = Form("claim_only", kinds=("claim_only", "p_value"), support="effect_only")
DIMS: Mapping[str, str] = {"n": "arm", "nodes": "node", "log_weights": "node"}
OPTIONS: tuple[str, ...] = ("doubt",)
simulate = simulate_claims
DIRECTIONS = {"lower": "lower", "higher": "higher", "differs": "differs", "none": "no_difference"}
"""Direction of a claim in a study file, and the event that it says."""


def arrays(
    study: Study, outcome: Outcome, options: Mapping[str, str], nodes: int = FEWEST
) -> tuple[dict[str, DataArray], str]:
    """Return the arrays of a claim, with at least so many nodes, and the event that it says.

    Raises
    ------
    RequestError
        If the claim says nothing of P, or its direction contradicts it.
    """
    sizes = [cast(Size, (outcome.data or {})[arm]).n for arm in ARMS]
    relation, level = event_of(study, outcome)
    direction = "differs" if outcome.claim is None else outcome.claim.direction
    if (relation == ">") != (direction == "none"):
        raise RequestError(
            Fault(
                f"{study.id}/{outcome.id}",
                f"direction {direction} with {outcome.statistic if outcome.claim is None else outcome.claim.p}",
                "a direction with P<alpha, or no difference with P>alpha",
                "correct the claim",
            )
        )
    bounds, log_weights = claim_nodes(sizes[0], sizes[1], level, nodes)
    data: dict[str, DataArray] = {
        "n": array(sizes, np.int64),
        "alpha": array(level, np.float64),
        "doubt": array(float(options["doubt"]), np.float64),
        "nodes": bounds,
        "log_weights": log_weights,
        "claimed": array(1, np.int64),
    }
    return data, DIRECTIONS[direction]


def takes(outcome: Outcome) -> bool:
    """Whether only the side of a level is printed on which P lies."""
    return not is_exact(outcome)


def event_of(study: Study, outcome: Outcome) -> tuple[str, float]:
    """Return on which side of which two-sided level P lies.

    A P printed as 0.000 lies below 0.0005, and that of a t printed as "> 3.3" below the P of 3.3.

    Raises
    ------
    RequestError
        If no P is printed, or it is not of a t test of two independent arms.
    """
    claim = outcome.claim
    if outcome.statistic is not None and not outcome.statistic.cannot_be:
        return "<", p_of_t(printed_t(study, outcome).low, sum(women_of(outcome)) - 2)
    if claim is None or claim.p is None or claim.relation is None or claim.level is None:
        raise RequestError(
            Fault(
                f"{study.id}/{outcome.id}",
                "a claim without a P",
                "a P, or a test statistic",
                "give the claim's P as printed",
            )
        )
    return ("<", rounded_p(claim.p)[1]) if claim.relation == "=" else (claim.relation, claim.level)


def observe(
    data: dict[str, Any],
    effect: Any,
    direction: str,
    *,
    pulled: Any = 0.0,
    own: Any = 1.0,
    name: str = "claim_observed",
) -> None:
    """Observe that a claim was printed.

    Given the pooled standard deviation, the test statistic is normal; its scatter is integrated over fixed nodes, in
    logs, so that far tails keep a slope.

    Parameters
    ----------
    data : dict
        ``n`` (arm); ``nodes``, the critical value times a chi-scaled node, and ``log_weights`` (node); ``doubt``, the
        probability that the words carry no information; ``claimed``, 1.
    effect : tensor, scalar
        Standardized mean difference.
    direction : {"lower", "higher", "differs", "no_difference"}
    pulled, own : tensor
        What a factor common to several outcomes adds to the statistic, and the sd that is left to this outcome alone;
        `nodes` are then already divided by `own`.
    name : str
    """
    import pymc as pm
    import pytensor.tensor as pt

    shift = (effect / pt.sqrt((1.0 / data["n"]).sum()) + pulled) / own
    pm.CustomDist(
        name,
        shift,
        data["doubt"],
        data["nodes"],
        data["log_weights"],
        logp=partial(_logp, _LOG_EVENT[direction]),
        random=partial(_random, direction),
        signature="(),(),(n),(n)->()",
        observed=data["claimed"],
        dtype="int64",
    )


def _lower(nodes: Any, shift: Any) -> Any:
    from pymc.distributions.dist_math import normal_lcdf

    return normal_lcdf(0, 1, -nodes - shift)


def _higher(nodes: Any, shift: Any) -> Any:
    from pymc.distributions.dist_math import normal_lcdf

    return normal_lcdf(0, 1, shift - nodes)


def _differs(nodes: Any, shift: Any) -> Any:
    import pytensor.tensor as pt

    return pt.logaddexp(_lower(nodes, shift), _higher(nodes, shift))


def _no_difference(nodes: Any, shift: Any) -> Any:
    import pytensor.tensor as pt
    from pymc.distributions.dist_math import normal_lcdf

    # seen from the side where both bounds lie in the small tail, so that nothing cancels
    size = pt.abs(shift)
    upper, lower = normal_lcdf(0, 1, nodes - size), normal_lcdf(0, 1, -nodes - size)
    return upper + pt.log(-pt.expm1(pt.minimum(lower - upper, -1e-300)))


_LOG_EVENT: dict[str, Callable[[Any, Any], Any]] = {
    "lower": _lower,
    "higher": _higher,
    "differs": _differs,
    "no_difference": _no_difference,
}


def _logp(
    log_event: Callable[[Any, Any], Any], value: Any, shift: Any, doubt: Any, nodes: Any, log_weights: Any
) -> Any:
    import pytensor.tensor as pt

    shift = pt.as_tensor(shift)
    log_claim = pt.logsumexp(log_weights + log_event(nodes, shift[..., None]), axis=-1)
    claimed = log_doubted(log_claim, doubt)
    # observed is that the claim was printed; its absence is only ever simulated
    return pt.where(pt.eq(value, 1), claimed, pt.log1p(-pt.minimum(pt.exp(claimed), 1 - 1e-16)))


def _random(
    direction: str, shift: Any, doubt: Any, nodes: Any, log_weights: Any, rng: Any = None, size: Any = None
) -> Any:
    shift = np.asarray(shift)[..., None]
    below, above = special.ndtr(-nodes - shift), special.ndtr(shift - nodes)
    event = {"lower": below, "higher": above, "differs": below + above, "no_difference": 1 - below - above}[direction]
    chance = doubted((event * np.exp(log_weights)).sum(-1), doubt)
    return rng.binomial(1, np.clip(chance, 0, 1), size=size)


def log_likelihood(
    data: Mapping[str, Any], effect: Array, direction: str, *, pulled: Array | float = 0.0, own: Array | float = 1.0
) -> Array:
    """Log probability of what was printed; see `observe`. Parameters of shape (...) give (...)."""
    shift = (np.asarray(effect) / np.sqrt((1 / data["n"]).sum()))[..., None]
    if np.any(pulled) or np.any(np.not_equal(own, 1.0)):
        shift = (shift + np.asarray(pulled)[..., None]) / np.asarray(own)[..., None]
    chance = (np.exp(data["log_weights"]) * _probability(direction, data["nodes"], shift)).sum(axis=-1)
    printed = doubted(chance, data["doubt"])
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(printed if int(data["claimed"]) else 1 - printed))


def _probability(direction: str, nodes: Array, shift: Array) -> Array:
    """Probability of an event, given the pooled standard deviation."""
    events: dict[str, Callable[[], Array]] = {
        "lower": lambda: special.ndtr(-nodes - shift),
        "higher": lambda: special.ndtr(shift - nodes),
        "differs": lambda: special.ndtr(-nodes - shift) + special.ndtr(shift - nodes),
        "no_difference": lambda: special.ndtr(nodes - shift) - special.ndtr(-nodes - shift),
    }
    return events[direction]()


def derived(problem: Problem) -> dict[str, DataArray]:
    """Return nothing that NUTS needs beyond the data of claims.

    Raises
    ------
    RequestError
        If a claim's probability would have steps.
    """
    if not without_steps(problem):
        women = problem.data["n"].sum(axis=-1).min()
        raise RequestError(
            Fault(
                f"model {problem.model} of {problem.study}/{problem.outcome}",
                f"a claim of P{_relation(problem)}{problem.data['alpha'].min():g} from as few as {women:g} women",
                'engine="exact" of the model two_arm, or a larger P',
                "choose one of these",
            )
        )
    return {}


def _relation(problem: Problem) -> str:
    return ">" if "no_difference" in problem.variant else "<"


def without_steps(problem: Problem) -> bool:
    """Whether the nodes lie so close that the probability of a claim, summed over them, has no steps."""
    return near_enough(problem.data["nodes"])


def can_be_sampled(problem: Problem) -> bool:
    """Whether NUTS has a likelihood: not where the claim's probability has steps."""
    return without_steps(problem)


def conditions(study: Study, outcome: Outcome, options: Mapping[str, str]) -> tuple[str, ...]:
    """Return what everything about the outcome hangs on."""
    words = str(outcome.statistic) if outcome.claim is None else outcome.claim.text
    if options["doubt"] == "0":
        return (f"Known only from the words {words!r}; if the claim is true and came from an equal-variance t test.",)
    return (f"Known only from the words {words!r}, doubted with probability {options['doubt']}.",)


def is_even(variant: str) -> bool:
    """Whether the likelihood is the same for both signs of the effect: the claim says no direction but a difference."""
    return variant == "differs"


def prior_table(variant: str) -> Literal["means"]:
    """Return the table of prior sets for standardized mean differences."""
    return "means"


def quantities(effect: Array, variant: str) -> dict[str, Array]:
    """Return the standardized mean difference, which is the effect itself."""
    return {"standardized_mean_difference": effect}


def solver(problem: Problem) -> Solver | None:
    """Return the solver of a claim with a prior on the effect."""
    return _claims


def _claims(problems: Sequence[Problem], workers: int | None) -> Any:
    from bayes_ivf.exact import solve_claim

    n = stacked(problems, "n")
    return solve_claim(
        problems[0].laid_out(Plain).word.replace("_", " "),
        n[:, 0],
        n[:, 1],
        effect=batched_priors(problems)["effect"],
        alpha=stacked(problems, "alpha"),
        doubt=stacked(problems, "doubt"),
        workers=workers,
    )
