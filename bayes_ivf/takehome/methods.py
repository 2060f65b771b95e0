"""A methods paragraph: models, priors, engines, levels, diagnostics, versions and sources, of a run or of one fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from bayes_ivf import defaults
from bayes_ivf.auditing import OF_CHANGES
from bayes_ivf.cards import bundled_cards, load_card
from bayes_ivf.priors import bundled_prior_sets, load_prior_set
from bayes_ivf.report import Context
from bayes_ivf.results import OF_CLUSTERS, EffectRow, agreement, percent, text
from bayes_ivf.study import KINDS, Percent, Study
from bayes_ivf.takehome import sources
from bayes_ivf.takehome.prior_words import prior_words, slot_words
from bayes_ivf.takehome.prose import escaped, legal, listed, sentence
from bayes_ivf.takehome.sources import Source
from bayes_ivf.words import counted

if TYPE_CHECKING:
    from bayes_ivf.inference import Fit


DRAWING = frozenset(("pymc", "pytensor", "arviz", "nutpie", "numba", "xarray"))
"""What only sampling takes."""


@dataclass(frozen=True)
class Facts:
    """What a methods paragraph tells.

    Parameters
    ----------
    about : str
        What was analyzed, as the end of a sentence.
    models : mapping of str to str
        Labels by id.
    priors : mapping of str to mapping
        ``label`` and ``sentence`` by id, the primary set first.
    slots : mapping of str to str
        Distributions of the primary set in words, by what they are of.
    fits : sequence of (engine, verdict)
    rows : sequence of EffectRow
    ci_prob : float
    settings : mapping of str to int
    versions : mapping of str to str
    tests : frozenset of str
        Tests by which P was recomputed.
    checks : frozenset of str
        Of the audit; empty where none was made.
    decoded : bool
        Whether counts were found from percentages.
    """

    about: str
    models: Mapping[str, str]
    priors: Mapping[str, Mapping[str, str]]
    slots: Mapping[str, str]
    fits: Sequence[tuple[str, str]]
    rows: Sequence[EffectRow]
    ci_prob: float
    settings: Mapping[str, int]
    versions: Mapping[str, str]
    tests: frozenset[str] = frozenset()
    checks: frozenset[str] = frozenset()
    decoded: bool = False


def methods(context: Context) -> str:
    """Return the methods of a run as Markdown."""
    manifest, study = context.manifest, context.study
    fitted = list(dict.fromkeys(str(fit["key"][2]) for fit in manifest["fits"]))
    used = list(dict.fromkeys(str(fit["key"][4]) for fit in manifest["fits"]))
    primary = used[0] if used else ""
    title = f"“{legal(study.title)}”" if study.title else study.id
    facts = Facts(
        about=f"of {title}{f', {legal(study.citation)}' if study.citation else ''}".rstrip(". "),
        models={name: str(manifest["models"].get(name, {}).get("label", name)) for name in fitted},
        priors={name: manifest["priors"].get(name, {"label": name, "sentence": ""}) for name in used},
        slots=_slots(
            (fit["priors"], _of_means(study, str(fit["key"][1]), fit["priors"]))
            for fit in manifest["fits"]
            if fit["key"][4] == primary
        ),
        fits=[(str(fit["engine"]), str(fit["verdict"])) for fit in manifest["fits"]],
        rows=context.rows,
        ci_prob=context.ci_prob,
        settings=manifest["settings"],
        versions=manifest["versions"],
        tests=frozenset(row.freq_test for row in context.comparisons if row.freq_test),
        checks=frozenset(context.audit.ran),
        decoded=any(isinstance(each, Percent) for item in study.items for each in (item.data or {}).values()),
    )
    return _told(facts)


def methods_of_fit(fit: Fit) -> str:
    """Return the methods of one fit as Markdown."""
    from bayes_ivf.inference import versions

    problem = fit.problem
    priors = {slot: str(prior) for slot, prior in problem.priors.items()}
    engines = [each for each in (fit, fit.beside) if each is not None]
    card = load_card(problem.model).label if problem.model in bundled_cards() else problem.model
    bundled = load_prior_set(problem.prior_set) if problem.prior_set in bundled_prior_sets() else None
    words = {
        "label": bundled.label if bundled else problem.prior_set,
        "sentence": bundled.sentence if bundled else "",
    }
    facts = Facts(
        about=f"of {legal(problem.label)}",
        models={problem.model: card},
        priors={problem.prior_set: words},
        slots=_slots(
            [(priors, "sigma" in priors or any(row.estimand == "standardized_mean_difference" for row in fit.rows))]
        ),
        fits=[(each.engine, str(each.verdict)) for each in engines],
        rows=[row for each in engines for row in each.rows],
        ci_prob=fit.ci_prob,
        settings=asdict(fit.settings),
        versions=versions(),
    )
    return _told(facts)


def _of_means(study: Study, outcome: str, priors: Mapping[str, str]) -> bool:
    """Whether priors are of means: standard deviations have one, and what is known from words or a mean difference has none."""
    known = [item for item in study.items if item.id == outcome]
    return "sigma" in priors or any(
        KINDS[item.kind].words or (item.effect is not None and "ratio" not in item.effect.scale) for item in known
    )


def _slots(fits: Iterable[tuple[Mapping[str, str], bool]]) -> dict[str, str]:
    """Return every distribution in words by what it is of; one that differs between fits is named for each."""
    found: dict[str, dict[str, None]] = {}
    for priors, means in fits:
        for slot, prior in priors.items():
            found.setdefault(slot_words(slot, priors, means), {})[prior_words(prior)] = None
    return {words: " or ".join(each) for words, each in found.items()}


def _told(facts: Facts) -> str:
    paragraphs = (
        " ".join((_analyzed(facts), _models(facts))),
        _primary(facts),
        " ".join((_level(facts), _engines(facts), _diagnostics(facts))),
        _software(facts),
    )
    others = list(facts.priors.items())[1:]
    sets = [f"“{words['label']}”: {legal(words['sentence']).strip()}" for _, words in others]
    blocks = [escaped(part) for part in paragraphs if part.strip()]
    blocks += ["Further prior sets:", _list(sets)] if sets else []
    return "\n\n".join((*blocks, "Sources:", _list([source.text for source in _sources(facts)]))) + "\n"


def _software(facts: Facts) -> str:
    """Name what the numbers were made with: what draws only where draws were made."""
    sampled = any(engine == "nuts" for engine, _ in facts.fits)
    used = [f"{name} {version}" for name, version in facts.versions.items() if sampled or name not in DRAWING]
    return f"Software: {', '.join(used)}."


def _list(items: Sequence[str]) -> str:
    return "\n".join(f"- {escaped(item)}" for item in items)


def _analyzed(facts: Facts) -> str:
    version = facts.versions.get("bayes_ivf", "")
    told = f"The numbers {facts.about} were analyzed as printed with bayes_ivf {version}"
    if not facts.checks:
        return f"{told}."
    decoded = "; percentages were decoded to counts" if facts.decoded else ""
    tests = {
        "Fisher": "counts by Fisher's exact test with Newcombe's interval for the difference",
        OF_CLUSTERS: "counts of units that share clusters by a chi-square of effective counts",
        "Welch": "means by Welch's t test",
        f"Welch{OF_CHANGES}": "changes from baseline by Welch's t test, at the stated correlation",
    }
    known = [words for name, words in tests.items() if name in facts.tests]
    recomputed = f" Printed results were recomputed: {text(listed(known))}." if known else ""
    checks = counted(len(facts.checks), "check")
    asked = f"Whether the printed numbers can stand together was asked by {checks} of consistency."
    return f"{told}{decoded}.{recomputed} {asked}"


def _models(facts: Facts) -> str:
    if not facts.models:
        return ""
    names = [f"“{label}”" for label in facts.models.values()]
    return f"Bayesian model{'s' * (len(names) > 1)}: {text(listed(names))}."


def _primary(facts: Facts) -> str:
    if not facts.priors:
        return ""
    words = next(iter(facts.priors.values()))
    told = sentence(f"{'Primary prior' if len(facts.priors) > 1 else 'Prior'} set: “{words['label']}”")
    slots = "; ".join(f"{slot}: {prior}" for slot, prior in facts.slots.items())
    further = counted(len(facts.priors) - 1, "further prior set") if len(facts.priors) > 1 else ""
    parts = (
        told,
        legal(words["sentence"]).strip(),
        sentence(f"In full, {slots}") if slots else "",
        f"Sensitivity to the prior is told over {further}, listed below." if further else "",
    )
    return " ".join(part for part in parts if part)


def _level(facts: Facts) -> str:
    level = percent(facts.ci_prob)
    return f"Intervals are equal-tailed {level} credible intervals around the posterior median."


def _engines(facts: Facts) -> str:
    by = {name: sum(engine == name for engine, _ in facts.fits) for name in ("exact", "nuts")}
    told = []
    if by["exact"]:
        told.append(f"{by['exact']} by deterministic quadrature")
    if by["nuts"]:
        chains, draws, tune, seed = (facts.settings[name] for name in ("chains", "draws", "tune", "seed"))
        told.append(
            f"{by['nuts']} by Markov chain Monte Carlo (NUTS, PyMC models, nutpie; {chains} chains of "
            f"{draws} draws after {tune} tuning steps, seed {seed})"
        )
    if not told:
        return "No posterior was computed."
    return f"Posteriors: {text(listed(told))}."


def _diagnostics(facts: Facts) -> str:
    sampled = [row for row in facts.rows if row.r_hat is not None and row.r_hat == row.r_hat]
    if not sampled:
        return ""
    worst = max(row.r_hat for row in sampled if row.r_hat is not None)
    bulk, tail = (
        min(v for row in sampled if (v := getattr(row, name)) is not None) for name in ("ess_bulk", "ess_tail")
    )
    nuts = [verdict for engine, verdict in facts.fits if engine == "nuts"]
    failed, warned = (sum(verdict.startswith(word) for verdict in nuts) for word in ("fail", "warn"))
    told = (
        f"The largest R-hat was {worst:.3f}, the smallest bulk and tail effective sample sizes {bulk:.0f} and {tail:.0f}. "
        f"Of {counted(len(nuts), 'sampled fit')}, {failed or 'none'} failed the convergence gate (R-hat below "
        f"{defaults.RHAT_FAIL}, effective sample sizes of at least {defaults.ESS_FAIL:.0f}, divergences in at most "
        f"{percent(defaults.DIVERGENCE_FAIL)} of draws, E-BFMI of at least {defaults.EBFMI_FAIL}) and "
        f"{warned or 'none'} carried a warning."
    )
    apart = [abs(each.difference) for each in agreement(facts.rows) if each.difference is not None]
    if apart:
        both = counted(len(apart), "quantity")
        told += f" Means of the {both} that both engines gave differed by at most {max(apart):.1f} Monte Carlo standard errors."
    return told


def _sources(facts: Facts) -> list[Source]:
    engines = {engine for engine, _ in facts.fits}
    asked = (
        (sources.FISHER, "Fisher" in facts.tests),
        (sources.NEWCOMBE, bool(facts.tests & {"Fisher", OF_CLUSTERS})),
        (sources.RAO, OF_CLUSTERS in facts.tests),
        (sources.WELCH, bool(facts.tests & {"Welch", f"Welch{OF_CHANGES}"})),
        (sources.GRIM, "grim" in facts.checks),
        (sources.QUADRATURE, "exact" in engines),
        (sources.DIAGNOSTICS, "nuts" in engines),
    )
    cited = [source for source, used in asked if used]
    cards = [load_card(name) for name in facts.models if name in bundled_cards()]
    sets = [load_prior_set(name) for name in facts.priors if name in bundled_prior_sets()]
    behind = {doi: f"Model “{card.label}”" for card in reversed(cards) for doi in card.references}
    behind |= {doi: f"Prior set “{each.label}”" for each in reversed(sets) for doi in each.references}
    drawing = ("pymc", "arviz") if "nuts" in engines else ()
    software = [sources.SOFTWARE[name] for name in (*drawing, "numpy", "scipy")]
    known = {source.doi for source in cited}
    return [*cited, *(Source(words, doi) for doi, words in behind.items() if doi not in known), *software]
