"""What a report knows of its question, models, priors and computation, for items of checklists; never more than a page holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bayes_ivf.report.checklist_known import NOTHING, Filled, Known, answered, count, in_part, missing, named_sets
from bayes_ivf.report.labels import model_label
from bayes_ivf.report.marks import PAGE, setting
from bayes_ivf.results import Printed, Said, Value, agreement, join, say
from bayes_ivf.study import KINDS


def _why_bayesian(known: Known) -> Filled:
    if not known.estimated:
        return NOTHING
    return in_part(
        "Probabilities of benefit and intervals stand beside the usual tests, with how far they hang on the prior; why readers "
        "of this trial need them is for a human to say."
    )


def _goals(known: Known) -> Filled:
    study = known.context.study
    return in_part(
        "The question is whether “",
        Printed(study.arms["treatment"]),
        "” does better than “",
        Printed(study.arms["control"]),
        "”: effects are described with intervals and probabilities, and each printed claim is recomputed. Whether this was "
        "planned before the paper was read is for a human to say.",
    )


def _data(known: Known) -> Filled:
    items = known.context.study.items
    words = sum(KINDS[item.kind].words for item in items)
    none = sum(bool(KINDS[item.kind].why_not) for item in items)
    told = [
        say(f"{what}: ", count(name, number, "variable"))
        for what, name, number in (
            ("known only from words", "only_words", words),
            ("of a kind that no model takes", "not_fitted", none),
        )
        if number
    ]
    of_all = count("items", len(items), "outcome or baseline variable", "outcomes and baseline variables")
    return answered(of_all, " by arm, as the paper prints them", "; " if told else "", join(told, "; "), ".")


def _models(known: Known) -> Filled:
    if not known.models:
        return NOTHING
    labels = Printed("; ".join(model_label(known.context, name) for name in known.models))
    told = say(
        count("models", len(known.models), "model"),
        " (",
        labels,
        f"), {'' if len(known.models) == 1 else 'each '}with what it assumes",
    )
    doubt = "Whether the assumptions suit the trial is for a human to say."
    if known.in_formulas:
        return answered(told, f" and its formulas, under “The models”. {doubt}")
    return in_part(told, f", under “The models”; likelihoods and parameters are not written out. {doubt}")


def _priors_specified(known: Known) -> Filled:
    return answered(named_sets(known), f", {_sentences(known)}. {_slots_told(known)}") if known.priors else NOTHING


def _sentences(known: Known) -> str:
    return ("it" if len(known.priors) == 1 else "each") + " told in a sentence under “What each prior says”"


def _slots_told(known: Known) -> str:
    held = known.embedded and known.context.manifest.get("prior_sets")
    return "Their distributions are in the page’s own data." if held else "Their distributions are in the prior sets."


def _priors_justified(known: Known) -> Filled:
    if not known.priors:
        return NOTHING
    return in_part(named_sets(known), f", {_sentences(known)}. Why they suit this trial is for a human to say.")


def _formal(known: Known) -> Filled:
    context = known.context
    first = [fit for fit in context.manifest["fits"] if known.priors and fit["key"][4] == known.priors[0]]
    slots = dict.fromkeys(
        f"{slot.replace('_', ' ')} {prior}" for fit in first for slot, prior in fit.get("priors", {}).items()
    )
    if not slots:
        return missing("Neither likelihood nor priors are written out on this page.")
    told = say("Under the primary prior set: ", Printed("; ".join(slots)))
    if known.in_formulas:
        return answered(told, ". Formulas of the models stand under “The models”.")
    return in_part(told, ". Likelihoods are code of the package, in the version named under “Reproduce it”.")


def _prior_predictive(known: Known) -> Filled:
    return missing("No prior predictive check is on this page.")


def _posterior_predictive(known: Known) -> Filled:
    return missing("No posterior predictive check is on this page.")


def software(known: Known) -> Filled:
    """Say which versions made the run."""
    versions = known.context.manifest.get("versions", {})
    if not versions:
        return missing("No versions were kept.")
    return answered(Printed(", ".join(f"{name} {number}" for name, number in versions.items())), ".")


def _worst(known: Known, name: str, shown: str) -> Value | None:
    found = [value for row in known.context.rows if (value := getattr(row, name)) is not None]
    if not found:
        return None
    worst = float(max(found) if name == "r_hat" else min(found))
    return Value(PAGE, "checklist", "none", "none", "nuts", f"worst_{name}", worst, shown.format(worst))


def _verdicts(known: Known) -> tuple[Said, bool]:
    """Return how the sampled fits were judged, and whether none failed."""
    names = [str(fit["verdict"]).split(":")[0] for fit in known.sampled]
    told = [say(f"{name} for ", count(f"verdict_{name}", names.count(name), "fit")) for name in dict.fromkeys(names)]
    return say("verdicts: ", join(told, ", ")), "fail" not in names


def _chains(known: Known, *numbers: str | Value | Said | None) -> Filled:
    if not known.fits:
        return NOTHING
    if not known.sampled:
        return answered("There are no chains: all numbers are by deterministic quadrature.")
    if any(number is None for number in numbers):
        return missing("This was not kept of the sampled fits.")
    told, sound = _verdicts(known)
    rest = "Parameters that are not reported are not judged here" + (
        "." if sound else "; fits that failed are not to be relied on."
    )
    return in_part(*(number for number in numbers if number is not None), "; ", told, f". {rest}")


def _convergence(known: Known) -> Filled:
    return _chains(known, "Largest R-hat of all reported quantities ", _worst(known, "r_hat", "{:.3f}"))


def _resolution(known: Known) -> Filled:
    return _chains(
        known,
        "Smallest effective number of draws of all reported quantities ",
        _worst(known, "ess_bulk", "{:.0f}"),
        " in the bulk, ",
        _worst(known, "ess_tail", "{:.0f}"),
        " in the tails",
    )


def _apart(known: Known) -> Said:
    """Say how far the engines are apart where both answered; empty if none was answered by both."""
    apart = [abs(each.difference) for each in agreement(known.context.rows) if each.difference is not None]
    if not apart:
        return ()
    key = (PAGE, "checklist", "none", "none", "nuts-exact", "largest_difference")
    largest = Value(*key, max(apart), f"{max(apart):.1f}")
    return say(
        "posterior means by simulation and by quadrature differ by at most ",
        largest,
        " Monte Carlo standard errors over ",
        count("both_engines", len(apart), "quantity", "quantities"),
    )


def _quadrature(known: Known) -> Filled:
    number = len(known.fits) - len(known.sampled)
    if not known.fits:
        return NOTHING
    if not number:
        return answered("Every fit was sampled.")
    exact = say(count("exact_fits", number, "fit"), " by deterministic quadrature")
    apart = _apart(known)
    if not apart:
        return in_part(exact, ", which carries no chance; the page has no second engine beside it.")
    return answered(exact, "; ", apart, ".")


def seeds(known: Known) -> Filled:
    """Say by what the draws can be made again."""
    if not known.fits:
        return NOTHING
    if not known.sampled:
        return answered("Nothing hangs on chance: all numbers are by deterministic quadrature.")
    settings = known.context.manifest["settings"]
    chains, draws, tune, seed = (setting(name, settings[name]) for name in ("chains", "draws", "tune", "seed"))
    return answered(chains, " chains of ", draws, " draws after ", tune, " tuning steps, seed ", seed, ".")


def _technique(known: Known) -> Filled:
    if not known.fits:
        return NOTHING
    parts = [_quadrature(known).evidence]
    if known.sampled:
        parts += [say(count("sampled_fits", len(known.sampled), "fit"), " by simulation (NUTS).")]
        parts += [seeds(known).evidence]
    return answered(join(parts))


MODELS: Mapping[str, Callable[[Known], Filled]] = MappingProxyType(
    {
        "why_bayesian": _why_bayesian,
        "goals": _goals,
        "data": _data,
        "models": _models,
        "priors_specified": _priors_specified,
        "priors_justified": _priors_justified,
        "formal": _formal,
        "prior_predictive": _prior_predictive,
        "software": software,
        "convergence": _convergence,
        "resolution": _resolution,
        "quadrature": _quadrature,
        "technique": _technique,
        "seeds": seeds,
        "posterior_predictive": _posterior_predictive,
    }
)
