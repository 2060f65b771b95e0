"""The result of record: one model per outcome, chosen here alone; tables, figures, sentences and notebooks ask this module."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from bayes_ivf.problem import DERIVED, LEFT_OUT, applicable, build_problem
from bayes_ivf.results import Curve, EffectRow, Said, clustering_sentence, effect_curve
from bayes_ivf.structures import base_structure, structures_of_record
from bayes_ivf.study import KINDS

if TYPE_CHECKING:
    from bayes_ivf.cards import Card
    from bayes_ivf.inference import Fit
    from bayes_ivf.problem import PriorLike
    from bayes_ivf.study import Outcome, Study


def best_of(structures: Iterable[str]) -> str | None:
    """Return the structure of record among those that fitted an outcome; None if none of them is for a single outcome."""
    fitted = set(structures)
    return next((name for name in structures_of_record() if name in fitted), None)


def record_card(study: Study, item: Outcome, cards: Sequence[Card], prior: PriorLike) -> Card | None:
    """Return the card that does most justice to an outcome and can be fitted; None if no card can.

    Parameters
    ----------
    study : Study
    item : Outcome
    cards : sequence of Card
    prior : str, Path, PriorSet or mapping
        A card whose problem cannot be built under it (a printed total is missing, a slot does not fit) is passed over.
    """
    from bayes_ivf.errors import BayesIvfError

    for structure in structures_of_record():
        for card in cards:
            if card.structure != structure or applicable(study, item, card) is not None:
                continue
            try:
                build_problem(study, item.id, card, prior)
            except BayesIvfError:
                continue
            return card
    return None


def default_card(study: Study, outcome: str, prior: PriorLike) -> Card:
    """Return the bundled card that `fit` takes for an outcome unless a model is named.

    Parameters
    ----------
    study : Study
    outcome : str
        Its id, or that of an outcome that a funnel derives.
    prior : str, Path, PriorSet or mapping
    """
    from bayes_ivf.cards import bundled_cards, load_card

    if outcome not in study.ids and study.printed_id(outcome) in DERIVED:
        return load_card("funnel")
    cards = [load_card(name) for name in bundled_cards()]
    return record_card(study, study.outcome(outcome), cards, prior) or load_card("two_arm")


def record_fits(fits: Sequence[Fit], item: Outcome) -> list[Fit]:
    """Return the fits of an outcome's result of record, primary prior first; claims at every degree of belief."""
    mine = [fit for fit in fits if fit.problem.outcome == item.id]
    best = best_of(fit.problem.structure for fit in mine)
    model = next((fit.problem.model for fit in mine if fit.problem.structure == best), None)
    chosen = [fit for fit in mine if fit.problem.model == model]
    return [fit for fit in chosen if not fit.problem.variation or KINDS[item.kind].words]


def told(fit: Fit) -> Fit:
    """Return the fit of quadrature where it is accurate, since it carries no chance; else the fit itself."""
    return fit.told


def of_record(fits: Sequence[Fit], item: Outcome) -> tuple[list[EffectRow], list[str | Said]]:
    """Return the rows of an outcome's result of record, primary prior first, and the caveats it carries."""
    chosen = record_fits(fits, item)
    if not chosen:
        return [], []
    rows = [row for fit in chosen for row in told(fit).rows if row.outcome == item.id]
    structure, base = chosen[0].problem.structure, base_structure()
    naive = [fit for fit in fits if fit.problem.outcome == item.id and structure != fit.problem.structure == base]
    changed: list[str | Said] = (
        [clustering_sentence(told(chosen[0]).rows, told(naive[0]).rows, item.per)]
        if naive and item.per != "woman" and item.icc is None
        else []
    )
    mine = LEFT_OUT.format(item.id)
    left_out = dict.fromkeys(caveat for fit in fits for caveat in fit.problem.caveats if mine in caveat)
    return rows, [*changed, *chosen[0].problem.caveats, *left_out]


def rows_of_record(fits: Sequence[Fit], study: Study) -> tuple[EffectRow, ...]:
    """Return the rows of every outcome's result of record."""
    return tuple(row for item in study.items for row in of_record(fits, item)[0])


def record_curves(fits: Sequence[Fit], study: Study) -> tuple[Curve, ...]:
    """Return the densities of every outcome's result of record under the primary prior; of words alone there are none."""
    items = [item for item in study.items if item.role == "outcome" and not KINDS[item.kind].words]
    chosen = (record_fits(fits, item) for item in items)
    curves = (effect_curve(mine[0].told) for mine in chosen if mine)
    return tuple(curve for curve in curves if curve is not None)


def record_rows(
    rows: Sequence[EffectRow], structures: Mapping[str, str], doubted: Iterable[str] = ()
) -> tuple[EffectRow, ...]:
    """Return the rows that are of record: one model, one engine and the default options per outcome.

    Parameters
    ----------
    rows : sequence of EffectRow
        In the order of ``effects.csv``: primary prior and default options first. Of fits to the outcome itself: what a model
        of another outcome says of it is not of record.
    structures : mapping of str to str
        Structure of every model by its id.
    doubted : iterable of str
        Outcomes known only as a claim; they keep every degree of belief.

    Returns
    -------
    tuple of EffectRow
        Rows of quadrature where it is accurate, else those of NUTS.
    """
    whole = set(doubted)
    by_outcome: dict[str, list[EffectRow]] = {}
    for row in rows:
        by_outcome.setdefault(row.outcome, []).append(row)
    chosen: list[EffectRow] = []
    for outcome, mine in by_outcome.items():
        best = best_of(structures.get(row.model, row.model) for row in mine)
        first = next((row for row in mine if structures.get(row.model, row.model) == best), None)
        if first is not None:
            of_model = [row for row in mine if row.model == first.model]
            chosen += one_engine([row for row in of_model if outcome in whole or row.options == first.options])
    return tuple(chosen)


def one_engine(rows: Sequence[EffectRow]) -> list[EffectRow]:
    """Keep one engine's row of every estimand: accurate quadrature first, then NUTS, then what there is."""

    def rank(row: EffectRow) -> int:
        return 1 if row.engine != "exact" else 0 if row.verdict == "pass" else 2

    first: dict[tuple[str, ...], EffectRow] = {}
    for row in sorted(rows, key=rank):
        first.setdefault((row.outcome, row.model, row.options, row.prior, row.estimand), row)
    kept = {id(row) for row in first.values()}
    return [row for row in rows if id(row) in kept]
