"""The grid: light problems equal those of single fits, and jobs depend on the grid alone."""

import json

import pytest

from bayes_ivf import Study, load_study
from bayes_ivf.batches import dry_run, plan_batch, read_trials
from bayes_ivf.batches.cells import Recipe, fit_key, problem_text, read_problem
from bayes_ivf.batches.grid import JOB_SIZE
from bayes_ivf.batches.tabled import study_of_rows, table_rows, tabled_study
from bayes_ivf.cards import load_card
from bayes_ivf.errors import BayesIvfError
from bayes_ivf.priors import bundled_prior_sets
from bayes_ivf.problem import build_problem
from bayes_ivf.settings import Settings

MEANS = "study,outcome,benefit,mean_treatment,sd_treatment,n_treatment,mean_control,sd_control,n_control,mcid"


def _same(problem, other):
    assert problem.hash == other.hash
    assert problem.key == other.key
    assert problem.compile_key == other.compile_key
    assert (problem.label, problem.per, problem.caveats) == (other.label, other.per, other.caveats)


@pytest.mark.parametrize("prior", sorted(bundled_prior_sets()))
def test_a_row_gives_the_problem_of_a_single_fit(some, prior):
    read, card = read_trials(some), load_card("two_arm")
    if prior == "low_average":  # for claims about counts alone, which no table holds
        with pytest.raises(BayesIvfError, match="nothing to fit: prior set low_average"):
            plan_batch(some, "two_arm", [prior])
        return
    grid = plan_batch(some, "two_arm", [prior])
    assert grid.cells
    for place, cell in enumerate(grid.cells):
        row = list(zip(read.study, read.outcome, strict=True)).index((cell.study, cell.outcome))
        study = tabled_study(read, [row])
        _same(grid.problem(place), build_problem(study, cell.outcome, card, prior))


def test_rows_of_means_give_the_problem_of_a_single_fit(table):
    path = table("a,x,lower,5.81,0.76,40,7.93,0.82,41,0.2", "b,x,lower,1.1,0.3,20,1.2,0.5,21,", header=MEANS)
    grid = plan_batch(path, "two_arm", "weakly_informative")
    for place, (arms, mcid) in enumerate(
        ((((5.81, 0.76, 40), (7.93, 0.82, 41)), 0.2), (((1.1, 0.3, 20), (1.2, 0.5, 21)), None))
    ):
        study = Study.from_means(*arms, outcome="x", benefit="lower", mcid=mcid)
        assert grid.problem(place).hash == build_problem(study, "x", load_card("two_arm"), "weakly_informative").hash


def test_what_makes_no_sense_is_left_out_and_counted(some):
    grid = plan_batch(some, "two_arm", ["weakly_informative", "optimistic_weak"])
    none = sum(sign == 0 for sign in read_trials(some).sign)
    assert len(grid.cells) == 2 * 13 - none
    assert sum(grid.left_out.values()) == none


def test_nothing_left_is_an_error(table, faults_of):
    path = table("a,b,none,1,10,2,10")
    faults_of(plan_batch, path, "two_arm", "optimistic_weak")
    faults_of(plan_batch, path, "embryo_cluster", "weakly_informative")
    faults_of(plan_batch, path, outcomes=["c"])
    faults_of(plan_batch, path, quantities="some")
    faults_of(plan_batch, path, ["two_arm", "two_arm"])
    faults_of(plan_batch, path, engine="fast")


def test_jobs_cover_every_content_once(some, monkeypatch):
    monkeypatch.setitem(JOB_SIZE, "exact", 5)
    grid = plan_batch(some, "two_arm", ["weakly_informative", "beta_uniform"])
    jobs = grid.jobs()
    places = [place for job in jobs for place in job.places]
    assert len(places) == len({grid.cells[place].key for place in places}) == len({cell.key for cell in grid.cells})
    assert len(places) == len(grid.cells) - 2  # the copy
    assert all(len({grid.groups[place] for place in job.places}) == 1 for job in jobs)
    assert max(len(job.places) for job in jobs) == 5


def test_studies_are_planned_as_by_the_main_job(lei):
    from bayes_ivf.reanalysis import plan

    card, sets = load_card("two_arm"), ["weakly_informative", "skeptical_weak"]
    from bayes_ivf.priors import load_prior_set

    grid = plan_batch(lei, "two_arm", sets)
    planned = plan(lei, [card], [load_prior_set(name) for name in sets])
    assert [cell.problem for cell in grid.cells] == [problem.hash for problem in planned.problems]
    assert {cell.engine for cell in grid.cells} == {"exact"}


def test_outcomes_can_be_chosen(lei):
    grid = plan_batch([lei, "lmwh_ivf"], "two_arm", "weakly_informative", outcomes=["cpr", "live_birth"])
    assert {cell.outcome for cell in grid.cells} == {"cpr", "live_birth"}


def test_keys_depend_on_what_the_numbers_depend_on():
    base = fit_key("a", "nuts", Recipe(Settings()))
    assert base == fit_key("a", "nuts", Recipe(Settings(), keep_draws=True))
    others = [
        fit_key("b", "nuts", Recipe(Settings())),
        fit_key("a", "exact", Recipe(Settings())),
        fit_key("a", "nuts", Recipe(Settings(seed=2))),
        fit_key("a", "nuts", Recipe(Settings(draws=500))),
        fit_key("a", "nuts", Recipe(Settings(), summaries=False)),
    ]
    assert len({base, *others}) == 6
    assert fit_key("a", "exact", Recipe(Settings())) == fit_key("a", "exact", Recipe(Settings(seed=2)))


@pytest.mark.parametrize("outcome", ["cpr", "eir", "fsh", "il6"])
def test_problems_survive_json(lei, outcome):
    for card in ("two_arm", "embryo_cluster"):
        try:
            problem = build_problem(lei, outcome, load_card(card), "weakly_informative")
        except BayesIvfError:
            continue
        back = read_problem(problem_text(problem))
        _same(problem, back)
        assert dict(back.places) == dict(problem.places)
        assert back.variation == problem.variation


def test_studies_of_tables_survive_json():
    from bayes_ivf.batches import bundled_tables

    read = read_trials(bundled_tables()["lmwh_ivf"])
    rows = [row for row, name in enumerate(read.study) if name == "Awwad_2021"]
    study = tabled_study(read, rows)
    assert study.sizes == {"treatment": 75, "control": 71}
    assert [item.id for item in study.items] == ["positive_pregnancy", "clinical_pregnancy", "ongoing_pregnancy"]
    assert study_of_rows("Awwad_2021", json.loads(json.dumps(table_rows(read, rows)))) == study


def test_the_dry_run_counts_fits_and_shapes(some):
    shown = dry_run(plan_batch(some, "two_arm", ["weakly_informative", "beta_uniform"]))
    assert shown.fits.tolist() == [12, 12]
    assert set(shown.engine) == {"exact"}
    assert dry_run(plan_batch(load_study("lei-2026"), "two_arm", engine="nuts")).shapes.gt(0).all()
