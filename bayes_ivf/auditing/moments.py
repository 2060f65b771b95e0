"""Is there a sample of whole numbers with this size, sum and sum of squares? Exact integer arithmetic throughout.

Three searches, from cheap to thorough. `build_sample` takes a few far values out and spreads pairs around the mean of
the rest, which reaches almost every sum of squares that the bounds allow. Close to the largest one, few values lie
inside the range and `_listed` goes through all of them: with D = sum (y - low)(high - y), values at either end add
nothing to D. `_stepped` tries every value one by one. The last two end in a sample or a proof that there is none, or
run out of steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isqrt

Sample = tuple[tuple[int, int], ...]
"""A sample as (value, how often), by value."""

STEPS = 4_000
"""Nodes that one exhaustive search may visit before it gives up."""


class UndecidedError(Exception):
    """The search ran out of steps before it found a sample or a proof."""


class Budget:
    """Steps that one or several searches may take.

    Parameters
    ----------
    steps : int
    """

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self) -> None:
        """Take one step; raise UndecidedError when there is none left."""
        self.left -= 1
        if self.left < 0:
            raise UndecidedError


def smallest_square_sum(n: int, total: int) -> int:
    """Smallest sum of squares of `n` whole numbers with this sum: all as equal as can be."""
    q, r = divmod(total, n)
    return (n - r) * q * q + r * (q + 1) * (q + 1)


def largest_square_sum(n: int, total: int, low: int, high: int) -> int:
    """Largest sum of squares of `n` whole numbers from `low` to `high` with this sum: all but one at an end."""
    width = high - low
    if width == 0:
        return n * low * low
    full, remainder = divmod(total - n * low, width)
    if full >= n:
        return n * high * high
    return full * high * high + (low + remainder) ** 2 + (n - full - 1) * low * low


def find_sample(n: int, total: int, squares: int, low: int, high: int, budget: Budget) -> Sample | None:
    """Find `n` whole numbers from `low` to `high` with this sum and sum of squares, or prove that there are none.

    Parameters
    ----------
    n, total, squares : int
    low, high : int
        Ends of the range, both finite.
    budget : Budget
        Steps left for this and further searches.

    Returns
    -------
    Sample or None
        None is a proof that there is none.

    Raises
    ------
    UndecidedError
        If neither was reached within `STEPS` steps of each search, or the budget is spent.
    """
    if not _within(n, total, squares, low, high):
        return None
    built = build_sample(n, total, squares, low, high)
    if built is not None:
        return built
    searches = (_stepped, _listed) if n <= 6 else (_listed, _stepped)
    for search in searches:
        share = Budget(min(STEPS, budget.left))
        granted = share.left
        try:
            return search(n, total, squares, low, high, share)
        except UndecidedError:
            continue
        finally:
            budget.left -= granted - max(0, share.left)
    raise UndecidedError


def _within(n: int, total: int, squares: int, low: int, high: int) -> bool:
    """Whether sum and sum of squares have the same parity and lie inside their bounds."""
    return (
        (total - squares) % 2 == 0
        and n * low <= total <= n * high
        and smallest_square_sum(n, total) <= squares <= largest_square_sum(n, total, low, high)
    )


def build_sample(n: int, total: int, squares: int, low: int, high: int) -> Sample | None:
    """Take the farthest possible values out one by one until pairs spread around the mean give the rest.

    Parameters as `find_sample`; None only says that this quick way led nowhere.
    """
    if not _within(n, total, squares, low, high):
        return None
    taken: list[int] = []
    while n >= 1:
        pairs = _paired(n, total, squares, low, high)
        if pairs is not None:
            return _runs([*taken, *pairs])
        value = _farthest(n, total, squares, low, high)
        if value is None:
            return None
        taken.append(value)
        n, total, squares = n - 1, total - value, squares - value * value
    return None


def _farthest(n: int, total: int, squares: int, low: int, high: int) -> int | None:
    """Return the value farthest from the mean that leaves a possible rest; None if none of the far ones does."""
    if n == 1:
        return None
    reach = _reach(n, total, squares)
    ends = [min(high, -(-total // n) + reach), max(low, total // n - reach)]
    ends.sort(key=lambda value: -abs(n * value - total))
    for step in range(4):
        for end in ends:
            value = end - step if n * end > total else end + step
            if _within(n - 1, total - value, squares - value * value, low, high):
                return value
    return None


def _paired(n: int, total: int, squares: int, low: int, high: int) -> list[int] | None:
    """Start from all values equal (or one apart) and spread pairs of equal ones: each adds twice a square."""
    q, r = divmod(total, n)
    excess = (squares - smallest_square_sum(n, total)) // 2
    if excess > (n - r) // 2 * min(q - low, high - q) ** 2 + (r // 2) * min(q + 1 - low, high - q - 1) ** 2:
        return None
    slots = [(min(q - low, high - q), q)] * ((n - r) // 2) + [(min(q + 1 - low, high - q - 1), q + 1)] * (r // 2)
    slots.sort(reverse=True)
    rooms = [0]
    for room, _ in reversed(slots):
        rooms.append(rooms[-1] + room * room)
    rooms.reverse()
    chosen = _squares(excess, [room for room, _ in slots], rooms, Budget(len(slots) + 200))
    if chosen is None:
        return None
    values = [q] * (n - r) + [q + 1] * r
    for j, (_, center) in zip(chosen, slots, strict=False):
        values.remove(center)
        values.remove(center)
        values += [center - j, center + j]
    return values


def _squares(excess: int, most: list[int], rooms: list[int], budget: Budget) -> list[int] | None:
    """Write `excess` as a sum of squares of numbers up to `most`, the largest first; None if not found quickly."""
    chosen: list[int] = []
    tries = [min(most[0], isqrt(excess))] if most else []
    while excess:
        index = len(chosen)
        budget.left -= 1
        if budget.left < 0:
            return None
        fits = index < len(tries) and tries[index] > 0 and excess <= rooms[index]
        if fits:
            j = tries[index]
            chosen.append(j)
            excess -= j * j
            if len(chosen) < len(most):
                tries.append(min(most[len(chosen)], isqrt(excess)))
            continue
        del tries[index:]
        if not chosen:
            return None
        j = chosen.pop()
        excess += j * j
        tries[-1] = j - 1
    return chosen


def _stepped(n: int, total: int, squares: int, low: int, high: int, budget: Budget) -> Sample | None:
    """Try every value at every place, those near one standard deviation from the mean first.

    States (size, sum, sum of squares) that led nowhere are not entered again, so that a None is a proof.
    """
    dead: set[tuple[int, int, int]] = set()
    chosen: list[int] = []
    state = [(n, total, squares)]
    stack: list[Iterator[int]] = [_choices(n, total, squares, low, high)]
    while stack:
        budget.spend()
        left, t, q = state[-1]
        ending = _ending(left, t, q, low, high) if left <= 2 else None
        if ending is not None:
            return _runs([*chosen, *ending])
        value = next(stack[-1], None) if left > 2 else None
        if value is None:
            dead.add(state.pop())
            stack.pop()
            if chosen:
                chosen.pop()
            continue
        remaining = (left - 1, t - value, q - value * value)
        if remaining not in dead and _within(*remaining, low, high):
            chosen.append(value)
            state.append(remaining)
            stack.append(_choices(*remaining, low, high))
    return None


def _choices(n: int, total: int, squares: int, low: int, high: int) -> Iterator[int]:
    """Every value that can leave a possible rest, those near mean - sd and mean + sd first."""
    reach = _reach(n, total, squares)
    first, last = max(low, total // n - reach), min(high, -(-total // n) + reach)
    sd = isqrt(max(0, n * squares - total * total)) // n
    anchors = [min(last, max(first, total // n + side * sd)) for side in (1, -1)]
    seen = set()
    for step in range(last - first + 1):
        for value in (anchors[0] + step, anchors[0] - step, anchors[1] + step, anchors[1] - step):
            if first <= value <= last and value not in seen:
                seen.add(value)
                yield value


def _reach(n: int, total: int, squares: int) -> int:
    """How far one value can lie from the mean: its squared distance is at most (n - 1) / n of all squared distances."""
    return isqrt(max(0, (n * squares - total * total) * (n - 1))) // n + 1


def _ending(n: int, total: int, squares: int, low: int, high: int) -> tuple[int, ...] | None:
    """Solve for the last one or two values."""
    if n == 1:
        return (total,) if total * total == squares and low <= total <= high else None
    square = 2 * squares - total * total
    root = isqrt(square) if square >= 0 else -1
    if root < 0 or root * root != square or (total + root) % 2:
        return None
    a, b = (total - root) // 2, (total + root) // 2
    return (a, b) if low <= a and b <= high else None


def _listed(n: int, total: int, squares: int, low: int, high: int, budget: Budget) -> Sample | None:
    """List every multiset of inner values whose D fits, and look whether values at the ends can fill up the rest."""
    width = high - low
    shifted = total - n * low
    distance = (high + low) * total - squares - n * low * high
    if width == 0:
        return ((low, n),) if shifted == 0 and distance == 0 else None
    if width > STEPS:
        raise UndecidedError
    # Inner offsets by what they add to D, the dearest first, so that the cheapest fill up exactly.
    offsets = sorted((k for k in range(1, width) if k * (width - k) <= distance), key=lambda k: -k * (width - k))

    def fill(index: int, d: int, room: int, offset_sum: int, inner: Sample) -> Sample | None:
        if d == 0:
            at_high, rest = divmod(shifted - offset_sum, width)
            if rest == 0 and 0 <= at_high <= room:
                ends = ((low, room - at_high), (high, at_high))
                return tuple(sorted((v, c) for v, c in (*((low + k, c) for k, c in inner), *ends) if c))
            return None
        for i in range(index, len(offsets)):
            budget.spend()
            k = offsets[i]
            cost = k * (width - k)
            if d > room * cost:
                return None
            for count in range(min(room, d // cost), 0, -1):
                found = fill(i + 1, d - count * cost, room - count, offset_sum + count * k, (*inner, (k, count)))
                if found is not None:
                    return found
        return None

    return fill(0, distance, n, 0, ())


def _runs(values: list[int]) -> Sample:
    counts: dict[int, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return tuple(sorted(counts.items()))
