"""Pictures of a page: the same bytes as Matplotlib's own way of saving, which lays out and draws everything twice."""

from __future__ import annotations

import io

import matplotlib as mpl
import pytest

import bayes_ivf as bi
from bayes_ivf.plots import forest, prior_posterior
from bayes_ivf.report import svg_of


@pytest.fixture(scope="module")
def result():
    study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", benefit="higher")
    return bi.reanalyze(study, models=["two_arm"], priors=["weakly_informative"], engine="exact")


@pytest.mark.parametrize("draw", [forest, lambda result: prior_posterior(result.curves)])
def test_a_picture_is_what_matplotlib_saves(draw, result):
    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "bayes_ivf"}):
        draw(result).savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    saved = buffer.getvalue()
    picture, words, _ = str(svg_of(draw(result), "A <picture>")).partition("<p class='sr'>A &lt;picture&gt;</p>")
    assert words
    assert picture.replace('<svg role="img" ', "<svg ", 1) == saved[saved.index("<svg") :]
