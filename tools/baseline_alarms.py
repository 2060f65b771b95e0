"""How often sound trials get a caution about their baseline P values or equal sds, by size, decimals and variables.

Simulates independent normal variables in two arms drawn from one population, rounds means and standard deviations as a
paper would, and asks the check. Run by `make alarms`; the result is stored.
"""

from __future__ import annotations

import json
import sys
from itertools import product
from pathlib import Path

import numpy as np

from bayes_ivf.auditing.checks import identical_spreads
from bayes_ivf.auditing.checks.baseline import joint_p, unlikely
from bayes_ivf.auditing.rounded_p import p_interval
from bayes_ivf.study import MeanSD, Outcome, Printed, Study

STORED = Path("calibration") / "baseline_alarms.json"
SIZES, DECIMALS, VARIABLES = (20, 40, 100, 300, 1000), (0, 1, 2), (5, 10, 20)


def sound_trial(rng: np.random.Generator, n: int, decimals: int, variables: int) -> Study:
    """Draw one trial without any difference between its arms and round it."""
    items = []
    for i in range(variables):
        mean, sd = rng.uniform(2, 60), rng.uniform(0.8, 12)
        # Mean and sd of a normal sample are independent; their laws are known.
        m = rng.normal(mean, sd / np.sqrt(n), 2)
        s = sd * np.sqrt(rng.chisquare(n - 1, 2) / (n - 1))
        pair = [
            MeanSD(Printed(f"{a:.{decimals}f}"), Printed(f"{b:.{decimals}f}"), n) for a, b in zip(m, s, strict=True)
        ]
        data = {"treatment": pair[0], "control": pair[1]}
        items.append(Outcome(f"v{i}", f"V{i}", "mean_sd", "woman", "none", data=data, role="baseline"))
    arms = {"treatment": "t", "control": "c"}
    return Study("s", "s", arms, dict.fromkeys(arms, n), tuple(items), randomized="yes")


def alarms(seed: int, n: int, decimals: int, variables: int, trials: int) -> dict[str, float]:
    """Return the shares of sound trials that would be called too alike, too different, and with too many equal sds."""
    rng = np.random.default_rng([seed, n, decimals, variables])
    found, equal = [], 0
    for _ in range(trials):
        study = sound_trial(rng, n, decimals, variables)
        intervals = [p for item in study.items if (p := p_interval(item))]
        found.append(unlikely([p[0] for p in intervals], [p[2] for p in intervals]))
        equal += any(finding.severity == "caution" for finding in identical_spreads.run(study))
    alike, apart = (sum(each) / trials for each in zip(*found, strict=True))
    return {"alike": alike, "apart": apart, "equal_sds": equal / trials}


def probe(seed: int = 1, trials: int = 10) -> list[list[float]]:
    """Return both joint probabilities of a few trials: whoever changes the check changes these."""
    rng = np.random.default_rng([seed, 0])
    found = []
    for i in range(trials):
        intervals = [p for item in sound_trial(rng, 40, i % 3, 10).items if (p := p_interval(item))]
        low, _, high = (list(each) for each in zip(*intervals, strict=True))
        found.append([float(f"{value:.6g}") for value in (joint_p(low)[0], joint_p(high)[1])])
    return found


def main(trials: int = 500, seed: int = 1) -> None:
    """Store the shares for every size, number of decimals and number of variables."""
    rows = [
        {"n": n, "decimals": decimals, "variables": k, "trials": trials, **alarms(seed, n, decimals, k, trials)}
        for n, decimals, k in product(SIZES, DECIMALS, VARIABLES)
    ]
    STORED.write_text(json.dumps({"seed": seed, "probe": probe(seed), "rows": rows}, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(
        f"largest share of false alarms: {max(max(r['alike'], r['apart'], r['equal_sds']) for r in rows):.4f}\n"
    )


if __name__ == "__main__":
    main()
