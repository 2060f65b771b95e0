"""What the exact engine for embryo totals can report, and how each quantity is found in a grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType


@dataclass(frozen=True)
class EmbryoEstimand:
    """One quantity.

    Parameters
    ----------
    scale : str
        Estimand of `exact.scales` with the same range and coordinate, made unique by a suffix in brackets.
    kind : {"outer", "contrast", "arm", "between", "shared"}
        An outer coordinate of a chart; a risk difference or ratio of expit(log odds); a function of one arm's log odds;
        a function of both; a shared parameter.
    chart : str
        Coordinates of ``outer`` and ``arm``, and of ``between`` unless empty.
    quantity : {"embryo", "woman", "woman_standardized", "shared"}
        Whose probability.
    bounded : bool
        Whether a shared parameter bounds it: under ``receptivity`` no risk of an arm exceeds q.
    """

    scale: str
    kind: str
    chart: str = ""
    quantity: str = "embryo"
    bounded: bool = False

    @property
    def contrast(self) -> str:
        """Name of the scale without its suffix."""
        return self.scale.partition("[")[0]


_CONTRASTS = ("risk_difference", "risk_ratio", "odds_ratio", "log_odds_ratio")


def _log_odds(suffix: str) -> dict[str, EmbryoEstimand]:
    ending = f"_{suffix}" if suffix else ""
    return {
        f"{name}{ending}": EmbryoEstimand(f"{name}[log odds]", "outer", "effect")
        for name in ("log_odds_ratio", "odds_ratio")
    }


def _women() -> dict[str, EmbryoEstimand]:
    found = {}
    for suffix, quantity in (("", "woman"), ("_standardized", "woman_standardized")):
        own = quantity == "woman"
        for name, own_chart, chart in (
            ("control_risk", "control", "treatment"),
            ("treatment_risk", "treatment", "control"),
        ):
            kind = "arm" if own else "between"
            found[f"woman_{name}{suffix}"] = EmbryoEstimand(
                f"{name}[{quantity}]", kind, own_chart if own else chart, quantity
            )
        for name in _CONTRASTS:
            found[f"woman_{name}{suffix}"] = EmbryoEstimand(f"{name}[{quantity}]", "between", "", quantity)
    return found


def estimands_of(mechanism: str) -> Mapping[str, EmbryoEstimand]:
    """Return the quantities that can be asked for under a mechanism, by name.

    Parameters
    ----------
    mechanism : {"beta_binomial", "receptivity", "biochemical"}
        See `embryo.terms.log_pmf`.

    Returns
    -------
    mapping of str to EmbryoEstimand
        Per embryo: ``risk_difference, risk_ratio, odds_ratio, log_odds_ratio, control_risk, treatment_risk`` (of pi, or
        of r q). Per woman, averaged over the arm's own posterior allocation: the same with ``woman_`` before; with
        ``_standardized`` behind, averaged over the allocation of both arms together. SharedParameters: ``icc``, or ``q``, and
        ``lambda``. Under ``receptivity`` also ``log_odds_ratio_receptivity`` and ``odds_ratio_receptivity``, of r.
    """
    contrasts = {name: EmbryoEstimand(name, "contrast") for name in ("risk_difference", "risk_ratio")}
    risks = {f"{arm}_risk": EmbryoEstimand(f"{arm}_risk", "outer", arm) for arm in ("control", "treatment")}
    shared = {"q" if mechanism == "receptivity" else "icc": EmbryoEstimand("control_risk[within]", "shared")}
    if mechanism == "biochemical":
        shared["lambda"] = EmbryoEstimand("control_risk[loss]", "shared")
    if mechanism == "receptivity":
        ratios = {name: EmbryoEstimand(name, "between") for name in ("log_odds_ratio", "odds_ratio")}
        ratios |= _log_odds("receptivity")
    else:
        ratios = _log_odds("")
    found = ratios | contrasts | risks | _women()
    if mechanism == "receptivity":
        arms = ("control_risk", "treatment_risk")
        found = {name: replace(each, bounded=each.contrast in arms) for name, each in found.items()}
    return MappingProxyType(found | shared)
