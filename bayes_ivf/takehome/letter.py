"""A draft of a letter to the editor: neutral, short, every number from the run, and open about what would settle it."""

from __future__ import annotations

from collections.abc import Sequence

from bayes_ivf._version import __version__
from bayes_ivf.auditing import ClaimRow, Finding
from bayes_ivf.report import Context, Row, comparison_rows
from bayes_ivf.results import Said, Value, percent, say
from bayes_ivf.takehome.prose import escaped, inside, legal, listed, sentence, typeset
from bayes_ivf.takehome.publication import ASSOCIATION, NOT_RANDOM
from bayes_ivf.takehome.requests import requests
from bayes_ivf.words import counted

TOLD = ("clinical_pregnancy", "live_birth", "ongoing", "implantation", "miscarriage")
"""Stages of a pregnancy, in the order in which a letter tells them where it cannot tell all."""
AT_MOST = 3
"""Outcomes that are told one by one."""
IMPOSSIBLE = 2
"""Findings of numbers that cannot be that are told in full; more are counted."""
NAME, AFFILIATION = "[NAME OF THE WRITER, to be filled in]", "[AFFILIATION OF THE WRITER, to be filled in]"
VERDICTS = {
    "yes": "which agrees with the printed conclusion",
    "no": "which does not support the printed conclusion",
    "conditional": "which agrees with the printed conclusion only under a further assumption",
}


def letter(context: Context) -> str:
    """Return the draft as Markdown."""
    paragraphs = [escaped(typeset(paragraph)) for paragraph in letter_parts(context) if paragraph]
    head = (
        f"*Draft, made from the results of bayes_ivf {__version__}; read and check every sentence before it is sent.*"
    )
    end = "Yours sincerely,", NAME, AFFILIATION
    return "\n\n".join((head, "To the Editor,", *paragraphs, *(escaped(line) for line in end))) + "\n"


def letter_parts(context: Context) -> tuple[Said, ...]:
    """Return the paragraphs between salutation and signature in parts, the numbers of the run kept as values."""
    rows = comparison_rows(context, "outcome")
    main = _main(context, rows)
    return (
        _claimed(context, main),
        _recomputed(context, main),
        _impossible(context),
        _supported(context, main),
        _asked(context),
    )


def number_of(context: Context, what: str, number: int, noun: str) -> Said:
    """Return a number of things of the audit with its noun, as a value under its key."""
    told, _, word = counted(number, noun).partition(" ")
    return say(Value(context.study.id, what, "none", "audit", "none", "count", float(number), told), f" {word}")


def _main(context: Context, rows: Sequence[Row]) -> list[Row]:
    """Return the outcomes that are told one by one: claims that recomputation does not bear out first, then pregnancies."""
    verdict = {row.outcome: row.supported for row in context.audit.ledger}
    stages = {item.id: item.stage for item in context.study.items}

    def rank(row: Row) -> tuple[bool, int]:
        stage = stages.get(row.outcomes[0])
        order = TOLD.index(stage) if stage in TOLD else len(TOLD)
        return verdict.get(row.outcomes[0], "") not in ("no", "conditional"), order

    told = [row for row in rows if len(row.outcomes) == 1 and (row.frequentist or row.p or row.effect)]
    chosen = sorted(told, key=rank)[:AT_MOST]
    return [row for row in told if row in chosen]


def _claimed(context: Context, main: Sequence[Row]) -> Said:
    study = context.study
    title = f"the article “{legal(study.title).strip().rstrip('.')}”" if study.title else "the article"
    where = " ".join(part for part in (legal(study.citation).strip(), f"doi {study.doi}." if study.doi else "") if part)
    arms = " with ".join(
        legal(study.arms[arm]) + (f" ({study.sizes[arm]} women)" if study.sizes[arm] else "") for arm in study.arms
    )
    first = f"We read with interest {title}{f' ({where.rstrip(".")})' if where else ''}, which compared {arms}."
    claims = [row for row in context.audit.ledger if row.supported and _is_outcome(context, row)]
    printed = [f"{inside(row.label)} ({'; '.join(part for part in (row.reported, row.claim) if part)})" for row in main]
    told: Said = say(" It reports ", listed(printed), ".") if printed else ()
    if claims:
        whole = number_of(context, "claims", len(claims), "outcome")
        told = say(told, " In all, ", whole, " stand" + "s" * (len(claims) == 1) + " there with a P.")
    return say(first, told)


def _is_outcome(context: Context, row: ClaimRow) -> bool:
    return context.study.outcome(row.outcome).role == "outcome"


def _recomputed(context: Context, main: Sequence[Row]) -> Said:
    ledger = {row.outcome: row for row in context.audit.ledger if _is_outcome(context, row)}
    told = [_one_recomputed(context, row, ledger.get(row.outcomes[0])) for row in main if row.frequentist or row.p]
    named = {row.outcomes[0] for row in main}
    others = [row for name, row in ledger.items() if name not in named]
    for verdict, words in VERDICTS.items():
        same = [row for row in others if row.supported == verdict]
        if same:
            names = f" ({typeset(listed([_label(context, row.outcome) for row in same]))})"
            told.append(say("The same was done for ", number_of(context, f"others_{verdict}", len(same), "other outcome"),
                            f"{names}, {words}."))  # fmt: skip
    silent = [row for row in others if row.supported == "undetermined"]
    if silent:
        many = number_of(context, "undetermined", len(silent), "claim")
        told.append(say(many, " cannot be recomputed, since the numbers behind ", "it was" if len(silent) == 1 else "them were",
                        " not visible to us."))  # fmt: skip
    return listed(told, " ", " ") if told else ()


def _one_recomputed(context: Context, row: Row, claim: ClaimRow | None) -> Said:
    effect = say("a difference of ", row.frequentist) if row.frequentist else say("")
    found = say(effect, ", " if effect and row.p else "", row.p)
    verdict = VERDICTS.get(claim.supported, "") if claim is not None else ""
    odd = claim is not None and claim.p_reproduced == "no"
    return say(
        f"From the printed numbers of {inside(row.label)} we recompute ",
        found,
        f", {verdict}" if verdict else "",
        "; the printed P is not that of a usual test" if odd else "",
        ".",
    )


def _label(context: Context, subject: str) -> str:
    labels = {item.id: item.label for item in context.study.items}
    parts = [part for part in subject.split(" + ") if part in labels]
    return " and ".join(inside(labels[part]) for part in parts) if parts else "the design or the set of outcomes"


def _impossible(context: Context) -> Said:
    found = [finding for finding in context.audit.found if finding.severity == "impossible"]
    # one finding for a subject: others about it say the same of another arm or digit
    firsts = {finding.subject: finding for finding in reversed(found)}
    order = [item.id for item in context.study.items if item.role == "outcome"]
    shown = sorted(firsts.values(), key=lambda each: each.subject.split(" + ")[0] not in order)[:IMPOSSIBLE]
    if not shown:
        return say("Our checks found no printed numbers that cannot stand together.")
    told = [say("Some numbers cannot all be right as printed under the assumption that is named with them.")]
    told += [say(f"{sentence(legal(each.statement))} {_innocent(each)}") for each in shown]
    rest = len(found) - len(shown)
    if rest:
        about = typeset(
            listed(list(dict.fromkeys(_label(context, each.subject) for each in found if each not in shown)))
        )
        told.append(say(number_of(context, "impossible_more", rest, "further finding"),
                        f" of this kind concern{'s' * (rest == 1)} {about}."))  # fmt: skip
    return listed(told, " ", " ")


def _innocent(finding: Finding) -> str:
    """Tell the innocent explanations as questions of fact."""
    reasons = [part.strip() for part in legal(finding.alternatives).split(";") if part.strip()]
    return sentence(f"Innocent explanations: {typeset(listed(reasons, '; ', '; '))}")


def _supported(context: Context, main: Sequence[Row]) -> Said:
    estimated = [row for row in main if row.effect]
    if not estimated:
        return say("No outcome could be estimated from what was visible.")
    prior = estimated[0].prior
    told = [say(f"What do the data support? {_under(context, prior)}:")]
    told.append(listed([_estimate(context, row, prior) for row in estimated], "; ", "; "))
    random = "" if context.study.randomized == "yes" else f" {NOT_RANDOM}"
    return say(listed(told, " ", " "), f". {ASSOCIATION}{random}")


def _under(context: Context, prior: str) -> str:
    label = context.manifest["priors"].get(prior, {}).get("label", prior)
    return f"In a Bayesian reanalysis under the prior set “{label}”, with {percent(context.ci_prob)} credible intervals"


def _estimate(context: Context, row: Row, prior: str) -> Said:
    model = context.of_record(row.outcomes[0])[0].model
    label = context.manifest["models"].get(model, {}).get("label", model)
    spread = [part for part in row.likely_range if isinstance(part, Value)]
    over: Said = say(" (", spread[0], " to ", spread[1], " over the prior sets)") if len(spread) > 1 else ()
    likely: Said = say(", probability of benefit ", row.likely, over) if row.likely else ()
    other = "" if row.prior == prior else f", {_under(context, row.prior)}"
    record = context.of_record(row.outcomes[0])[0]
    marked = "" if record.verdict == "pass" else f", the computation marked “{record.verdict}”"
    return say(f"{inside(row.label)} ", row.effect, likely, f", model “{label}”{other}{marked}")


def _asked(context: Context) -> Said:
    wanted = requests(context)
    if not wanted:
        return ()
    letters = listed([say(each) for each in wanted], "; ", "; and ")
    return say(
        "The authors could settle these questions by providing ",
        letters,
        ". We suggest no reason for any difference, and would welcome their answer; our tables and code come with this letter.",
    )
