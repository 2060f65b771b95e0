"""Two arms of a source that a person names, by number or by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bayes_ivf.errors import Fault, StudyError


def chosen_arms(chosen: Sequence[str], labels: Sequence[str], named: Callable[[str, int], bool]) -> tuple[int, int]:
    """Return the places of the treatment and the control arm.

    Parameters
    ----------
    chosen : sequence of str
        Numbers from 1, or names.
    labels : sequence of str
        Of all arms of the source.
    named : callable
        Whether a name is that of the arm at a place.

    Raises
    ------
    StudyError
        Unless these are two different arms.
    """

    def place(name: str) -> int:
        if name.isdecimal() and len(name) < 4:
            return int(name) - 1
        return next((at for at in range(len(labels)) if named(name, at)), -1)

    places = [place(name) for name in chosen]
    if len(places) != 2 or places[0] == places[1] or not all(0 <= place < len(labels) for place in places):
        listed = "; ".join(f"{number}: {label}" for number, label in enumerate(labels, 1)) or "none"
        allowed, action = f"two of these: {listed}", "name the treatment and the control arm by number"
        raise StudyError(Fault("--arms", ",".join(chosen), allowed, action))
    return places[0], places[1]
