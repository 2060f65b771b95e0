"""Where a number of a page comes from: its printed source, its assumption, its prior and model, its engines, its command."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from functools import cached_property

from bayes_ivf.effects import REPORTED
from bayes_ivf.report.context import Context
from bayes_ivf.report.labels import model_label, outcome_label, prior_label
from bayes_ivf.report.marks import PAGE
from bayes_ivf.results import agreement, model_name
from bayes_ivf.study import study_table, study_toml

_MARKED = re.compile(r'<data data-key="([^"]*)" value="[^"]*"')
STATISTICS = {
    "median": "posterior median",
    "mean": "posterior mean",
    "ci_low": "lower end of the interval",
    "ci_high": "upper end of the interval",
    "p_benefit": "probability of benefit",
    "p_beyond_mcid": "probability of a benefit that matters",
    "p_outside_rope": "probability of a difference that matters, either way",
    "p": "P value",
    "estimate": "estimate",
    "move": "how far another model moves it",
    "shrinkage": "share of the way to complete pooling",
    "mean_in_mcse": "difference of the engines in Monte Carlo standard errors",
    "probability": "probability",
}


class Provenance:
    """What is told of every number of a page.

    Parameters
    ----------
    context : Context
    command : str
        That makes the page again.
    """

    def __init__(self, context: Context, command: str) -> None:
        self.context = context
        self.command = command

    @cached_property
    def lines(self) -> Mapping[str, int]:
        """The line of the embedded study file in which each outcome begins."""
        found: dict[str, int] = {}
        for place, line in enumerate(self.study_file.splitlines(), start=1):
            if name := re.fullmatch(r'id = "(.*)"', line):
                found.setdefault(name[1], place)
        return found

    @cached_property
    def study_file(self) -> str:
        """The study as the page embeds it, as a study file."""
        table = study_table(self.context.study)
        table.pop("rows", None)
        return study_toml(table)

    @cached_property
    def _apart(self) -> dict[tuple[str, ...], float | None]:
        """How far the engines are apart, by outcome, estimand, prior and model."""
        both = agreement(self.context.rows)
        return {
            (each.sampled.outcome, each.sampled.estimand, each.sampled.prior, model_name(each.sampled)): each.difference
            for each in both
        }

    def told(self, key: str) -> str:
        """Return what is told of a key, a line for each thing."""
        parts = key.split("/")
        if len(parts) != 6:
            return ""
        outcome, estimand, prior, model, engine, statistic = parts
        if outcome == PAGE:
            return f"A setting of this run, in the page's own data.\nMade again by: {self.command}"
        lines = [self._what(outcome, estimand, statistic), self._printed(outcome)]
        if model == "audit":
            lines += ["Recomputed by the audit from the printed numbers; its assumption stands beside it."]
            command = f"bayes-ivf audit {self.context.study.id}"
        elif engine == "closed form":
            lines += [f"Frequentist: {model}, from the printed numbers alone; units count as independent."]
            command = f"bayes-ivf audit {self.context.study.id}"
        else:
            name, _, options = model.rstrip("]").partition("[")
            lines += [
                f"Model: {model_label(self.context, name, options)}.",
                self._assumption(name),
                "Over all priors that apply." if prior == "*" else f"Prior: {prior_label(self.context, prior)}.",
                self._engines((outcome, estimand, prior, model), engine),
            ]
            one = "" if prior == "*" else f" --priors {prior}"
            command = f"{self.command} --models {name}{one}"
        return "\n".join(line for line in (*lines, f"Made again by: {command}") if line)

    def _what(self, outcome: str, estimand: str, statistic: str) -> str:
        label = outcome_label(self.context, outcome) if outcome in self.lines else outcome.strip("()").replace("_", " ")
        known = REPORTED.get(estimand)
        what = known.label.lower() if known is not None else estimand.split(".")[0].strip("()").replace("_", " ")
        base, _, end = statistic.rpartition("_")
        if base in STATISTICS and end in ("min", "max"):
            told = f"{'smallest' if end == 'min' else 'largest'} {STATISTICS[base]}"
        else:
            told = STATISTICS.get(statistic, re.sub(r"_\d+$", "", statistic).replace("_", " "))
        return f"{label}: {what}, {told}."

    def _printed(self, outcome: str) -> str:
        item = next((item for item in self.context.study.items if item.id == outcome), None)
        if item is None:
            return ""
        arms = [text for text in (item.printed("treatment"), item.printed("control")) if text]
        shown = " against ".join(arms) or item.effect_words or "words only"
        source = f"; source: {item.source}" if item.source else ""
        return f"Printed: {shown} (line {self.lines.get(outcome, 1)} of the study file in this page{source})."

    def _assumption(self, model: str) -> str:
        card = self.context.manifest["models"].get(model, {})
        words = " ".join(str(card.get("rationale", "")).split())
        return f"It assumes: {words}" if words else ""

    def _engines(self, key: tuple[str, ...], engine: str) -> str:
        by = {"exact": "quadrature", "nuts": "simulation (NUTS)"}.get(engine, "both engines")
        apart = self._apart.get(key)
        if apart is not None:
            return f"By {by}; the two engines differ by {abs(apart):.1f} Monte Carlo standard errors in the mean."
        return f"By {by}."


def with_provenance(page: str, provenance: Provenance) -> str:
    """Give every marked number of a page its title, by which a reader without scripts learns where it comes from.

    Parameters
    ----------
    page : str
        Numbers are marked by us alone: texts of a study are escaped, so that none of them can hold a mark.
    provenance : Provenance
    """
    known: dict[str, str] = {}

    def titled(found: re.Match[str]) -> str:
        key = found[1]
        if key not in known:
            known[key] = html.escape(provenance.told(html.unescape(key)))
        return f'{found[0]} tabindex="0" title="{known[key]}"'

    return _MARKED.sub(titled, page)
