"""The call of a notebook: from a study and an outcome, or several, to all readings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, overload

from bayes_ivf import defaults
from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.problem import PriorLike
from bayes_ivf.reading_choices.choices import Asked
from bayes_ivf.reading_choices.joint import joint_readings
from bayes_ivf.reading_choices.joint_result import JointReadings
from bayes_ivf.reading_choices.opened import By, Opened, Wanted
from bayes_ivf.reading_choices.result import Readings
from bayes_ivf.settings import check_level
from bayes_ivf.structures import base_structure
from bayes_ivf.study import ARMS, Counts, Outcome, Study, load_study

if TYPE_CHECKING:
    from bayes_ivf.cards import Card


@overload
def readings(
    study: str | Path | Study,
    outcome: str | None = None,
    weights: By = "stated",
    priors: bool = False,
    *,
    choices: Asked | None = None,
    prior: PriorLike = defaults.PRIMARY_PRIOR,
    model: str | Path | Card = "auto",
    ci_prob: float = defaults.CI_PROB,
    workers: int | None = None,
) -> Readings: ...


@overload
def readings(
    study: str | Path | Study,
    outcome: list[str] | tuple[str, ...],
    weights: By = "stated",
    priors: bool = False,
    *,
    choices: Asked | None = None,
    prior: PriorLike = defaults.PRIMARY_PRIOR,
    model: str | Path | Card = "auto",
    ci_prob: float = defaults.CI_PROB,
    workers: int | None = None,
) -> JointReadings: ...


def readings(
    study: str | Path | Study,
    outcome: str | list[str] | tuple[str, ...] | None = None,
    weights: By = "stated",
    priors: bool = False,
    *,
    choices: Asked | None = None,
    prior: PriorLike = defaults.PRIMARY_PRIOR,
    model: str | Path | Card = "auto",
    ci_prob: float = defaults.CI_PROB,
    workers: int | None = None,
) -> Readings | JointReadings:
    """Mix all readings that a paper leaves open of an outcome, and say how much each choice matters.

    Choices are: the counts behind an ambiguous percentage (``decoding``), sd or standard error (``spread``, where the label is
    undeclared and the audit doubts it), and options of the model: most embryos (``M``), how unprinted allocations are weighted
    (``weights``), what ties embryos of one woman together (``mechanism``), the chance that a claim says nothing (``doubt``).
    By name alone: ``arms`` (which column is which), losses before the clinical pregnancy (level ``biochemical`` of
    ``mechanism``), embryos taken as independent (level ``independent``), four embryos and more, and ``doubt`` in numbers
    (posterior = (1 - doubt) posterior + doubt prior).

    Several outcomes have joint readings: a choice that several of them leave open is made once for all of them, but for
    decodings; ``"NAME of OUTCOME"`` in `choices` makes it for one alone.

    Parameters
    ----------
    study : str, Path or Study
        Id of a bundled study, path of a study file, or a study.
    outcome : str or list of str, optional
        Id of the outcome; may be left out if the study has one. A list of several gives joint readings.
    weights : {"stated", "evidence"}
        ``stated``: the weights of the levels are the posterior weights; what could not have been printed is removed and named.
        ``evidence``: they are multiplied by the probability of what was printed, by Bayes' theorem.
    priors : bool
        Whether the named prior sets are a choice, too.
    choices : mapping of str to levels, optional
        Levels of some choices in place of those that are tried unasked, alone or as a mapping to their weights:
        ``{"M": ["2", "3"], "mechanism": {"beta_binomial": 0.7, "receptivity": 0.3}}``.
    prior : str, Path, PriorSet or mapping
        As of `fit`, where prior sets are no choice.
    model : str, Path or Card
        As of `fit`.
    ci_prob : float
        Probability of the intervals.
    workers : int, optional
        Processes that share many problems; changes no number.

    Returns
    -------
    Readings
        ``table`` (one row per reading), the mixture's numbers, ``shares``, ``beside`` (other denominators), ``sentence()``.
        Of a list: `JointReadings`, with one of these for each outcome, and the table of all combinations.

    Raises
    ------
    RequestError
        If nothing can be fitted, choices make no sense, or evidence has no common unit.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> found = bi.readings("lei-2026", "eir")
    >>> found
    Readings(lei-2026/eir: 4 readings, stated, P(benefit) 0.851)
    >>> {name: round(share, 2) for name, share in found.shares.items()}
    {'M': 0.0, 'weights': 0.02, 'mechanism': 0.98}

    One outcome of a single table has one reading, which is its fit:

    >>> bi.readings(bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", benefit="higher")).shares
    mappingproxy({})

    References
    ----------
    Hoeting JA, Madigan D, Raftery AE, Volinsky CT (1999). Bayesian model averaging: a tutorial. Statistical Science 14:382-417.
    doi:10.1214/ss/1009212519
    """
    if weights not in ("stated", "evidence"):
        raise RequestError(Fault("weights", repr(weights), "stated, evidence", "name one of the two"))
    loaded, level, asked = load_study(study), check_level(ci_prob), dict(choices or {})
    wanted = Wanted(weights, prior, model, level, workers)
    if isinstance(outcome, list | tuple):
        return joint_readings(loaded, list(dict.fromkeys(outcome)), asked, priors, wanted)
    item = loaded.only_outcome() if outcome is None else loaded.outcome(outcome)
    opened = Opened.of(loaded, item, asked, priors, wanted)
    beside = [name for name in opened.places if name]
    solved = opened.solve(("", *beside), wanted)
    made = [opened.result(solved, name, wanted) for name in solved.quantities if not name.place or opened.is_plain]
    return replace(made[0], beside=(*made[1:], *_per_woman(opened.study, opened.item, wanted)))


def _per_woman(study: Study, item: Outcome, wanted: Wanted) -> tuple[Readings, ...]:
    """The same events per woman randomized, where they are printed of fewer or other units of which a woman has at most one."""
    counts = [item.counts(arm) for arm in ARMS]
    sizes = [study.sizes[arm] for arm in ARMS]
    alone = item.per in ("transfer", "clinical_pregnancy", "pregnancy", "retrieval", "cycle")
    if not alone or any(each is None or each.events > n or each.n > n for each, n in zip(counts, sizes, strict=True)):
        return ()
    data = {arm: Counts(each.events, n) for arm, each, n in zip(ARMS, counts, sizes, strict=True) if each is not None}
    other = replace(item, data=data, per="woman", denominator_of=None, kind="counts", claim=None, effect=None)
    alone_study = replace(study, items=(other,))
    found = readings(
        alone_study, other.id, wanted.weights, prior=wanted.prior, ci_prob=wanted.ci_prob, model=base_structure()
    )
    return (replace(found, label=f"{item.label}, per woman randomized"),)
