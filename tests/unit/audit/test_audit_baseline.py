"""Joint baseline P values: what rounding allows, in sound trials and in unlikely ones."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from bayes_ivf.auditing import audit
from bayes_ivf.auditing.checks.baseline import unlikely
from bayes_ivf.auditing.rounded_p import p_interval
from bayes_ivf.study import MeanSD, Outcome, Printed, parse_study

ROOT = Path(__file__).parents[3]
TEN = {
    "age": ("29.4 ± 4.2", "30.9 ± 4.3"), "bmi": ("23.1 ± 3.1", "23.9 ± 3.0"), "dur": ("4.4 ± 2.3", "3.9 ± 2.2"),
    "fsh": ("7.2 ± 2.2", "7.6 ± 2.1"), "lh": ("6.1 ± 3.0", "5.5 ± 2.9"), "amh": ("2.9 ± 1.4", "3.3 ± 1.5"),
    "e2": ("41.2 ± 12.3", "44.9 ± 12.1"), "prl": ("15.2 ± 5.1", "16.6 ± 5.3"), "tsh": ("2.0 ± 0.9", "2.2 ± 0.8"),
}  # fmt: skip
ALIKE = {
    "age": ("29.41 ± 4.21", "29.44 ± 4.30"), "bmi": ("23.12 ± 3.07", "23.10 ± 3.11"), "dur": ("4.41 ± 2.33", "4.40 ± 2.30"),
    "fsh": ("7.21 ± 2.18", "7.23 ± 2.20"), "lh": ("6.11 ± 3.02", "6.08 ± 2.98"), "amh": ("2.91 ± 1.44", "2.90 ± 1.50"),
    "e2": ("41.21 ± 12.31", "41.30 ± 12.01"), "prl": ("15.20 ± 5.10", "15.22 ± 5.30"),
}  # fmt: skip


def finding(rows, n):
    outcomes = [
        {
            "id": name,
            "label": name,
            "kind": "mean_sd",
            "role": "baseline",
            "benefit": "none",
            "treatment": t,
            "control": c,
        }
        for name, (t, c) in rows.items()
    ]
    arms = {arm: {"label": arm, "n": n} for arm in ("treatment", "control")}
    table = {"schema_version": 1, "id": "s", "title": "s", "arms": arms, "randomized": "yes", "outcomes": outcomes}
    (found,) = (f for f in audit(parse_study(table, "test")).found if f.check == "baseline")
    return found


@pytest.mark.parametrize("afc", [("12.3 ± 5.1", "12.3 ± 4.8"), ("12.3 ± 5.1", "12.4 ± 4.8")])
def test_one_equal_printed_mean_is_no_p_of_one(afc):
    found = finding(TEN | {"afc": afc}, 45)
    assert found.severity == "info"
    assert "as little 0.9" in found.statement


def test_eight_variables_can_be_too_alike():
    found = finding(ALIKE, 60)
    assert found.severity == "caution"
    assert "as little 1.8e-06" in found.statement
    assert "fewer than" not in found.assumption


def test_p_intervals_hold_every_p_that_rounds_to_the_print():
    rng = np.random.default_rng(7)
    from bayes_ivf.auditing.mean_tests import welch

    for decimals in (0, 1, 2):
        for _ in range(60):
            n = int(rng.integers(20, 300))
            m, s = rng.normal(30, 0.5, 2), rng.uniform(1, 6, 2)
            arms = [
                MeanSD(Printed(f"{a:.{decimals}f}"), Printed(f"{b:.{decimals}f}"), n) for a, b in zip(m, s, strict=True)
            ]
            item = Outcome("v", "V", "mean_sd", "woman", "none", data={"treatment": arms[0], "control": arms[1]})
            low, nominal, high = p_interval(item)
            assert low - 1e-9 <= welch(m[0], s[0], n, m[1], s[1], n).p <= high + 1e-9
            assert low <= nominal <= high


def test_sound_trials_get_no_caution():
    rng = np.random.default_rng(11)
    alarms = 0
    for n, decimals in [(20, 0), (40, 1), (100, 0), (300, 1), (1000, 2), (1000, 0)]:
        for _ in range(12):
            m, s = rng.normal(30, 4 / np.sqrt(n), (10, 2)), 4 * np.sqrt(rng.chisquare(n - 1, (10, 2)) / (n - 1))
            values = []
            for (a, b), (x, y) in zip(m, s, strict=True):
                pair = [
                    MeanSD(Printed(f"{v:.{decimals}f}"), Printed(f"{w:.{decimals}f}"), n) for v, w in ((a, x), (b, y))
                ]
                data = {"treatment": pair[0], "control": pair[1]}
                values.append(p_interval(Outcome("v", "V", "mean_sd", "woman", "none", data=data)))
            alarms += any(unlikely([v[0] for v in values], [v[2] for v in values]))
    assert alarms <= 2


def test_stored_false_alarms_are_of_this_check():
    # Ten trials computed anew; where they differ, `make alarms` counts anew.
    spec = importlib.util.spec_from_file_location("baseline_alarms", ROOT / "tools" / "baseline_alarms.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    stored = json.loads((ROOT / "calibration" / "baseline_alarms.json").read_text(encoding="utf-8"))
    assert np.allclose(tool.probe(stored["seed"]), stored["probe"], rtol=1e-4)


def test_stored_false_alarms_are_below_five_percent():
    rows = json.loads((ROOT / "calibration" / "baseline_alarms.json").read_text(encoding="utf-8"))["rows"]
    assert {(row["n"], row["decimals"]) for row in rows} >= {(n, d) for n in (20, 1000) for d in (0, 1, 2)}
    assert max(max(row["alike"], row["apart"], row["equal_sds"]) for row in rows) < 0.05


def test_a_small_p_is_never_written_as_zero():
    far = finding(TEN | {"afc": ("12.3 ± 1.1", "60.4 ± 1.2")}, 400)
    assert "P from <1e-300 to" in far.statement
    assert "afc <1e-300" in far.evidence
    near = finding(TEN | {"afc": ("12.3 ± 5.1", "17.4 ± 4.8")}, 45)
    assert "0.000" not in near.statement + near.evidence
