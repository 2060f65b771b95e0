"""Every table that is written is as it is declared, and no column that users rely on vanishes or moves."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

import bayes_ivf as bi
from bayes_ivf.auditing import held_p
from bayes_ivf.report import rebuild_report
from bayes_ivf.results import COLUMNS, CURVES, TABLES, Curve, columns_markdown, curves_from, to_frame

CELL = "study outcome model options prior "
RELIED_ON = {
    "effects": CELL
    + "engine estimand scale mean median sd ci_low ci_high ci_level ci_kind hdi_low hdi_high p_benefit mcid "
    "p_beyond_mcid p_in_rope r_hat ess_bulk ess_tail mcse verdict problem",
    "evidence": CELL
    + "effect_prior width log_marginal_likelihood log_bayes_factor_null bayes_factor_null note problem null "
    "priors other_null log_bayes_factor_other bayes_factor_other",
    "claims": "study outcome claim treatment control test recomputed_p supported least_change note p_reproduced",
    "findings": "study check subject severity statement assumption evidence alternatives",
    "comparison": "study outcome label kind role reported_treatment reported_control reported_direction reported_p effect_scale "
    "freq_effect freq_ci_low freq_ci_high freq_p freq_test bayes_effect bayes_ci_low bayes_ci_high p_benefit p_beyond_mcid "
    "p_benefit_min p_benefit_max reading bayes_effect_min bayes_effect_max findings",
    "pooling": "study outcome scale prior separate separate_low separate_high partial partial_low partial_high complete "
    "complete_low complete_high shrinkage verdict",
    "joint": CELL
    + "scale own_model own own_low own_high joint joint_low joint_high move own_p_benefit joint_p_benefit verdict",
    "mixtures": "study outcome model prior per choice about levels share estimand weights readings impossible median "
    "ci_low ci_high ci_level p_benefit p_benefit_min p_benefit_max verdict",
    "curves": "outcome label model options prior scale sign p_benefit x prior_density posterior_density engine",
    "statements": "study model options prior text probability",
    "review": "review analysis outcome label group method measure model studies printed printed_low printed_high recomputed "
    "recomputed_low recomputed_high reproduced note",
    "risk_of_bias": "study domain judgment support review",
    "failures": CELL + "engine stage reason problem",
}
"""Columns in their order; new ones stand at the end."""
KINDS = {"text": "str", "float": "float64", "int": "int64", "bool": "bool"}


@pytest.fixture(scope="module")
def study():
    parts = [
        bi.Study.from_counts(treatment=(16, 40), control=(12, 40), outcome="cpr", benefit="higher"),
        bi.Study.from_means(treatment=(5.81, 0.76, 40), control=(7.93, 0.82, 40), outcome="fsh", benefit="none"),
        bi.Study.from_claim(n=(40, 40), direction="lower", alpha=0.05, outcome="il6", benefit="lower"),
    ]
    return bi.Study.combine(parts)


@pytest.fixture(scope="module")
def run(study, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "out"
    result = bi.reanalyze(
        study, folder, models=["two_arm"], priors=["weakly_informative", "reference"], engine="exact", workers=1
    )
    return result, folder


@pytest.fixture(scope="module")
def batch(study, tmp_path_factory):
    folder = tmp_path_factory.mktemp("batch") / "out"
    return bi.batch([study], ["two_arm"], ["weakly_informative"], out=folder, engine="exact", executor="serial"), folder


@pytest.mark.parametrize("name", TABLES)
def test_nothing_relied_on_vanishes_or_moves(name):
    relied_on = tuple(RELIED_ON[name].split())
    assert TABLES[name].names[: len(relied_on)] == relied_on
    assert set(TABLES[name].keys) <= set(relied_on)
    assert all(column.meaning for column in TABLES[name].columns)


@pytest.mark.parametrize("which", ["run", "batch"])
def test_files_are_as_declared(which, request):
    _, folder = request.getfixturevalue(which)
    written = sorted(path.stem for path in folder.glob("*.csv"))
    both = {"effects", "evidence", "comparison"}
    assert written == sorted(
        set(TABLES) - {"failures", "joint", "review", "risk_of_bias"} if which == "run" else both | {"failures"}
    )
    for name in written:
        table = TABLES[name]
        header = (folder / table.file).read_text(encoding="utf-8").partition("\n")[0]
        assert header == ",".join(table.names)
        frame = table.read(folder)
        assert list(frame.columns) == list(table.names)
        assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
            column.name: KINDS[column.kind] for column in table.columns
        }
        assert not frame.duplicated(list(table.keys)).any()
        assert name not in both or len(frame)


def test_what_is_read_is_what_was_written(run, tmp_path):
    result, folder = run
    for name, frame in {
        "effects": result.effects,
        "evidence": result.evidence,
        "claims": result.claims,
        "findings": result.findings,
        "comparison": result.comparison,
    }.items():
        again = TABLES[name].read(folder)
        for column in TABLES[name].names:
            values = [(None if value != value else value) for value in frame[column]]
            assert [(None if value != value else value) for value in again[column]] == values, (name, column)
        TABLES[name].write(again, tmp_path)
        assert (tmp_path / f"{name}.csv").read_bytes() == (folder / f"{name}.csv").read_bytes()
    assert (folder / "claims.csv").read_text(encoding="utf-8") == result.audit.to_csv("claims")
    assert (folder / "findings.csv").read_text(encoding="utf-8") == result.audit.to_csv("findings")


def test_a_batch_reads_what_a_run_keeps(run, batch):
    (result, _), (other, _) = run, batch
    mine = result.effects[result.effects.prior == "weakly_informative"].reset_index(drop=True)
    pd.testing.assert_frame_equal(other.effects, mine, check_dtype=False)


AWKWARD = ("", "NA", "nan", "None", "=1+1", "'t Hart 2010", "'=x", 'a "b", c', "two\nlines", "\t", "-0.5")


@pytest.mark.parametrize("name", [name for name in TABLES if name != "curves"])
def test_awkward_values_come_back(name, tmp_path):
    table = TABLES[name]
    numbers = (0.1 + 0.2, -1e-17, 5e-324, 1e300, 123456789.123456789, -0.0)
    rows = []
    for place, text in enumerate(AWKWARD):
        values = {
            column.name: text
            if column.kind == "text"
            else place
            if column.kind == "int"
            else None
            if column.optional and place % 3 == 0
            else abs(numbers[place % 6]) + 0.001
            if column.small_p
            else numbers[place % 6]
            for column in table.columns
        }
        if name == "findings":  # what the audit says is never empty
            values |= dict.fromkeys(("check", "statement", "assumption", "evidence", "alternatives"), f"{text}.")
            values["severity"] = "info"
        rows.append(table.row(**values))
    table.write(table.frame(rows), tmp_path)
    assert table.rows(table.read(tmp_path)) == tuple(rows)


@pytest.mark.parametrize(("name", "column"), [("comparison", "freq_p"), ("claims", "recomputed_p")])
def test_a_small_p_is_a_bound(name, column, run, tmp_path):
    result, _ = run
    TABLES[name].write(getattr(result, name).assign(**{column: held_p(0.0)}), tmp_path)
    assert "<1e-300" in (tmp_path / f"{name}.csv").read_text(encoding="utf-8")
    assert set(TABLES[name].read(tmp_path)[column]) == {held_p(0.0)}


def test_curves_come_back(tmp_path):
    x = np.linspace(-1, 1, 7)
    nothing = np.full(7, math.nan)
    curves = [Curve(name, "=label", "two_arm", "", "p", "log odds ratio", 1, likely, x, before, x**2, "exact")
              for name, likely, before in (("a", 0.25, x + 1), ("b", None, nothing))]  # fmt: skip
    CURVES.write(CURVES.frame(curves), tmp_path)
    again = curves_from(CURVES.read(tmp_path))
    for curve, other in zip(curves, again, strict=True):
        for field in fields(Curve):
            assert (
                np.array_equal(getattr(curve, field.name), getattr(other, field.name), equal_nan=True)
                if isinstance(getattr(curve, field.name), np.ndarray)
                else getattr(curve, field.name) == getattr(other, field.name)
            )


def test_the_page_of_values_is_the_page_of_the_folder(run):
    _, folder = run
    pages = [(folder / name).read_text(encoding="utf-8") for name in ("report.html", "report.md")]
    rebuild_report(folder)
    assert [(folder / name).read_text(encoding="utf-8") for name in ("report.html", "report.md")] == pages


def test_a_fit_gives_the_columns_that_are_declared(run):
    result, _ = run
    table = TABLES["effects"]
    assert table.names == COLUMNS
    pd.testing.assert_frame_equal(to_frame(result.rows), table.frame(result.rows))


def test_the_reference_names_every_column():
    told = columns_markdown()
    assert all(f"| `{name}` |" in told for table in TABLES.values() for name in table.names)
