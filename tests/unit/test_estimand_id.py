"""Which quantity is meant: a value inside, today's text at the border."""

from __future__ import annotations

import pickle
from itertools import product

import pytest

import bayes_ivf as bi
from bayes_ivf.effects import REPORTED
from bayes_ivf.estimand_id import EstimandId, at_place
from bayes_ivf.inference.naming import quantity_asked
from bayes_ivf.results import estimand_id

PLACES = ("", "woman", "woman_standardized", "embryo", "family", "e2", "Zygote", "0")
ALL = [EstimandId(estimand, place) for estimand, place in product(REPORTED, PLACES)]
TOTALS = {"women": 10, "embryos": 20, "pregnant": 3, "implanted": 4}


@pytest.fixture(scope="module")
def embryos():
    return bi.fit(bi.Study.from_clusters(TOTALS, TOTALS | {"implanted": 3}, max_embryos=2), engine="exact")


def test_text_and_value_say_the_same():
    assert [EstimandId.parse(str(each)) for each in ALL] == ALL
    assert len({str(each) for each in ALL}) == len(set(ALL)) == len(ALL)
    assert {str(EstimandId("icc")), str(EstimandId("icc", "latent"))} == {"icc", "icc@latent"}


def test_values_are_ordered_as_their_texts():
    """Ranks of calibrations are drawn in this order."""
    assert list(map(str, sorted(ALL))) == sorted(map(str, ALL))


def test_values_travel_and_do_not_change():
    each = EstimandId("icc", "latent")
    assert {pickle.loads(pickle.dumps(each)): 1}[each] == 1  # noqa: S301
    with pytest.raises(AttributeError):
        each.place = "woman"
    assert at_place({"icc": 1, "mu": 2}, "latent") == {each: 1, each.of("mu"): 2}


def test_a_bare_text_is_the_first_row_a_value_is_itself(embryos):
    """As rows are sorted about another outcome, the text moves with them and the value stays."""
    row = embryos.row("risk_difference")
    women = next(row for row in embryos.rows if row.outcome != embryos.problem.outcome)
    told = embryos.about(women.outcome)
    own, of_women = EstimandId("risk_difference"), EstimandId("risk_difference", "woman")
    assert estimand_id(embryos.problem, women).place == "woman"
    assert (quantity_asked(embryos, "risk_difference"), quantity_asked(told, "risk_difference")) == (own, of_women)
    assert (quantity_asked(embryos, of_women), quantity_asked(told, own)) == (of_women, own)
    assert (embryos.full_name("risk_difference"), told.full_name("risk_difference")) == (str(own), str(of_women))
    assert told.interval(own) == embryos.interval("risk_difference") == pytest.approx((row.ci_low, row.ci_high))
    assert told.interval("risk_difference") == embryos.interval(of_women) != told.interval(own)
    assert embryos.probability("risk_difference@woman", above=0) == embryos.probability(of_women, above=0)


@pytest.mark.parametrize("asked", ["nothing", "risk_difference@nobody", "risk_difference@", EstimandId("q"), 3])
def test_what_a_fit_does_not_have_is_refused_with_what_it_has(embryos, asked, faults_of):
    (fault,) = faults_of(quantity_asked, embryos, asked)
    assert fault.where == "estimand"
    assert fault.found == repr(asked)
    assert {"risk_difference", "risk_difference@woman", "icc"} <= set(fault.allowed.split(", "))


def test_draws_are_found_by_text_as_in_the_tree():
    study = bi.Study.from_counts((3, 9), (4, 8))
    fit = bi.fit(study, engine="nuts", draws=20, tune=50, chains=2)
    assert [EstimandId.parse(text) for text in fit.estimands] == list(fit.quantities)
    assert fit.estimands["risk_difference"] is fit.quantities[EstimandId("risk_difference")]
    assert (fit.tree.posterior["risk_difference"].values == fit.estimands["risk_difference"]).all()
