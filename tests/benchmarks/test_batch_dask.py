"""Two Dask workers of one thread against one, on a batch long enough to pay for the compiles."""

import time

import pytest

import bayes_ivf as bi
from tests.benchmarks.measured import write_priors, write_table
from tests.benchmarks.recorder import quiet, record

TABLES, SETS = 150, 20


@pytest.mark.filterwarnings("ignore")
def test_two_workers_beat_one(tmp_path):
    distributed = pytest.importorskip("distributed")
    calm = quiet()
    table, sets = write_table(tmp_path / "t.csv", TABLES), write_priors(tmp_path / "sets", SETS)
    seconds, rows = {}, {}
    for workers in (1, 2):
        with (
            distributed.LocalCluster(
                n_workers=workers, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            start = time.perf_counter()
            result = bi.batch(
                table,
                "two_arm",
                sets,
                out=tmp_path / str(workers),
                engine="nuts",
                executor=client,
                draws=1000,
                tune=500,
            )
            seconds[workers] = time.perf_counter() - start
            rows[workers] = (result.folder / "effects.csv").read_bytes()
    gain = seconds[1] / seconds[2]
    record(
        "Dask, one and two local workers of one thread",
        [
            f"{TABLES * SETS} NUTS fits: {seconds[1]:.0f} s with one worker, {seconds[2]:.0f} s with two: {gain:.2f} times."
        ],
    )
    assert rows[1] == rows[2]
    if calm:
        assert gain >= 1.6
