"""The outcomes of a file of several arms as rows of two arms, which are then read as those of any other file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study import impossible
from bayes_ivf.study.arms import ARMS, ArmName
from bayes_ivf.study.arms_schema import OutcomeTable, StudyTable
from bayes_ivf.study.comparisons import Pools, comparison, side_label
from bayes_ivf.study.data import Counts, Datum
from bayes_ivf.study.facts import Claim, Impossible, Outcome
from bayes_ivf.study.kinds import KINDS
from bayes_ivf.study.many_arms import ALL, Comparison, OverAll
from bayes_ivf.study.pooling import Pooled, pool
from bayes_ivf.study.printed import UNAVAILABLE
from bayes_ivf.study.trial import Study

_OF_ARMS = ("cells", "claims", "effects", "n", *ARMS)
_OF_FILE = ("arms", "clusters", "compare", "pool", "outcomes")


class Rows:
    """The outcomes of a file of several arms.

    Parameters
    ----------
    values : dict
        The parsed TOML.
    table : StudyTable
        The same, checked.
    pools : mapping of str to tuple of str
    comparisons : sequence of Comparison
    source : str
        Named in errors.
    parse : callable
        Reads a file of two arms.

    Attributes
    ----------
    faults : list of Fault
        Everything that is wrong with what was printed, each once however many comparisons it stands in.
    """

    def __init__(
        self,
        values: dict[str, Any],
        table: StudyTable,
        pools: Pools,
        comparisons: Sequence[Comparison],
        source: str,
        parse: Callable[[dict[str, Any], str], Study],
    ) -> None:
        self.values, self.table, self.pools, self.source, self.parse = values, table, pools, source, parse
        self.comparisons = comparisons
        self.faults: list[Fault] = []
        self.raw: list[dict[str, Any]] = values["outcomes"]
        self.rows = dict(zip((row.id for row in table.outcomes), table.outcomes, strict=True))
        self._read: dict[tuple[str, str], dict[str, Outcome]] = {}
        for row in table.outcomes:
            self._check(row)

    def study(self, each: Comparison) -> Study:
        """Return one comparison as a study of two arms; with faults, which are kept, an empty one."""
        rows: list[dict[str, Any]] = []
        pooled: dict[str, dict[str, Pooled]] = {}
        gone: dict[str, str] = {}
        for row, raw in zip(self.table.outcomes, self.raw, strict=True):
            told: dict[str, Pooled] = {}
            for arm, side in zip(ARMS, (each.treatment, each.control), strict=True):
                if (value := self._pooled(row, side)) is not None:
                    told[arm] = value
            pooled[row.id] = told
            why = next((value.why_not for value in told.values() if value.why_not), "") or self._silent(row, each)
            why = why or gone.get(row.denominator or "", "")
            if why:
                gone[row.id] = why
            rows.append(_unavailable(raw, why) if why else self._row(row, raw, each, told))
        study = self._parsed(rows, each)
        items = tuple(self._shown(item, each, pooled.get(item.id, {})) for item in study.items)
        return replace(study, items=items)

    def over_all(self) -> tuple[OverAll, ...]:
        """Return the claims about all arms, each with what was printed for every arm."""
        found = []
        for row in self.table.outcomes:
            if ALL not in row.claims:
                continue
            cells = self._cells(row)
            shown = [arm for arm in self.table.arms if cells.get(arm, UNAVAILABLE) != UNAVAILABLE]
            labels = {name: arm.label for name, arm in self.table.arms.items()}
            data = {labels[arm]: datum for arm in shown if (datum := self._datum(row.id, arm)) is not None}
            missing = tuple(label for label in labels.values() if label not in data)
            claim = self._claim_of_all(row)
            if claim is not None:
                found.append(OverAll(f"{row.id}--{ALL}", claim, data, missing, row.spread))
        return tuple(found)

    def _claim_of_all(self, row: OutcomeTable) -> Claim | None:
        """Read the claim as that of any outcome is."""
        first = self.comparisons[0]
        claim = row.claims[ALL].model_dump(exclude_none=True)
        plain = {"id": row.id, "label": row.label, "benefit": row.benefit, "kind": "unavailable", "note": "-"}
        study = self._parsed([plain | {"claim": claim}], first)
        return study.items[0].claim if study.items else None

    def _check(self, row: OutcomeTable) -> None:
        """Note what is wrong with the names of arms and comparisons in one outcome."""
        where = f"{self.source}: outcome {row.id}"
        sides = [*self.table.arms, *self.pools]
        for key in ("cells", "n"):
            for arm in (getattr(row, key) or {}) if key == "cells" or row.n else ():
                if arm not in sides:
                    self._fault(f"{where}.{key}.{arm}", f"no arm {arm!r}", f"an arm or pool: {', '.join(sides)}")
        for arm in ARMS:
            if getattr(row, arm) is not None and arm not in sides:
                example = ", ".join(f'{side} = "..."' for side in sides)
                self._fault(f"{where}.{arm}", repr(getattr(row, arm)), f"cells by arm: cells = {{ {example} }}",
                            "write what was printed for each arm, or for a pool")  # fmt: skip
        ids = [each.id for each in self.comparisons]
        for key in ("claims", "effects"):
            for name in getattr(row, key):
                if name not in ids and not (key == "claims" and name == ALL):
                    allowed = ", ".join(ids) + (f", or {ALL}" if key == "claims" else "")
                    self._fault(f"{where}.{key}.{name}", f"no comparison {name!r}", allowed)
        for key, many in (("claim", "claims"), ("effect", "effects")):
            if getattr(row, key) is not None and len(ids) > 1:
                more = f", or {many} = {{ {ALL} = {{ ... }} }} for a P over all arms" if key == "claim" else ""
                self._fault(f"{where}.{key}", f"one {key} for {len(ids)} comparisons",
                            f'{many} = {{ "{ids[0]}" = {{ ... }} }}{more}', f"say what the {key} is about")  # fmt: skip
            elif getattr(row, key) is not None and ids[0] in getattr(row, many):
                self._fault(f"{where}.{key}", f"{key} and {many}.{ids[0]}", "one of them", "remove one of them")

        if getattr(row, "statistic", None) is not None and len(ids) > 1:
            self._fault(f"{where}.statistic", f"one statistic for {len(ids)} comparisons", "a statistic of two arms alone",
                        "leave it out, or compare only the arms that it is about")  # fmt: skip

    def _fault(self, where: str, found: str, allowed: str, action: str = "correct the id") -> None:
        self.faults.append(Fault(where, found, allowed, action))

    def _cells(self, row: OutcomeTable) -> dict[str, str]:
        plain = {arm: text for arm in ARMS if arm in self.table.arms and (text := getattr(row, arm)) is not None}
        return plain | dict(row.cells)

    def _pooled(self, row: OutcomeTable, side: str) -> Pooled | None:
        """Return what the arms of a pool are together; None where that was printed, or nothing can be added up."""
        cells = self._cells(row)
        if side not in self.pools or side in cells or KINDS[row.kind].rests_on != "arms":
            return None
        members = self.pools[side]
        if any(arm not in cells for arm in members):
            return None
        if any(cells[arm].strip().lower() == UNAVAILABLE for arm in members):
            return Pooled("", why_not="One of the arms that are pooled was not printed.")
        data = [self._datum(row.id, arm) for arm in members]
        known = [datum for datum in data if datum is not None]
        if len(known) < len(data):
            return Pooled("", why_not="What was printed for the arms cannot be pooled.")
        found = pool(known, [cells[arm] for arm in members], row.spread)
        why = f"The arms cannot be pooled: {found.why_not}." if found.why_not else ""
        return replace(found, why_not=why)

    def _datum(self, outcome: str, arm: str) -> Datum | None:
        """Return what was printed for one arm, read beside another arm of the file."""
        cells = self._cells(self.rows[outcome])
        other = next((side for side in self.table.arms if side != arm and side in cells), arm)
        pair = (arm, other)
        if pair not in self._read:
            self._read[pair] = {}
        if outcome not in self._read[pair]:
            chain = [outcome]
            while (below := self.rows[chain[-1]].denominator) in self.rows and below not in chain:
                chain.append(str(below))
            each = comparison(pair, self.table, self.pools)
            names = {name: raw for name, raw in zip(self.rows, self.raw, strict=True) if name in chain}
            bare = [
                {key: value for key, value in raw.items() if key not in ("claim", "pregnancies", "women_with_event")}
                for raw in names.values()
            ]
            rows = [self._row(self.rows[name], raw, each, {}) for name, raw in zip(names, bare, strict=True)]
            self._read[pair] |= {item.id: item for item in self._parsed(rows, each).items}
        item = self._read[pair].get(outcome)
        return None if item is None or item.data is None else item.data.get("treatment")

    def _silent(self, row: OutcomeTable, each: Comparison) -> str:
        """Say why a comparison has nothing of an outcome though the file is right; empty if it has something."""
        cells, rests_on = self._cells(row), KINDS[row.kind].rests_on
        if rests_on == "arms":
            gone = [arm for arm in (each.treatment, each.control) if cells.get(arm, "").strip().lower() == UNAVAILABLE]
            labels = " and ".join(side_label(arm, self.table, self.pools) for arm in gone)
            return f"Nothing was printed for {labels}." if gone else ""
        alone, by_name = (row.claim, row.claims) if rests_on == "claim" else (row.effect, row.effects)
        if rests_on not in ("claim", "effect") or alone is not None or each.id in by_name or not by_name:
            return ""
        if {each.treatment, each.control} & set(self.pools) and rests_on == "claim":
            return "The paper's claims are about single arms, and claims cannot be pooled."
        if ALL in by_name:
            return f"The paper's claim is over all arms, and says nothing of this comparison alone, {each.label}."
        return f"The paper says nothing of this comparison, {each.label}."

    def _row(
        self, row: OutcomeTable, raw: Mapping[str, Any], each: Comparison, pooled: Mapping[str, Pooled]
    ) -> dict[str, Any]:
        """Return one outcome as a file of two arms would have it."""
        made = {key: value for key, value in raw.items() if key not in _OF_ARMS}
        cells, sides = self._cells(row), dict(zip(ARMS, (each.treatment, each.control), strict=True))
        for arm, side in sides.items():
            text = pooled[arm].text if arm in pooled else cells.get(side)
            if text is not None:
                made[arm] = text
        sizes = {arm: size for arm, side in sides.items() if (size := self._n(row, side, pooled.get(arm))) is not None}
        if sizes:
            known = {arm: women for arm in ARMS if (women := each.sizes[arm])}
            made["n"] = known | sizes
        for key, by_name in (("claim", raw.get("claims")), ("effect", raw.get("effects"))):
            if isinstance(by_name, dict) and each.id in by_name:
                made[key] = by_name[each.id]
        return made

    def _n(self, row: OutcomeTable, side: str, pooled: Pooled | None) -> int | str | None:
        """Return the denominator that the file gives for an arm; for a pool the sum over its arms."""
        if pooled is not None and pooled.n is not None:
            return pooled.n
        if row.n is None or pooled is not None:
            return None
        if side in row.n or side not in self.pools:
            return row.n.get(side)
        parts = [row.n.get(arm, self.table.arms[arm].n) for arm in self.pools[side]]
        if all(arm not in row.n for arm in self.pools[side]):
            return None
        if all(str(part).strip().isdecimal() for part in parts):
            return sum(int(part) for part in parts)
        self._fault(f"{self.source}: outcome {row.id}.n", f"ranges for the arms of {side}", f"n of {side} as well",
                    f'write n = {{ {side} = "..." }}')  # fmt: skip
        return None

    def _parsed(self, rows: Sequence[dict[str, Any]], each: Comparison) -> Study:
        """Read rows of two arms; faults name the arms as the file does."""
        arms = {arm: {"label": each.arms[arm]} | ({"n": each.sizes[arm]} if each.sizes[arm] else {}) for arm in ARMS}
        head = {key: value for key, value in self.values.items() if key not in _OF_FILE}
        clusters = {"clusters": dict(each.clusters)} if each.clusters else {}
        try:
            return self.parse(head | clusters | {"arms": arms, "outcomes": list(rows)}, self.source)
        except StudyError as error:
            named = [_in_words_of_arms(fault, each) for fault in error.faults]
            self.faults += [fault for fault in named if fault not in self.faults]
            return Study(self.table.id, self.table.title, each.arms, each.sizes, ())

    def _shown(self, item: Outcome, each: Comparison, pooled: Mapping[str, Pooled]) -> Outcome:
        """Show the sums behind a pool, and say where a printed pool is not the sum of its arms."""
        found = list(item.impossible)
        texts = dict(item.as_printed)
        for arm, side in zip(ARMS, (each.treatment, each.control), strict=True):
            if item.data is None or side not in self.pools:
                continue
            if arm in pooled:
                texts[arm] = pooled[arm].shown
                found += self._said_of_members(item.id, arm, side)
            elif (other := self._sum(item, side)) is not None and item.counts(arm) not in (None, other):
                found.append(impossible.other_sum(arm, str(item.counts(arm)), str(other), item.label))
        # a combined mean has more digits than any that was printed, so that no whole numbers can be looked for behind it
        whole = item.whole and not any(value.n is not None for value in pooled.values())
        return replace(item, as_printed=texts, impossible=tuple(found), whole=whole)

    def _said_of_members(self, outcome: str, arm: ArmName, side: str) -> list[Impossible]:
        """Return what must be known of the cells behind a sum, in words of the arm that each stands in."""
        said = []
        for member in self.pools[side]:
            label = self.table.arms[member].label
            read = [items[outcome] for (first, _), items in self._read.items() if first == member and outcome in items]
            said += [
                replace(each, arm=arm, why=each.why.replace("in the treatment arm", f"in the arm {label}"))
                for each in (read[0].impossible if read else ())
                if each.arm == "treatment"
            ]
        return said

    def _sum(self, item: Outcome, side: str) -> Counts | None:
        """Return the counts of the arms of a pool that was printed itself; None unless all are known."""
        row = self.rows[item.id]
        cells = self._cells(row)
        if side not in cells or any(arm not in cells for arm in self.pools[side]):
            return None
        parts = [self._datum(item.id, arm) for arm in self.pools[side]]
        total = pool([each for each in parts if each is not None], [cells[arm] for arm in self.pools[side]], row.spread)
        events, _, n = total.text.partition("/")
        return Counts(int(events), int(n)) if None not in parts and events.isdecimal() and n.isdecimal() else None


def _unavailable(raw: Mapping[str, Any], why: str) -> dict[str, Any]:
    kept = ("id", "label", "per", "benefit", "role", "family", "stage", "source")
    return {key: raw[key] for key in kept if key in raw} | {"kind": "unavailable", "note": why}


def _in_words_of_arms(fault: Fault, each: Comparison) -> Fault:
    """Name an arm as the file does, where a fault is about one."""
    where = fault.where
    for arm, side in zip(ARMS, (each.treatment, each.control), strict=True):
        where = where.replace(f", {arm}", f", {side}").replace(f"arms.{arm}", f"arms.{side}")
    arms = f"{each.treatment} = ..., {each.control} = ..."
    texts = [
        text.replace("treatment = ..., control = ...", arms) for text in (fault.found, fault.allowed, fault.action)
    ]
    return Fault(where, *texts)
