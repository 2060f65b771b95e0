"""Oocytes and embryos of an arm: parts within wholes, women, means and totals; counts that scatter like standard errors."""

import pytest
from scipy import stats

from bayes_ivf.auditing import audit
from bayes_ivf.auditing.embryos import implantation_outcome, pregnancy_outcome
from bayes_ivf.auditing.laboratory import kind_of
from bayes_ivf.study import parse_study


def study_of(*rows, n=40, **keys):
    arms = {arm: {"label": arm, "n": n} for arm in ("treatment", "control")}
    rows = [{"benefit": "none", "id": f"o{i}", **row} for i, row in enumerate(rows)]
    table = {"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": rows, **keys}
    return parse_study(table, "test")


def told(*rows, check="laboratory", **keys):
    return [(f.subject, f.severity) for f in audit(study_of(*rows, **keys)).found if f.check == check]


def mean(label, treatment, control, **keys):
    return {"label": label, "kind": "mean_sd", "treatment": treatment, "control": control, **keys}


def counts(label, treatment, control, per, **keys):
    return {"label": label, "kind": "counts", "treatment": treatment, "control": control, "per": per, **keys}


RETRIEVED = mean("Number of oocytes retrieved", "10.2 ± 4.1", "9.8 ± 4.4")
IMPLANTED = counts("Implantation rate", "33/80", "20/74", "embryo")


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Oocytes retrieved (n)", "retrieved"),
        ("Mean number of oocytes per woman", "retrieved"),
        ("MII oocytes", "mature"),
        ("Mature oocytes, mean", "mature"),
        ("2PN zygotes", "fertilized"),
        ("Fertilization rate (%)", "fertilized"),
        ("Good-quality embryos", "good"),
        ("No. of embryos transferred", "transferred"),
        ("Embryos", None),
        ("Donated oocytes", None),
        ("Oocyte quality", None),
        ("Women with mature oocytes", None),
    ],
)
def test_a_label_is_a_kind_only_as_a_whole(label, kind):
    (item,) = study_of(mean(label, "1 ± 1", "1 ± 1")).items
    assert kind_of(item) == kind


@pytest.mark.parametrize(
    ("label", "treatment", "keys", "severity"),
    [
        ("Mature oocytes", "10.4 ± 3.9", {}, "impossible"),
        ("Mature oocytes", "10.2 ± 3.9", {}, None),
        ("Mature oocytes", "10.4 ± 3.9", {"n": {"treatment": 30, "control": 30}}, None),
        ("Fertilized oocytes", "12.0 ± 3.9", {}, "impossible"),
        ("Blastocysts", "12.0 ± 3.9", {}, "caution"),
        ("Group A", "12.0 ± 3.9", {"stage": "mature"}, "impossible"),
        # A rate is no number of oocytes.
        ("Fertilization rate", "72.0 ± 13.9", {"unit": "%"}, None),
    ],
)
def test_parts_are_within_oocytes_retrieved(label, treatment, keys, severity):
    found = told(RETRIEVED, mean(label, treatment, "7.0 ± 3.0", **keys))
    assert found == ([] if severity is None else [("o1", severity)])


def test_fertilized_beyond_mature_may_have_matured_later():
    mature = counts("Mature oocytes", "300/400", "280/380", "oocyte")
    assert told(mature, counts("Fertilization rate", "310/400", "250/380", "oocyte")) == [("o1", "caution")]
    assert told(mature, counts("Fertilization rate", "210/300", "200/280", "MII")) == []
    # More were injected than were mature.
    assert told(mature, counts("Fertilization rate", "210/320", "200/280", "MII")) == [("o1", "caution")]


def test_at_most_so_many_embryos_for_each_woman():
    assert told({**IMPLANTED, "treatment": "33/84"}, max_embryos=2) == [("o0", "caution")]
    assert told(IMPLANTED, max_embryos=2) == []
    assert told(mean("Embryos transferred", "2.31 ± 0.5", "1.9 ± 0.4"), max_embryos=2) == [("o0", "caution")]
    # Embryos cultured are not embryos transferred.
    assert told(counts("Good quality", "200/384", "180/374", "embryo"), max_embryos=2) == []


def test_totals_of_an_arm_carry_their_own_women():
    row = counts("Implantation", "40 women, 84 embryos, 20 pregnant, 33 implanted",
                 "35 women, 70 embryos, 14 pregnant, 20 implanted", "embryo")  # fmt: skip
    assert told(row, max_embryos=2) == [("o0", "caution")]
    assert told({**row, "treatment": "35 women, 74 embryos, 20 pregnant, 33 implanted"}, max_embryos=2) == [
        ("o0", "caution")
    ]
    assert told(row, max_embryos=3) == []


def test_denominators_of_some_oocytes_bound_nothing():
    mature = counts("Mature oocytes", "300/400", "280/380", "oocyte")
    assert told(mature, counts("Fertilization rate", "210/290", "200/270", "inseminated oocyte")) == []


@pytest.mark.parametrize(
    ("printed", "severity"),
    [
        ("2.00 ± 0.4", None),
        ("1.80 ± 0.4", "caution"),
        ("2.30 ± 0.4", "info"),
    ],
)
def test_a_mean_and_a_total_of_embryos_transferred(printed, severity):
    found = told(IMPLANTED, mean("Embryos transferred", printed, "1.85 ± 0.4"))
    assert found == ([] if severity is None else [("o0", severity)])


def test_a_mean_over_the_transfers_of_an_arm_fits():
    pregnant = counts("Clinical pregnancy", "15/35", "12/37", "transfer")
    # 80 / 35 = 2.29 and 74 / 37 = 2.00.
    assert told(pregnant, IMPLANTED, mean("Embryos transferred", "2.29 ± 0.4", "2.00 ± 0.4")) == []


@pytest.mark.parametrize(("frozen", "severity"), [("1.6 ± 1.0", "caution"), ("1.0 ± 1.0", None)])
def test_embryos_are_transferred_or_frozen(frozen, severity):
    rows = [mean("2PN", "3.0 ± 1.2", "3.1 ± 1.3"), mean("Embryos transferred", "2.0 ± 0.3", "2.0 ± 0.3"),
            mean("Frozen embryos", frozen, "0.8 ± 0.9")]  # fmt: skip
    assert [s for _, s in told(*rows)] == ([] if severity is None else [severity])


def test_more_oocytes_than_their_mean_gives():
    assert told(RETRIEVED, counts("Maturation rate", "350/440", "300/390", "oocyte")) == [("o1", "caution")]
    # Only some were inseminated.
    assert told(RETRIEVED, counts("Fertilization rate", "200/300", "200/300", "oocyte")) == []


@pytest.mark.parametrize(
    ("label", "treatment", "control", "keys", "severity"),
    [
        ("Oocytes retrieved", "14.89 ± 0.78", "16.06 ± 0.82", {}, "caution"),
        ("Oocytes retrieved", "14.89 ± 5.17", "16.06 ± 5.68", {}, None),
        ("Oocytes retrieved", "14.89 ± 0.78", "16.06 ± 0.82", {"spread": "se"}, None),
        ("Ampoules", "14.89 ± 0.78", "16.06 ± 0.82", {"whole": True, "unit": "count"}, "info"),
        ("Embryos transferred", "1.95 ± 0.21", "1.90 ± 0.31", {"whole": True, "unit": "count"}, None),
        ("Gestational age", "38.6 ± 1.3", "38.9 ± 1.4", {"whole": True, "unit": "weeks"}, None),
    ],
)
def test_standard_errors_are_known_by_the_counts_own_variance(label, treatment, control, keys, severity):
    n = {"treatment": 44, "control": 48}
    row = mean(label, treatment, control, n=n, **keys)
    assert [s for _, s in told(row, check="sd_or_se")] == ([] if severity is None else [severity])


def test_a_word_makes_no_pregnancies():
    lost = counts("Miscarriage after clinical pregnancy", "4/40", "3/40", "woman")
    assert pregnancy_outcome(study_of(lost, IMPLANTED)) is None
    study = study_of(lost, counts("Clinical pregnancy", "15/40", "12/40", "woman"), IMPLANTED)
    assert pregnancy_outcome(study).id == "o1"
    assert implantation_outcome(study).id == "o2"
    named = study_of(counts("Gestational sacs", "15/40", "12/40", "woman"), {**IMPLANTED, "pregnancies": "o0"})
    assert pregnancy_outcome(named).id == "o0"


def test_tails_of_outside_rates_are_binomial():
    row = counts("Girls among newborns", "70/100", "65/120", "child")
    (found,) = (f for f in audit(study_of(row, n=120)).found if f.check == "external_rate")
    p = 2 * stats.binom.sf(134, 220, 0.488)
    assert f"{p:.2e}" in found.evidence
