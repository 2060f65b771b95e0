"""A draft of a letter to the editor: neutral, short, every number from the run, and open about what would settle it."""

from __future__ import annotations

from collections.abc import Sequence

from bayes_ivf._version import __version__
from bayes_ivf.auditing import ClaimRow, Finding, conditional_words, parse_claim, touching
from bayes_ivf.effects import REPORTED
from bayes_ivf.report import Context, Row, comparison_rows
from bayes_ivf.results import EffectRow, Said, Value, percent, say
from bayes_ivf.study import KINDS
from bayes_ivf.takehome.prose import escaped, inside, legal, listed, sentence, typeset
from bayes_ivf.takehome.publication import ASSOCIATION, NOT_RANDOM, UNFINISHED, is_unfinished
from bayes_ivf.takehome.wishes import wishes
from bayes_ivf.words import counted

TOLD = ("clinical_pregnancy", "live_birth", "ongoing", "implantation", "miscarriage")
"""Stages of a pregnancy, in the order in which a letter tells them where it cannot tell all."""
AT_MOST = 3
"""Outcomes that are told one by one."""
EXPLAINED = 2
"""Innocent explanations that are told."""
NAME, AFFILIATION = "[NAME OF THE WRITER, to be filled in]", "[AFFILIATION OF THE WRITER, to be filled in]"
VERDICTS = {
    "yes": "in line with this",
    "no": "which does not support this",
    "conditional": "which supports this only conditionally",
}
NO_EVIDENCE = {
    "yes": ", which is no evidence that there is no difference",
    "conditional": ", and even then is no evidence that there is no difference",
}
"""Behind a claim of no difference that agrees: a large P says no more."""
OTHERS = {
    "yes": "agrees with the printed conclusion",
    "no": "does not support the printed conclusion",
    "conditional": "supports the printed conclusion only conditionally",
}


def letter(context: Context) -> str:
    """Return the draft as Markdown."""
    paragraphs = [escaped(typeset(paragraph)) for paragraph in letter_parts(context) if paragraph]
    draft = f"Draft, made from the results of bayes_ivf {__version__}; read and check every sentence before it is sent."
    head = f"*{draft}{f' {UNFINISHED}' if is_unfinished(context) else ''}*"
    return "\n\n".join((head, "To the Editor,", *paragraphs, "Yours sincerely,", NAME, AFFILIATION)) + "\n"


def letter_parts(context: Context) -> tuple[Said, ...]:
    """Return the paragraphs between salutation and signature in parts, the numbers of the run kept as values."""
    main = _main(context, comparison_rows(context, "outcome"))
    return (
        _claimed(context),
        _recomputed(context, main),
        _impossible(context),
        _supported(context, main),
        _asked(context),
    )


def number_of(context: Context, what: str, number: int, noun: str) -> Said:
    """Return a number of things of the audit with its noun, as a value under its key."""
    return say(_count(context, what, number), f" {counted(number, noun).partition(' ')[2]}")


def _count(context: Context, what: str, number: int) -> Value:
    return Value(context.study.id, what, "none", "audit", "none", "count", float(number), str(number))


def _main(context: Context, rows: Sequence[Row]) -> list[Row]:
    """Return the outcomes that are told one by one: claims that recomputation does not bear out first, then pregnancies."""
    verdict = {row.outcome: row.supported for row in context.audit.ledger}
    stages = {item.id: item.stage for item in context.study.items}

    def rank(row: Row) -> tuple[bool, int]:
        stage = stages.get(row.outcomes[0])
        order = TOLD.index(stage) if stage in TOLD else len(TOLD)
        return verdict.get(row.outcomes[0], "") not in ("no", "conditional"), order

    told = [row for row in rows if not KINDS[row.kind].words and (row.frequentist or row.p or row.effect)]
    chosen = sorted(told, key=rank)[:AT_MOST]
    return [row for row in told if row in chosen]


def _claimed(context: Context) -> Said:
    study = context.study
    citation, title = (legal(text).strip().rstrip(".") for text in (study.citation, study.title))
    # a study made of numbers has its id for a title
    what = f" by {citation}" if citation else f" “{title}”" if title not in ("", study.id) else ""
    doi = f" (doi {legal(study.doi)})" if study.doi else ""
    arms = " with ".join(
        legal(study.arms[arm]) + (f" ({study.sizes[arm]} women)" if study.sizes[arm] else "") for arm in study.arms
    )
    told = say(f"We read with interest the article{what}{doi}, which compared {arms}.")
    claims = [row for row in context.audit.ledger if row.supported and _is_outcome(context, row)]
    if claims:
        told = say(told, " It reports ", number_of(context, "claims", len(claims), "outcome"), " with a P value.")
    return told


def _is_outcome(context: Context, row: ClaimRow) -> bool:
    return context.study.outcome(row.outcome).role == "outcome"


def _recomputed(context: Context, main: Sequence[Row]) -> Said:
    ledger = {row.outcome: row for row in context.audit.ledger if _is_outcome(context, row)}
    told = [_one_recomputed(context, row, ledger.get(row.outcomes[0])) for row in main if row.frequentist or row.p]
    named = {row.outcomes[0] for row in main}
    others = [row for name, row in ledger.items() if name not in named]
    for verdict, words in OTHERS.items():
        same = [row for row in others if row.supported == verdict]
        if same:
            names = listed([_label(context, row.outcome) for row in same])
            many = number_of(context, f"others_{verdict}", len(same), "further outcome")
            told.append(
                say(
                    "For ",
                    many,
                    " (",
                    names,
                    f") recomputation {words}",
                    _cautions(context, same),
                    ".",
                    _not_the_same(context, same),
                )
            )
    silent = [row for row in others if row.supported == "undetermined"]
    if silent:
        many = number_of(context, "undetermined", len(silent), "claim")
        whose = "its" if len(silent) == 1 else "their"
        told.append(say("For ", many, f" no P can be recomputed, since {whose} numbers were not visible to us."))
    return listed(told, " ", " ") if told else ()


def _cautions(context: Context, rows: Sequence[ClaimRow]) -> Said:
    """Say that the audit holds something against numbers that agree: agreement never stands alone."""
    touched = [row for row in rows if row.supported == "yes" and touching(context.audit, row.outcome)]
    if not touched:
        return ()
    whose: Said = ("it" if len(rows) == 1 else "each",)
    if len(touched) < len(rows):
        whose = say(_count(context, "cautions", len(touched)), " of them")
    return say(", though our audit has reservations about the numbers of ", whose)


def _condition(claim: ClaimRow) -> str:
    """Name what a conditional verdict hangs on."""
    return f": it {conditional_words(claim)}" if claim.supported == "conditional" else ""


def _of_none(context: Context, row: ClaimRow) -> bool:
    """Whether what is claimed is that there is no difference."""
    claim = context.study.outcome(row.outcome).claim
    parsed = None if claim is None else parse_claim(claim)
    return parsed is not None and (parsed.direction == "none" or parsed.below is False)


def _not_the_same(context: Context, rows: Sequence[ClaimRow]) -> Said:
    """Say that agreement with claims of no difference is no evidence for them."""
    none = [row for row in rows if row.supported in NO_EVIDENCE and _of_none(context, row)]
    if not none:
        return ()
    many = _count(context, "none_claimed", len(none))
    whose: Said = ("it",) if len(rows) == 1 else ("each",) if len(none) == len(rows) else say(many, " of them")
    return say(" The paper claims no difference in ", whose, ", for which a large P value is no evidence.")


def _one_recomputed(context: Context, row: Row, claim: ClaimRow | None) -> Said:
    printed = "; ".join(part for part in (row.reported, row.claim) if part)
    effect: Said = say("recomputed difference ", row.frequentist) if row.frequentist else ()
    agrees = claim is not None and claim.supported == "yes"
    verdict = VERDICTS.get(claim.supported, "") + _condition(claim) if claim is not None else ""
    if claim is not None and _of_none(context, claim):
        verdict += NO_EVIDENCE.get(claim.supported, "")
    odd = claim is not None and claim.p_reproduced == "no"
    return say(
        f"{legal(row.label)} ({legal(printed)}): ",
        say(effect, ", " if effect and row.p else "" if effect else "recomputed ", row.p),
        f", {verdict}" if verdict else "",
        f", but {legal(row.flag).removesuffix('; see findings')}" if agrees and row.flag else "",
        "; the printed P is not that of a usual test" if odd else "",
        ".",
    )


def _label(context: Context, subject: str) -> str:
    labels = {item.id: item.title for item in context.study.items}
    parts = [part for part in subject.split(" + ") if part in labels]
    return " and ".join(inside(labels[part]) for part in parts) if parts else "the design or the set of outcomes"


def _impossible(context: Context) -> Said:
    found = [finding for finding in context.audit.found if finding.severity == "impossible"]
    if not found:
        return say("Our checks found no contradiction among the printed numbers.")
    order = [item.id for item in context.study.items if item.role == "outcome"]
    first = min(found, key=lambda each: each.subject.split(" + ")[0] not in order)
    told = [say("Some printed numbers cannot hold under an assumption that may itself be wrong.")]
    told.append(say(f"{sentence(legal(first.statement))} {_innocent(first)}"))
    others = [each for each in found if each is not first]
    if others:
        about = listed(list(dict.fromkeys(_label(context, each.subject) for each in others)))
        more = number_of(context, "impossible_more", len(others), "further finding")
        told.append(say(f"There {'is' if len(others) == 1 else 'are'} ", more, " of this kind, about ", about, "."))
    return listed(told, " ", " ")


def _innocent(finding: Finding) -> str:
    """Tell the first innocent explanations, which are the likely ones."""
    reasons = [part.strip() for part in legal(finding.alternatives).split(";") if part.strip()]
    return sentence(f"Innocent explanations include: {'; '.join(reasons[:EXPLAINED])}")


def _supported(context: Context, main: Sequence[Row]) -> Said:
    estimated = [row for row in main if row.effect]
    if not estimated:
        return _words_alone(context)
    prior = estimated[0].prior
    models = [_record(context, row).model for row in estimated]
    usual = max(models, key=models.count)
    told = [_estimate(context, row, prior, usual) for row in estimated]
    random = "" if context.study.randomized == "yes" else f" {NOT_RANDOM}"
    return say(f"{_under(context, prior)}, the data give: ", listed(told, "; ", "; "), f". {ASSOCIATION}{random}")


def _words_alone(context: Context) -> Said:
    rows = [row for row in comparison_rows(context, "outcome") if KINDS[row.kind].words and row.likely]
    told = [say(row.likely, " (", row.likely_range, f") for {inside(legal(row.label))}") for row in rows]
    none = "No outcome could be estimated from printed numbers."
    return say(f"{none} From words alone the probability of benefit is ", listed(told), ".") if told else say(none)


def _under(context: Context, prior: str) -> str:
    label = _prior_label(context, prior)
    level = f"{percent(context.ci_prob)} credible intervals"
    over = (
        "; probabilities of benefit with their range over all prior sets" if len(context.manifest["priors"]) > 1 else ""
    )
    return f"In a Bayesian reanalysis under the prior set “{label}” ({level}{over})"


def _prior_label(context: Context, prior: str) -> str:
    return str(context.manifest["priors"].get(prior, {}).get("label", prior))


def _record(context: Context, row: Row) -> EffectRow:
    return context.of_record(row.outcomes[0])[0]


def _estimate(context: Context, row: Row, prior: str, usual: str) -> Said:
    record = _record(context, row)
    label = context.manifest["models"].get(record.model, {}).get("label", record.model)
    spread = [part for part in row.likely_range if isinstance(part, Value)]
    over: Said = say(" (", spread[0], " to ", spread[1], ")") if len(spread) > 1 else ()
    likely: Said = say(", probability of benefit ", row.likely, over) if row.likely else ()
    model = "" if record.model == usual else f", in the model “{label}”"
    other = "" if row.prior == prior else f", under the prior set “{_prior_label(context, row.prior)}”"
    marked = "" if record.verdict == "pass" else f", the computation marked “{record.verdict}”"
    scale = REPORTED[record.estimand].label.lower()
    return say(f"{inside(legal(row.label))}, {scale} ", row.effect, likely, f"{model}{other}{marked}")


def _asked(context: Context) -> Said:
    wanted = wishes(context)
    if not wanted:
        return ()
    asked = listed([say(each) for each in wanted], "; ", "; and " if len(wanted) > 2 else ", and ")
    return say("To settle what is open, the authors could provide ", asked, ". We would welcome their reply.")
