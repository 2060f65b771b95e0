"""How large exact jobs become, driven with invented seconds: what a further fit costs decides, not how slow a machine is."""

import pytest

from bayes_ivf.batches.job_sizes import FIRST, LONG, WARM_UP, JobSizes


def _sizes(overhead, per_fit, *, jobs=30, workers=2, warm_up=0.0, slower=lambda job: 1.0):
    """Return the fits of each job in turn, where a job takes `overhead` seconds and `per_fit` more for each of its fits."""
    sizes, found = JobSizes(workers, 1024), []
    for job in range(jobs):
        found.append(sizes.of("a shape"))
        seconds = slower(job) * (overhead + per_fit * found[-1]) + (warm_up if job < workers else 0)
        sizes.learn("a shape", found[-1], seconds)
    return found


@pytest.mark.parametrize("machine", [0.1, 1, 4, 10])
def test_cheap_fits_come_in_large_jobs_however_slow_the_machine_is(machine):
    found = _sizes(0.4 * machine, 0.0005 * machine, warm_up=3.0)
    assert found[0] == FIRST
    assert found[-1] == 1024
    assert found.index(1024) < 14
    assert min(found) >= FIRST // 2


def test_load_that_comes_and_goes_does_not_shrink_jobs_of_cheap_fits():
    found = _sizes(0.4, 0.0005, slower=lambda job: (1, 2, 1.5)[job % 3])
    assert found[-1] >= 512
    assert min(found) >= FIRST // 2


@pytest.mark.parametrize("per_fit", [0.1, 0.3, 1.0, 2.0])
@pytest.mark.parametrize("overhead", [0.0, 0.02])
def test_dear_fits_come_in_small_jobs(per_fit, overhead):
    found = _sizes(overhead, per_fit)
    assert found[-1] * per_fit <= max(LONG, per_fit)
    assert max(found) == FIRST
    assert sum(size == FIRST for size in found) <= 3


def test_jobs_grow_while_doubling_saves_a_quarter_and_no_further():
    # from 128 to 256 fits the seconds per fit fall by less, and such jobs are long
    assert _sizes(1.0, 0.01)[-1] == 128
    assert _sizes(0.0, 0.02)[-1] == FIRST


def test_a_first_job_tells_nothing_unless_it_is_longer_than_any_warm_up():
    assert _sizes(0.0, 0.02, warm_up=WARM_UP - 1, jobs=3) == [FIRST] * 3
    assert _sizes(0.0, 0.5, jobs=2, workers=1) == [FIRST, FIRST // 2]


def test_a_shape_learns_from_its_own_jobs():
    sizes = JobSizes(0, 1024)
    sizes.learn("dear", FIRST, 100.0)
    assert (sizes.of("dear"), sizes.of("cheap")) == (FIRST // 2, FIRST)
    # what was left over of a queue is kept, and decides nothing
    sizes.learn("dear", 3, 0.001)
    assert sizes.of("dear") == FIRST // 2


def test_no_job_is_larger_than_the_most():
    sizes = JobSizes(0, 5)
    assert sizes.of("a shape") == 5
    sizes.learn("a shape", 5, 0.01)
    assert sizes.of("a shape") == 5
