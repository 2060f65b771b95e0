"""Short texts and tables for the report, gathered from what is already computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bayes_ivf.report.context import Context

if TYPE_CHECKING:
    import pandas as pd


def headline(context: Context) -> list[str]:
    """Return the answer in a few sentences: what a reader in a hurry should take away."""
    ledger = context.audit.ledger
    claimed = [row for row in ledger if context.study.outcome(row.outcome).role == "outcome"]
    checkable = [row for row in claimed if row.supported != "undetermined"]
    count = {verdict: sum(row.supported == verdict for row in claimed) for verdict in ("yes", "no", "conditional")}
    lines = []
    if claimed:
        lines.append(
            f"Of {len(claimed)} outcomes reported with a P, {len(checkable)} can be recomputed from what was visible: "
            f"the printed conclusion of {count['yes']} holds, that of {count['no']} does not, and that of "
            f"{count['conditional']} holds only under a further assumption."
        )
    exact = [row.p_reproduced for row in claimed if row.p_reproduced]
    if exact:
        lines.append(
            f"Of {len(exact)} exact P values printed for them, {exact.count('yes')} {'is' if exact.count('yes') == 1 else 'are'} "
            f"that of a usual test within rounding, {exact.count('no')} {'is' if exact.count('no') == 1 else 'are'} not; whether "
            "the conclusion holds is another question."
        )
    found = context.audit.found
    worst = sum(finding.severity == "impossible" for finding in found)
    cautions = sum(finding.severity == "caution" for finding in found)
    if found:
        lines.append(
            f"The audit has {worst} finding{'s' * (worst != 1)} of numbers that cannot hold under a stated assumption, and "
            f"{cautions} caution{'s' * (cautions != 1)}; each comes with innocent explanations."
        )
    table = context.comparison
    chosen = table[table.bayes_effect.notna() & (table.role == "outcome") & (table.kind != "claim_only")]
    unclear = chosen[(chosen.bayes_ci_low < 0) & (chosen.bayes_ci_high > 0)]
    if len(chosen):
        lines.append(
            f"Of {len(chosen)} outcomes with numbers, {len(unclear)} {'has' if len(unclear) == 1 else 'have'} a 95% credible "
            f"interval that includes no effect"
            + (f": {', '.join(label[0].lower() + label[1:] for label in unclear.label)}." if len(unclear) else ".")
        )
    if context.study.randomized != "yes":
        lines.append(
            "Allocation cannot be taken as random from what was visible, so every effect here is an association under the "
            "model, causal only if allocation was random."
        )
    return lines


def agreement(effects: pd.DataFrame) -> list[dict[str, Any]]:
    """Return, for every outcome that both engines fitted, both results and their difference in Monte Carlo errors."""
    rows = []
    keys = ["outcome", "model", "options", "prior", "estimand"]
    exact = effects[effects.engine == "exact"].drop_duplicates(keys).set_index(keys)
    for row in effects[effects.engine == "nuts"].itertuples():
        key = (row.outcome, row.model, row.options, row.prior, row.estimand)
        if row.estimand not in ("log_odds_ratio", "standardized_mean_difference") or key not in exact.index:
            continue
        other = exact.loc[key]
        rows.append(
            {
                "outcome": row.outcome,
                "model": row.model,
                "options": row.options,
                "prior": row.prior,
                "estimand": row.estimand,
                "nuts": row.mean,
                "exact": float(other["mean"]),
                "mcse": row.mcse,
                "difference": (row.mean - float(other["mean"])) / row.mcse if row.mcse else None,
            }
        )
    return rows


def prior_rows(context: Context) -> list[dict[str, Any]]:
    """Return each prior set with its sentence and the P(benefit) it gives for every outcome with a direction."""
    effects = context.effects
    main = effects[
        effects.estimand.isin(["risk_difference", "standardized_mean_difference"]) & effects.p_benefit.notna()
    ]
    rows = []
    for name, text in context.manifest["priors"].items():
        mine = main[main.prior == name].drop_duplicates(["outcome", "model"])
        mine = mine[(mine.options == "") | ~mine.options.str.contains("doubt")]
        values = {row.outcome: row.p_benefit for row in mine.itertuples()}
        rows.append({"id": name, **text, "p_benefit": values})
    return rows


def per_woman_rows(context: Context) -> list[dict[str, Any]]:
    """Return what the funnel says of every stage under the primary prior: risks and risk difference with intervals."""
    funnel = context.effects[context.effects.model == "funnel"]
    if funnel.empty:
        return []
    funnel = funnel[(funnel.prior == funnel.prior.iloc[0]) & (funnel.options == funnel.options.iloc[0])]
    labels = {item.id: item.label for item in context.study.items} | {
        "ongoing": "Ongoing pregnancy per woman",
        "mcr_per_woman": "Miscarriage per woman",
    }
    rows = []
    for outcome, part in funnel.groupby("outcome", sort=False):
        by_name = part.drop_duplicates("estimand").set_index("estimand")
        if "risk_difference" in by_name.index:
            rows.append(
                {
                    "label": labels.get(str(outcome), str(outcome)),
                    "treatment": float(by_name.loc["treatment_risk", "median"]),
                    "control": float(by_name.loc["control_risk", "median"]),
                    **{
                        name: float(by_name.loc["risk_difference", name])
                        for name in ("median", "ci_low", "ci_high", "p_benefit", "p_beyond_mcid")
                    },
                }
            )
    return rows


def pooling_rows(context: Context) -> list[dict[str, Any]]:
    """Return every effect alone, partially and completely pooled, family after family, under the primary prior."""
    table = context.pooling
    if table is None or table.empty:
        return []
    first = table[table.prior == table.prior.iloc[0]]
    items = {item.id: item for item in context.study.items}
    rows = []
    for row in first.to_dict("records"):
        item = items.get(str(row["outcome"]))
        label = item.label if item is not None else str(row["outcome"])
        family = item.family.replace("_", " ") if item is not None else ""
        values = {str(name): None if value != value else value for name, value in row.items()}
        claimed = item is not None and item.kind == "claim_only"
        rows.append({**values, "label": label, "family": family, "claimed": claimed})
    return rows
