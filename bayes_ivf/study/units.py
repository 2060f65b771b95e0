"""The unit of a denominator: a closed list of names, each with its usual synonyms."""

from __future__ import annotations

from difflib import get_close_matches

UNITS: dict[str, tuple[str, ...]] = {
    "woman": (
        "patient", "participant", "subject", "person", "individual", "couple", "recipient", "case", "woman randomized",
        "randomized woman", "patient randomized", "randomized patient", "woman allocated", "patient allocated",
    ),
    "man": ("male partner", "partner", "male"),
    "donor": ("oocyte donor", "egg donor"),
    "cycle": (
        "started cycle", "initiated cycle", "treatment cycle", "stimulation cycle", "stimulated cycle", "ivf cycle",
        "icsi cycle", "iui cycle", "attempt", "course",
    ),
    "insemination": ("iui",),
    "retrieval": ("oocyte retrieval", "egg retrieval", "opu", "pick-up", "aspiration", "ovum pick-up"),
    "transfer": ("embryo transfer", "et", "fet", "frozen embryo transfer", "fresh transfer", "transfer procedure"),
    "warming": ("thaw", "thawing", "warming cycle"),
    "follicle": (),
    "oocyte": ("egg", "ovum", "coc", "cumulus oocyte complex", "inseminated oocyte", "retrieved oocyte"),
    "mature_oocyte": ("mii", "m2", "mii oocyte", "metaphase ii", "metaphase ii oocyte", "mature egg", "injected oocyte"),
    "zygote": ("2pn", "2 pn", "2pn zygote", "pn", "fertilized oocyte", "fertilized egg"),
    "embryo": ("transferred embryo", "embryo transferred", "cleavage embryo", "cleavage-stage embryo", "day 3 embryo"),
    "blastocyst": ("blast", "day 5 embryo"),
    "blastomere": ("cell",),
    "biopsy": ("sample", "specimen"),
    "gestational_sac": ("sac",),
    "fetus": ("foetus",),
    "child": ("baby", "newborn", "neonate", "infant", "live-born", "live-born child", "offspring"),
    "eye": (),
    "ovary": (),
    "implantation": (),
    "pregnancy": ("pregnant woman", "positive test", "hcg positive", "positive hcg", "biochemical pregnancy"),
    "clinical_pregnancy": (),
    "ongoing_pregnancy": (),
    "miscarriage": ("loss", "pregnancy loss"),
    "birth": ("delivery",),
    "live_birth": ("live delivery",),
    "center": ("centre", "clinic", "site"),
    "visit": (),
}  # fmt: skip
"""Canonical names of units, and what else papers call them."""

_PLURALS = {"women": "woman", "men": "man", "ova": "ovum", "babies": "baby", "children": "child", "foetuses": "foetus",
            "fetuses": "fetus", "pregnancies": "pregnancy", "biopsies": "biopsy", "deliveries": "delivery",
            "ovaries": "ovary", "losses": "loss"}  # fmt: skip
_KNOWN = {name.replace("_", " "): name for name in UNITS} | {
    other: name for name, others in UNITS.items() for other in others
}

FROM_ARM = ("woman", "embryo")
"""Units whose denominators follow from the size of the arm; of every other unit the file has to say how many there are."""

OF_EVENTS = (
    "transfer", "insemination", "warming", "oocyte", "mature_oocyte", "zygote", "implantation", "pregnancy",
    "clinical_pregnancy", "ongoing_pregnancy",
)  # fmt: skip
"""Units of which papers count events and measure nothing (a child has a weight, a cycle a number of oocytes, an embryo one of
cells): a claim per such a unit is about counts."""


IN_TURN = ("cycle", "insemination", "retrieval", "transfer", "warming", "visit")
"""Units that a woman has one after the other, so that she may stop after an event."""
IN_PAIRS = ("eye", "ovary")
"""Units of which a woman has at most two."""


def read_unit(text: str) -> str | None:
    """Return the canonical name of a unit, from a name or synonym in singular or plural; None if it is not known."""
    words = (
        text.strip()
        .lower()
        .replace("randomised", "randomized")
        .removeprefix("per ")
        .replace("_", " ")
        .replace("-", " ")
        .split()
    )
    candidates = [" ".join(words)]
    if words:
        head = " ".join(words[:-1])
        last = _PLURALS.get(words[-1]) or words[-1].removesuffix("s")
        candidates.append(f"{head} {last}".strip())
        first = _PLURALS.get(words[0]) or words[0].removesuffix("s")
        candidates.append(" ".join([first, *words[1:]]))
    spaced = {known.replace("-", " "): name for known, name in _KNOWN.items()}
    return next((spaced[each] for each in candidates if each in spaced), None)


def near_unit(text: str) -> str:
    """Return the closest known name, for an error; empty if none is close."""
    nearest = get_close_matches(text.strip().lower().replace("_", " "), list(_KNOWN), 1, 0.75)
    return _KNOWN[nearest[0]] if nearest else ""


def plural(unit: str) -> str:
    """Return the plural of a canonical name, for a sentence."""
    irregular = {name: more for more, name in _PLURALS.items()} | {"fetus": "fetuses"}
    name = unit.replace("_", " ")
    head, _, last = name.rpartition(" ")
    return f"{head} {irregular.get(last, last + 's')}".strip()
