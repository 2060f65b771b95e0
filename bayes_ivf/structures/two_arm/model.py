"""Two arms, one outcome: the base case, and the oracle for everything else."""

from __future__ import annotations

from typing import Any

import pymc as pm

from bayes_ivf.forms import TWO_SIDES, Form, FormPart, find_form, side_of
from bayes_ivf.problem import Plain, Problem, Variances
from bayes_ivf.structures.graph import COORDS, HALF, even_effect, prior_variable, register
from bayes_ivf.structures.two_arm.contrasts import PRINTED, PRINTED_END
from bayes_ivf.structures.two_arm.signs import either_sign
from bayes_ivf.structures.two_arm.tilt import tilted_level


def build(problem: Problem) -> pm.Model:
    """Build the model of one outcome in two arms."""
    form = find_form(problem)
    with pm.Model(coords=COORDS) as model:
        _BUILDERS[form.support](problem, form)
    return model


def _risks(problem: Problem, form: Form) -> None:
    part = form.load_part()
    data = register(problem, part.DIMS)
    if not is_mixed(part, problem.laid_out(Plain).word):
        _observed_risks(problem, part, data, "")
        return
    # a print that may say nothing of the outcome is of risks of its own: the outcome's, or others
    _observed_risks(problem, part, data, PRINTED_END)
    empty = pm.Uniform("empty_chance", 0.0, 1.0) < data["empty"]
    for slot in COORDS["arm"] if problem.coding == "arms" else (problem.coding, "effect"):
        other = prior_variable(f"{slot}_unprinted", slot, problem, data)
        pm.Deterministic(slot, pm.math.switch(empty, other, pm.modelcontext(None)[f"{slot}{PRINTED_END}"]))


def _observed_risks(problem: Problem, part: FormPart, data: dict[str, Any], end: str) -> None:
    """Make the two risks of what was printed, named as their slots with an end, and observe it."""
    if problem.coding == "arms":
        arms = [prior_variable(f"{arm}{end}", arm, problem, data) for arm in COORDS["arm"]]
        part.observe(data, risk=pm.math.stack(arms))
        return
    shares = HALF if problem.coding == "average" else (1.0, 0.0)
    name = f"{problem.coding}{end}"
    if side_of(problem.laid_out(Plain).word) == TWO_SIDES:
        level = prior_variable(name, problem.coding, problem, data)
        either_sign(problem, data, part, level, pm.math.constant(shares), f"effect{end}")
        return
    effect = prior_variable(f"effect{end}", "effect", problem, data)
    level = tilted_level(problem.coding, problem, data, effect, shares, part.rough(data), name)
    part.observe(data, logit_risk=level + pm.math.constant(shares) * effect)


def is_mixed(part: FormPart, variant: str) -> bool:
    """Whether what was printed may be of another trial."""
    return bool(getattr(part, "is_mixed", lambda _: False)(variant))


def _means(problem: Problem, form: Form) -> None:
    part = form.load_part()
    data = register(problem, part.DIMS)
    means, variances = part.rough(data)
    spread = pm.math.sqrt(variances.mean())
    center = means.mean()
    arm = None if problem.laid_out(Variances).common else "arm"
    if problem.priors["sigma"].proper:
        sigma = prior_variable("sigma", "sigma", problem, data, dims=arm)
    else:
        # flat on log sigma; counted from the printed sd so that the sampler starts and steps on a unit scale
        sigma = pm.Deterministic("sigma", spread * pm.math.exp(pm.Flat("log_sigma_scaled", dims=arm)), dims=arm)
    standardizer = pm.math.sqrt((sigma**2).mean()) if arm else sigma

    def level(slot: str) -> object:
        if problem.priors[slot].proper:
            return prior_variable(slot, slot, problem, data)
        return pm.Deterministic(slot, center + spread * pm.Flat(f"{slot}_scaled"))

    if problem.coding == "arms":
        mu = pm.math.stack([level("treatment"), level("control")])
    else:
        shift = prior_variable("effect", "effect", problem, data) * standardizer
        if problem.coding == "average":
            mu = level("average") + pm.math.constant(HALF) * shift
        else:
            mu = level("control") + pm.math.constant((1.0, 0.0)) * shift
    part.observe(data, mu, sigma)


def _rates(problem: Problem, form: Form) -> None:
    part = form.load_part()
    data = register(problem, part.DIMS)
    effect = prior_variable("effect", "effect", problem, data)
    shares = HALF if problem.coding == "average" else (1.0, 0.0)
    if problem.priors[problem.coding].proper:
        level = prior_variable(problem.coding, problem.coding, problem, data)
    else:
        # counted from the printed events, so that the sampler starts near them
        start = pm.math.log((data["events"].sum() + 1) / data["time"].sum())
        level = pm.Deterministic(problem.coding, start + pm.Flat(f"{problem.coding}_scaled"))
    part.observe(data, level + pm.math.constant(shares) * effect, problem.laid_out(Plain).word)


def _effect(problem: Problem, form: Form) -> None:
    part = form.load_part()
    data = register(problem, part.DIMS)
    event = problem.laid_out(Plain).word
    make = even_effect if part.is_even(event) else prior_variable
    if not problem.priors["effect"].proper:
        center, spread = part.rough(data)
        part.observe(data, pm.Deterministic("effect", center + spread * pm.Flat("effect_scaled")), event)
        return
    if not is_mixed(part, event):
        part.observe(data, make("effect", "effect", problem, data), event)
        return
    # a print that may say nothing of the outcome is of an effect of its own: the outcome's, or another one
    printed = make(PRINTED, "effect", problem, data)
    part.observe(data, printed, event)
    other = prior_variable("effect_unprinted", "effect", problem, data)
    empty = pm.Uniform("empty_chance", 0.0, 1.0) < data["doubt"]
    pm.Deterministic("effect", pm.math.switch(empty, other, printed))


_BUILDERS = {"two_by_two": _risks, "location": _means, "two_rates": _rates, "effect_only": _effect}
"""By what a form's likelihood speaks of."""
