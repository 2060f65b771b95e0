"""The designs of a model card: which data are simulated, under which priors; each structure has its own."""

from __future__ import annotations

from bayes_ivf.calibration.design import Design
from bayes_ivf.cards import Card
from bayes_ivf.errors import Fault, RequestError


def designs_for(card: Card) -> list[Design]:
    """Return the designs of a model card.

    Raises
    ------
    RequestError
        If its structure has no simulator.
    """
    from bayes_ivf.structures import all_structures

    structures = all_structures()
    if card.structure not in structures:
        raise RequestError(
            Fault(
                f"model {card.id}",
                f"the structure {card.structure}, which has no simulator",
                f"structures {', '.join(structures)}",
                "choose another model card",
            )
        )
    return structures[card.structure].load_calibration().designs(card)
