"""One structure's designs per file: which data are simulated, under which priors.

In: a model card. Out: designs. Never: a fit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bayes_ivf.calibration.design import Design
from bayes_ivf.calibration.designs.embryo_cluster import embryo_cluster_designs
from bayes_ivf.calibration.designs.individual import individual_designs
from bayes_ivf.calibration.designs.stages import funnel_designs, outcomes_designs
from bayes_ivf.calibration.designs.two_arm import two_arm_designs
from bayes_ivf.cards import Card
from bayes_ivf.errors import Fault, RequestError

_DESIGNS: Mapping[str, Callable[[Card], list[Design]]] = {
    "two_arm": two_arm_designs,
    "embryo_cluster": embryo_cluster_designs,
    "funnel": funnel_designs,
    "individual": individual_designs,
    "outcomes": outcomes_designs,
}

CALIBRATED = tuple(_DESIGNS)
"""Structures that have designs."""


def designs_for(card: Card) -> list[Design]:
    """Return the designs of a model card.

    Raises
    ------
    RequestError
        If its structure has no simulator.
    """
    if card.structure not in _DESIGNS:
        raise RequestError(
            Fault(
                f"model {card.id}",
                f"the structure {card.structure}, which has no simulator",
                f"structures {', '.join(_DESIGNS)}",
                "choose another model card",
            )
        )
    return _DESIGNS[card.structure](card)
