"""Every option of the batch command changes an output in the way that its name says, or is refused by name."""

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import typer

import bayes_ivf as bi
from bayes_ivf import Study
from bayes_ivf.batches.executors import choose
from bayes_ivf.cli.main import app, run
from bayes_ivf.paths import models_folder
from bayes_ivf.spreadsheet import read_table

OPTIONS = [each.name for each in typer.main.get_command(app).commands["batch"].params if each.name != "help"]
SHORT = {"draws": 40, "tune": 40, "chains": 2, "seed": 1}
COUNTS = Study.from_counts((16, 40), (12, 40), outcome="cpr")


@dataclass
class Shell:
    """Runs the command on a small table or on what is named."""

    table: object
    folder: object
    reader: object
    calls: int = 0
    said: str = ""

    def __call__(self, *sources, **options):
        self.calls += 1
        out = self.folder / f"out{self.calls}"
        given = {"out": out, "models": "two_arm", "priors": "weakly_informative"} | options
        words = [f"--{name.replace('_', '-')}{'' if value is True else f'={value}'}" for name, value in given.items()]
        path = self.table("s,a,higher,16,40,12,40", "s,b,higher,9,31,12,40", name="two.csv")
        self.status = run(["batch", *map(str, sources or [path]), *words])
        said = self.reader.readouterr()
        self.said = said.out + said.err
        return out

    def effects(self, *sources, **options):
        out = self(*sources, **options)
        assert self.status in (0, 1), self.said
        return read_table(out / "effects.csv")

    def sampled(self, **options):
        return self.effects(engine="nuts", outcomes="a", **SHORT | options)

    def refuses(self, name, *sources, value="2", **options):
        out = self(*sources, **{name: value}, **options)
        assert self.status == 2, self.said
        assert name.replace("_", "-") in self.said.replace("_", "-")
        assert "allowed:" in self.said
        assert not out.exists()


@pytest.fixture
def shell(table, tmp_path, capsys):
    return Shell(table, tmp_path, capsys)


@pytest.fixture
def made(monkeypatch):
    """Which executors were made, with what; each works as a serial one."""
    seen = []
    threads = choose.Threads

    def maker(name):
        return lambda given: seen.append((name, given)) or threads(1)

    monkeypatch.setattr(choose, "COUNTED", {name: maker(name) for name in choose.COUNTED})
    monkeypatch.setattr(choose, "Dask", maker("dask"))
    monkeypatch.setattr(choose, "Threads", maker("serial"))
    return seen


def sources(shell, table, made, tmp_path):
    assert set(shell.effects().study) == {"s"}
    assert set(shell.effects(table("z,a,higher,16,40,12,40", name="other.csv")).study) == {"z"}


def out(shell, table, made, tmp_path):
    assert shell() == tmp_path / "out1"
    assert json.loads((tmp_path / "out1/manifest.json").read_text())["kind"] == "batch"


def models(shell, table, made, tmp_path):
    card = tmp_path / "mine.toml"
    card.write_text((models_folder() / "two_arm.toml").read_text(encoding="utf-8").replace('"two_arm"', '"mine"', 1))
    assert set(shell.effects(models=card).model) == {"mine"}
    shell.refuses("models", value="embryo_cluster")


def priors(shell, table, made, tmp_path):
    assert set(shell.effects(priors="skeptical_moderate").prior) == {"skeptical_moderate"}


def outcomes(shell, table, made, tmp_path):
    assert set(shell.effects().outcome) == {"a", "b"}
    assert set(shell.effects(outcomes="b").outcome) == {"b"}
    shell.refuses("outcomes", value="c")


def workers(shell, table, made, tmp_path):
    shell.effects(workers=3)
    shell.effects(executor="processes", workers=2)
    assert made == [("threads", 3), ("processes", 2)]
    for dry in ({}, {"dry_run": True}):
        shell.refuses("workers", executor="serial", **dry)
        shell.refuses("workers", scheduler="tcp://127.0.0.1:1", **dry)


def scheduler(shell, table, made, tmp_path):
    shell.effects(scheduler="tcp://10.0.0.1:8786")
    assert made == [("dask", "tcp://10.0.0.1:8786")]
    shell.refuses("scheduler", value="tcp://10.0.0.1:8786", executor="threads")
    for value in ("processes", ""):
        shell.refuses("scheduler", value=value, dry_run=True)
        assert f"--scheduler\n  found:   {value!r}" in shell.said


def executor(shell, table, made, tmp_path):
    shell.effects(executor="serial")
    shell.effects(executor="processes")
    assert [name for name, _ in made] == ["serial", "processes"]
    for value in ("gpu", ""):
        shell.refuses("executor", value=value, dry_run=True)


def engine(shell, table, made, tmp_path):
    assert set(shell.effects().engine) == {"exact"}
    assert set(shell.sampled().engine) == {"nuts"}


def quantities(shell, table, made, tmp_path):
    assert shell.effects()["mean"].notna().any()
    few = shell.effects(quantities="probabilities")
    assert few["mean"].isna().all()
    assert few.p_benefit.notna().any()


def interval(shell, table, made, tmp_path):
    wide, narrow = shell.effects(), shell.effects(interval="0.9")
    assert set(narrow.ci_level) == {0.9}
    assert (narrow.ci_low > wide.ci_low).all()
    shell.refuses("interval", value="90%")
    assert "write 0.9" in shell.said
    shell.refuses("interval", value="0.9", quantities="probabilities")


def setting(name):
    def changes(shell, table, made, tmp_path):
        first, other = shell.sampled(), shell.sampled(**{name: SHORT[name] + 1})
        assert not np.array_equal(first["mean"], other["mean"])
        shell.refuses(name, engine="exact", value=SHORT[name])
        shell.effects(**{name: SHORT[name]})
        assert f"--{name} changed nothing: quadrature answered every fit" in shell.said

    return changes


def keep_draws(shell, table, made, tmp_path):
    import xarray as xr

    shell.sampled(keep_draws=True)
    (tree,) = (tmp_path / "out1/posteriors").glob("*.nc")
    with xr.open_datatree(tree) as kept:
        assert dict(kept["posterior"].sizes)["draw"] == SHORT["draws"]
        assert dict(kept["posterior"].sizes)["chain"] == SHORT["chains"]
    shell.refuses("keep_draws", value=True, engine="exact")


def separator(shell, table, made, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text(table("s,a,higher,16,40,12,40", name="plain.csv").read_text().replace(",", ";"))
    shell(other)
    assert shell.status == 2
    assert len(shell.effects(other, separator=";")) == len(shell.effects(tmp_path / "plain.csv"))
    shell.refuses("separator", "lei-2026", value=",")


def decimal(shell, table, made, tmp_path):
    header = "study,outcome,benefit,mean_treatment,sd_treatment,n_treatment,mean_control,sd_control,n_control"
    path = tmp_path / "comma.csv"
    path.write_text(header.replace(",", ";") + "\ns;a;lower;5,81;0,76;40;7,93;0,82;40\n")
    shell(path, separator=";")
    assert shell.status == 2
    rows = shell.effects(path, separator=";", decimal=",").set_index("estimand")
    assert -2.2 < float(rows["mean"]["mean_difference"]) < -2
    shell.refuses("decimal", "lei-2026", value=".")


def fill(shell, table, made, tmp_path):
    path = table("s,a,16,40,12,40", header="study,outcome,events_treatment,n_treatment,events_control,n_control")
    higher, lower = (shell.effects(path, fill=f"benefit={way}").p_benefit[0] for way in ("higher", "lower"))
    assert float(higher) + float(lower) == pytest.approx(1)
    shell.refuses("fill", value="benefit=higher")
    shell.refuses("fill", "lei-2026", value="benefit=higher")


def maps(shell, table, made, tmp_path):
    path = table("s,a,16,40,12,40", header="study,outcome,E1,N1,E2,N2")
    fill = {"fill": "benefit=higher"}
    shell(path, **fill)
    assert shell.status == 2
    own = {"n_treatment": "N1", "events_control": "E2", "n_control": "N2"}
    path.write_text(path.read_text().replace("N1,E2,N2", ",".join(own)))
    assert len(shell.effects(path, map="events_treatment=E1", **fill))
    assert "'E1' read as events_treatment" in shell.said
    shell.refuses("map", path, value="events_treatment=E9", **fill)
    shell.refuses("map", "lei-2026", value="events_treatment=E9")


def treatment(shell, table, made, tmp_path):
    path = table("s,x,drug,16,40", "s,x,placebo,12,40", header="study,outcome,T,R,N")
    given = {"fill": "benefit=higher", "control": "placebo"}
    own = table("s,x,higher,16,40,12,40", name="own.csv")
    one, other = shell.effects(path, treatment="drug", **given), shell.effects(own)
    np.testing.assert_array_equal(one["mean"], other["mean"])
    shell.refuses("treatment", path, value="aspirin", control="placebo", fill="benefit=higher")
    shell.refuses("treatment", path, value="drug", fill="benefit=higher")
    shell.refuses("treatment", "lei-2026", value="drug", control="placebo")


def benefit(shell, table, made, tmp_path):
    rows = "Analysis group,Analysis number,Study,Experimental cases,Experimental N,Control cases,Control N\n1,1,s,16,40,12,40\n"
    path = tmp_path / "x-data-rows.csv"
    path.write_text(rows)
    higher, lower = (shell.effects(path, benefit=way).p_benefit[0] for way in ("higher", "1.1=lower"))
    assert float(higher) + float(lower) == pytest.approx(1)
    shell.refuses("benefit", path, value="up")
    shell.refuses("benefit", value="higher")


def control(shell, table, made, tmp_path):
    path = table("s,x,drug,16,40", "s,x,placebo,12,40", header="study,outcome,T,R,N")
    shell.refuses("control", path, value="placebo", fill="benefit=higher")


def dry_run(shell, table, made, tmp_path):
    assert not shell(dry_run=True).exists()
    assert "2 distinct fits" in shell.said


CHECKS = {
    each.__name__: each
    for each in (sources, out, models, priors, outcomes, workers, scheduler, executor, engine, quantities, interval,
                 keep_draws, separator, decimal, fill, maps, treatment, control, benefit, dry_run)
} | {name: setting(name) for name in SHORT}  # fmt: skip


@pytest.mark.parametrize("name", OPTIONS)
def test_every_option_counts_or_is_refused(name, shell, table, made, tmp_path):
    CHECKS[name](shell, table, made, tmp_path)


def test_nothing_is_checked_that_is_no_option():
    assert set(CHECKS) == set(OPTIONS)


@pytest.mark.parametrize("name", SHORT)
def test_calls_refuse_settings_of_nuts_where_nothing_is_drawn(name, tmp_path, faults_of):
    given = {name: SHORT[name], "engine": "exact"}
    for call in (bi.batch, bi.reanalyze):
        (fault,) = faults_of(call, COUNTS, out=tmp_path / "out", **given)
        assert (fault.where, "exact engine" in fault.found) == (name, True)
    assert not (tmp_path / "out").exists()


def test_a_fit_of_quadrature_hands_its_settings_on_to_sampling():
    fit = bi.fit(COUNTS, engine="exact", **SHORT)
    sizes = fit.sample().tree.posterior.sizes
    assert (sizes["draw"], sizes["chain"]) == (SHORT["draws"], SHORT["chains"])


@pytest.mark.parametrize("words", [["--draws", "100"], ["--seed", "3"], ["--full"]])
def test_run_refuses_them_too(words, tmp_path, capsys):
    folder = tmp_path / "out"
    assert run(["run", "--engine", "exact", "--out", str(folder), *words]) == 2
    assert words[0] in capsys.readouterr().err
    assert not folder.exists()


def test_workers_beside_executors_that_have_their_own(tmp_path, faults_of):
    frame = pd.DataFrame(
        [["s", "a", "higher", 16, 40, 12, 40]],
        columns=["study", "outcome", "benefit", "events_treatment", "n_treatment", "events_control", "n_control"],
    )
    (fault,) = faults_of(bi.batch, frame, "two_arm", "weakly_informative", out=tmp_path, executor="serial", workers=1)
    assert fault.where == "workers"
