"""What a page embeds so that it can be checked from itself: all that it shows, and what its exact numbers were made from.

Never a path of the machine, and never rows of individual women: what was summed up from rows is embedded as its totals.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import metadata
from typing import Annotated, Any, Literal

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bayes_ivf._version import __version__
from bayes_ivf.auditing import audit
from bayes_ivf.errors import RequestError
from bayes_ivf.report.columns import (
    MOST_ROWS,
    Columns,
    coded,
    columns_of,
    damaged,
    decoded,
    number_from,
    number_of,
    rows_from,
)
from bayes_ivf.report.context import Context, as_individual, summed_up
from bayes_ivf.report.kept_fits import made_by
from bayes_ivf.report.sources import Text, card_from, set_from
from bayes_ivf.results import (
    COMPARISON,
    CURVES,
    EFFECTS,
    EVIDENCE,
    MIXTURES,
    STATEMENTS,
    Said,
    Table,
    Value,
    ci_prob_of,
)
from bayes_ivf.settings import Settings, check_level
from bayes_ivf.study import Study, parse_study, study_table

SCHEMA_VERSION = 1
OPEN = '<script type="application/json" id="payload">'
CLOSE = "</script>"
KEPT = ("schema_version", "kind", "name", "status", "written_at", "versions", "settings", "ci_prob", "seconds",
        "models", "priors", "left_out", "waiting", "cards", "prior_sets")  # fmt: skip
"""Entries of a manifest that a page may show or be checked by; checksums of the folder's files say nothing without it."""
MOST_CURVES = 500
_FIT = ("engine", "verdict", "seed", "problem", "priors")
_KEY = ("study", "outcome", "model", "options", "prior")
_TABLES: Mapping[str, Table[Any]] = {
    "effects": EFFECTS,
    "comparison": COMPARISON,
    "curves": CURVES,
    "statements": STATEMENTS,
    "evidence": EVIDENCE,
    "mixtures": MIXTURES,
}
_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
"""What could end the block, or a line of a script; in JSON these stand in texts only."""

Few = Field(max_length=1_000)
Short = Annotated[str, Field(max_length=60)]
_Tables = Annotated[dict[Text, dict[str, Any]], Few]
_Key = Annotated[list[Text], Field(min_length=5, max_length=5)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Model(_Strict):
    label: Text
    rationale: Text
    formulas: Annotated[list[Text], Few] = []
    structure: Text
    bundled: bool


class _Words(_Strict):
    label: Text
    sentence: Text


class _LeftOut(_Strict):
    key: _Key
    reason: Text


class _Waiting(_Strict):
    key: _Key
    answered: bool
    about: Annotated[list[Text], Few]


class _Fit(_Strict):
    key: _Key
    engine: Literal["exact", "nuts"]
    verdict: Text
    seed: Annotated[int, Field(ge=0, lt=2**64)]
    problem: Text
    priors: Annotated[dict[Text, Text], Field(max_length=50)]


class _Settings(_Strict):
    draws: int
    tune: int
    chains: int
    seed: int


class _Manifest(_Strict):
    schema_version: Annotated[int, Field(ge=1, le=1_000)]
    kind: Literal["run"]
    name: Text
    status: Literal["finished", "sampling", "stopped", "interrupted"]
    written_at: Text
    versions: Annotated[dict[Text, Text], Few]
    settings: _Settings
    ci_prob: float | None = None
    seconds: Annotated[dict[Text, float], Few] = {}
    models: Annotated[dict[Text, _Model], Few]
    priors: Annotated[dict[Text, _Words], Few]
    left_out: Annotated[list[_LeftOut], Field(max_length=MOST_ROWS)] = []
    waiting: Annotated[list[_Waiting], Field(max_length=MOST_ROWS)] = []
    cards: _Tables = {}
    prior_sets: _Tables = {}


class _WrittenWith(_Strict):
    bayes_ivf: Short
    code: Short
    matplotlib: Short
    machine: Short


class _Payload(_Strict):
    schema_version: Literal[1]
    written_with: _WrittenWith
    study: dict[Text, Any]
    individual: Annotated[list[Text], Few]
    manifest: _Manifest
    fits: dict[Text, Any]
    effects: dict[Text, Any]
    comparison: dict[Text, Any]
    readings: Annotated[list[Annotated[list[Any], Few]], Few]
    curves: dict[Text, Any]
    statements: dict[Text, Any]
    evidence: dict[Text, Any]
    mixtures: dict[Text, Any]
    live: dict[Text, Any] | None


@cache
def written_with() -> dict[str, str]:
    """Return what must be the same for a page to be the same to the last character."""
    return {
        "bayes_ivf": __version__,
        "code": made_by()["sources"][:16],
        "matplotlib": metadata.version("matplotlib"),
        "machine": platform.machine(),
    }


def payload_of(context: Context) -> dict[str, Any]:
    """Return everything that a page shows as values of JSON, in full precision.

    Parameters
    ----------
    context : Context
        With the manifest of a run.
    """
    study, manifest = context.study, context.manifest
    tables = {
        "effects": context.rows,
        "comparison": context.comparisons,
        "curves": context.curves,
        "statements": context.statements,
        "evidence": context.evidence,
        "mixtures": context.mixed,
    }
    return {
        "schema_version": SCHEMA_VERSION,
        "written_with": dict(written_with()),
        "study": study_table(replace(study, rows={})),
        "individual": list(summed_up(study)),
        "manifest": {name: manifest[name] for name in KEPT if name in manifest},
        "fits": _fits_columns(manifest["fits"]),
        **{name: columns_of(table, tables[name]) for name, table in _TABLES.items()},
        "readings": [[_part(part) for part in row.said] for row in context.comparisons],
        "live": context.live,
    }


def context_from(payload: Mapping[str, Any], source: str = "the page's data") -> Context:
    """Return the context that `payload_of` was given, as far as a page shows it.

    Parameters
    ----------
    payload : mapping
        From a stranger: it is believed in nothing that is not checked here.
    source : str
        Named in errors.

    Raises
    ------
    OutputError, StudyError, CardError, PriorError, RequestError
        If it is not what a page of this package embeds.
    """
    checked = _checked(payload, source)
    manifest = dict(payload["manifest"])
    try:
        Settings(**manifest["settings"])
    except RequestError as error:
        raise damaged(f"{source}: settings", ", ".join(fault.where for fault in error.faults)) from None
    level = check_level(ci_prob_of(manifest), f"{source}: ci_prob")
    for name, read in (("cards", card_from), ("prior_sets", set_from)):
        for key, table in manifest.get(name, {}).items():
            if read(table, f"{source}: {name}.{key}").id != key:
                raise damaged(f"{source}: {name}.{key}", "another id")
    if "rows" in checked.study:
        raise damaged(f"{source}: study", "rows of individual women")
    study = _individual_again(parse_study(dict(payload["study"]), f"{source}: study"), checked.individual, source)
    found = {name: rows_from(table, payload[name], f"{source}: {name}") for name, table in _TABLES.items()}
    if len(found["curves"]) > MOST_CURVES:
        raise damaged(f"{source}: curves", f"more than {MOST_CURVES}")
    if len(checked.readings) != len(found["comparison"]):
        raise damaged(f"{source}: readings", f"{len(checked.readings)} of {len(found['comparison'])}")
    said = [_said(parts, f"{source}: readings") for parts in checked.readings]
    return Context(
        study,
        audit(study, ci_prob=level),
        tuple(replace(row, said=parts) for row, parts in zip(found["comparison"], said, strict=True)),
        found["effects"],
        found["curves"],
        found["statements"],
        {**manifest, "fits": _fits_from(payload["fits"], f"{source}: fits")},
        found["evidence"],
        payload["live"],
        found["mixtures"],
    )


def payload_text(payload: Mapping[str, Any]) -> str:
    """Return a payload as text that no browser takes for anything but text."""
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign, escape in _ESCAPED.items():
        text = text.replace(sign, escape)
    return text


def payload_block(context: Context) -> Markup:
    """Return the block of a page that holds its data; a browser does not run it."""
    return Markup(OPEN + payload_text(payload_of(context)) + CLOSE)  # noqa: S704  escaped by `payload_text`


def _individual_again(study: Study, individual: list[str], source: str) -> Study:
    if not set(individual) <= set(study.ids):
        raise damaged(f"{source}: individual", "an outcome that the study has not")
    return as_individual(study, individual)


def _checked(payload: Mapping[str, Any], source: str) -> _Payload:
    try:
        return TypeAdapter(_Payload).validate_python(dict(payload))
    except ValidationError as reason:
        first = reason.errors(include_url=False)[0]
        place = ".".join(str(part)[:60] for part in first["loc"])
        raise damaged(f"{source}: {place}", f"{first['msg']}") from None


def _fits_columns(fits: Any) -> Columns:
    many = [{**dict(zip(_KEY, fit["key"], strict=True)), **{name: fit[name] for name in _FIT}} for fit in fits]
    return {name: coded([fit[name] for fit in many]) for name in (*_KEY, *_FIT)}


def _fits_from(columns: Mapping[str, Any], where: str) -> list[dict[str, Any]]:
    if set(columns) != {*_KEY, *_FIT}:
        raise damaged(where, f"columns {', '.join(sorted({*_KEY, *_FIT} ^ set(columns)))[:200]} unknown or missing")
    values = {name: decoded(columns[name], f"{where}.{name}") for name in (*_KEY, *_FIT)}
    if len({len(each) for each in values.values()}) != 1:
        raise damaged(where, "columns of different lengths")
    fits = [
        {"key": list(key), **dict(zip(_FIT, rest, strict=True))}
        for key, rest in zip(
            zip(*(values[name] for name in _KEY), strict=True),
            zip(*(values[name] for name in _FIT), strict=True),
            strict=True,
        )
    ]
    try:
        TypeAdapter(list[_Fit]).validate_python(fits)
    except ValidationError as reason:
        raise damaged(where, str(reason.errors(include_url=False)[0]["msg"])) from None
    return fits


def _part(part: str | Value) -> Any:
    if isinstance(part, str):
        return part
    key = [part.outcome, part.estimand, part.prior, part.model, part.engine, part.statistic]
    return [*key, number_of(part.value), part.text]


def _said(parts: list[Any], where: str) -> Said:
    said: list[str | Value] = []
    for part in parts:
        if isinstance(part, list) and len(part) == 8 and all(isinstance(each, str) for each in (*part[:6], part[7])):
            said.append(_value(*part, where=where))
        elif isinstance(part, str):
            said.append(part)
        else:
            raise damaged(where, "neither words nor a number with its key")
    return tuple(said)


def _value(*part: Any, where: str) -> Value:
    outcome, estimand, prior, model, engine, statistic, number, text = part
    return Value(outcome, estimand, prior, model, engine, statistic, number_from(number, where), text)
