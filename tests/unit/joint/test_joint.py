"""One hierarchy over all outcomes: what it reduces to, its symmetries, and what it says of a small study."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy import special

import bayes_ivf as bi
from bayes_ivf.cards import load_card
from bayes_ivf.problem import applicable, build_problem
from bayes_ivf.structures import build_model, contrasts
from bayes_ivf.structures.joint.problem import LATENT
from bayes_ivf.study import parse_study

RATIO = 1 / LATENT
"""A log odds ratio in standardized mean differences."""
NONE = -60.0
"""Logarithm of a spread that is none."""
LEVEL = {"dist": "Uniform", "lower": -5, "upper": 5}

CPR = {"id": "cpr", "kind": "counts", "per": "woman", "treatment": "16/40", "control": "12/40", "family": "pregnancy"}
MCR = {"id": "mcr", "kind": "counts", "per": "clinical_pregnancy", "denominator": "cpr", "benefit": "lower",
       "stage": "miscarriage", "treatment": "1/16", "control": "2/12", "family": "pregnancy"}  # fmt: skip
PAIN = {"id": "pain", "kind": "counts", "per": "woman", "benefit": "lower", "treatment": "4/40", "control": "9/40"}
SCORE = {"id": "score", "kind": "mean_sd", "treatment": "61 ± 9", "control": "57 ± 11", "family": "quality_of_life"}
MARKER = {"id": "marker", "kind": "mean_sd", "benefit": "lower", "treatment": "3.1 ± 0.8", "control": "3.3 ± 0.7",
          "family": "marker"}  # fmt: skip
LOWER = {"direction": "lower", "text": "lower", "p": "P<0.05"}
HIGHER = {"direction": "higher", "text": "higher", "p": "P<0.05"}
SAME = {"direction": "none", "text": "no difference", "p": "P>0.05"}


def claim(name, said, family="quality_of_life", benefit="lower"):
    return {"id": name, "kind": "claim_only", "claim": said, "family": family, "benefit": benefit}


def study_of(*items):
    outcomes = [{"benefit": "higher", "label": item["id"], **item} for item in items]
    arms = {arm: {"label": arm, "n": 40} for arm in ("treatment", "control")}
    return parse_study({"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": outcomes}, "s.toml")


def problem_of(study, outcome, model="joint", prior=None, **options):
    return build_problem(study, outcome, load_card(model), {} if prior is None else prior, options)


class Density:
    """Log density of a problem's model at points by name."""

    def __init__(self, problem):
        self.model = build_model(problem)
        self.start = self.model.initial_point()
        self.logp = self.model.compile_logp(mode="FAST_COMPILE")

    def __call__(self, **point):
        assert set(point) <= set(self.start), set(point) - set(self.start)
        return float(self.logp(self.start | {name: np.asarray(value, float) for name, value in point.items()}))


def differences(first, second, points):
    """Compare two densities up to one constant."""
    apart = [first(**mine) - second(**other) for mine, other in points]
    np.testing.assert_allclose(apart, apart[0], rtol=0, atol=1e-8)


def normals(*values):
    return -sum((np.asarray(each, float) ** 2).sum() for each in values) / 2


def without_families(rng):
    return {"mu": rng.normal(), "tau": rng.normal() - 1}


def of_one_family(mu, tau, scale=1.0):
    return {"mu": mu * scale, "omega_log__": NONE, "tau_0_log__": tau + np.log(scale), "between": [0.0]}


def test_one_family_of_means_is_the_family_alone():
    """Reduction (i)."""
    study = study_of({**SCORE, "family": "marker"}, MARKER)
    spread = {"tau": {"dist": "HalfNormal", "sigma": 0.5}}
    joint, family = Density(problem_of(study, "score", prior=spread)), Density(problem_of(study, "score", "outcomes"))
    points, rng = [], np.random.default_rng(1)
    for _ in range(4):
        own, z, factor = without_families(rng), rng.normal(size=2), rng.normal(size=2)
        level, sigma = rng.normal(size=2), rng.normal(size=(2, 2)) / 4
        mine = {f"mean_{i}_average_scaled": level[i] for i in range(2)}
        mine |= {f"log_mean_{i}_sigma_scaled": sigma[i] for i in range(2)}
        mine |= of_one_family(**own) | {"z": z, "factor": factor}
        other = {"mu": own["mu"], "tau_log__": own["tau"], "z": z, "factor": factor}
        points.append((mine, other | {"average_scaled": level, "log_sigma_scaled": sigma}))
    differences(joint, family, points)


def test_stages_alone_are_the_family_alone_on_the_other_scale():
    """Reduction (i), with priors turned by sqrt(3)/pi."""
    prior = {
        "mu": {"dist": "Normal", "mu": 0, "sigma": RATIO},
        "tau": {"dist": "HalfNormal", "sigma": 0.5 * RATIO},
    }
    study = study_of(CPR, MCR)
    joint, family = Density(problem_of(study, "mcr", prior=prior)), Density(problem_of(study, "mcr", "outcomes"))
    points, rng = [], np.random.default_rng(2)
    for _ in range(4):
        own, shared = without_families(rng), {"z": rng.normal(size=2)}
        shared |= {"average": rng.normal(), "miscarriage_average": rng.normal()}
        mine = of_one_family(own["mu"], own["tau"], RATIO) | shared
        points.append((mine, {"mu": own["mu"], "tau_log__": own["tau"]} | shared))
    differences(joint, family, points)


def test_one_family_of_claims_is_the_family_alone():
    """Reduction (i); words in any direction."""
    study = study_of(claim("a", LOWER), claim("b", HIGHER, benefit="higher"), claim("c", SAME), claim("d", LOWER))
    spread = {"tau": {"dist": "HalfNormal", "sigma": 0.5}}
    joint, family = Density(problem_of(study, "a", prior=spread)), Density(problem_of(study, "a", "outcomes"))
    points, rng = [], np.random.default_rng(3)
    for _ in range(4):
        own, z = without_families(rng), rng.normal(size=4)
        points.append(
            (of_one_family(**own) | {"z": z[[0, 1, 3, 2]]}, {"mu": own["mu"], "tau_log__": own["tau"], "z": z})
        )
    differences(joint, family, points)


def test_fixed_spread_around_no_effect_is_each_outcome_by_itself():
    """Reduction (ii): effects N(0, T) on the scale of standardized mean differences."""
    study, spread = study_of(PAIN, SCORE, claim("c", LOWER, "marker")), 0.7
    joint = Density(problem_of(study, "pain", prior={"average": LEVEL}))

    def alone(outcome, scale, **more):
        effect = {"dist": "Normal", "mu": 0, "sigma": spread * scale}
        return Density(problem_of(study, outcome, "two_arm", {"effect": effect, **more}))

    count, mean, said = alone("pain", LATENT, average=LEVEL), alone("score", 1), alone("c", 1)
    rng = np.random.default_rng(4)
    zeros = {"mu": 0.0, "omega_log__": NONE, "between": np.zeros(3)}
    zeros |= {f"tau_{i}_log__": np.log(spread) for i in range(3)}
    apart = []
    for _ in range(4):
        z, level, center, sigma = rng.normal(size=3), rng.normal(), rng.normal(), rng.normal(size=2) / 4
        of_mean = {"mean_0_average_scaled": center, "log_mean_0_sigma_scaled": sigma}
        whole = joint(**zeros, z=z, count_0_average_interval__=level, **of_mean)
        parts = count(effect=-spread * LATENT * z[0], average_interval__=level)
        parts += mean(effect=spread * z[1], average_scaled=center, log_sigma_scaled=sigma)
        parts += said(effect=-spread * z[2])
        apart.append(whole - parts)
    np.testing.assert_allclose(apart, apart[0], rtol=0, atol=1e-8)


@cache
def mixed():
    study = study_of(PAIN, SCORE, MARKER, claim("c", LOWER, "marker"))
    return Density(problem_of(study, "pain"))


def random_point(density, rng):
    return {name: rng.normal(size=np.shape(value)) / 2 for name, value in density.start.items()}


def test_no_spread_is_one_common_effect():
    """Reduction (iii)."""
    rng = np.random.default_rng(5)
    point = random_point(mixed(), rng) | {"omega_log__": NONE} | {f"tau_{i}_log__": NONE for i in range(3)}
    rests = []
    for _ in range(4):
        z, between = rng.normal(size=4), rng.normal(size=3)
        rests.append(mixed()(**point | {"z": z, "between": between}) - normals(z, between))
    np.testing.assert_allclose(rests, rests[0], rtol=0, atol=1e-8)
    model = mixed().model
    effects = model.compile_fn(
        model.replace_rvs_by_values([model["effects"]])[0],
        inputs=model.value_vars,
        mode="FAST_COMPILE",
        on_unused_input="ignore",
    )
    np.testing.assert_allclose(effects(mixed().start | point), point["mu"] * np.array([-LATENT, 1, -1, -1]), rtol=1e-12)


def test_order_of_outcomes_and_families_changes_nothing():
    other = Density(problem_of(study_of(claim("c", LOWER, "marker"), MARKER, SCORE, PAIN), "pain"))
    point = random_point(mixed(), np.random.default_rng(6))
    # effects stand as counts, means, directed claims, claims of no difference; families in the order of their first effect
    moved = dict(point) | {"z": point["z"][[0, 2, 1, 3]], "between": point["between"][[0, 2, 1]]}
    for name in ("tau_{}_log__",):
        moved[name.format(1)], moved[name.format(2)] = point[name.format(2)], point[name.format(1)]
    for name in ("mean_{}_average_scaled", "log_mean_{}_sigma_scaled"):
        moved[name.format(0)], moved[name.format(1)] = point[name.format(1)], point[name.format(0)]
    assert mixed()(**point) == pytest.approx(other(**moved), abs=1e-9)


def test_swapping_the_arms_turns_every_effect_around():
    def swapped(item):
        return item | {"treatment": item["control"], "control": item["treatment"]}

    other = Density(problem_of(study_of(*map(swapped, (PAIN, SCORE, MARKER)), claim("c", HIGHER, "marker")), "pain"))
    point = random_point(mixed(), np.random.default_rng(7))
    turned = point | {name: -point[name] for name in ("mu", "z", "between", "factor")}
    turned |= {name: point[name][::-1] for name in point if name.startswith("log_mean")} | {"factor": point["factor"]}
    assert mixed()(**point) == pytest.approx(other(**turned), abs=1e-9)


def test_the_index_trial_has_a_finite_density_and_slope():
    problem = problem_of(bi.load_study("lei-2026"), "cpr")
    assert problem.outcome == "mcr"
    assert {"fsh", "e2", "lh"}.isdisjoint(place.outcome for place in problem.places.values())
    assert len(problem.data["unit"]) == 9
    density = Density(problem)
    slope = density.model.compile_dlogp(mode="FAST_COMPILE")
    assert np.isfinite(density())
    assert np.isfinite(slope(density.start)).all()


def test_what_stays_out_and_why():
    study = study_of(PAIN, {**MARKER, "benefit": "none"}, claim("c", LOWER), {**CPR, "per": "embryo", "id": "eir"})
    card = load_card("joint")
    reasons = {item.id: applicable(study, item, card) for item in study.items}
    assert reasons["pain"] is reasons["c"] is None
    assert "no direction" in reasons["marker"]
    assert "not independent" in reasons["eir"]
    inside = problem_of(study, "pain", undirected="in")
    assert "marker" in {place.outcome for place in inside.places.values()}
    assert any("as if higher" in caveat for caveat in inside.caveats)
    assert "exchangeable" in applicable(study_of(PAIN), study_of(PAIN).items[0], card)


@pytest.mark.parametrize(
    "prior", [{"effect": LEVEL}, {"mean_average": LEVEL}, {"tau": {"dist": "Normal", "mu": 0, "sigma": 1}}, "reference"]
)
def test_priors_that_nothing_uses_are_refused(prior):
    with pytest.raises(bi.errors.PriorError):
        problem_of(study_of(PAIN, claim("c", LOWER)), "pain", prior=prior)


def test_draws_are_turned_back_to_the_scale_of_each_outcome():
    """Whatever the draws, every outcome has the numbers that a trial with these arms has."""
    problem = problem_of(study_of(CPR, MCR, {**PAIN, "family": "marker"}, SCORE, claim("c", HIGHER), MARKER), "mcr")
    rng = np.random.default_rng(8)
    effects, level, means = rng.normal(size=(2, 5, 6)) / 3, rng.normal(size=(2, 5)), rng.normal(5, 1, (2, 2, 5))
    sigma, taus, families = np.exp(rng.normal(size=(2, 2, 5, 2))), rng.random((3, 2, 5)), rng.normal(size=(2, 5, 3))
    posterior = {"effects": effects, "effect": effects[..., 0], "miscarriage_effect": effects[..., 1]}
    posterior |= {"average": level, "miscarriage_average": level - 1, "count_0_average": level + 1}
    posterior |= {f"mean_{j}_average": means[j] for j in range(2)} | {f"mean_{j}_sigma": sigma[j] for j in range(2)}
    posterior |= {"mu": level, "omega": taus[0], "family_mean": families} | {f"tau_{i}": taus[i] for i in range(3)}
    found = {str(quantity): draws for quantity, draws in contrasts(problem, posterior).items()}
    for name, center, i in (("@woman", level, 0), ("", level - 1, 1), ("@pain", level + 1, 2)):
        treatment, control = (special.expit(center + half * effects[..., i]) for half in (0.5, -0.5))
        np.testing.assert_allclose(found[f"risk_difference{name}"], treatment - control, atol=1e-12)
        np.testing.assert_allclose(found[f"log_odds_ratio{name}"], effects[..., i], atol=1e-12)
    for j, name in enumerate(("@score", "@marker")):
        shift = effects[..., 3 + j] * np.sqrt((sigma[j] ** 2).mean(axis=-1))
        np.testing.assert_allclose(found[f"mean_difference{name}"], shift, atol=1e-12)
        np.testing.assert_allclose(found[f"control_mean{name}"], means[j] - shift / 2, atol=1e-12)
        np.testing.assert_allclose(found[f"standardized_mean_difference{name}"], effects[..., 3 + j], atol=1e-12)
    np.testing.assert_array_equal(found["standardized_mean_difference@c"], effects[..., 5])
    for i, name in enumerate(("pregnancy", "marker", "quality_of_life")):
        np.testing.assert_array_equal(found[f"tau@family_{name}"], taus[i])
        np.testing.assert_array_equal(found[f"mu@family_{name}"], families[..., i])
    assert {name.partition("@")[2] for name in found} == {"", *problem.places}
