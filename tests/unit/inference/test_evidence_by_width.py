"""Bayes factors under narrower and wider priors on the effect."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import bayes_ivf as bi
from bayes_ivf.cards import load_card
from bayes_ivf.inference import evidence_by_width
from bayes_ivf.inference.run_exact import WIDTHS
from bayes_ivf.priors import Prior
from bayes_ivf.problem import build_problem
from bayes_ivf.results import EVIDENCE_COLUMNS


def problem(study, outcome, prior="weakly_informative"):
    return build_problem(study, outcome, load_card("two_arm"), prior)


def test_rows_are_those_of_fits_with_such_priors(lei):
    rows = evidence_by_width([problem(lei, "cpr"), problem(lei, "mcr"), problem(lei, "il6")])
    assert [tuple(row) for row in rows] == [EVIDENCE_COLUMNS] * 3 * len(WIDTHS)
    for row in rows:
        if row["outcome"] == "cpr":
            effect = {"dist": "Normal", "mu": 0, "sigma": row["width"]}
            fit = bi.fit(lei, "cpr", prior={"effect": effect}, engine="exact")
            assert row["log_bayes_factor_null"] == pytest.approx(fit.evidence["log_bayes_factor_null"], abs=1e-9)
            assert row["log_marginal_likelihood"] == pytest.approx(fit.evidence["log_marginal_likelihood"], abs=1e-9)


def test_wide_priors_favor_no_effect(lei):
    """Bartlett's paradox: an ever wider prior on the effect speaks for none, whatever the data."""
    factors = [row["bayes_factor_null"] for row in evidence_by_width([problem(lei, "cpr")])]
    assert np.all(np.diff(factors[1:]) > 0)
    assert factors[-1] / factors[-2] == pytest.approx(2, rel=0.1)


def test_what_has_no_width_is_left_out(lei):
    assert evidence_by_width([problem(lei, "cpr", "beta_uniform")]) == []


@pytest.mark.parametrize(
    ("dist", "parameters", "name"),
    [
        ("Normal", {"mu": 0.5, "sigma": 2.0}, "sigma"),
        ("StudentT", {"nu": 3.0, "mu": 0.5, "sigma": 2.0}, "sigma"),
        ("Cauchy", {"alpha": 0.5, "beta": 2.0}, "beta"),
        ("Laplace", {"mu": 0.5, "b": 2.0}, "b"),
        ("Logistic", {"mu": 0.5, "s": 2.0}, "s"),
    ],
)
def test_a_stretched_prior_keeps_its_center_and_shape(dist, parameters, name):
    prior = Prior(dist, parameters)
    wide = prior.stretched(3)
    assert wide.parameters[name] == 6.0
    q = np.array([0.05, 0.3, 0.5, 0.9])
    np.testing.assert_allclose(wide.ppf(q) - 0.5, 3 * (prior.ppf(q) - 0.5), atol=1e-12)


@pytest.mark.parametrize("prior", [Prior("Uniform", {"lower": 0.0, "upper": 1.0}), Prior("Flat", {})])
def test_other_priors_have_no_scale(prior):
    assert prior.stretched(2) is None


NULLS = {
    "weakly_informative": ("odds ratio 1; average as under the priors", ""),
    "beta_uniform": (
        "one common risk with the prior of either arm, Beta(alpha=1, beta=1) (Gunel and Dickey)",
        "one common risk with the priors' density where both arms agree, Beta(alpha=2, beta=2); log odds ratio 0 (Savage "
        "and Dickey)",
    ),
}


@pytest.mark.parametrize("prior", NULLS)
def test_every_row_says_its_null_and_its_priors(lei, prior):
    row = bi.fit(lei, "cpr", prior=prior, engine="exact").evidence
    assert tuple(row) == EVIDENCE_COLUMNS
    assert (row["null"], row["other_null"]) == NULLS[prior]
    assert row["priors"].count(";") == 1
    assert (row["bayes_factor_other"] is None) == (not row["other_null"])


@pytest.mark.parametrize(
    ("outcome", "prior", "null"),
    [
        ("fsh", "weakly_informative", "standardized mean difference 0"),
        ("fsh", "reference", "none: a flat prior on both means"),
        ("il6", "weakly_informative", "standardized mean difference 0"),
    ],
)
def test_the_null_of_means_and_claims(lei, outcome, prior, null):
    row = bi.fit(lei, outcome, prior=prior, engine="exact").evidence
    assert row["null"].startswith(null)
    assert row["priors"]


def test_a_flat_nuisance_cancels_in_the_bayes_factor():
    study = bi.Study.from_means((160.2, 38.62584, 10), (218.75, 52.23570, 12), outcome="weight")
    prior = {"effect": {"dist": "Cauchy", "alpha": 0, "beta": 0.5**0.5}}
    row = bi.fit(study, prior=prior, engine="exact", options={"variance": "common"}).evidence
    assert 1 / row["bayes_factor_null"] == pytest.approx(5.97574, abs=1e-5)
    assert row["log_marginal_likelihood"] is None
    assert "it cancels" in row["note"]


def test_evidence_of_a_shared_problem_stands_under_every_name():
    """Two outcomes of the same numbers are solved once."""
    first = bi.Study.from_claim((40, 40), "lower", outcome="il6", benefit="lower")
    again = replace(first.items[0], id="il8", label="il8")
    result = bi.reanalyze(replace(first, items=(first.items[0], again)), models=["two_arm"], engine="exact")
    rows = result.evidence
    names = {tuple(each) for each in rows[["outcome", "options", "prior", "width"]].itertuples(index=False)}
    assert len(names) == len(rows)
    per_outcome = rows.drop(columns="outcome").groupby(rows.outcome)
    il6, il8 = (per_outcome.get_group(name).reset_index(drop=True) for name in ("il6", "il8"))
    assert il6.equals(il8)
