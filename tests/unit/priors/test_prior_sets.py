from __future__ import annotations

import math

import pytest
from scipy import special

from bayes_ivf.priors import FAMILIES, SLOTS, Prior, PriorSet, bundled_prior_sets, load_prior_set, read_prior_set

ANTICIPATED = math.log(1.75)
OPPOSITE = {"weak": (0.30, 0.524), "moderate": (0.15, 1.036), "strong": (0.05, 1.645)}
"""Probability of the opposite sign, and the quantile as the method prints it."""
TO_SMD = math.sqrt(3) / math.pi


@pytest.mark.parametrize("name", bundled_prior_sets())
def test_every_set_says_itself_in_clinical_units(name):
    chosen = load_prior_set(name)
    assert chosen.id == name
    assert chosen.label
    assert len(chosen.sentence.split()) > 8


@pytest.mark.parametrize(("strength", "sd"), [("weak", 5), ("moderate", 0.355), ("strong", 0.205)])
def test_skeptical_sets_are_centered_on_no_effect(strength, sd):
    slots = load_prior_set(f"skeptical_{strength}").slots
    assert slots["log_odds"]["effect"] == Prior("Normal", {"mu": 0.0, "sigma": sd})
    assert slots["means"]["effect"].parameters["mu"] == 0
    assert slots["means"]["effect"].parameters["sigma"] == pytest.approx(sd * TO_SMD, rel=1e-5)


@pytest.mark.parametrize("strength", OPPOSITE)
@pytest.mark.parametrize(("attitude", "side"), [("optimistic", 1), ("pessimistic", -1)])
@pytest.mark.parametrize(("scale", "factor"), [("log_odds", 1.0), ("means", TO_SMD)])
def test_leaning_sets_follow_their_formula(strength, attitude, side, scale, factor):
    chosen = load_prior_set(f"{attitude}_{strength}")
    share, z = OPPOSITE[strength]
    for sign in (1, -1):
        effect = chosen.directed(scale, sign, "here")["effect"]
        # files carry six digits
        assert effect.parameters["mu"] == pytest.approx(sign * side * ANTICIPATED * factor, rel=1e-5)
        assert effect.parameters["sigma"] == pytest.approx(ANTICIPATED * factor / z, rel=1e-5)
        opposite = effect.cdf(0.0) if sign * side > 0 else 1 - effect.cdf(0.0)
        # z is printed with three decimals
        assert float(opposite) == pytest.approx(share, abs=3e-4)


@pytest.mark.parametrize("attitude", ["optimistic", "pessimistic"])
def test_leaning_sets_need_a_direction_of_benefit(attitude, faults_of):
    chosen = load_prior_set(f"{attitude}_weak")
    (fault,) = faults_of(chosen.directed, "means", 0, "fsh")
    assert "without a beneficial direction" in fault.found


@pytest.mark.parametrize(
    ("name", "scale", "slot", "expected"),
    [
        ("weakly_informative", "log_odds", "average", Prior("Normal", {"mu": 0, "sigma": 1.5})),
        ("weakly_informative", "log_odds", "effect", Prior("Normal", {"mu": 0, "sigma": 1})),
        ("weakly_informative", "means", "effect", Prior("StudentT", {"nu": 3, "mu": 0, "sigma": 1})),
        ("reference", "log_odds", "average", Prior("Normal", {"mu": 0, "sigma": 5})),
        ("reference", "log_odds", "effect", Prior("Normal", {"mu": 0, "sigma": 5})),
        ("reference", "means", "sigma", Prior("Flat", {})),
        ("cochrane_fertility", "log_odds", "effect", Prior("StudentT", {"nu": 2, "mu": 0, "sigma": 0.40})),
        ("cochrane_fertility", "means", "effect", Prior("StudentT", {"nu": 5, "mu": 0, "sigma": 0.38})),
        ("cochrane_fertility", "hierarchy", "tau", Prior("InverseGamma", {"alpha": 1.24, "beta": 0.28})),
        ("beta_jeffreys", "log_odds", "control", Prior("Beta", {"alpha": 0.5, "beta": 0.5})),
        ("beta_uniform", "log_odds", "treatment", Prior("Beta", {"alpha": 1, "beta": 1})),
    ],
)
def test_numbers_of_the_named_sets(name, scale, slot, expected):
    assert load_prior_set(name).slots[scale][slot] == expected


def test_the_sentence_of_the_primary_set_is_true():
    slots = load_prior_set("weakly_informative").slots
    low, high = special.expit(slots["log_odds"]["average"].ppf([0.025, 0.975]))
    assert (round(low, 2), round(high, 2)) == (0.05, 0.95)
    low, high = math.e ** slots["log_odds"]["effect"].ppf([0.025, 0.975])
    assert (round(low, 2), round(high)) == (0.14, 7)
    assert round(float(slots["means"]["effect"].ppf(0.975)), 1) == 3.2


def test_the_sentences_of_the_skeptical_sets_are_true():
    for strength, low, high in (("moderate", 0.50, 2.0), ("strong", 0.67, 1.5)):
        chosen = load_prior_set(f"skeptical_{strength}")
        bounds = math.e ** chosen.slots["log_odds"]["effect"].ppf([0.025, 0.975])
        assert (round(float(bounds[0]), 2), round(float(bounds[1]), 1)) == (low, high)
        assert f"between {low:.2f} and {high:.1f}" in chosen.sentence


def test_the_sentence_of_the_reference_set_is_true():
    bound = math.exp(load_prior_set("reference").slots["log_odds"]["effect"].ppf(0.975))
    assert round(bound, -3) == 18000


HEAD = 'schema_version = 1\nid = "x"\nlabel = "x"\nsentence = "A sentence about odds."\n'


def written(tmp_path, text):
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_set_from_a_file(tmp_path):
    path = written(tmp_path, HEAD + '[log_odds]\neffect = {dist = "Laplace", mu = 0, b = 1, toward = "benefit"}\n')
    chosen = load_prior_set(path)
    assert isinstance(chosen, PriorSet)
    assert chosen.toward_benefit["log_odds"] == frozenset({"effect"})


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('[log_odds]\neffekt = {dist = "Normal", mu = 0, sigma = 1}', "log_odds.effekt"),
        ('[log_odds]\neffect = {dist = "Norm", mu = 0, sigma = 1}', "log_odds.effect.dist"),
        ('[log_odds]\neffect = {dist = "Normal", mu = 0}', "log_odds.effect.sigma"),
        ('[log_odds]\neffect = {dist = "Normal", mu = 0, sigma = 0}', "log_odds.effect.sigma"),
        ('[log_odds]\neffect = {dist = "Normal", mu = nan, sigma = 1}', "log_odds.effect.mu"),
        ('[log_odds]\neffect = {dist = "Normal", mu = 0, sigma = inf}', "log_odds.effect.sigma"),
        ('[log_odds]\neffect = {dist = "Normal", mu = "0", sigma = 1}', "log_odds.effect.mu"),
        ('[log_odds]\neffect = {dist = "Normal", mu = 0, sigma = 1, tau = 1}', "log_odds.effect.tau"),
        ('[log_odds]\neffect = {dist = "Uniform", lower = 1, upper = 1}', "log_odds.effect"),
        ('[log_odds]\neffect = {dist = "Flat"}', "log_odds.effect"),
        ('[log_odds]\neffect = {dist = "Beta", alpha = 1, beta = 1}', "log_odds.effect"),
        ('[means]\nsigma = {dist = "Normal", mu = 0, sigma = 1}', "means.sigma"),
        ('[means]\neffect = {dist = "Flat"}', "means.effect"),
        ('[hierarchy]\ntau = {dist = "Uniform", lower = -1, upper = 1}', "hierarchy.tau"),
        ('[embryos]\nicc = {dist = "Uniform", lower = 0, upper = 2}', "embryos.icc"),
        ('[log_odds]\neffect = {dist = "Cauchy", alpha = 0, beta = 1, toward = "benefit"}', "log_odds.effect.toward"),
        ('[log_odds]\naverage = {dist = "Normal", mu = 0, sigma = 1, toward = "benefit"}', "log_odds.average.toward"),
        ('[log_odds]\neffect = {dist = "Normal", mu = 0, sigma = 1, toward = "harm"}', "log_odds.effect.toward"),
        (
            '[log_odds]\naverage = {dist = "Cauchy", alpha = 0, beta = 1}\ncontrol = {dist = "Laplace", mu = 0, b = 1}',
            "log_odds",
        ),
        ('[log_odds]\ntreatment = {dist = "Beta", alpha = 1, beta = 1}', "log_odds"),
    ],
)
def test_faults_of_a_set(text, where, tmp_path, faults_of):
    faults = faults_of(read_prior_set, written(tmp_path, HEAD + text))
    assert f"x.toml: {where}" in [fault.where for fault in faults]


@pytest.mark.parametrize("name", ["con", "nul", "aux", "lpt9", "x.", "x" * 65])
def test_an_id_is_a_name_that_every_system_can_hold(name, tmp_path, faults_of):
    (fault,) = faults_of(read_prior_set, written(tmp_path, HEAD.replace('id = "x"', f'id = "{name}"')))
    assert (fault.where, "Windows" in fault.allowed) == ("x.toml: id", True)


def test_a_set_of_the_package_is_read_once():
    assert load_prior_set("reference") is load_prior_set("reference")


def test_all_faults_of_a_set_at_once(tmp_path, faults_of):
    text = '[log_odds]\neffect = {dist = "Norm"}\naverage = {dist = "Normal", mu = 0, sigma = -1}\n'
    text += '[means]\nslope = {dist = "Flat"}'
    places = [fault.where for fault in faults_of(read_prior_set, written(tmp_path, HEAD + text))]
    assert places == ["x.toml: log_odds.effect.dist", "x.toml: log_odds.average.sigma", "x.toml: means.slope"]


def test_an_unknown_set_is_refused_with_the_known_ones(faults_of):
    (fault,) = faults_of(load_prior_set, "sceptical")
    assert "skeptical_moderate" in fault.allowed


def test_every_filled_slot_is_a_known_slot():
    sets = [load_prior_set(name) for name in bundled_prior_sets()]
    filled = [
        (scale, slot, prior) for each in sets for scale, slots in each.slots.items() for slot, prior in slots.items()
    ]
    assert {(scale, slot) for scale, slot, _ in filled} <= {(scale, slot) for scale in SLOTS for slot in SLOTS[scale]}
    assert {prior.dist for _, _, prior in filled} <= set(FAMILIES)
