"""What a report knows of its results, decisions and how to make them again, for items of checklists; never more than it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bayes_ivf.effects import REPORTED
from bayes_ivf.report.checklist_known import NOTHING, Filled, Known, answered, count, in_part, missing, prior_sets
from bayes_ivf.report.checklist_models import software
from bayes_ivf.report.context import summed_up
from bayes_ivf.report.details import run_command
from bayes_ivf.report.labels import prior_label
from bayes_ivf.report.marks import level_of
from bayes_ivf.results import Printed, Said, Value, join, range_of, say, unit_of, value_of


def _summary(known: Known, name: str) -> list[Said]:
    """Return a number of each named outcome's result of record."""
    told = []
    for outcome in known.named:
        row = known.context.of_record(outcome)[0]
        risk = known.context.risk(row)
        shown = [value_of(row, each, risk) for each in name.split()]
        values = [say(value) for value in shown if value is not None]
        if values:
            scale = REPORTED[row.estimand].label.lower() if row.estimand in REPORTED else "effect"
            told.append(say(known.label(outcome), f", {scale}: ", join(values, " to "), unit_of(row, risk)))
    return told


def _centers(known: Known) -> Filled:
    told = _summary(known, "median")
    return answered("Posterior medians: ", join(told, "; "), f"{_more(known)}.") if told else NOTHING


def _spreads(known: Known) -> Filled:
    told = _summary(known, "ci_low ci_high")
    level = level_of(known.context.ci_prob)
    return answered(level, " credible intervals: ", join(told, "; "), f"{_more(known)}.") if told else NOTHING


def _more(known: Known) -> str:
    return "; the others stand in the tables" if known.estimated > len(known.named) else ""


def _summaries(known: Known) -> Filled:
    if not known.estimated:
        return NOTHING
    return answered(
        "Median, ",
        level_of(known.context.ci_prob),
        " credible interval and, where a direction is benefit, its probability, of ",
        count("estimated", known.estimated, "outcome or baseline variable", "outcomes and baseline variables"),
        ".",
    )


def _range(known: Known) -> Said:
    """Say how far the probability of benefit of the named outcomes moves over all prior sets."""
    told = []
    for outcome in known.named:
        found = range_of(known.context.of_record(outcome), "p_benefit")
        if found is not None:
            told.append(say(known.label(outcome), " ", found[0], " to ", found[1]))
    return join(told, "; ")


def _prior_sensitivity(known: Known) -> Filled:
    if not known.priors:
        return NOTHING
    if len(known.priors) == 1:
        return missing("One prior set was fitted, so nothing is told of others.")
    moved = _range(known)
    told = say(", probability of benefit over all that apply: ", moved, ".") if moved else say("; see the tables.")
    return answered(prior_sets(known), told)


def _informed_priors(known: Known) -> Filled:
    found = _prior_sensitivity(known)
    if found.answer == "needs a human":
        return found
    return in_part(found.evidence, " Which of them rest on knowledge of such trials is for a human to say.")


def _default_priors(known: Known) -> Filled:
    found = _prior_sensitivity(known)
    if found.answer == "needs a human":
        return found
    first = Printed(prior_label(known.context, known.priors[0]))
    return in_part(
        found.evidence, " Of record is “", first, "”; whether a default suits this trial is for a human to say."
    )


def _bayes_factors(known: Known) -> Filled:
    told = []
    for each in known.factors:
        usual = [row["factor"] for row in each["told"] if row["width"].value == 1]
        if usual:
            told.append(say(known.label(each["outcome"]), " ", usual[0], Printed(f" (against {each['null']})")))
    if not told:
        return missing("No Bayes factor is on this page.")
    return in_part(
        "Bayes factors for an effect under the primary prior set, whose distributions stand at the item on the formal model: ",
        join(told, "; "),
        ". No prior probability of a model is set, so none after the data is told.",
    )


def _factor_sensitivity(known: Known) -> Filled:
    told = []
    for each in known.factors:
        factors = sorted((row["factor"] for row in each["told"]), key=lambda value: float(value.value))
        if len(factors) > 1:
            told.append(say(known.label(each["outcome"]), " ", factors[0], " to ", factors[-1]))
    if not told:
        return missing("Bayes factors under several priors are not on this page.")
    return answered("Bayes factors for an effect over the widths of its prior: ", join(told, "; "), ".")


def _decision(known: Known) -> Filled:
    return missing("The page gives probabilities and makes no decision; whether one is needed is not told.")


def _losses(known: Known) -> Filled:
    return missing("No loss is set, since the page makes no decision.")


def _threshold(known: Known) -> Filled:
    return missing("No Bayes factor or probability is set at which anything would be decided.")


def _decision_sensitivity(known: Known) -> Filled:
    return missing("The page makes no decision whose sensitivity could be told.")


def _rope(known: Known) -> Filled:
    limits: dict[tuple[str, float], set[str]] = {}
    for row in known.context.record:
        if row.mcid is not None:
            limits.setdefault((row.estimand, row.mcid), set()).add(row.outcome)
    if not limits:
        return missing("No smallest difference that matters (mcid) is set for an outcome.")
    told = []
    for place, ((estimand, mcid), outcomes) in enumerate(sorted(limits.items()), start=1):
        key = ("(trial)", "checklist", "none", "none", "none", f"mcid_{place}")
        scale = REPORTED[estimand].label.lower() if estimand in REPORTED else "effect"
        number = count(f"mcid_outcomes_{place}", len(outcomes), "outcome")
        told.append(say(f"{scale} ", Value(*key, mcid, f"{mcid:g}"), " for ", number))
    return in_part(
        "Smallest differences that matter, from the study file: ",
        join(told, "; "),
        ". Why these is for a human to say.",
    )


def _installation(known: Known) -> Filled:
    found = software(known)
    return (
        found
        if found.answer == "needs a human"
        else in_part(found.evidence, " How to install them is told by the package.")
    )


def _script_and_data(known: Known) -> Filled:
    command = Printed(run_command(known.context))
    if not known.embedded:
        return in_part("The data stand on the page as printed; the batch that made it is not in it.")
    if summed_up(known.context.study):
        return in_part(
            "The command is “", command, "”. Rows of individual women are not in the page, but their totals are."
        )
    return answered("The command is “", command, "”; the study file stands whole in report.html.")


def _readable(known: Known) -> Filled:
    if not known.embedded:
        return missing("No script is on this page.")
    return in_part(
        "The study file is text with a name for every entry; the code is that of the package, not of this page."
    )


def _further_files(known: Known) -> Filled:
    manifest = known.context.manifest
    if known.embedded and manifest.get("cards") and manifest.get("prior_sets"):
        return answered("No further file is needed: report.html holds the model cards and prior sets that were used.")
    return missing("Model cards and prior sets are not in this page.")


def _runs(known: Known) -> Filled:
    if not known.embedded:
        return missing("This page cannot be verified from itself.")
    return in_part(
        "“bayes-ivf verify report.html” makes the page again and recomputes all exact numbers; that somebody ran it elsewhere "
        "is for a human to say."
    )


RESULTS: Mapping[str, Callable[[Known], Filled]] = MappingProxyType(
    {
        "centers": _centers,
        "spreads": _spreads,
        "summaries": _summaries,
        "prior_sensitivity": _prior_sensitivity,
        "informed_priors": _informed_priors,
        "default_priors": _default_priors,
        "bayes_factors": _bayes_factors,
        "factor_sensitivity": _factor_sensitivity,
        "decision": _decision,
        "losses": _losses,
        "rope": _rope,
        "threshold": _threshold,
        "decision_sensitivity": _decision_sensitivity,
        "installation": _installation,
        "script_and_data": _script_and_data,
        "readable": _readable,
        "further_files": _further_files,
        "runs": _runs,
    }
)
