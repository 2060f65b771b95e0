"""Every plot returns a figure at the width of a column, in the colors of the palette, and writes nothing."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from bayes_ivf import plots, reanalyze
from bayes_ivf.plots import blocks, style
from bayes_ivf.results import Curve, PooledEffect, chance

HOSTILE = (
    "Миscarriage <script>alert('1')</script> & \"x\" $\\frac{1}{2}$ "
    + "Donaudampfschifffahrtsgesellschaft" * 4
    + " end" * 60
)
FILES = {
    module.name: importlib.import_module(f"{plots.__name__}.{module.name}")
    for module in pkgutil.iter_modules(plots.__path__)
}


def _figures():
    """Functions of a file that return a figure, by name: one a file."""
    found = {}
    for file, module in FILES.items():
        for name, function in inspect.getmembers(module, inspect.isfunction):
            returns = str(inspect.signature(function).return_annotation)
            if not name.startswith("_") and function.__module__ == module.__name__ and returns.startswith("Figure"):
                assert found.setdefault(file, name) == name, f"{file} has several figures"
    return {name: getattr(FILES[file], name) for file, name in found.items() if file != "style"}


DRAWN = _figures()


@pytest.fixture(scope="module")
def result(lei):
    study = replace(
        lei, items=tuple(item for item in lei.items if item.id in ("cpr", "eir", "mcr", "fsh", "il6", "bhcg"))
    )
    priors = ["weakly_informative", "reference", "skeptical_weak", "skeptical_strong"]
    return reanalyze(study, models=["two_arm"], priors=priors, engine="exact")


@pytest.fixture(scope="module")
def hostile(result):
    """The same with labels that are too long for everything, of outcomes and of arms."""
    study = replace(
        result.study,
        items=tuple(replace(item, label=f"{item.id} {HOSTILE}") for item in result.study.items),
        arms=dict.fromkeys(result.study.arms, HOSTILE),
    )
    comparisons = tuple(replace(row, label=f"{row.outcome} {HOSTILE}") for row in result.comparisons)
    audit = SimpleNamespace(study=study, ledger=result.audit.ledger)
    names = {name: {"label": HOSTILE} for name in {row.prior for row in result.rows}}
    manifest = {"priors": names, "models": {}}
    values = {"comparison": result.comparison, "effects": result.effects, "rows": result.rows}
    return SimpleNamespace(study=study, audit=audit, comparisons=comparisons, manifest=manifest, **values)


def curve(label="A label"):
    x = np.linspace(-3, 3, 50)
    prior, posterior = np.exp(-(x**2) / 4), np.exp(-((x - 1) ** 2))
    return Curve("cpr", label, "two_arm", "", "p", "log odds ratio", 1, 0.8, x, prior, posterior, "exact")


def arguments(name, result, label="A label"):
    if name == "prior_posterior":
        return ([curve(label)] * 3,)
    if name == "clustering":
        # the rows of one embryo outcome, as if other models had given them too
        rows = result.effects[result.effects.outcome == "eir"].assign(model="embryo_cluster", options="M=3")
        other = rows.assign(options=f"M=3;{label.replace('=', '')}")
        effects = pd.concat([result.effects, rows, other])
        return (SimpleNamespace(effects=effects, comparison=result.comparison),)
    if name == "shrinkage":
        scales = ("log_odds_ratio", "standardized_mean_difference")
        numbers = (0.5, -0.4, 1.4, 0.4, -0.3, 1.1, 0.2, -0.2, 0.6, 0.3)
        return ([PooledEffect("s", label, scale, "p", *numbers, "pass") for scale in scales],)
    if name in ("rank_curves", "sbc_ecdf"):
        from bayes_ivf.calibration import Ranks, judge

        even, bad = np.arange(200), np.full(200, 5)
        label = label.replace("/", "")  # quantities are named in code, and never so
        return (judge([Ranks(label, label, {"a": even, label: bad}, ("pass",) * 200)] * 3, 0.999),)
    return (result,)


def test_every_file_is_known():
    tools = {"blocks", "lettering", "sheet", "style", "svg", "ticks"}
    assert set(FILES) - tools == {Path(inspect.getfile(function)).stem for function in DRAWN.values()}
    assert set(DRAWN) - set(plots.__all__) == {"rank_curves"}  # of the calibration alone


@pytest.mark.parametrize("name", DRAWN)
def test_a_plot_returns_a_figure_and_writes_nothing(name, result, tmp_path, monkeypatch):
    import matplotlib.pyplot as plt

    monkeypatch.chdir(tmp_path)
    held, before = plt.get_fignums(), dict(mpl.rcParams)
    figure = DRAWN[name](*arguments(name, result))
    assert isinstance(figure, Figure)
    assert figure.texts or figure.axes
    figure.draw_without_rendering()
    assert list(tmp_path.iterdir()) == []
    # no window keeps it alive
    assert plt.get_fignums() == held
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("labels", ["usual", "hostile"])
@pytest.mark.parametrize("name", DRAWN)
def test_every_text_lies_within_the_picture_and_can_be_read(name, labels, result, hostile):
    source, label = (hostile, HOSTILE) if labels == "hostile" else (result, "A label")
    figure = DRAWN[name](*arguments(name, source, label))
    figure.draw_without_rendering()
    width, height = figure.get_size_inches() * figure.dpi
    assert figure.get_figwidth() * 25.4 == pytest.approx(85)
    shown = [each for each in figure.findobj(Text) if each.get_visible() and each.get_text() and _is_drawn(each)]
    assert shown
    for text in shown:
        box = text.get_window_extent()
        assert box.x0 >= -0.5, text
        assert box.x1 <= width + 0.5, text
        assert box.y0 >= -0.5, text
        assert box.y1 <= height + 0.5, text
        assert text.get_fontsize() >= 6, text
    if name != "prior_posterior":
        return
    assert any("<script>" in text.get_text() for text in shown) == (labels == "hostile")


def _is_drawn(text):
    """Ticks beyond an axis, and those of an axis that is off, exist and are not drawn."""
    axes = text.axes
    if axes is None:
        return True
    ticks = [*axes.xaxis.get_majorticklabels(), *axes.yaxis.get_majorticklabels()]
    if text not in ticks:
        return axes.axison or text not in (axes.xaxis.label, axes.yaxis.label)
    where, (low, high) = (0, axes.get_xlim()) if text in axes.xaxis.get_majorticklabels() else (1, axes.get_ylim())
    return axes.axison and min(low, high) <= text.get_position()[where] <= max(low, high)


@pytest.mark.parametrize("name", DRAWN)
def test_lines_of_text_do_not_cover_each_other(name, hostile):
    """Those beside the axes; a figure of densities has texts of two columns, which may not meet either."""
    figure = DRAWN[name](*arguments(name, hostile, HOSTILE))
    figure.draw_without_rendering()
    boxes = [text.get_window_extent().shrunk(0.96, 0.6) for text in figure.texts if text.get_text()]
    assert [
        (figure.texts[i].get_text(), figure.texts[j].get_text())
        for i, a in enumerate(boxes)
        for j, b in enumerate(boxes[:i])
        if a.overlaps(b)
    ] == []


@pytest.mark.parametrize("name", DRAWN)
def test_no_color_is_outside_the_palette(name, result):
    figure = DRAWN[name](*arguments(name, result))
    used = set()
    for artist in figure.findobj():
        for part in ("get_color", "get_facecolor", "get_edgecolor", "get_markerfacecolor", "get_markeredgecolor"):
            given = getattr(artist, part, list)()
            rows = np.atleast_2d(mpl.colors.to_rgba_array(given)) if len(given) else []
            used |= {to_hex(row) for row in rows if row[3] > 0 and artist.get_visible()}
    unused = {"#ffffff", "#000000"}  # patches behind axes, edges without width
    assert used - unused <= set(style.PALETTE.values())
    assert "#000000" not in plots.themed_svg(figure, "t")


def _luminance(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return np.dot(
        [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts], [0.2126, 0.7152, 0.0722]
    )


@pytest.mark.parametrize("colors", [style.PALETTE, style.DARK], ids=["light", "dark"])
def test_colors_stand_out_from_the_page(colors):
    page = _luminance(colors["page"])
    for name in ("ink", "muted", "blue", "rust", "green", "amber"):
        light, dark = sorted((_luminance(colors[name]), page), reverse=True)
        # all of them are used for text
        assert (light + 0.05) / (dark + 0.05) >= 4.5, name
    assert list(colors) == list(style.PALETTE)
    assert len(set(colors.values())) == len(colors)


@pytest.mark.parametrize("name", plots.__all__)
def test_a_plot_is_described(name):
    text = inspect.getdoc(getattr(plots, name))
    assert "Returns" in text
    assert "Examples" in text
    if name in DRAWN:
        assert "Figure" in text
        assert f"describe_{name}" in plots.__all__


@pytest.mark.parametrize("name", [name for name in DRAWN if name in plots.__all__])
def test_a_figure_has_words_that_state_what_it_shows(name, result):
    words = getattr(plots, f"describe_{name}")(*arguments(name, result))
    assert words.endswith(".")
    assert "\n" not in words
    assert any(character.isdigit() for character in words)


def test_plots_never_save():
    for path in Path(plots.__file__).parent.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "open(" not in text
        assert "savefig(" not in text or path.name in ("style.py", "svg.py")
        assert "write_" not in text


def test_plots_compute_no_statistics():
    """Distributions and quantiles come from results."""
    for path in Path(plots.__file__).parent.glob("*.py"):
        names = {
            name
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            for name in (getattr(node, "attr", None), getattr(node, "module", None))
        }
        assert not names & {"quantile", "percentile", "std", "cumsum", "trapezoid", "scipy"}, path.name


def test_a_forest_draws_all_intervals_that_it_is_given(result):
    figure = plots.forest(result, ["cpr"])
    (axes,) = figure.axes
    drawn = [
        tuple(line.get_xdata()) for line in axes.lines if line.get_gid() in (blocks.FREQUENTIST, blocks.REANALYSIS, blocks.PRIORS)
    ]  # fmt: skip
    rows = [row for row in result.rows if (row.outcome, row.estimand) == ("cpr", "risk_difference")]
    told = next(row for row in result.comparisons if row.outcome == "cpr")
    expected = [(100 * row.ci_low, 100 * row.ci_high) for row in rows]
    assert sorted(drawn) == sorted([*expected, (100 * told.freq_ci_low, 100 * told.freq_ci_high)])
    dots = [line.get_xdata()[0] for line in axes.lines if len(line.get_xdata()) == 1]
    assert sorted(dots) == sorted([100 * told.freq_effect, *(100 * row.median for row in rows)])


def test_a_forest_draws_the_result_of_record_not_a_pooled_one(result):
    pooled = tuple(replace(row, model="outcomes", median=99.0, ci_low=98.0, ci_high=100.0) for row in result.rows)
    both = SimpleNamespace(study=result.study, comparisons=result.comparisons, rows=(*pooled, *result.rows))
    panels = blocks.panels_of(both, ["fsh"])
    (block,) = panels[0].blocks
    told = next(row for row in result.comparisons if row.outcome == "fsh")
    main, models = ([line for line in block.lines if line.kind == kind] for kind in (blocks.REANALYSIS, blocks.MODELS))
    assert [line.intervals for line in main] == [
        (blocks.Interval(told.bayes_effect, told.bayes_ci_low, told.bayes_ci_high),)
    ]
    assert [line.intervals for line in models] == [(blocks.Interval(99.0, 98.0, 100.0),)]
    texts = [text.get_text() for text in plots.forest(both).texts]
    assert f"{told.bayes_effect:+.2f} ({told.bayes_ci_low:+.2f}, {told.bayes_ci_high:+.2f})" in texts
    assert not any("+99" in text for text in texts)


def test_an_interval_beyond_an_axis_ends_in_an_arrow(result):
    wide = tuple(replace(row, ci_low=-50.0) if row.prior == "reference" else row for row in result.rows)
    figure = plots.forest(SimpleNamespace(study=result.study, comparisons=result.comparisons, rows=wide), ["cpr"])
    (axes,) = figure.axes
    low, _ = axes.get_xlim()
    assert low > -100
    arrows = [line for line in axes.lines if line.get_marker() == "<"]
    assert [line.get_xdata()[0] for line in arrows] == [low]
    assert min(min(line.get_xdata()) for line in axes.lines) >= low


def test_a_forest_draws_nothing_that_only_words_tell(result):
    labels = [text.get_text() for text in plots.forest(result).texts]
    assert any("FSH" in label for label in labels)
    assert not any("Interleukin" in label for label in labels)


def test_a_study_without_estimates_still_has_a_forest(lei):
    study = replace(lei, items=(lei.outcome("bhcg"), lei.outcome("social_support")))
    result = reanalyze(study, models=["two_arm"], priors=["reference"])
    figure = plots.forest(result)
    figure.draw_without_rendering()
    assert "could be estimated" in figure.texts[0].get_text()
    assert plots.describe_forest(result) == figure.texts[0].get_text()


def test_densities_are_those_of_the_curve_and_their_quotient():
    given = curve()
    figure = plots.prior_posterior(given)
    lines = {line.get_label(): line.get_ydata() for line in figure.axes[0].lines}
    assert lines["prior"] == pytest.approx(given.prior_density)
    assert lines["posterior"] == pytest.approx(given.posterior_density)
    quotient = np.exp(-((given.x - 1) ** 2) + given.x**2 / 4)
    expected = quotient / quotient.max() * given.posterior_density.max()
    thick = ~np.isnan(lines["likelihood"])
    assert thick.sum() > 30
    assert lines["likelihood"][thick] == pytest.approx(expected[thick])
    # draws give no density that could be divided
    drawn = plots.prior_posterior(replace(given, engine="nuts"))
    assert [line.get_label() for line in drawn.axes[0].lines][:2] == ["prior", "posterior"]


def test_chances_of_a_benefit_are_those_of_the_table(result):
    figure = plots.exceedance(result)
    told = [row for row in result.comparisons if row.p_benefit is not None and row.role == "outcome"]
    texts = [text.get_text() for text in figure.texts]
    for before, chosen in (("any benefit: ", "p_benefit"), ("5 points or more: ", "p_beyond_mcid")):
        shown = [text.removeprefix(before) for text in texts if text.startswith(before)]
        assert shown == [chance(getattr(row, chosen)) for row in told]
    for axes, row in zip(figure.axes, told, strict=True):
        x, p = next(line.get_data() for line in axes.lines if len(line.get_xdata()) > 20)
        dots = [tuple(float(each[0]) for each in line.get_data()) for line in axes.lines if len(line.get_xdata()) == 1]
        assert dots == [(0.0, row.p_benefit), (5.0, row.p_beyond_mcid)]
        assert np.interp(0, x, p) == pytest.approx(row.p_benefit, abs=1e-3)
        assert (np.diff(p) <= 1e-12).all()


def test_the_way_of_the_women_has_their_numbers(lei):
    figure = plots.funnel_flow(lei)
    widths = [[float(area.get_paths()[0].get_extents().width) for area in axes.collections] for axes in figure.axes]
    # women; flow, pregnant, not; flow, ongoing, miscarried
    assert widths == [pytest.approx([40, 16, 16, 24, 15, 15, 1]), pytest.approx([40, 12, 12, 28, 11, 11, 1])]
    assert [axes.get_xlim() for axes in figure.axes] == [(0, 40), (0, 40)]


def test_without_stages_nothing_flows(lei):
    assert plots.funnel_flow(replace(lei, items=(lei.outcome("cpr"),))) is None
    assert plots.describe_funnel_flow(replace(lei, items=(lei.outcome("cpr"),))) == ""


def test_every_claim_has_a_tile(result):
    figure = plots.ledger_strip(result, role=None)
    tiles = [artist.get_gid() for artist in figure.findobj() if artist.get_gid()]
    claimed = [row.supported for row in result.audit.ledger if row.supported]
    assert sorted(tiles) == sorted(claimed)
    words = [text.get_text() for text in figure.texts]
    assert any("hold" in word for word in words)


def test_pooling_is_drawn_as_it_was_found():
    (effects,) = arguments("shrinkage", None)
    odds, standardized = plots.shrinkage(effects).axes
    for axes, turn in ((odds, np.exp), (standardized, float)):
        ends = {
            line.get_gid(): tuple(line.get_xdata())
            for line in axes.lines
            if line.get_gid() in ("separate", "partial", "complete")
        }
        assert ends["separate"] == pytest.approx((turn(-0.4), turn(1.4)))
        assert ends["complete"] == pytest.approx((turn(-0.2), turn(0.6)))
    assert plots.shrinkage([]) is None


def test_ranks_are_drawn_by_arviz_over_the_band_of_the_calibration():
    from bayes_ivf.calibration import Ranks, judge

    ranks = np.arange(400) % 200
    result = judge([Ranks("d", "Design", {"even": ranks, "low": ranks // 2}, ("pass",) * 400)], 0.99)
    even, low = plots.sbc_ecdf(result).axes
    z, _, high = result.band(400)
    for axes, values, color in ((even, ranks, style.BLUE), (low, ranks // 2, style.RUST)):
        (line,) = (line for line in axes.lines if len(line.get_xdata()) > 2)
        assert line.get_color() == color
        x, y = (np.asarray(each, float) for each in line.get_data())
        share = [np.mean((values + 0.5) / 200 <= each) for each in x]
        assert y == pytest.approx(share - x, abs=0.006)
        (band,) = axes.collections
        assert band.get_datalim(axes.transData).y1 == pytest.approx(max(high - z))
