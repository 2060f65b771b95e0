"""Coverage of 95% intervals from printed medians with quartiles, by the exact engine, in simulated trials.

    python tools/quantile_coverage.py [--trials 2000] [--out calibration/quantile_coverage.csv]

Parameters are drawn from the proper prior that the interval is made with and quartiles are printed at ranks (n + 1) p of 39
values, where the likelihood is exact: coverage is then 95% but for chance. What is known to be off is printed beside it and bars
nothing: quartiles as R, NumPy and Excel have them, read as if they were these; log-normal values read as normal; and fixed
effects, for which a prior that pulls toward none covers less the further they lie out.
"""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bayes_ivf.exact import ArmLikelihood, solve_quantiles
from bayes_ivf.files import write_text
from bayes_ivf.priors import BatchedPrior
from bayes_ivf.simulate import simulate_quantiles

Array = npt.NDArray[np.float64]

WOMEN = 39
HALF = 5e-5
RANKS = np.array([0.25, 0.5, 0.75]) * (WOMEN + 1)
TYPE7 = 1 + np.array([0.25, 0.5, 0.75]) * (WOMEN - 1)
LEVEL = BatchedPrior("Normal", {"mu": 6.0, "sigma": 2.0})
EFFECT = BatchedPrior("StudentT", {"nu": 3.0, "mu": 0.0, "sigma": 1.0})
SIGMA = BatchedPrior("HalfNormal", {"sigma": 1.5})
SEED = 20261201
TRIALS = 2000
DEFAULT = Path(__file__).resolve().parents[1] / "calibration" / "quantile_coverage.csv"
HEADER = ("case", "trials", "covered_percent", "first_probabilities")
FIRST = 3
"""Probabilities of the first trials that are kept, by which a test sees that the engine still gives them."""


@dataclass(frozen=True)
class Case:
    """One way of making trials.

    Parameters
    ----------
    name : str
    ranks : array (3,)
        Of the printed quartiles.
    skewed : bool
        Whether values are log-normal of the same mean and standard deviation, with a mean of four standard deviations.
    effect : float or None
        Fixed standardized difference; None draws it from the prior.
    """

    name: str
    ranks: Array
    skewed: bool = False
    effect: float | None = None


CASES = (
    Case("drawn from the prior, quartiles at (n + 1) p", RANKS),
    Case("quartiles of type 7", TYPE7),
    Case("log-normal values read as normal, fixed effect 0.5", RANKS, skewed=True, effect=0.5),
    Case("fixed effect 0", RANKS, effect=0.0),
    Case("fixed effect 1", RANKS, effect=1.0),
)


def probability(case: Case, trial: int) -> float:
    """Posterior probability of a standardized difference at most the true one, in one simulated trial."""
    rng = np.random.default_rng((SEED, trial))
    level, sigma = 6.0 + 2.0 * rng.standard_normal(), np.abs(1.5 * rng.standard_normal(2))
    drawn = float(rng.standard_t(3))
    effect = drawn if case.effect is None else case.effect
    if case.skewed:
        sigma, level = np.full(2, 1.5), 6.0
    half = effect * np.sqrt((sigma**2).mean()) / 2
    arms = [_arm(rng, case, level + side * half, sigma[i]) for i, side in enumerate((1, -1))]
    posterior = solve_quantiles(
        [(arms[0], arms[1])], effect=EFFECT, level=LEVEL, sigma=None if case.skewed else SIGMA, workers=1
    )
    solution = posterior.problem.solve(posterior.problem.rules[:1])[0]
    return float(solution.evaluate("standardized_mean_difference", np.array([[effect]]))[0][0, 0])


def _arm(rng: np.random.Generator, case: Case, mu: float, sigma: float) -> ArmLikelihood:
    if case.skewed:
        spread = np.sqrt(np.log1p((sigma / mu) ** 2))
        q = np.exp(simulate_quantiles(rng, np.log(mu) - spread**2 / 2, spread, WOMEN, case.ranks))
    else:
        q = simulate_quantiles(rng, mu, sigma, WOMEN, case.ranks)
    printed = np.round(q / (2 * HALF)) * 2 * HALF
    return ArmLikelihood(printed - HALF, printed + HALF, RANKS, WOMEN)


def rows(trials: int) -> Iterator[tuple[str, int, str, str]]:
    """Return one row for each case; those beside the first take a quarter of the trials."""
    for i, case in enumerate(CASES):
        count = trials if i == 0 else trials // 4
        found = np.array([probability(case, trial) for trial in range(count)])
        covered = 100 * float(((found > 0.025) & (found < 0.975)).mean())
        yield case.name, count, f"{covered:.2f}", " ".join(f"{each:.8f}" for each in found[:FIRST])


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--out", type=Path, default=DEFAULT)
    given = parser.parse_args(arguments)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(HEADER)
    for row in rows(given.trials):
        table.writerow(row)
        print(*row, sep=", ", flush=True)
    write_text(given.out, text.getvalue())


if __name__ == "__main__":
    main()
