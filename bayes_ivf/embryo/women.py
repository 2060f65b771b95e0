"""From parameters per embryo to what a woman cares about: her own chance of a clinical pregnancy.

Averaged over the women of an arm::

    Pr(pregnant) = (1 - lambda) sum_m share_m Pr(K >= 1 | m),        share_m = E[w_m | P, S, parameters] / W

with lambda = 0 unless ``biochemical``. The shares are those of the arm's own women, or of both arms together (`pooled_shares`).

Examples
--------
A woman with two embryos, each of chance 0.3 and correlation 0.4: ``1 - Pr(K = 0 | 2) = 2 pi - pi^2 - rho pi (1 - pi)``.

>>> none, some = chances_by_size("beta_binomial", 2, special.logit(0.3), 0.4)
>>> print(some[1].round(6), round(2 * 0.3 - 0.3**2 - 0.4 * 0.3 * 0.7, 6))
0.426 0.426
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from bayes_ivf.embryo.likelihood import ArmLikelihood

Floats = npt.NDArray[np.float64]


def chances_by_size(
    mechanism: str, max_embryos: int, log_odds: npt.ArrayLike, within: npt.ArrayLike
) -> tuple[list[Floats], list[Floats]]:
    """Pr(K = 0 | m) and Pr(K >= 1 | m) for m = 1..M, both accurate where they are small.

    Parameters
    ----------
    mechanism, max_embryos, log_odds, within
        See `terms.log_pmf`.

    Returns
    -------
    none, some : lists of M arrays of the broadcast shape
    """
    log_odds, within = np.asarray(log_odds, dtype=float), np.asarray(within, dtype=float)
    yes = special.expit(log_odds)
    if mechanism == "receptivity":
        fail = [(1 - within) ** m for m in range(1, max_embryos + 1)]
        no = special.expit(-log_odds)
        return [no + yes * power for power in fail], [yes * (1 - power) for power in fail]
    none, some = [special.expit(-log_odds) * np.ones_like(within)], [yes * np.ones_like(within)]
    for m in range(1, max_embryos):
        # the next embryo implants although none before did
        step = yes * (1 - within) / (1 - within + m * within)
        some.append(some[-1] + none[-1] * step)
        none.append(none[-1] * (1 - step))
    return none, some


def none_implanted(
    arm: ArmLikelihood,
    log_odds: npt.ArrayLike,
    within: npt.ArrayLike,
    loss: npt.ArrayLike = 0.0,
    shares: npt.ArrayLike | None = None,
) -> Floats:
    """Probability that none of a woman's embryos implants, averaged over the women of the arm.

    Parameters
    ----------
    arm : ArmLikelihood
        The arm; its totals decide how its embryos were probably shared out.
    log_odds, within, loss : array_like
        Parameters, for example posterior draws; see `ArmLikelihood.log_likelihood`.
    shares : (..., M) array_like, optional
        Share of women by embryos received to average over. Left out: the arm's own, given totals and parameters.

    Returns
    -------
    array of float
        Probability, of the broadcast shape.
    """
    if shares is None:
        shares = arm.mean_allocation(log_odds, within, loss) / arm.totals.women
    none, _ = chances_by_size(arm.mechanism, arm.max_embryos, log_odds, within)
    return np.asarray((np.stack(none, axis=-1) * np.asarray(shares, dtype=float)).sum(axis=-1))


def clinical_pregnancy(
    arm: ArmLikelihood,
    log_odds: npt.ArrayLike,
    within: npt.ArrayLike,
    loss: npt.ArrayLike = 0.0,
    shares: npt.ArrayLike | None = None,
) -> Floats:
    """Probability of a clinical pregnancy per woman, averaged over the women of the arm.

    One minus `none_implanted`; under ``biochemical`` times ``1 - lambda``. Parameters as there.
    """
    if shares is None:
        shares = arm.mean_allocation(log_odds, within, loss) / arm.totals.women
    _, by_size = chances_by_size(arm.mechanism, arm.max_embryos, log_odds, within)
    some = np.asarray((np.stack(by_size, axis=-1) * np.asarray(shares, dtype=float)).sum(axis=-1))
    return some * (1 - np.asarray(loss, dtype=float)) if arm.mechanism == "biochemical" else some


def pooled_shares(
    treatment: ArmLikelihood,
    control: ArmLikelihood,
    log_odds_treatment: npt.ArrayLike,
    log_odds_control: npt.ArrayLike,
    within: npt.ArrayLike,
    loss: npt.ArrayLike = 0.0,
) -> Floats:
    """Share of women by embryos received, over both arms together, (..., M).

    Given to `clinical_pregnancy` for each arm, it removes what differs only because the arms received different
    numbers of embryos.
    """
    women = treatment.mean_allocation(log_odds_treatment, within, loss) + control.mean_allocation(
        log_odds_control, within, loss
    )
    return women / (treatment.totals.women + control.totals.women)


def per_embryo(mechanism: str, log_odds: npt.ArrayLike, within: npt.ArrayLike) -> Floats:
    """Implantation probability per embryo: pi, or r q under ``receptivity``."""
    probability = special.expit(np.asarray(log_odds, dtype=float))
    return np.asarray(probability * np.asarray(within) if mechanism == "receptivity" else probability)
