"""NUTS on a grid, beside the usual loops: the same problems, each tool warmed up, in one run."""

import time
import warnings

import numpy as np
import pytest

from bayes_ivf.batches import plan_batch
from tests.benchmarks.measured import measure, write_priors, write_table
from tests.benchmarks.recorder import quiet, record

TABLES, SETS = 50, 20
LOOP, BAMBI = 12, 6
"""Problems that the slower tools are given; their time per problem is what counts."""
DRAWS = {"draws": 1000, "tune": 500, "chains": 4}


def _timed(fit, problems):
    """Seconds per problem, after one warm-up."""
    fit(problems[0])
    start = time.perf_counter()
    for problem in problems:
        fit(problem)
    return (time.perf_counter() - start) / len(problems)


def _pymc(problem):
    import pymc as pm

    (events, n), priors = (problem.data[name] for name in ("events", "n")), problem.priors
    with pm.Model():
        average = pm.Normal("average", **priors["average"].parameters)
        effect = pm.Normal("effect", **priors["effect"].parameters)
        pm.Binomial("events", n=n, logit_p=average + np.array([0.5, -0.5]) * effect, observed=events)
        pm.sample(**DRAWS, progressbar=False, random_seed=1, nuts_sampler="pymc")


def _bambi(problem):
    import bambi
    import pandas as pd

    events, n = problem.data["events"], problem.data["n"]
    frame = pd.DataFrame({"events": events, "n": n, "arm": [0.5, -0.5]})
    priors = {
        name: bambi.Prior("Normal", **problem.priors[slot].parameters)
        for name, slot in (("Intercept", "average"), ("arm", "effect"))
    }
    model = bambi.Model("p(events, n) ~ arm", frame, family="binomial", priors=priors, center_predictors=False)
    model.fit(**DRAWS, progressbar=False, random_seed=1)


@pytest.mark.filterwarnings("ignore")
def test_nuts_beside_the_usual_loops(tmp_path):
    calm = quiet()
    table, sets = write_table(tmp_path / "t.csv", TABLES), write_priors(tmp_path / "sets", SETS)
    asked = {"sources": str(table), "models": "two_arm", "engine": "nuts", **DRAWS}
    ours = measure(**asked, priors=sets, out=str(tmp_path / "out"))
    assert ours.fits == TABLES * SETS
    grid = plan_batch(str(table), "two_arm", sets[:1], engine="nuts")
    problems = [grid.problem(place) for place in range(LOOP)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loop, other = _timed(_pymc, problems), _timed(_bambi, problems[:BAMBI])
    mine = ours.seconds / ours.fits
    record(
        "NUTS, two arms, 4 chains x (500 + 1000)",
        [
            "| tool | fits | seconds per fit | times as long |",
            "| --- | ---: | ---: | ---: |",
            f"| this package, start-up, compile, gate and rows included | {ours.fits} | {mine:.3f} | 1 |",
            f"| `pm.sample` in a loop, warm, sampling alone | {LOOP} | {loop:.2f} | {loop / mine:.0f} |",
            f"| Bambi in a loop, warm, sampling alone | {BAMBI} | {other:.2f} | {other / mine:.0f} |",
            "",
            f"{ours.rate:.1f} fits a second; {1000 * ours.cpu / ours.fits:.0f} ms of CPU per fit; peak memory "
            f"{ours.megabytes:.0f} MB; {ours.rows:,} rows.",
        ],
    )
    assert loop / mine >= 15
    if calm:
        assert ours.rate >= 12


def test_growth_with_the_number_of_fits(tmp_path):
    lines = ["| fits | seconds, start-up included | CPU s | peak memory, MB |", "| ---: | ---: | ---: | ---: |"]
    first = None
    for size in (10, 100, 1_000, 10_000):
        table = write_table(tmp_path / f"t{size}.csv", size)
        done = measure(
            sources=str(table), models="two_arm", priors="weakly_informative", engine="nuts", out=str(tmp_path / str(size)),
            **DRAWS,
        )  # fmt: skip
        assert done.fits == size
        first = first or done
        assert done.megabytes < 2 * first.megabytes
        lines.append(f"| {size:,} | {done.seconds:.1f} | {done.cpu:.1f} | {done.megabytes:.0f} |")
    record("NUTS, growth", lines)
