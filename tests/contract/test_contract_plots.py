"""Every plot returns a figure and writes nothing."""

from __future__ import annotations

import inspect
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from matplotlib.figure import Figure

from bayes_ivf import plots, reanalyze
from bayes_ivf.results import Curve


@pytest.fixture(scope="module")
def result(lei):
    study = replace(
        lei, items=tuple(item for item in lei.items if item.id in ("cpr", "eir", "mcr", "fsh", "il6", "bhcg"))
    )
    return reanalyze(study, models=["two_arm"], priors=["weakly_informative"], engine="exact")


@pytest.fixture(scope="module")
def curve():
    import numpy as np

    x = np.linspace(-3, 3, 50)
    density = np.exp(-(x**2))
    return Curve("cpr", "A label with $dollars$ and many words, so that it must be broken into lines", "two_arm", "", "p",
                 "log odds ratio", 1, 0.8, x, density, density)  # fmt: skip


def arguments(name, result, curve):
    if name == "prior_posterior":
        return ([curve, curve],)
    if name == "clustering":
        # the rows of one embryo outcome, as if a second model had given them too
        rows = result.effects[result.effects.outcome == "eir"].assign(model="embryo_cluster", options="M=3")
        return (SimpleNamespace(effects=pd.concat([result.effects, rows]), comparison=result.comparison),)
    return (result,)


@pytest.mark.parametrize("name", plots.__all__)
def test_a_plot_returns_a_figure_and_writes_nothing(name, result, curve, tmp_path, monkeypatch):
    import matplotlib.pyplot as plt

    monkeypatch.chdir(tmp_path)
    held = plt.get_fignums()
    figure = getattr(plots, name)(*arguments(name, result, curve))
    assert isinstance(figure, Figure)
    assert figure.axes
    figure.canvas.draw()
    assert list(tmp_path.iterdir()) == []
    # no window keeps it alive
    assert plt.get_fignums() == held


def test_a_forest_draws_the_result_of_record_not_a_pooled_one(result):
    pooled = tuple(replace(row, model="outcomes", median=99.0, ci_low=98.0, ci_high=100.0) for row in result.rows)
    both = SimpleNamespace(study=result.study, comparisons=result.comparisons, rows=(*pooled, *result.rows))
    texts = [text.get_text() for axis in plots.forest(both).axes for text in axis.texts]
    of = result.effects[(result.effects.outcome == "fsh")].set_index("estimand")
    row = of.loc["standardized_mean_difference"]
    assert f"{row['median']:+.1f} ({row.ci_low:+.1f}, {row.ci_high:+.1f})" in texts
    assert not any("99" in text for text in texts)


def test_a_forest_draws_nothing_that_only_words_tell(result):
    labels = [label.get_text() for axis in plots.forest(result).axes for label in axis.get_yticklabels()]
    assert any("FSH" in label for label in labels)
    assert not any("Interleukin" in label for label in labels)


@pytest.mark.parametrize("name", plots.__all__)
def test_a_plot_changes_no_setting(name, result, curve):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    getattr(plots, name)(*arguments(name, result, curve))
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("name", plots.__all__)
def test_a_plot_is_described(name):
    text = inspect.getdoc(getattr(plots, name))
    assert "Returns" in text
    assert "Figure" in text


def test_plots_never_save():
    for path in Path(plots.__file__).parent.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "open(" not in text
        assert "savefig(" not in text or path.name == "style.py"


def test_a_study_without_estimates_still_has_a_forest(lei):
    study = replace(lei, items=(lei.outcome("bhcg"), lei.outcome("social_support")))
    figure = plots.forest(reanalyze(study, models=["two_arm"], priors=["reference"]))
    figure.canvas.draw()
    assert "could be estimated" in figure.axes[0].texts[0].get_text()
