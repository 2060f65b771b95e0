"""Simulated studies whose numbers are consistent: nothing in them is called impossible, and hardly anything unusual."""

import numpy as np
import pytest

from bayes_ivf.auditing import all_checks
from bayes_ivf.study import parse_study

ARMS = ("treatment", "control")
BY_CHANCE = ("claims", "effect_size", "printed_interval", "power", "multiplicity", "embryo_dependence")
"""Checks that judge effects and claims, which these studies draw at random."""
CHECKS = [check for check in all_checks() if check.NAME not in BY_CHANCE]


def women(rng, n, most):
    """Draw one arm, woman by woman: oocytes, embryos, a first transfer and later ones."""
    oocytes = rng.negative_binomial(4, 4 / (4 + rng.uniform(6, 14)), n)
    mature = rng.binomial(oocytes, 0.8)
    fertilized = rng.binomial(mature, 0.7)
    moved = np.minimum(fertilized, rng.choice([most, max(1, most - 1)], n, p=[0.8, 0.2]))
    frozen = rng.binomial(fertilized - moved, 0.5)
    woman = rng.beta(2, 4, n)
    sacs = rng.binomial(moved, woman)
    clinical = sacs > 0
    lost_early = ~clinical & (moved > 0) & (rng.random(n) < 0.08)
    ectopic = ~clinical & ~lost_early & (moved > 0) & (rng.random(n) < 0.02)
    miscarried = clinical & (rng.random(n) < 0.15)
    ongoing = clinical & ~miscarried
    born = ongoing & (rng.random(n) < 0.96)
    later = ~born & (frozen > 0) & (rng.random(n) < 0.3)
    tests, cumulative = clinical | lost_early | ectopic, born | later
    return {"oocytes": oocytes, "mature": mature, "fertilized": fertilized, "moved": moved, "frozen": frozen, "sacs": sacs,
            "clinical": clinical, "lost_early": lost_early, "ectopic": ectopic, "tests": tests, "miscarried": miscarried,
            "ongoing": ongoing, "born": born, "cumulative": cumulative, "twins": born & (sacs > 1)}  # fmt: skip


STAGES = {
    "tests": (["Positive hCG", "Positive pregnancy test"], "positive_test"),
    "lost_early": (["Biochemical pregnancy loss", "Biochemical pregnancy"], "biochemical_loss"),
    "clinical": (["Clinical pregnancy", "Clinical pregnancy rate, n (%)", "Clinical pregnancy after the first transfer"],
                 "clinical_pregnancy"),
    "ectopic": (["Ectopic pregnancy"], "ectopic"),
    "miscarried": (["Miscarriage", "Miscarriage after clinical pregnancy"], "miscarriage"),
    "ongoing": (["Ongoing pregnancy", "Ongoing pregnancy beyond 12 weeks"], "ongoing"),
    "born": (["Live birth", "Live birth rate per woman"], "live_birth"),
    "twins": (["Twin births", "Women with twins at birth"], None),
    "cumulative": (["Cumulative live birth", "Live birth over all transfers"], None),
}  # fmt: skip
LABORATORY = {
    "oocytes": (["Oocytes retrieved", "Number of oocytes"], "retrieved"),
    "mature": (["MII oocytes", "Mature oocytes"], "mature"),
    "fertilized": (["Fertilized oocytes (2PN)", "2PN"], "fertilized"),
    "moved": (["Embryos transferred", "No. of embryos transferred"], "transferred"),
    "frozen": (["Frozen embryos"], "frozen"),
}


def sound_study(rng):
    """Print an arm's women as papers do: some of the rows, in any order, labels read or declared."""
    n = {arm: int(rng.integers(15, 200)) for arm in ARMS}
    most = int(rng.integers(1, 4))
    arms = {arm: women(rng, n[arm], most) for arm in ARMS}
    rows = [*stage_rows(rng, arms), *laboratory_rows(rng, arms), *baseline_rows(rng, n)]
    rng.shuffle(rows)
    table = {"schema_version": 1, "id": "s", "title": "s", "max_embryos": most, "randomized": "yes",
             "arms": {arm: {"label": arm, "n": n[arm]} for arm in ARMS}, "outcomes": rows}  # fmt: skip
    return parse_study(table, "test")


def stage_rows(rng, arms):
    per = str(rng.choice(["woman", "transfer"]))
    size = {arm: len(a["moved"]) if per == "woman" else int((a["moved"] > 0).sum()) for arm, a in arms.items()}
    kept = [name for name in STAGES if rng.random() < 0.6]
    rows = []
    for name in kept:
        labels, stage = STAGES[name]
        row = {"id": name, "label": str(rng.choice(labels)), "benefit": "none", "kind": "counts", "per": per}
        events = {arm: int(a[name].sum()) for arm, a in arms.items()}
        pregnant = {arm: int(a["clinical"].sum()) for arm, a in arms.items()}
        if name == "miscarried" and "clinical" in kept and min(pregnant.values()) > 0 and rng.random() < 0.5:
            row |= {"per": "clinical_pregnancy", "denominator": "clinical"}
            row |= {arm: f"{events[arm]}/{pregnant[arm]}" for arm in ARMS}
        elif rng.random() < 0.3:
            row |= {"kind": "percent", "n": size} | {arm: f"{100 * events[arm] / size[arm]:.1f}%" for arm in ARMS}
        else:
            row |= {arm: f"{events[arm]}/{size[arm]}" for arm in ARMS}
        if name == "cumulative":
            row["cumulative"] = True
        if stage is not None and rng.random() < 0.4:
            row["stage"] = stage
        rows.append(row)
    embryos = {arm: int(a["moved"].sum()) for arm, a in arms.items()}
    if rng.random() < 0.6:
        row = {"id": "ir", "label": "Implantation rate", "benefit": "none", "kind": "counts", "per": "embryo"}
        rows.append(row | {arm: f"{int(arms[arm]['sacs'].sum())}/{embryos[arm]}" for arm in ARMS})
    return rows


def printed(rng, values, decimals=None):
    decimals = int(rng.integers(1, 3)) if decimals is None else decimals
    return f"{np.mean(values):.{decimals}f} ± {np.std(values, ddof=1):.{decimals}f}"


def laboratory_rows(rng, arms):
    rows = []
    for name, (labels, stage) in LABORATORY.items():
        if rng.random() < 0.5:
            continue
        row = {"id": name, "label": str(rng.choice(labels)), "benefit": "none"}
        whole = rng.random() < 0.5
        row |= {"kind": "mean_sd", "whole": True, "unit": "count"} if whole else {"kind": "mean_sd"}
        used = {arm: a[name] for arm, a in arms.items()}
        if name == "moved" and rng.random() < 0.5:
            used = {arm: values[values > 0] for arm, values in used.items()}
        row |= {arm: printed(rng, values) for arm, values in used.items()} | {
            "n": {arm: len(v) for arm, v in used.items()}
        }
        if rng.random() < 0.3:
            row["stage"] = stage
        rows.append(row)
    if rng.random() < 0.4:
        total = {arm: [int(a[name].sum()) for name in ("fertilized", "mature", "oocytes")] for arm, a in arms.items()}
        rows.append({"id": "fert", "label": "Fertilization rate", "benefit": "none", "kind": "counts", "per": "MII"}
                    | {arm: f"{t[0]}/{t[1]}" for arm, t in total.items()})  # fmt: skip
        rows.append({"id": "matur", "label": "Maturation rate", "benefit": "none", "kind": "counts", "per": "oocyte"}
                    | {arm: f"{t[1]}/{t[2]}" for arm, t in total.items()})  # fmt: skip
    return rows


def baseline_rows(rng, n):
    makers = {
        "Age": (lambda k: rng.normal(32, 4, k), {"unit": "years"}),
        "BMI": (lambda k: rng.lognormal(3.1, 0.15, k), {"unit": "kg/m2"}),
        "AMH": (lambda k: rng.lognormal(0.7, 0.9, k), {"unit": "ng/ml"}),
        "FSH": (lambda k: rng.lognormal(1.9, 0.3, k), {"unit": "IU/L"}),
        "Motile sperm": (lambda k: 100 * rng.beta(0.4, 1.2, k), {"unit": "%"}),
        "Pain": (lambda k: rng.binomial(10, rng.beta(0.5, 0.8, k)), {"minimum": 0.0, "maximum": 10.0, "whole": True}),
        "Satisfaction": (lambda k: 100 * rng.beta(4, 0.6, k), {"minimum": 0.0, "maximum": 100.0}),
        "Previous losses": (lambda k: rng.poisson(0.7, k), {"whole": True, "unit": "count"}),
    }
    rows = []
    for i, (label, (draw, keys)) in enumerate(makers.items()):
        if rng.random() < 0.6:
            row = {"id": f"b{i}", "label": label, "kind": "mean_sd", "benefit": "none", "role": "baseline", **keys}
            rows.append(row | {arm: printed(rng, draw(n[arm])) for arm in ARMS})
    if rng.random() < 0.5:
        split = {arm: rng.multinomial(n[arm], [0.3, 0.5, 0.2]) for arm in ARMS}
        rows.append({"id": "edu", "label": "Education", "kind": "categories", "categories": ["a", "b", "c"], "benefit": "none",
                     "role": "baseline"} | {arm: " / ".join(map(str, split[arm])) for arm in ARMS})  # fmt: skip
    if rng.random() < 0.5:
        rows.append({"id": "girls", "label": "Female newborns", "kind": "counts", "per": "child", "benefit": "none"}
                    | {arm: f"{rng.binomial(n[arm], 0.488)}/{n[arm]}" for arm in ARMS})  # fmt: skip
    return rows


@pytest.mark.parametrize("seed", range(6))
def test_consistent_studies_hold_nothing_impossible(seed):
    rng = np.random.default_rng([20, seed])
    cautions = []
    for _ in range(50):
        study = sound_study(rng)
        found = [finding for check in CHECKS if check.applies_to(study) for finding in check.run(study)]
        assert [f"{f.subject}: {f.statement} {f.evidence}" for f in found if f.severity == "impossible"] == []
        cautions += [(f.check, f.statement, f.evidence) for f in found if f.severity == "caution"]
    assert len(cautions) <= 2, cautions
