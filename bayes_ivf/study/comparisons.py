"""Which arms of a study file are pooled and which are compared, with every fault of `pool` and `compare`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from bayes_ivf.errors import Fault
from bayes_ivf.identifiers import is_identifier
from bayes_ivf.study.arms_schema import StudyTable
from bayes_ivf.study.many_arms import Comparison

POOLED = "pooled"
"""Id of a pool that is written as a list and so has no name."""
CONTROL = "control"
"""Id of the arm that every other one is compared with, unless the file says which are."""

Pools = Mapping[str, tuple[str, ...]]


def read_pools(table: StudyTable, source: str, faults: list[Fault]) -> dict[str, tuple[str, ...]]:
    """Return the arms of each pool by its id."""
    written = {} if table.pool is None else {POOLED: table.pool} if isinstance(table.pool, list) else table.pool
    pools: dict[str, tuple[str, ...]] = {}
    for name, members in written.items():
        where = f"{source}: pool" if isinstance(table.pool, list) else f"{source}: pool.{name}"
        found = _pool_faults(name, members, table, where)
        taken = sorted({arm for arm in members for other in pools.values() if arm in other})
        if taken and not found:
            allowed = "each arm in one pool at most"
            found = [Fault(where, f"{', '.join(taken)} in two pools", allowed, "make the pools of different arms")]
        faults += found
        if not found:
            pools[name] = tuple(members)
    return pools


def _pool_faults(name: str, members: Sequence[str], table: StudyTable, where: str) -> list[Fault]:
    faults = [_unknown(arm, list(table.arms), where) for arm in members if arm not in table.arms]
    if name in table.arms:
        faults.append(Fault(where, repr(name), "an id that no arm has", "give the pool another id"))
    twice = [arm for arm in dict.fromkeys(members) if members.count(arm) > 1]
    faults += [Fault(where, f"{arm!r} twice", "each arm once", "remove one of them") for arm in twice]
    if len(members) < 2:
        faults.append(Fault(where, f"{len(members)} arm(s)", "at least two arms", "add the arms that are one here"))
    return faults


def _unknown(arm: str, known: Sequence[str], where: str) -> Fault:
    near = get_close_matches(arm.lower(), known, 1, 0.6)
    action = f"did you mean {near[0]!r}? Else correct the id" if near else "correct the id, or add the arm"
    return Fault(where, repr(arm), f"the id of an arm or pool: {', '.join(known)}", action)


def read_pairs(table: StudyTable, pools: Pools, source: str, faults: list[Fault]) -> list[tuple[str, str]]:
    """Return the ids of both sides of each comparison, the one in the role of the treatment first."""
    known = [*table.arms, *pools]
    if table.compare is None:
        return _usual_pairs(table, pools, source, faults)
    pairs: list[tuple[str, str]] = []
    for place, pair in enumerate(table.compare):
        where = f"{source}: compare.{place + 1}"
        found = [_unknown(arm, known, where) for arm in pair if arm not in known]
        if len(pair) != 2:
            allowed = "two arms, the one in the role of the treatment first"
            found.append(Fault(where, f"{len(pair)} arm(s)", allowed, 'write compare = [["low", "control"]]'))
        elif not found:
            found += _pair_faults((pair[0], pair[1]), pairs, pools, where)
        faults += found
        if not found:
            pairs.append((pair[0], pair[1]))
    return pairs


def _pair_faults(pair: tuple[str, str], before: Sequence[tuple[str, str]], pools: Pools, where: str) -> list[Fault]:
    first, second = pair
    if first == second:
        return [Fault(where, f"{first!r} with itself", "two different arms", "name the arm that it was compared with")]
    both = sorted(set(pools.get(first, (first,))) & set(pools.get(second, (second,))))
    if both:
        allowed = "two groups without an arm in common"
        return [Fault(where, f"{first} with {second}: {', '.join(both)} stands in both", allowed, "compare other arms")]
    if pair in before or (second, first) in before:
        return [Fault(where, f"{first} with {second} a second time", "each two arms once", "remove one of them")]
    if f"{first}-{second}" in [f"{a}-{b}" for a, b in before]:
        allowed = "ids that joined by a hyphen are different"
        return [Fault(where, f"a second comparison {first}-{second}", allowed, "rename one of the arms")]
    return []


def _usual_pairs(table: StudyTable, pools: Pools, source: str, faults: list[Fault]) -> list[tuple[str, str]]:
    """Compare every other arm with the one named control; a pool stands for its arms."""
    pooled = {arm for members in pools.values() for arm in members}
    sides = [*(arm for arm in table.arms if arm not in pooled), *pools]
    if len(table.arms) > 1 and CONTROL in sides and len(sides) > 1:
        return [(arm, CONTROL) for arm in sides if arm != CONTROL]
    if len(table.arms) > 1 and not faults:
        last = sides[0] if len(sides) > 1 else next(arm for arm in table.arms)
        example = ", ".join(f'["{arm}", "{last}"]' for arm in sides if arm != last) or '["low", "control"]'
        found = f"nothing, and no arm named {CONTROL}" if CONTROL not in sides else f"nothing, and {CONTROL} in a pool"
        faults.append(
            Fault(
                f"{source}: compare",
                found,
                "which arms are compared, the one in the role of the treatment first",
                f"write compare = [{example}], with the arm in the role of the control second",
            )
        )
    return []


def comparison(pair: tuple[str, str], table: StudyTable, pools: Pools) -> Comparison:
    """Make the comparison of two arms or pools; a pool has the women of its arms together."""

    def size(side: str) -> int:
        sizes = [table.arms[arm].n for arm in pools.get(side, (side,))]
        return sum(sizes) if all(sizes) else 0

    def clusters(side: str) -> int:
        known = [table.clusters.get(arm, 0) for arm in pools.get(side, (side,))]
        return sum(known) if all(known) else 0

    arms = {"treatment": pair[0], "control": pair[1]}
    numbers = {arm: many for arm, side in arms.items() if (many := clusters(side))}
    return Comparison(
        *pair,
        {arm: side_label(side, table, pools) for arm, side in arms.items()},  # type: ignore[misc]
        {arm: size(side) for arm, side in arms.items()},  # type: ignore[misc]
        numbers if len(numbers) == 2 else {},  # type: ignore[arg-type]
    )


def side_label(side: str, table: StudyTable, pools: Pools) -> str:
    """Return what an arm, or the arms of a pool, received."""
    labels = [table.arms[arm].label for arm in pools.get(side, (side,))]
    return labels[0] if len(labels) == 1 else f"{named_together(labels, 'and')} (pooled)"


def named_together(labels: Sequence[str], last: str) -> str:
    """Name several arms in one breath; words that all begin with are said once: ``melatonin 2 mg, 4 mg and 8 mg``."""
    words = [label.split(" ") for label in labels]
    same = 0
    while all(len(each) > same + 1 and each[same] == words[0][same] for each in words):
        same += 1
    first, *others = (" ".join(each[same * (place > 0) :]) for place, each in enumerate(words))
    return ", ".join([first, *others[:-1]]) + (f" {last} {others[-1]}" if others else "")


def cluster_faults(table: StudyTable, source: str) -> list[Fault]:
    """Return a fault for each number of clusters of an arm that there is not."""
    return [
        _unknown(arm, list(table.arms), f"{source}: clusters.{arm}") for arm in table.clusters if arm not in table.arms
    ]


def arm_faults(table: StudyTable, source: str) -> list[Fault]:
    """Return what is wrong with the arms themselves: there must be two, and none has the name of Windows' devices."""
    faults = []
    if len(table.arms) < 2:
        found = f"only {next(iter(table.arms))}" if table.arms else "none"
        allowed = "at least two arms, each with its own id"
        faults.append(Fault(f"{source}: arms", found, allowed, "add [arms.ID] for the other arms"))
    assert all(map(is_identifier, table.arms))
    labels = [arm.label for arm in table.arms.values()]
    faults += [
        Fault(f"{source}: arms.{name}.label", repr(arm.label), "a label of its own", "say what tells the arms apart")
        for name, arm in table.arms.items()
        if labels.count(arm.label) > 1 and labels.index(arm.label) != list(table.arms).index(name)
    ]
    return faults
