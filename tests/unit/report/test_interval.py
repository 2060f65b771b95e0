"""``--interval``: one probability of every interval of a run; nothing on its pages or in its tables tells another one."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

import bayes_ivf as bi
from bayes_ivf.cli import run
from bayes_ivf.results import percent
from bayes_ivf.settings import check_level

KEPT = ("cpr", "fsh", "ca125", "qol_mental", "qol_social", "age")
SETS = ["optimistic_moderate", "pessimistic_moderate"]
"""Whose own sentences name no probability."""
TEXT = (".html", ".md", ".csv", ".json")


def texts(folder):
    """Every text of a folder, by name."""
    return {path.name: path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.suffix in TEXT}


def shown(text, level):
    """Count how often a level stands in a text, in words or in a picture."""
    return len(re.findall(rf"(?<![\d.]){re.escape(level)}", text))


@pytest.fixture(scope="module")
def few(lei):
    """Counts, means, words alone and a baseline variable of the index trial."""
    return replace(lei, items=tuple(item for item in lei.items if item.id in KEPT))


@pytest.fixture(scope="module")
def runs(few, tmp_path_factory):
    """The same trial at both levels: results and folders."""
    made = {}
    for level in (0.95, 0.9):
        folder = tmp_path_factory.mktemp("run")
        result = bi.reanalyze(few, folder, models=["two_arm"], priors=SETS, engine="exact", ci_prob=level)
        made[level] = result, folder
    return made


def test_no_text_of_a_run_tells_another_level(runs):
    before, after = (texts(runs[level][1]) for level in (0.95, 0.9))
    assert set(before) == set(after)
    assert {name: shown(text, "95%") for name, text in after.items() if shown(text, "95%")} == {}
    assert {name: shown(text, "90%") for name, text in after.items()} == {
        name: shown(text, "95%") + shown(text, "90%") for name, text in before.items()
    }
    for name in ("report.md", "comparison.csv"):
        assert shown(after[name], "90% credible interval")
    for words in ("credible interval", "confidence interval"):
        assert f">90%</data> {words}" in after["report.html"]
    assert "90% intervals" in after["report.html"]
    assert json.loads(after["manifest.json"])["ci_prob"] == 0.9


def test_no_template_spells_a_level(root):
    """Also where only a run with NUTS shows it: in the tables of a funnel, and of pooled effects."""
    folder = root / "bayes_ivf" / "report" / "templates"
    assert [path.name for path in folder.rglob("*.*") if shown(path.read_text(encoding="utf-8"), "95%")] == []


def test_the_legend_of_the_forest_tells_the_level(runs):
    for level, (result, _) in runs.items():
        texts = [text.get_text() for text in bi.plots.forest(result).texts]
        told = [text for text in texts if text.startswith(("recomputed, ", "reanalysis ("))]
        assert told == [
            f"recomputed, frequentist ({percent(level)} CI)",
            f"reanalysis ({percent(level)} credible interval)",
        ]


def test_only_intervals_change(runs):
    one, other = (runs[level][0].effects for level in (0.95, 0.9))
    ends = ["ci_low", "ci_high", "hdi_low", "hdi_high", "ci_level"]
    assert set(one.ci_level) == {0.95}
    assert set(other.ci_level) == {0.9}
    for name in one.columns.difference(ends):
        same = (one[name] == other[name]) | (one[name].isna() & other[name].isna())
        close = np.isclose(one[name], other[name], rtol=1e-6, atol=1e-8) if one[name].dtype == float else False
        assert (same | close).all(), name
    inside = (other.ci_low >= one.ci_low) & (other.ci_high <= one.ci_high)
    assert inside.all()


def test_ends_are_the_quantiles_of_the_posterior(few, runs):
    rows = runs[0.9][0].effects.query("model == 'two_arm' and prior == @SETS[0] and outcome in ('cpr', 'fsh')")
    assert rows.estimand.nunique() > 5
    for outcome, mine in rows.groupby("outcome"):
        fit = bi.fit(few, outcome, "two_arm", SETS[0], engine="exact")
        for row in mine.itertuples():
            ends = [fit.quantile(row.estimand, share) for share in (0.05, 0.95)]
            assert (row.ci_low, row.ci_high) == pytest.approx(ends, rel=1e-6, abs=1e-8), row.estimand
            if row.hdi_low == row.hdi_low:
                held = fit.probability(row.estimand, above=row.hdi_low, below=row.hdi_high)
                assert held == pytest.approx(0.9, abs=1e-5), row.estimand
                assert row.hdi_high - row.hdi_low <= row.ci_high - row.ci_low + 1e-6


def test_conjugate_risks_have_the_quantiles_of_their_beta(few):
    fit = bi.fit(few, "cpr", "two_arm", "beta_uniform", engine="exact", ci_prob=0.9)
    row = fit.row("control_risk")
    assert (row.ci_low, row.ci_high) == pytest.approx(stats.beta(13, 29).ppf([0.05, 0.95]), abs=1e-6)
    assert "90% credible interval" in fit.sentence()
    assert "90% credible interval" in fit.number_needed()
    assert fit.interval("control_risk") == pytest.approx((row.ci_low, row.ci_high), abs=1e-9)
    assert [name for name in fit.summary().columns if name.startswith("eti")] == ["eti90_lb", "eti90_ub"]


def newcombe(a, m, b, n, z):
    """Newcombe's square-and-add of two Wilson intervals, by hand."""
    (low1, high1), (low2, high2) = (
        [(p + z * z / 2 / k + s * z * np.sqrt(p * (1 - p) / k + z * z / 4 / k / k)) / (1 + z * z / k) for s in (-1, 1)]
        for p, k in ((a / m, m), (b / n, n))
    )
    return a / m - b / n - np.hypot(a / m - low1, high2 - b / n), a / m - b / n + np.hypot(high1 - a / m, b / n - low2)


def test_recomputed_intervals_have_the_same_level(runs):
    table = runs[0.9][0].comparison.set_index("outcome")
    cpr, fsh = table.loc["cpr"], table.loc["fsh"]
    low, high = newcombe(16, 40, 12, 40, stats.norm.ppf(0.95))
    assert (cpr.freq_ci_low, cpr.freq_ci_high) == pytest.approx((low, high), abs=1e-9)
    df = 39 * (0.76**2 + 0.82**2) ** 2 / (0.76**4 + 0.82**4)
    half = stats.t(df).ppf(0.95) * np.hypot(0.76, 0.82) / np.sqrt(40)
    assert (fsh.freq_ci_low, fsh.freq_ci_high) == pytest.approx((-2.12 - half, -2.12 + half), abs=1e-9)
    (note,) = (row.note for row in bi.audit(bi.Study.from_counts((16, 40), (12, 40)), ci_prob=0.9).ledger)
    assert f"Newcombe {100 * low:+.1f} to {100 * high:+.1f}" in note


def test_what_the_paper_printed_stays_as_it_was_printed(tmp_path):
    study = bi.Study.from_effect("odds_ratio", 1.61, ci=(1.03, 2.53), outcome="lbr", benefit="higher")
    result = bi.reanalyze(study, tmp_path, models=["two_arm"], priors=SETS, engine="exact", ci_prob=0.875)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Known only from its odds ratio with a 95% interval" in page
    assert ">87.5%</data> credible interval" in page
    assert shown(page, "95%") == page.count("with a 95% interval")
    assert set(result.effects.ci_level) == {0.875}


def test_a_page_made_again_is_the_same(runs, tmp_path):
    _, folder = runs[0.9]
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert run(["report", str(folder)]) == 0
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_the_command_takes_the_level(tmp_path):
    (tmp_path / "study.toml").write_text(
        'schema_version = 1\nid = "one"\ntitle = "One"\narms.treatment = {label = "a", n = 40}\n'
        'arms.control = {label = "b", n = 40}\n[[outcomes]]\nid = "cpr"\nlabel = "CPR"\nkind = "counts"\n'
        'benefit = "higher"\ntreatment = "16/40"\ncontrol = "12/40"\n',
        encoding="utf-8",
    )
    words = ["--models", "two_arm", "--priors", SETS[0], "--engine", "exact", "--interval", "0.9"]
    assert run(["run", str(tmp_path / "study.toml"), "--out", str(tmp_path / "out"), *words]) == 0
    assert shown((tmp_path / "out/report.md").read_text(encoding="utf-8"), "90% credible interval")


@pytest.mark.parametrize(
    ("value", "action"),
    [
        (0, "write 0.9, for example"), (1, "write 0.9, for example"), (float("nan"), "write 0.9, for example"),
        (95, "write 0.95"), (99.5, "write 0.995"), ("90%", "write 0.9"), ("87,5 %", "write 0.875"), ("0.95", "write 0.95"),
        (-0.9, "write 0.9, for example"), (0.49, "write 0.9, for example"), (0.9995, "write 0.9, for example"),
        (True, "write 0.9, for example"), (None, "write 0.9, for example"), ("ninety", "write 0.9, for example"),
    ],
)  # fmt: skip
def test_what_is_no_level_is_refused_with_what_to_write(value, action, few, tmp_path, faults_of):
    for call in (
        lambda: bi.reanalyze(few, tmp_path / "out", ci_prob=value),
        lambda: bi.fit(few, "cpr", engine="exact", ci_prob=value),
        lambda: bi.audit(few, ci_prob=value),
    ):
        (fault,) = faults_of(call)
        assert (fault.where, fault.found, fault.action) == ("ci_prob", repr(value), action)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("value", [0.5, 0.875, 0.999, np.float64(0.9)])
def test_a_level_is_a_plain_number(value):
    assert type(check_level(value)) is float
    assert check_level(value) == value
