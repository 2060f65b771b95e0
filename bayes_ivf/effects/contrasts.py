"""From draws of a model's parameters to draws of the estimands; plain arrays of any shape."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.effects import individual
from bayes_ivf.effects.estimands import RATIO_OF_MEANS_CONTROL, SIZE
from bayes_ivf.likelihoods.embryo_totals import clinical_pregnancy, per_embryo, pooled_shares
from bayes_ivf.problem import Problem

Array = npt.NDArray[np.float64]


def risk_contrasts(treatment: Array, control: Array, log_odds_ratio: Array | None = None) -> dict[str, Array]:
    """Contrast two risks.

    Parameters
    ----------
    treatment, control : array
        Probabilities, same shape.
    log_odds_ratio : array, optional
        If the model has it as a parameter, to keep its precision.

    Returns
    -------
    dict of str to array
        Risk difference and risks (probability), risk ratio, odds ratio, log odds ratio.
    """
    if log_odds_ratio is None:
        log_odds_ratio = special.logit(treatment) - special.logit(control)
    with np.errstate(divide="ignore", over="ignore"):
        return {
            "risk_difference": treatment - control,
            "risk_ratio": treatment / control,
            "odds_ratio": np.exp(log_odds_ratio),
            "log_odds_ratio": log_odds_ratio,
            "control_risk": control,
            "treatment_risk": treatment,
        }


def mean_contrasts(treatment: Array, control: Array, standardizer: Array) -> dict[str, Array]:
    """Contrast two means.

    Parameters
    ----------
    treatment, control : array
        Means, unit of the outcome.
    standardizer : array
        Root mean square of the arms' standard deviations.

    Returns
    -------
    dict of str to array
        Mean difference and means (unit of the outcome), standardized mean difference, and the ratio of means if the
        control mean is surely positive.
    """
    difference = treatment - control
    contrasts = {"mean_difference": difference, "standardized_mean_difference": difference / standardizer}
    if np.mean(control > 0) > RATIO_OF_MEANS_CONTROL:
        contrasts["ratio_of_means"] = treatment / control
    return contrasts | {"control_mean": control, "treatment_mean": treatment}


def contrasts(problem: Problem, posterior: Mapping[str, Array]) -> dict[str, Array]:
    """Return the draws of every estimand of a problem, each of shape (chain, draw)."""
    return _MAKERS[problem.likelihood](problem, posterior)


def with_sizes(problem: Problem, estimands: Mapping[str, Array]) -> dict[str, Array]:
    """Return the draws with the size of every difference that is claimed without a direction, sizes first."""
    if problem.likelihood not in ("claim_only", "claim_family"):
        return dict(estimands)
    places = [""] if problem.likelihood == "claim_only" else _members(problem)
    claimed = zip(places, problem.variant.split("|"), strict=True)
    undirected = [place for place, direction in claimed if direction == "differs"]
    return {f"{SIZE}{each}": np.abs(estimands[f"standardized_mean_difference{each}"]) for each in undirected} | dict(
        estimands
    )


def _counts(problem: Problem, posterior: Mapping[str, Array]) -> dict[str, Array]:
    if problem.coding == "arms":
        return risk_contrasts(posterior["treatment"], posterior["control"])
    treatment, control = arm_log_odds(problem, posterior)
    return risk_contrasts(special.expit(treatment), special.expit(control), posterior["effect"])


def _mean_sd(problem: Problem, posterior: Mapping[str, Array]) -> dict[str, Array]:
    sigma = posterior["sigma"]
    standardizer = np.sqrt((sigma**2).mean(axis=-1)) if problem.variant == "separate" else sigma
    if problem.coding == "arms":
        return mean_contrasts(posterior["treatment"], posterior["control"], standardizer)
    shift = posterior["effect"] * standardizer
    if problem.coding == "average":
        return mean_contrasts(posterior["average"] + shift / 2, posterior["average"] - shift / 2, standardizer)
    return mean_contrasts(posterior["control"] + shift, posterior["control"], standardizer)


def _claim_only(problem: Problem, posterior: Mapping[str, Array]) -> dict[str, Array]:
    return {"standardized_mean_difference": posterior["effect"]}


def _embryo_totals(problem: Problem, posterior: Mapping[str, Array]) -> dict[str, Array]:
    """Contrasts per embryo, and per woman averaged over the arm's own or the pooled allocation of embryos."""
    from bayes_ivf.problem.embryo_cluster import arms_of

    arms = arms_of(problem)
    mechanism = problem.options["mechanism"]
    within, loss = posterior["q" if mechanism == "receptivity" else "icc"], posterior.get("lambda", np.zeros(1))
    log_odds = arm_log_odds(problem, posterior)
    per_embryo_risks = [per_embryo(mechanism, each, within) for each in log_odds]
    own_scale = mechanism != "receptivity"
    found = risk_contrasts(per_embryo_risks[0], per_embryo_risks[1], posterior["effect"] if own_scale else None)
    if not own_scale:
        found |= {
            "log_odds_ratio@receptivity": posterior["effect"],
            "odds_ratio@receptivity": np.exp(posterior["effect"]),
        }
        found["q"] = within
    else:
        found["icc"] = within
    if "lambda" in posterior:
        found["lambda"] = loss
    pooled = pooled_shares(*arms, *log_odds, within, loss)
    for place, shares in (("woman", None), ("woman_standardized", pooled)):
        risks = [clinical_pregnancy(arm, each, within, loss, shares) for arm, each in zip(arms, log_odds, strict=True)]
        found |= {f"{name}@{place}": values for name, values in risk_contrasts(risks[0], risks[1]).items()}
    return found


def _funnel(problem: Problem, posterior: Mapping[str, Array]) -> dict[str, Array]:
    """Contrasts of every stage and of what the stages come to per woman; the main ones are of ongoing pregnancy."""
    if problem.variant.startswith("women"):
        treatment, control = (special.expit(each) for each in arm_log_odds(problem, posterior))
        pregnant = [treatment, control]
        found: dict[str, Array] = {}
    else:
        first = _embryo_totals(problem, posterior)
        pregnant = [first["treatment_risk@woman"], first["control_risk@woman"]]
        found = {f"{name}@embryo": values for name, values in first.items() if "@" not in name}
    loss = _stage_risks(posterior, "miscarriage")
    ongoing = [chance * (1 - lost) for chance, lost in zip(pregnant, loss, strict=True)]
    lost_per_woman = [chance * lost for chance, lost in zip(pregnant, loss, strict=True)]
    stages = {"ongoing": ongoing, "woman": pregnant, "miscarriage_woman": lost_per_woman}
    if "live_birth" in problem.places:
        born = _stage_risks(posterior, "live_birth")
        stages["live_birth"] = [chance * birth for chance, birth in zip(ongoing, born, strict=True)]
    placed = {
        f"{name}@{place}": values for place, risks in stages.items() for name, values in risk_contrasts(*risks).items()
    }
    own = risk_contrasts(loss[0], loss[1], posterior["miscarriage_effect"])
    return own | placed | found


def _mean_family(problem: Problem, posterior: Mapping[str, Array]) -> dict[str, Array]:
    """Contrasts of every member of a family of means; the first member is the problem's own outcome."""
    standardizer = np.sqrt((posterior["sigma"] ** 2).mean(axis=-1))
    shift = posterior["effects"] * standardizer
    found: dict[str, Array] = {}
    for index, place in enumerate(_members(problem)):
        average, half = posterior["average"][..., index], shift[..., index] / 2
        mine = mean_contrasts(average + half, average - half, standardizer[..., index])
        found |= {f"{name}{place}": values for name, values in mine.items()}
    return found | _hierarchy(posterior)


def _claim_family(problem: Problem, posterior: Mapping[str, Array]) -> dict[str, Array]:
    """Effects of every member of a family of claims."""
    effects = posterior["effects"]
    places = _members(problem)
    found = {f"standardized_mean_difference{place}": effects[..., index] for index, place in enumerate(places)}
    return found | _hierarchy(posterior)


def _members(problem: Problem) -> list[str]:
    return ["", *(f"@{name}" for name in problem.places if name != "family")]


def _hierarchy(posterior: Mapping[str, Array]) -> dict[str, Array]:
    return {"mu@family": posterior["mu"], "tau@family": posterior["tau"]}


def _stage_risks(posterior: Mapping[str, Array], stage: str) -> list[Array]:
    level, effect = posterior[f"{stage}_average"], posterior[f"{stage}_effect"]
    return [special.expit(level + effect / 2), special.expit(level - effect / 2)]


def arm_log_odds(problem: Problem, posterior: Mapping[str, Array]) -> tuple[Array, Array]:
    """Return the log odds of treatment and control arm under either coding."""
    effect = posterior["effect"]
    if problem.coding == "average":
        return posterior["average"] + effect / 2, posterior["average"] - effect / 2
    return posterior["control"] + effect, posterior["control"]


def _embryo_rows(problem: Problem, posterior: Mapping[str, Array]) -> dict[str, Array]:
    """Contrasts per embryo, and per woman over the arm's own or the pooled numbers of embryos, averaged over intercepts."""
    effect, sigma = posterior["effect"], posterior["sigma"]
    log_odds = arm_log_odds(problem, posterior)
    chances = [individual.embryo_chances(problem.data, each, sigma) for each in log_odds]
    # the odds ratio of a woman's embryos, not that of the averaged risks
    found = risk_contrasts(chances[0][0], chances[1][0], effect)
    own_treatment, own_control, pooled = individual.shares_of_sizes(problem.data)
    for place, shares in (("woman", (own_treatment, own_control)), ("woman_standardized", (pooled, pooled))):
        risks = [by_size @ share for (_, by_size), share in zip(chances, shares, strict=True)]
        found |= {f"{name}@{place}": values for name, values in risk_contrasts(risks[0], risks[1]).items()}
    midway = (log_odds[0] + log_odds[1]) / 2
    found["icc@latent"] = individual.latent_icc(sigma)
    found["icc@probability"] = individual.probability_icc(problem.data, midway, sigma)
    return found


_MAKERS = {
    "counts": _counts,
    "mean_sd": _mean_sd,
    "claim_only": _claim_only,
    "embryo_totals": _embryo_totals,
    "funnel": _funnel,
    "mean_sd_family": _mean_family,
    "claim_family": _claim_family,
    "embryo_rows": _embryo_rows,
}
