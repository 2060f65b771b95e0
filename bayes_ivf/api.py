"""The calls of a notebook; each only joins the stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bayes_ivf import defaults
from bayes_ivf.settings import Settings, check_fraction, check_level, choose_settings

if TYPE_CHECKING:
    from bayes_ivf.cards import Card
    from bayes_ivf.inference import Fit
    from bayes_ivf.problem import PriorLike
    from bayes_ivf.study import Study


def fit(
    study: str | Path | Study,
    outcome: str | None = None,
    model: str | Path | Card = "auto",
    prior: PriorLike = defaults.PRIMARY_PRIOR,
    *,
    comparison: str | None = None,
    engine: str = "auto",
    options: Mapping[str, object] | None = None,
    claim_doubt: float | None = None,
    ci_prob: float = defaults.CI_PROB,
    draws: int | None = None,
    tune: int | None = None,
    chains: int | None = None,
    seed: int | None = None,
    settings: Settings | None = None,
) -> Fit:
    """Fit one outcome of a study.

    Parameters
    ----------
    study : str, Path or Study
        Id of a bundled study, path of a study file, or a study.
    outcome : str, optional
        Id of the outcome; may be left out if the study has one.
    comparison : str, optional
        Of a trial of more than two arms: which arms are compared, such as ``high-control``; the outcome is then called as in
        the study file.
    model : str, Path or Card
        Model card. ``auto``: the one that does most justice to the outcome, such as `embryo_cluster` for embryos whose
        women and pregnancies were printed too.
    prior : str, Path, PriorSet or mapping
        Prior set, or slots such as ``{"effect": {"dist": "Normal", "mu": 0, "sigma": 1}}`` with PyMC's names; slots not
        given come from `weakly_informative`. Scales: log odds for counts, standardized mean difference for means and
        claims. Where the default says nothing of a difference that is printed alone, it is ``reference``, flat on it.
    engine : {"auto", "exact", "nuts"}
        ``auto``: NUTS for the primary prior with exact beside it where it applies; exact for every other prior where
        possible.
    options : mapping, optional
        Options of the card.
    claim_doubt : float, optional
        For outcomes known only as a claim: probability from 0 to 1 that its words carry no information.
    ci_prob : float
        Probability of the intervals in its rows and sentences, from 0.5 to 0.999.
    draws, tune, chains, seed : int, optional
        Of NUTS, and of ``fit.sample()`` after quadrature, by default as in `bayes_ivf.defaults`; the same seed gives the
        same numbers on any number of cores.
    settings : Settings, optional
        The same four as one value, in place of them.

    Returns
    -------
    Fit
        With ``effects(), summary(), diagnostics(), sentence(), probability(...)``, and ``tree`` if it was sampled.

    Raises
    ------
    StudyError, CardError, PriorError, RequestError
        If something cannot be found, read or combined.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr")
    >>> fit = bi.fit(study, engine="exact")
    >>> fit
    Fit(study/cpr/two_arm/weakly_informative, exact, pass)
    >>> round(fit.probability("risk_difference", above=0.05), 3)
    0.631

    A prior of one's own, on the log odds ratio:

    >>> doubtful = {"effect": {"dist": "Normal", "mu": 0, "sigma": 0.2}}
    >>> round(bi.fit(study, prior=doubtful, engine="exact").probability("risk_difference", above=0.05), 3)
    0.201
    """
    from bayes_ivf.cards import Card, load_card
    from bayes_ivf.errors import PriorError
    from bayes_ivf.inference import fit_problem
    from bayes_ivf.problem import FLAT_SET, build_problem
    from bayes_ivf.record import default_card
    from bayes_ivf.study import load_study

    sampling = choose_settings(settings, draws=draws, tune=tune, chains=chains, seed=seed)
    level, chosen = check_level(ci_prob), dict(options or {})
    if claim_doubt is not None:
        chosen["doubt"] = check_fraction(claim_doubt, "claim_doubt")
    loaded = load_study(study)
    name = loaded.only_outcome(comparison).id if outcome is None else outcome
    if comparison is not None and outcome is not None:
        name = loaded.compared(outcome, comparison)
    named = default_card(loaded, name, prior) if model == "auto" else model
    card = named if isinstance(named, Card) else load_card(named)
    try:
        problem = build_problem(loaded, name, card, prior, chosen)
    except PriorError:
        if prior != defaults.PRIMARY_PRIOR:
            raise
        problem = build_problem(loaded, name, card, FLAT_SET, chosen)
    asked = replace(problem, variation=False)  # what is asked for by name is of record here
    return fit_problem(asked, sampling, engine, ci_prob=level).about(name)
