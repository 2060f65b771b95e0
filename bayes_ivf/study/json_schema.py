"""The JSON Schema of study files, by which editors complete and check TOML while it is typed."""

from __future__ import annotations

from typing import Any

from bayes_ivf.study.arms_schema import StudyTable
from bayes_ivf.study.descriptions import DESCRIPTIONS
from bayes_ivf.study.units import UNITS

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def study_schema() -> dict[str, Any]:
    """Return the JSON Schema of study files, with a description for every key.

    Returns
    -------
    dict
        Draft 2020-12; `json.dumps` writes it. It tells which keys there are and what each may hold. What a value means
        together with others is checked by ``bayes-ivf check`` alone.

    Examples
    --------
    >>> from bayes_ivf.study import study_schema
    >>> schema = study_schema()
    >>> schema["$defs"]["OutcomeTable"]["properties"]["benefit"]["enum"]
    ['higher', 'lower', 'none']
    >>> schema["$defs"]["ClaimTable"]["properties"]["p"]["description"][:16]
    'The P as printed'
    """
    schema = StudyTable.model_json_schema()
    for name, table in tables(schema).items():
        table.pop("description", None)
        table.pop("title", None)
        for key, rule in table["properties"].items():
            rule.pop("title", None)
            if text := DESCRIPTIONS.get(name, {}).get(key):
                rule["description"] = text
    unit = schema["$defs"]["OutcomeTable"]["properties"]["per"]
    unit["examples"] = list(UNITS)
    about = {
        "$schema": DIALECT,
        "title": "Study file of bayes-ivf",
        "description": "A trial as its paper prints it.",
    }
    return about | schema


def tables(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the tables of a schema that have named keys, by the name of their class."""
    among = {StudyTable.__name__: schema} | schema.get("$defs", {})
    return {name: table for name, table in among.items() if "properties" in table}
