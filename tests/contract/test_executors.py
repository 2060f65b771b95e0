"""Every executor keeps the same promises: the same rows to the last digit, poison is reported, dead workers are noticed."""

import os

import numpy as np
import pytest

import bayes_ivf as bi
from bayes_ivf.batches import grid as grids
from bayes_ivf.batches import plan_batch
from bayes_ivf.batches.executors import make_executor
from bayes_ivf.batches.executors.local import Threads
from bayes_ivf.batches.executors.processes import Processes
from bayes_ivf.batches.work import Work

EXECUTORS = ("serial", "threads", "processes", "dask")
MODELS, SETS = "two_arm", ["weakly_informative", "beta_jeffreys", "cochrane_fertility"]
SOME = ["live_birth"]
"""A quarter of the trials: enough for several jobs."""


@pytest.fixture(scope="module")
def cluster():
    """A local Dask cluster of two workers with one thread each."""
    distributed = pytest.importorskip("distributed")
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Dask's own start and end
        with (
            distributed.LocalCluster(
                n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            yield client


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """The rows of a serial batch."""
    folder = tmp_path_factory.mktemp("reference") / "out"
    return bi.batch("lmwh_ivf", MODELS, SETS, outcomes=SOME, out=folder, executor="serial")


@pytest.fixture
def executor(request):
    """What to hand to a batch for an executor's name."""
    return request.getfixturevalue("cluster") if request.param == "dask" else request.param


def _workers(executor, number):
    """How many workers may be asked of an executor: those that have their own take none."""
    return number if executor in ("threads", "processes") else None


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("executor", EXECUTORS, indirect=True)
def test_rows_are_the_same_to_the_last_digit(executor, reference, tmp_path, monkeypatch):
    monkeypatch.setitem(grids.JOB_SIZE, "exact", 7)
    result = bi.batch(
        "lmwh_ivf", MODELS, SETS, outcomes=SOME, out=tmp_path / "out", executor=executor, workers=_workers(executor, 2)
    )
    for name in ("effects.csv", "evidence.csv", "comparison.csv", "failures.csv"):
        assert (result.folder / name).read_bytes() == (reference.folder / name).read_bytes()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("executor", EXECUTORS, indirect=True)
def test_an_error_in_a_worker_comes_back_as_one(executor):
    made = make_executor(executor, _workers(executor, 1))
    grid = plan_batch("lmwh_ivf", MODELS, SETS[0])
    problem = grid.problem(0)
    other = plan_batch("lmwh_ivf", MODELS, SETS[1]).problem(0)
    mixed = Work("exact", (problem, other), (b"a", b"b"), grid.recipe)
    error = made.submit(mixed).exception(timeout=120)
    assert isinstance(error, bi.BayesIvfError)
    assert not made.died(error)
    good = made.submit(Work("exact", (problem,), (b"a",), grid.recipe)).result(timeout=120)
    assert good.levels == ("pass",)
    made.close(cancel=False)


class _Deadly:
    """Ends the process that unpickles it."""

    def __reduce__(self):
        return os._exit, (3,)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_dead_process_is_noticed_and_replaced():
    executor = Processes(1)
    grid = plan_batch("lmwh_ivf", MODELS, SETS[0])
    error = executor.submit(Work("exact", (_Deadly(),), (b"a",), grid.recipe)).exception(timeout=120)
    assert executor.died(error)
    assert executor.revive()
    part = executor.submit(Work("exact", (grid.problem(0),), (b"a",), grid.recipe)).result(timeout=120)
    assert np.isfinite(part.figures[0, 0, 0])
    executor.close(cancel=False)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_dead_dask_worker_costs_no_row(cluster, reference, tmp_path, monkeypatch):
    monkeypatch.setitem(grids.JOB_SIZE, "exact", 2)
    killed = []

    def kill(_what, done, total):
        if 0 < done < total and not killed:
            killed.append(True)
            nanny = next(iter(cluster.scheduler_info()["workers"]))
            cluster.run(os._exit, 1, workers=[nanny], on_error="ignore")

    result = bi.batch("lmwh_ivf", MODELS, SETS, outcomes=SOME, out=tmp_path / "out", executor=cluster, progress=kill)
    assert killed
    assert (result.folder / "effects.csv").read_bytes() == (reference.folder / "effects.csv").read_bytes()


def test_a_scheduler_that_is_not_there_is_refused(faults_of, monkeypatch):
    pytest.importorskip("distributed")
    from bayes_ivf.batches.executors import dask

    monkeypatch.setattr(dask, "PATIENCE", 0.5)
    faults_of(make_executor, "tcp://127.0.0.1:9", None)


def test_without_dask_the_message_tells_how_to_install_it(faults_of, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "distributed", None)
    (fault,) = faults_of(make_executor, "tcp://127.0.0.1:8786", None)
    assert "pip install" in fault.action


def test_names_and_workers_are_checked(faults_of):
    for bad in ((3, None), ("none", None), ("threads", 0), ("threads", -1), ("threads", True), ("threads", 1.5)):
        faults_of(make_executor, *bad)
    for name in ("thread", "", "tcp"):
        (fault,) = faults_of(make_executor, name, 2)  # the name first: no workers of what does not exist
        assert (fault.where, fault.found) == ("executor", repr(name))
    own = Threads(1)
    assert make_executor(own, None) is own
    own.close(cancel=True)
