"""Small studies as a careful referee would judge them: the gravest finding, and nothing graver."""

import re

import pytest

from bayes_ivf.auditing import all_checks
from bayes_ivf.study import parse_study

BY_CHANCE = ("claims", "effect_size", "power", "multiplicity", "embryo_dependence")
CHECKS = [check for check in all_checks() if check.NAME not in BY_CHANCE]
GRAVITY = ("impossible", "caution", "info", "none")
KINDS = {"c": "counts", "m": "mean_sd", "p": "percent", "k": "categories"}
SCALE = {"minimum": 0, "maximum": 10}
PER_CLINICAL = {"per": "clinical_pregnancy"}
PER_TRANSFER, PER_EMBRYO = {"per": "transfer"}, {"per": "embryo"}
CLINICAL = ("Clinical pregnancy", "c", "20/60", "18/60")


def findings(n, rows):
    outcomes = []
    for i, (label, kind, a, b, *more) in enumerate(rows):
        row = {"id": f"o{i}", "label": label, "benefit": "none", "kind": KINDS[kind], "treatment": a, "control": b}
        outcomes.append(row | (more[0] if more else {}))
    arms = {arm: {"label": arm, "n": n} for arm in ("treatment", "control")}
    table = {"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": outcomes}
    study = parse_study(table, "test")
    return [finding for check in CHECKS if check.applies_to(study) for finding in check.run(study)]


def gravest(found):
    severities = {finding.severity for finding in found}
    return next((severity for severity in GRAVITY if severity in severities), "none")


SOUND = {
    "tests per transfer, pregnancies per woman": (
        100, ("Positive hCG", "c", "45/90", "40/88", PER_TRANSFER), ("Clinical pregnancy", "c", "40/100", "35/100")),
    "fresh transfers and all": (
        100, ("Live birth after fresh transfer", "c", "30/100", "28/100"),
        ("Cumulative live birth rate", "c", "45/100", "40/100"),
        ("Clinical pregnancy (fresh)", "c", "38/100", "35/100")),
    "all transfers of one retrieval": (
        100, ("Live birth after all transfers of one retrieval", "c", "45/100", "40/100"),
        ("Clinical pregnancy", "c", "38/100", "35/100")),
    "within 18 months": (
        100, ("Live birth within 18 months of randomization", "c", "45/100", "40/100"),
        ("Clinical pregnancy rate per started cycle", "c", "38/100", "35/100", {"per": "cycle"})),
    "births of several transfers": (
        100, ("Live birth per transfer", "c", "40/180", "35/170", PER_TRANSFER),
        ("Cumulative live birth per woman", "c", "40/100", "35/100")),
    "losses per positive test": (
        100, ("Positive pregnancy test", "c", "50/100", "48/100"), ("Clinical pregnancy", "c", "42/100", "40/100"),
        ("Miscarriage", "c", "12/50", "11/48", {"per": "positive test"}), ("Live birth", "c", "36/100", "35/100")),
    "tests, losses, ectopic": (
        100, ("Positive hCG", "c", "50/100", "46/100"), ("Biochemical pregnancy", "c", "6/100", "5/100"),
        ("Ectopic pregnancy", "c", "2/100", "1/100"), ("Clinical pregnancy", "c", "42/100", "40/100")),
    "biochemical as losses": (60, CLINICAL, ("Chemical pregnancy", "c", "4/60", "3/60")),
    "biochemical as every test": (60, CLINICAL, ("Biochemical pregnancy", "c", "26/60", "23/60")),
    "late losses after an ongoing pregnancy": (
        60, ("Ongoing pregnancy at 12 weeks", "c", "22/60", "20/60"), ("Late miscarriage (>12 weeks)", "c", "2/60", "1/60"),
        ("Live birth", "c", "20/60", "19/60"), ("Clinical pregnancy", "c", "24/60", "22/60")),
    "children beside births": (60, ("Live birth", "c", "20/60", "18/60"), ("Babies born", "c", "25/60", "22/60")),
    "singletons among births": (60, ("Live birth", "c", "20/60", "18/60"), ("Singleton live birth", "c", "15/60", "14/60")),
    "sacs and pregnancies": (
        60, ("Gestational sacs per embryo transferred", "c", "28/110", "25/108", PER_EMBRYO),
        ("Clinical pregnancy", "c", "22/60", "20/60")),
    "oocytes per retrieval": (
        60, ("Oocytes retrieved per retrieval", "m", "8.0 ± 4.0", "8.2 ± 4.1", {"n": {"treatment": 95, "control": 99}}),
        ("MII oocytes per retrieval", "m", "6.2 ± 3.0", "6.3 ± 3.0", {"n": {"treatment": 95, "control": 99}})),
    "follicles and oocytes": (60, ("Follicles > 14 mm", "m", "9.0 ± 4.0", "8.8 ± 3.9"),
        ("Oocytes retrieved", "m", "10.0 ± 5.0", "9.9 ± 5.2")),
    "inseminated oocytes": (
        50, ("Oocytes retrieved", "m", "10.0 ± 4.6", "10.4 ± 5.1"),
        ("Fertilization rate", "c", "340/490", "350/510", {"per": "oocyte"})),
    "fertilization without its percent sign": (
        80, ("Oocytes retrieved", "m", "9.2 ± 4.1", "9.8 ± 4.0"), ("Fertilization", "m", "71.2 ± 24.1", "69.8 ± 26.0")),
    "stages in percent": (
        102, ("Clinical pregnancy rate", "p", "45.1%", "42.2%"),
        ("Miscarriage rate", "p", "15.2%", "16.3%", {**PER_CLINICAL, "denominator": "o0"}),
        ("Live birth rate", "p", "38.2%", "35.3%")),
    "twins per birth": (80, ("Live birth", "c", "30/80", "31/80"), ("Twin births", "c", "4/30", "5/31", {"per": "live_birth"})),
    "births per warming": (
        80, ("Clinical pregnancy", "c", "38/78", "37/79", {"per": "warming"}),
        ("Live birth", "c", "30/78", "31/79", {"per": "warming"})),
    "what was before the trial": (
        80, ("Miscarriage", "c", "50/80", "52/80", {"role": "baseline"}), ("Clinical pregnancy", "c", "38/80", "37/80")),
    "single embryos": (
        50, ("Embryos transferred", "m", "1.0 ± 0.0", "1.0 ± 0.0", {"whole": True, "unit": "count"}),
        ("Implantation rate", "c", "20/50", "18/50", PER_EMBRYO), ("Clinical pregnancy", "c", "20/50", "18/50")),
    "skewed hormones": (40, ("AMH", "m", "2.9 ± 3.4", "3.1 ± 3.9", {"unit": "ng/mL", "role": "baseline"})),
    "a score near its end": (40, ("Satisfaction", "m", "9.6 ± 0.9", "9.4 ± 1.1", SCALE)),
    "a change in percent": (60, ("Change in motility", "m", "12.0 ± 40.0", "2.2 ± 30.1", {"unit": "%"})),
    "weeks within limits": (40, ("Gestational age", "m", "38.4 ± 1.6", "38.2 ± 1.9",
         {"unit": "weeks", "minimum": 22, "maximum": 43})),
    "few girls": (60, ("Female newborns", "c", "22/40", "15/38", {"per": "newborn"})),
    "whole-number means of 1,000": (1000, *((f"V{i}", "m", f"{30 + i} ± 5", f"{30 + i} ± 5",
         {"role": "baseline"}) for i in range(8))),
}  # fmt: skip

UNSOUND = {
    "births beyond declared pregnancies": ("impossible", 80, ("A", "c", "20/80", "18/80", {"stage": "clinical_pregnancy"}),
                                           ("B", "c", "24/80", "17/80", {"stage": "live_birth"})),
    "births beyond ongoing pregnancies of transfers": ("impossible", 80,
        ("Ongoing pregnancy per transfer", "c", "20/70", "18/72", PER_TRANSFER),
                                                       ("Live birth per transfer", "c", "22/70", "17/72", PER_TRANSFER)),
    "losses and ongoing in percent": ("impossible", 50, ("Clinical pregnancy rate", "p", "40.0%", "36.0%"),
                                      ("Miscarriage rate", "c", "6/20", "3/18", {**PER_CLINICAL, "denominator": "o0"}),
                                      ("Ongoing pregnancy rate", "p", "36.0%", "28.0%")),
    "abortions among pregnancies": ("impossible", 60, CLINICAL, ("Abortion rate", "c", "6/20", "3/18", PER_CLINICAL),
        ("Live birth", "c", "17/60", "14/60")),
    "all transfers below the first": ("impossible", 50, ("Ongoing pregnancy (first transfer)", "c", "20/50", "12/50"),
                                      ("Cumulative ongoing pregnancy", "c", "18/50", "15/50")),
    "all transfers below an unnamed one": ("caution", 60, ("Cumulative live birth rate", "c", "15/60", "18/60"),
        ("Live birth rate", "c", "17/60", "14/60")),
    "losses and pregnancies beyond tests": ("impossible", 60, ("Positive β-hCG test", "c", "25/60", "22/60"),
                                            ("Biochemical miscarriage", "c", "6/60", "3/60"),
        ("Clinical pregnancy", "c", "21/60", "19/60")),
    "tests by declared stage": ("impossible", 60,
        ("Biochemical pregnancy", "c", "10/60", "19/60", {"stage": "positive_test"}), CLINICAL),
    "neither sense of biochemical": ("caution", 40, ("Biochemical pregnancy", "c", "12/40", "18/40"),
        ("Clinical pregnancy", "c", "30/40", "15/40")),
    "twins beyond pregnancies": ("impossible", 60, CLINICAL, ("Twin pregnancy", "c", "21/60", "2/60")),
    "more births than known denominators": ("caution", 100, ("Ongoing pregnancy", "c", "30/92", "28/90"),
        ("Live birth", "c", "32/100", "27/100")),
    "preterm beyond all births": ("caution", 80, ("Live birth", "c", "20/80", "18/80"),
        ("Preterm birth", "c", "23/80", "2/80")),
    "births per more pregnancies": ("caution", 60, CLINICAL, ("Live birth", "c", "17/22", "14/18", PER_CLINICAL)),
    "mature beyond retrieved": ("impossible", 60, ("Oocytes retrieved", "m", "8.2 ± 3.0", "8.0 ± 3.1"),
        ("MII oocytes", "m", "8.9 ± 2.8", "6.6 ± 2.5")),
    "fertilized beyond mature": ("caution", 60, ("MII oocytes", "m", "6.0 ± 2.0", "6.1 ± 2.1"),
        ("2PN zygotes", "m", "6.4 ± 2.0", "4.9 ± 2.0")),
    "a mean and its total": ("caution", 60, ("Embryos transferred", "m", "1.50 ± 0.50", "1.52 ± 0.50"),
        ("Implantation rate", "c", "40/118", "35/91", PER_EMBRYO)),
    "implanted below pregnant": ("impossible", 40, ("Implantation rate", "c", "12/80", "14/78", PER_EMBRYO),
        ("Clinical pregnancy", "c", "16/40", "12/40")),
    "a score beyond its spread": ("impossible", 30, ("Pain VAS", "m", "9.8 ± 3.0", "9.5 ± 1.0", SCALE)),
    "a whole score beyond its spread": ("impossible", 50,
        ("Satisfaction", "m", "4.8 ± 1.6", "4.5 ± 0.6", {"minimum": 1, "maximum": 5, "whole": True})),
    "a score below its end": ("impossible", 50, ("Anxiety", "m", "18.2 ± 2.0", "35.5 ± 6.0", {"minimum": 20, "maximum": 80})),
    "a duration beyond its spread": ("impossible", 40, ("Duration", "m", "3.0 ± 25.0", "3.2 ± 2.0", {"minimum": 0})),
    "a percentage beyond its spread": ("caution", 30, ("Sperm motility", "m", "96.0 ± 30.0", "60.0 ± 18.0", {"unit": "%"})),
    "standard errors of follicles": ("caution", 60, ("Antral follicle count", "m", "12.1 ± 0.6", "12.5 ± 0.7")),
    "causes beyond the women": ("caution", 40,
        ("Cause", "k", "20 / 15 / 9", "18 / 12 / 10", {"categories": ["tubal", "male", "other"]})),
    "shares beyond 100%": ("caution", 40, ("Cause", "k", "45% / 37.5% / 22.5%", "18 / 12 / 10",
                                        {"categories": ["tubal", "male", "other"]})),
    "a category beyond the women": ("impossible", 40, ("Parity", "k", "44 / 2", "30 / 10", {"categories": ["0", "1"]})),
    "boys": ("caution", 200, ("Male infants", "c", "140/200", "138/200", {"per": "infant"})),
    "equal sds": ("caution", 30, *((f"V{i}", "m", f"{30 + i}.1 ± {5 + i}.3", f"{30 + i}.9 ± {5 + i}.3",
         {"role": "baseline"}) for i in range(6))),
    "equal rows": ("caution", 30, *((f"V{i}", "m", f"{30 + i}.17 ± {5 + i}.31", f"{30 + i}.17 ± {5 + i}.31",
         {"role": "baseline"}) for i in range(5))),
}  # fmt: skip


@pytest.mark.parametrize("name", SOUND)
def test_sound_studies_need_no_care(name):
    n, *rows = SOUND[name]
    assert gravest(findings(n, rows)) in ("none", "info")


@pytest.mark.parametrize("name", UNSOUND)
def test_unsound_studies_are_found(name):
    severity, n, *rows = UNSOUND[name]
    found = findings(n, rows)
    assert gravest(found) == severity
    for finding in found:
        text = " ".join((finding.statement, finding.assumption, finding.evidence, finding.alternatives))
        assert not re.search(r"fraud|fabricat|falsif|fake|suspicious|manipulat", text, re.IGNORECASE)
        if finding.severity == "impossible":
            assert all(part in finding.statement for part in re.split(r"; all \d+ decodings.*|; ", finding.assumption))
