"""Real whole-number samples, printed under any rounding convention, are never called impossible; others often are."""

from decimal import ROUND_DOWN, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import numpy as np
import pytest

from bayes_ivf.auditing import audit
from bayes_ivf.study import parse_study

ROUNDINGS = (ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_HALF_DOWN, ROUND_DOWN)
LARGE = (2, 3, 5, 9, 17, 40, 40, 80, 200)


def study_of(means, sds, n, **keys):
    outcome = {
        "id": "score",
        "label": "Score",
        "kind": "mean_sd",
        "benefit": "none",
        "whole": True,
        "treatment": f"{means[0]} ± {sds[0]}",
        "control": f"{means[1]} ± {sds[1]}",
        **keys,
    }
    arms = {arm: {"label": arm, "n": n} for arm in ("treatment", "control")}
    return parse_study({"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": [outcome]}, "test")


def samples(rng, n, low, high, items):
    shape = rng.choice(["even", "skewed", "ends", "one"])
    k = items * (high - low)
    if shape == "even":
        values = rng.integers(0, k + 1, n)
    elif shape == "skewed":
        values = np.minimum(k, rng.geometric(0.4, n) - 1)
    elif shape == "ends":
        values = rng.choice([0, k], n)
    else:
        values = np.zeros(n, dtype=int)
        values[0] = k
    return low + values / items


def printed(value, decimals, rounding):
    return format(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding), "f")


def impossible(study):
    return [
        f for f in audit(study).found if f.severity == "impossible" and f.check in ("grim", "integer_moments", "debit")
    ]


@pytest.mark.parametrize("seed", range(4))
def test_no_false_impossible_in_real_samples(seed):
    rng = np.random.default_rng(seed)
    done = 0
    while done < 75:
        n = int(rng.choice(LARGE))
        low, high = (int(x) for x in rng.choice([[0, 1], [0, 3], [1, 5], [1, 7], [0, 100], [-3, 3]]))
        items = int(rng.choice([1, 1, 3]))
        decimals, rounding, ddof = int(rng.choice([1, 2, 3])), ROUNDINGS[rng.integers(4)], int(rng.integers(2))
        both = [samples(rng, n, low, high, items) for _ in range(2)]
        means = [printed(values.mean(), decimals, rounding) for values in both]
        sds = [printed(values.std(ddof=ddof), decimals, rounding) for values in both]
        if min(float(sd) for sd in sds) == 0:
            continue
        keys = [{}, {"minimum": float(low)}, {"minimum": float(low), "maximum": float(high)}][rng.integers(3)]
        found = impossible(study_of(means, sds, n, items=items, **keys))
        assert not found, (means, sds, n, items, keys, found)
        done += 1


def test_detection_rate_of_inconsistent_summaries():
    """Two hundred means and sds of values with a fraction, labelled as whole numbers, n = 20 to 60, two decimals."""
    rng = np.random.default_rng(11)
    flagged = impossible_arms = 0
    for _ in range(100):
        n = int(rng.integers(20, 61))
        both = [rng.normal(3, 1, n) for _ in range(2)]
        study = study_of([f"{v.mean():.2f}" for v in both], [f"{v.std(ddof=1):.2f}" for v in both], n)
        found = [f for f in audit(study).found if f.check in ("grim", "integer_moments")]
        for arm in ("treatment", "control"):
            mine = [f for f in found if f"{arm} arm" in f.statement]
            flagged += any(f.severity in ("impossible", "caution") for f in mine)
            impossible_arms += any(f.severity == "impossible" for f in mine)
    # Chance alone makes some of them attainable, and truncation or divisor n many more: over 600 arms 0.68 and 0.42.
    assert flagged / 200 > 0.6
    assert impossible_arms / 200 > 0.33


def test_standard_errors_labelled_as_sds_are_found():
    rng = np.random.default_rng(5)
    found = 0
    for _ in range(100):
        n = int(rng.integers(30, 80))
        both = [rng.poisson(1.6, n) for _ in range(2)]
        study = study_of(
            [f"{v.mean():.2f}" for v in both], [f"{v.std(ddof=1) / np.sqrt(n):.2f}" for v in both], n, unit="count"
        )
        report = audit(study)
        small = any(f.check == "integer_moments" and f.severity == "impossible" for f in report.found)
        found += small and any(f.check == "sd_or_se" for f in report.found)
    assert found >= 90
