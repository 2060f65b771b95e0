"""From a context to one self-contained page, and to Markdown; every text from a study file is escaped."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bayes_ivf._version import __version__
from bayes_ivf.auditing import audit_section_html
from bayes_ivf.effects import ESTIMANDS, chance, difference_digits, digits_for
from bayes_ivf.plots import clustering, forest, prior_posterior
from bayes_ivf.report.context import Context
from bayes_ivf.report.summary import agreement, headline, per_woman_rows, pooling_rows, prior_rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("bayes_ivf.report", "templates"),
        autoescape=lambda name: name is not None and name.endswith(".html"),  # noqa: S701  Markdown has its own filter
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "effect": effect,
        "effect_interval": effect_interval,
        "p": p_value,
        "prob": probability,
        "md": markdown,
    }
    return environment


def render_html(context: Context) -> str:
    """Return the report as one HTML page that needs nothing else."""
    figures = {"forest": svg_of(forest(context), "Forest plot of all estimated effects with 95% intervals")}
    if context.curves:
        figures["curves"] = svg_of(prior_posterior(context.curves), "Prior and posterior density of each effect")
    nested = clustering(context)
    if nested is not None:
        figures["clustering"] = svg_of(nested, "Risk difference per embryo under every model of the embryos")
    audit_section = Markup(audit_section_html(context.audit))  # noqa: S704  escaped where it is made
    return (
        _environment()
        .get_template("report.html")
        .render(**_values(context), figures=figures, audit_section=audit_section)
    )


def render_markdown(context: Context) -> str:
    """Return the report as Markdown, without figures."""
    text = _environment().get_template("report.md").render(**_values(context), audit=context.audit)
    return re.sub(r"\n{3,}", "\n\n", text)


def _values(context: Context) -> dict[str, Any]:
    rows = [_row(values) for values in context.comparison.to_dict("records")]
    return {
        "study": context.study,
        "headline": headline(context),
        "outcomes": [row for row in rows if row["role"] == "outcome"],
        "baseline": [row for row in rows if row["role"] == "baseline"],
        "agreement": agreement(context.effects),
        "priors": prior_rows(context),
        "per_woman": per_woman_rows(context),
        "statements": context.statements,
        "pooling": pooling_rows(context),
        "manifest": context.manifest,
        "failed": [fit for fit in context.manifest["fits"] if fit["verdict"].startswith("fail")],
        "version": __version__,
        "estimands": ESTIMANDS,
    }


def _row(values: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a row in which every missing number is None."""
    return {str(name): None if value != value else value for name, value in values.items()}


def svg_of(figure: Figure, description: str) -> Markup:
    """Return a figure as SVG for a page, with words for who cannot see it."""
    buffer = io.StringIO()
    # ids inside the picture are made when it is saved: the same salt gives the same page
    with mpl.rc_context({"svg.hashsalt": "bayes_ivf"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    return Markup(svg.replace("<svg ", '<svg role="img" ', 1)) + Markup("<p class='sr'>{}</p>").format(description)  # noqa: S704


def effect(value: float | None, scale: str, low: float | None = None, high: float | None = None) -> str:
    """Return an effect with its unit, in the digits of its interval; an empty text for a missing one."""
    if value is None:
        return ""
    ends = (value, value) if low is None or high is None else (low, high)
    if scale == "risk_difference":
        return f"{difference_digits(*ends)[0](value)} points"
    return digits_for(*ends)(value)


def effect_interval(low: float | None, high: float | None, scale: str) -> str:
    """Return an interval without unit; an empty text for a missing one."""
    if low is None or high is None:
        return ""
    digits = difference_digits(low, high)[0] if scale == "risk_difference" else digits_for(low, high)
    return digits.between(low, high)


def p_value(value: float | None) -> str:
    """Return a P value as journals print it."""
    if value is None:
        return ""
    return "P < 0.001" if value < 0.001 else f"P = {value:.3f}" if value < 0.1 else f"P = {value:.2f}"


def probability(value: float | None) -> str:
    """Return a probability that never claims certainty."""
    if value is None or value != value:
        return ""
    return chance(value)


def markdown(value: object) -> str:
    """Escape a text for a cell of a Markdown table."""
    text = " ".join(str(value).split())
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", text)
