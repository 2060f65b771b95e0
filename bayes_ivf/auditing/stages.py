"""Which stage of a pregnancy an outcome counts: as declared, or as its whole label says.

A label is read only if nothing of it is left over: "Live birth rate per woman" is a live birth, "Preterm live birth" is
not. A word in a label never makes a stage.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast

from bayes_ivf.study import Outcome, Study

Stage = Literal[
    "implantation",
    "positive_test",
    "biochemical_loss",
    "biochemical",
    "clinical_pregnancy",
    "ectopic",
    "multiple",
    "miscarriage",
    "ongoing",
    "live_birth",
    "birth_part",
]
Scope = Literal["unstated", "first", "cumulative", "other"]

WORDS: dict[Stage, str] = {
    "implantation": "implantation",
    "positive_test": "positive test",
    "biochemical_loss": "biochemical loss",
    "biochemical": "biochemical pregnancy",
    "clinical_pregnancy": "clinical pregnancy",
    "ectopic": "ectopic pregnancy",
    "multiple": "multiple pregnancy",
    "miscarriage": "miscarriage",
    "ongoing": "ongoing pregnancy",
    "live_birth": "live birth",
    "birth_part": "birth of one kind",
}

USUAL_LIMIT = 20
"""Weeks below which the loss of a pregnancy is usually called a miscarriage."""
_WEEKS = (
    r"( ?\(?(beyond|after|at|past|until|to|before|within|up to)? ?(>=|≥|>|<|<=|≤)? ?\d{1,2}(-\d{1,2})? "
    r"(completed )?weeks?( of gestation)?\)?)?"
)
_WHEN = r"((early|late|first trimester|second trimester|spontaneous|total) )?"
_EXACT: tuple[tuple[Stage, str], ...] = (
    ("implantation", r"(embryo )?implantations?|implanted embryos?|embryos? implanted|e?ir"),
    ("positive_test", r"positive (serum )?((beta|β) ?)?hcg|((beta|β) ?)?hcg positive|positive (pregnancy )?tests?"),
    ("positive_test", r"positive (serum )?(((beta|β) ?)?hcg|pregnancy) tests?"),
    ("biochemical_loss", r"(biochemical|chemical|preclinical) (pregnancy )?(loss(es)?|miscarriages?)"),
    ("biochemical", r"(bio)?chemical pregnanc(y|ies)"),
    ("clinical_pregnancy", rf"clinical(ly)? pregnan(cy|cies|t){_WEEKS}|clinical intrauterine pregnanc(y|ies)|cpr"),
    ("ectopic", r"(ectopic|extrauterine|tubal) pregnanc(y|ies)|ectopics?"),
    ("multiple", r"(multiple|twin) (clinical )?(pregnanc(y|ies)|gestations?)|twins|multiples"),
    ("miscarriage", rf"{_WHEN}(clinical )?(miscarriages?|(spontaneous|missed) abortions?){_WEEKS}"),
    ("ongoing", rf"ongoing (clinical )?pregnan(cy|cies|t){_WEEKS}|opr|ongoing"),
    ("live_birth", r"live ?births?( deliver(y|ies))?|c?lbr"),
    ("birth_part", r"(very )?(pre ?term|premature|term|multiple|twin|singleton) (live )?(births?|deliver(y|ies))"),
)
_UNIT = (
    r"(randomi[sz]ed |started |initiated |embryo |oocyte |all |the )*"
    r"(woman|women|patients?|participants?|couples?|transfers?|cycles?|retrievals?|transferred embryos?"
    r"|embryos?( transferred)?|clinical pregnanc(y|ies)|pregnanc(y|ies))"
)
_DROPPED = re.compile(
    rf"\((%|n|rate|n ?\(%\))\)|[,;:]? ?\b(n|no\.?) ?\(%\)|%| rates?\b|^(number|rate|rates|no\.) of |^women with (an? )?"
    rf"|[,;]? ?\b(per|among|after|of|in) {_UNIT}$|^(any|all) "
)
_FIRST = re.compile(
    r"\b(after|from|in|at|of|per)? ?(the )?(first|fresh) (fresh )?(embryo )?(transfer|cycle|attempt|et)\b"
)
_MANY = r"(two|three|four|five|six|\d+|several|all|up to \w+|multiple|repeated)"
_CUMULATIVE = re.compile(
    rf"\bcumulative(ly)?\b|\bcum\.|\b(over|after|within|in|from|across|including|with)? ?{_MANY}"
    r" (consecutive |embryo )?(transfers|cycles|attempts|retrievals)\b"
    r"|\b(within|over|in|after) (an?|one|two|\d+) (months?|years?)( of \w+)?\b|\bfresh and (frozen|thawed)( \w+)?\b"
)
_OTHER = re.compile(r"\b(frozen|thawed?|second|third|later|subsequent|further|vitrified|warmed)\b")
_BEFORE = re.compile(r"\b(previous(ly)?|prior|earlier|past|history|ever|before (the )?(trial|study|treatment))\b")
_LOSS = re.compile(rf"{_WHEN}(clinical )?(pregnancy )?(loss(es)?|abortions?|wastage){_WEEKS}")
"""What is a miscarriage where it is counted among clinical pregnancies, and may be a biochemical loss elsewhere."""
_LOOSE: tuple[tuple[Stage, str], ...] = (
    ("live_birth", r"live[ -]?b(irth|orn)|take[ -]?home"),
    ("ongoing", r"ongoing"),
    ("miscarriage", r"miscarr|abortion|pregnancy loss"),
    ("clinical_pregnancy", r"clinical(ly)? pregnan"),
)


@dataclass(frozen=True)
class Role:
    """What an outcome counts.

    Parameters
    ----------
    stage : str
    scope : {"unstated", "first", "cumulative", "other"}
        Over one transfer or cycle (not said which, or the first), over several, or a later one alone.
    declared : bool
        Whether the study file says so; otherwise the whole label does.
    """

    stage: Stage
    scope: Scope = "unstated"
    declared: bool = False

    def __str__(self) -> str:
        scope = {"cumulative": "cumulative ", "first": "first-transfer ", "other": "later "}.get(self.scope, "")
        return scope + WORDS[self.stage]


def role(item: Outcome) -> Role | None:
    """Return the stage that an outcome counts: declared, or read from the whole of its label; None if neither."""
    label = _plain(item.label)
    scope = _scope(item, label)
    exact = _exact(_CUMULATIVE.sub(" ", _FIRST.sub(" ", _OTHER.sub(" ", label) if scope == "other" else label)))
    if item.stage is not None:
        if item.stage not in WORDS:
            return None
        # A declared miscarriage whose label says that the test alone was positive is a loss before the clinical stage.
        early = item.stage == "miscarriage" and exact == "biochemical_loss"
        return Role("biochemical_loss" if early else cast(Stage, item.stage), scope, True)
    if item.role == "baseline" or _BEFORE.search(label):
        # What a woman went through before the trial is no stage of it.
        return None
    if exact is None and unit_stage(item.per) == "clinical_pregnancy" and _LOSS.fullmatch(_bare(label)):
        exact = "miscarriage"
    return None if exact is None or (scope == "other" and exact != "live_birth") else Role(exact, scope)


def possible_role(item: Outcome) -> Role | None:
    """Return the stage that a word in the label of an outcome without a role speaks of; to ask, never to judge."""
    label = _plain(item.label)
    if role(item) is not None or item.stage is not None or item.role == "baseline" or _BEFORE.search(label):
        return None
    for stage, pattern in _LOOSE:
        if re.search(pattern, label):
            return Role(stage, _scope(item, label))
    return None


def later_losses_count(ongoing: Outcome, lost: Outcome) -> bool:
    """Whether losses after the week of an ongoing pregnancy are miscarriages by the usual definition, below 20 weeks.

    That is so if the label of the ongoing pregnancy states such a week, and that of the losses none and no early part.
    """
    weeks = re.search(r"(\d{1,2}) (completed )?weeks?", _plain(ongoing.label))
    early = re.search(r"\d{1,2} (completed )?weeks?|\bearly\b|first trimester", _plain(lost.label))
    return weeks is not None and int(weeks[1]) < USUAL_LIMIT and early is None


def unit_stage(per: str) -> Stage | None:
    """Return the stage that a unit of a denominator is, such as ``clinical_pregnancy``; None if it is none or not sure."""
    stage = _exact(_plain(per))
    return stage if stage in ("positive_test", "clinical_pregnancy", "ongoing", "live_birth") else None


def first_with(study: Study, stage: Stage) -> tuple[Outcome, ...]:
    """Return the outcomes of this stage that are not counted over several transfers, in the paper's order."""
    items = []
    for item in study.items:
        known = role(item)
        if known is not None and known.stage == stage and known.scope in ("unstated", "first"):
            items.append(item)
    return tuple(items)


def _scope(item: Outcome, label: str) -> Scope:
    if item.cumulative or _CUMULATIVE.search(label) or label.startswith("clbr"):
        return "cumulative"
    if _FIRST.search(label):
        return "first"
    return "other" if _OTHER.search(label) else "unstated"


def _plain(label: str) -> str:
    text = re.sub(r"[\s_‐‑–—-]+", " ", label.strip().lower())
    return re.sub(r"(?<=\d) (?=\d)", "-", text)


@lru_cache(maxsize=4096)
def _exact(label: str) -> Stage | None:
    text = _bare(label)
    exact = next((stage for stage, pattern in _EXACT if re.fullmatch(pattern, text)), None)
    # A number of live births may count children.
    return None if exact == "live_birth" and re.match(r"(number|no\.) of ", label) else exact


def _bare(label: str) -> str:
    text, before = label, ""
    while text != before:
        before = text
        text = re.sub(r"\s+", " ", _DROPPED.sub(" ", text)).strip(" ,;:.()")
    return text
