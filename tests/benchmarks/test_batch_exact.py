"""The exact engine on tables of trials: throughput, its growth, and memory."""

from itertools import pairwise

import pytest

from tests.benchmarks.measured import measure, write_table
from tests.benchmarks.recorder import quiet, record

SIZES = {"all": (10, 100, 1_000, 10_000, 100_000), "probabilities": (10, 100, 1_000, 10_000, 100_000)}
TARGET = {"all": 240.0, "probabilities": 60.0}


@pytest.mark.parametrize("quantities", ["all", "probabilities"])
def test_exact_throughput_and_memory(tmp_path, quantities):
    calm = quiet()
    lines = [
        "| tables | seconds, start-up included | tables per second | CPU ms per table | peak memory, MB | rows |",
        "| ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    found = {}
    for size in SIZES[quantities]:
        table = write_table(tmp_path / f"t{size}.csv", size)
        done = found[size] = measure(
            sources=str(table), models="two_arm", priors="weakly_informative", out=str(tmp_path / f"out{size}"),
            quantities=quantities,
        )  # fmt: skip
        assert done.ok
        assert done.fits == size
        assert done.megabytes < 2000
        lines.append(
            f"| {size:,} | {done.seconds:.1f} | {done.rate:.0f} | {1000 * done.cpu / size:.2f} | {done.megabytes:.0f} "
            f"| {done.rows:,} |"
        )
    # Small batches also write a page per study: what a further table costs is read off the large ones.
    sizes = (1_000, 10_000, 100_000)
    steps = [(more - less) / (found[more].seconds - found[less].seconds) for less, more in pairwise(sizes)]
    lines += ["", f"Further tables: {steps[0]:.0f} a second up to 10,000 and {steps[1]:.0f} from there to 100,000."]
    record(f"Exact engine, two arms, {quantities}", lines)
    if calm:
        assert found[100_000].seconds < TARGET[quantities]
        assert steps[1] > 0.8 * steps[0]
        assert found[100_000].rate > 0.8 * found[1_000].rate


def test_a_table_with_pages_is_never_slower_than_a_larger_one_without(tmp_path):
    # the best of three, in turn: other work on the machine only ever adds
    found = {100: [], 1_000: []}
    for turn in range(3):
        for size, runs in found.items():
            table = write_table(tmp_path / f"t{size}.csv", size)
            out = tmp_path / f"out{size}-{turn}"
            done = measure(sources=str(table), models="two_arm", priors="weakly_informative", out=str(out))
            assert done.ok
            assert len(list((out / "studies").glob("*.html"))) == (size if size == 100 else 0)
            runs.append(done)
    lines = ["| tables | pages | seconds, start-up included | CPU seconds |", "| ---: | ---: | ---: | ---: |"]
    best = {size: min(run.seconds for run in runs) for size, runs in found.items()}
    for size, runs in found.items():
        cpu = min(run.cpu for run in runs)
        lines.append(f"| {size:,} | {size if size == 100 else 0} | {best[size]:.1f} | {cpu:.1f} |")
    record("Tables with pages and without", lines)
    assert best[100] <= best[1_000]
