"""Which pairs of counts two printed percentages can stand for, given everything else that the paper prints of them.

Filters, in this order: whole numbers (the search of the study room), totals (an outcome whose denominators are these events),
coherence (implanted embryos must fit into the pregnant women), the printed limits of an effect, the printed P. A filter keeps
what at least one named method reproduces; one that would leave nothing is a finding, and is not applied.

Examples
--------
>>> import bayes_ivf as bi
>>> study = bi.load_study("lei-2026")
>>> decoded = decoded_pairs(study, study.outcome("eir"))
>>> [(str(a), str(b)) for a, b in decoded.pairs], decoded.total
([('33/80', '19/84')], 1)
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, product

from bayes_ivf.auditing.claims import parse_claim
from bayes_ivf.auditing.decodings import MOST_TRIED, NOT_OF_COUNTS, near_pairs
from bayes_ivf.auditing.effect_words import printed_effect
from bayes_ivf.auditing.embryos import allocate, implantation_outcome, pregnancy_outcome
from bayes_ivf.auditing.interval_readings import best_fit
from bayes_ivf.auditing.lesser_tests import lesser_tests
from bayes_ivf.auditing.reading import COUNT_TESTS, MOST_PAIRS, arm_counts
from bayes_ivf.study import ARMS, ArmName, Clusters, Counts, Outcome, Percent, Study

Pair = tuple[Counts, Counts]
_SLOW = ("Boschloo",)
"""Tests that are left out where there are many pairs."""


@dataclass(frozen=True)
class Filtered:
    """What one filter did.

    Parameters
    ----------
    name : {"totals", "coherence", "limits", "P"}
    before, kept : int
        Pairs of counts; a filter that would keep none is not applied.
    told : str
        What the pairs have to fit, and by which methods they do: "the printed risk ratio 2.5 (1.18 to 5.41) (Katz)".
    """

    name: str
    before: int
    kept: int
    told: str

    @property
    def applied(self) -> bool:
        """Whether something was left."""
        return self.kept > 0


@dataclass(frozen=True)
class DecodedPairs:
    """Pairs of treatment and control counts that are left.

    Parameters
    ----------
    arms : (tuple of Counts, tuple of Counts)
        What each arm's percentage can stand for, treatment first, after totals and coherence.
    chosen : tuple of (Counts, Counts) or None
        Pairs that limits or P left; None where neither was printed, or could be tried: then all pairs of `arms`.
    total : int
        Pairs of whole numbers before any filter.
    filters : tuple of Filtered
    """

    arms: tuple[tuple[Counts, ...], tuple[Counts, ...]]
    chosen: tuple[Pair, ...] | None
    total: int
    filters: tuple[Filtered, ...] = ()

    @property
    def size(self) -> int:
        """Number of pairs that are left."""
        return len(self.arms[0]) * len(self.arms[1]) if self.chosen is None else len(self.chosen)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Pairs that are left; ask `size` first."""
        return tuple(product(*self.arms)) if self.chosen is None else self.chosen

    @property
    def told(self) -> str:
        """How many pairs fit, and what narrowed them, in one sentence."""
        text = f"The percentages fit {self.total:,} {'pair' if self.total == 1 else 'pairs'} of counts"
        for each in self.filters:
            text += f", {each.kept:,} of them also {each.told}" if each.applied else f", none of them also {each.told}"
        return f"{text}."


def is_ambiguous(item: Outcome) -> bool:
    """Whether a percentage of an outcome stands for several pairs of counts."""
    data = [None if item.data is None else item.data.get(arm) for arm in ARMS]
    several = any(isinstance(datum, Percent) and not datum.unique for datum in data)
    return several and all(arm_counts(item, arm) for arm in ARMS)


_KNOWN: dict[tuple[int, str], tuple[weakref.ref[Study], Outcome, DecodedPairs]] = {}
"""What was found of outcomes of studies that are still held by somebody: every fit of an outcome asks."""


def decoded_pairs(study: Study, item: Outcome) -> DecodedPairs:
    """Return the pairs of counts that an outcome's percentages stand for, as far as the paper narrows them.

    Parameters
    ----------
    study : Study
    item : Outcome
        Counts or percentages in both arms.
    """
    key = (id(study), item.id)
    known = _KNOWN.get(key)
    if known is not None and known[0]() is study and known[1] is item:
        return known[2]
    found = _decode(study, item)
    _KNOWN[key] = weakref.ref(study, lambda _: _forget(key)), item, found
    return found


def _forget(key: tuple[int, str]) -> None:
    _KNOWN.pop(key, None)


def _decode(study: Study, item: Outcome) -> DecodedPairs:
    arms = arm_counts(item, "treatment"), arm_counts(item, "control")
    total = len(arms[0]) * len(arms[1])
    filters: list[Filtered] = []
    for name, keep, told in (
        ("totals", _of_totals, "the denominators of what is printed per event"),
        ("coherence", _coherent, f"the pregnant women, if nobody received more than {study.max_embryos} embryos"),
    ):
        kept = tuple(keep(study, item, arm, each) for arm, each in zip(ARMS, arms, strict=True))
        before, after = len(arms[0]) * len(arms[1]), len(kept[0]) * len(kept[1])
        if after < before:
            filters.append(Filtered(name, before, after, told))
        # an arm that keeps none is a finding; the other arm's stays narrowed
        arms = tuple(new or old for new, old in zip(kept, arms, strict=True))  # type: ignore[assignment]
    chosen = _chosen(item, tuple(product(*arms)), filters) if len(arms[0]) * len(arms[1]) <= MOST_PAIRS else None
    return DecodedPairs(arms, chosen, total, tuple(filters))


def _chosen(item: Outcome, pairs: tuple[Pair, ...], filters: list[Filtered]) -> tuple[Pair, ...] | None:
    """Pairs that give printed limits and P; None where nothing narrows them."""
    left: tuple[Pair, ...] | None = None
    for narrow in (_by_limits, _by_p):
        now = pairs if left is None else left
        found = narrow(item, now)
        if found is None or found.kept == len(now):
            continue
        filters.append(Filtered(found.name, len(now), found.kept, found.told))
        if found.kept:
            left = found.pairs
    return left


@dataclass(frozen=True)
class _Kept:
    name: str
    pairs: tuple[Pair, ...]
    told: str

    @property
    def kept(self) -> int:
        return len(self.pairs)


def _by_limits(item: Outcome, pairs: tuple[Pair, ...]) -> _Kept | None:
    effect = printed_effect(item)
    if effect is None or effect.se is not None or effect.scale in NOT_OF_COUNTS:
        return None
    near = near_pairs(effect, list(pairs))
    if len(near) == MOST_TRIED:
        return None
    fits = [(pair, fit) for pair in near if (fit := best_fit(effect, *pair)) is not None]
    methods = ", ".join(dict.fromkeys(fit.method for _, fit in fits)) or "by any usual method"
    told = f"the printed {effect.scale.replace('_', ' ')} {effect} ({methods})"
    return _Kept("limits", tuple(pair for pair, _ in fits), told)


def _by_p(item: Outcome, pairs: tuple[Pair, ...]) -> _Kept | None:
    claim = parse_claim(item.claim)
    if claim is None or claim.relation != "=" or item.claim is None:
        return None
    kept: dict[Pair, str] = {}
    for a, b in pairs:
        table = (a.events, a.n, b.events, b.n)
        usual = ((name, test(*table)) for name, test in COUNT_TESTS.items() if name not in _SLOW)
        name = next((name for name, p in chain(usual, lesser_tests(*table)) if claim.matches(p)), "")
        if name:
            kept[a, b] = name
    tests = ", ".join(dict.fromkeys(kept.values())) or "by any usual test"
    return _Kept("P", tuple(kept), f"the printed {item.claim.p} ({tests})")


def _of_totals(study: Study, item: Outcome, arm: ArmName, candidates: Sequence[Counts]) -> tuple[Counts, ...]:
    """Keep counts whose events are the denominators of what is printed per event."""
    kept = tuple(candidates)
    for other in study.items:
        if other.denominator_of == item.id and (known := arm_counts(other, arm)):
            sizes = {counts.n for counts in known}
            kept = tuple(counts for counts in kept if counts.events in sizes or counts.events == 0)
    return kept


def _coherent(study: Study, item: Outcome, arm: ArmName, candidates: Sequence[Counts]) -> tuple[Counts, ...]:
    """Keep counts of implanted embryos that fit some decoding of the pregnant women, and the reverse."""
    implanted, pregnant = implantation_outcome(study), pregnancy_outcome(study)
    if implanted is None or pregnant is None or item.id not in (implanted.id, pregnant.id):
        return tuple(candidates)
    turned = item.id == pregnant.id
    others = arm_counts(implanted if turned else pregnant, arm)
    if len(candidates) * len(others) > MOST_PAIRS or _is_of_totals(implanted, arm):
        return tuple(candidates)
    return tuple(each for each in candidates if any(_fits(study, each, other, turned) for other in others))


def _is_of_totals(item: Outcome, arm: ArmName) -> bool:
    return item.data is not None and isinstance(item.data.get(arm), Clusters)


def _fits(study: Study, one: Counts, other: Counts, turned: bool) -> bool:
    women, embryos = (one, other) if turned else (other, one)
    totals = Clusters(women.n, embryos.n, women.events, embryos.events)
    return any(allocate(totals, study.max_embryos, least) is not None for least in (1, 0))


def spread_out(pairs: DecodedPairs, most: int) -> tuple[Pair, ...]:
    """Return at most so many pairs, evenly spread over all that are left."""
    if pairs.size <= most:
        return pairs.pairs
    if pairs.chosen is not None:
        return tuple(_evenly(pairs.chosen, most))
    # as many of each arm as its share asks for, where one of them has few
    shorter = min(map(len, pairs.arms))
    each = max(int(most**0.5), most // shorter if shorter * shorter <= most else 0)
    first, second = (_evenly(arm, each) for arm in pairs.arms)
    return tuple(product(first, second))[:most]


def _evenly[T](values: Sequence[T], most: int) -> list[T]:
    if len(values) <= most:
        return list(values)
    if most == 1:
        return [values[len(values) // 2]]
    return [values[round(i * (len(values) - 1) / (most - 1))] for i in range(most)]


def narrowed_arms(pairs: Iterable[Pair]) -> dict[ArmName, tuple[Counts, ...]]:
    """Return what is left of each arm."""
    left = list(pairs)
    return {arm: tuple(dict.fromkeys(pair[i] for pair in left)) for i, arm in enumerate(ARMS)}
