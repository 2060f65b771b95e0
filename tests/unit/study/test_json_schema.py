"""The schema of study files: every key has its sentence, and stands in the template of a new study."""

from __future__ import annotations

import json
import re
import typing

import pytest
from pydantic import BaseModel

from bayes_ivf.study import study_schema
from bayes_ivf.study.arms_schema import OutcomeTable, StudyTable
from bayes_ivf.study.descriptions import DESCRIPTIONS


def models(annotation):
    """All pydantic tables that a type mentions, however deep."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models(field.annotation)
    for inner in typing.get_args(annotation):
        yield from models(inner)


TABLES = {table.__name__: table for table in models(StudyTable)}
KEYS = [(name, key) for name, table in TABLES.items() for key in table.model_fields]


@pytest.fixture(scope="module")
def template(request):
    root = request.config.rootpath
    return (root / "bayes_ivf" / "cli" / "templates" / "study.toml").read_text(encoding="utf-8")


def rules(name):
    schema = study_schema()
    return (schema if name == "StudyTable" else schema["$defs"][name])["properties"]


def test_the_walk_finds_the_tables():
    assert {"StudyTable", "ArmTable", "OutcomeTable", "ClaimTable", "EffectTable"} <= set(TABLES)


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_every_key_is_described(table, key):
    text = rules(table)[key].get("description", "")
    assert len(text) > 10, f"add what {key} means to DESCRIPTIONS[{table!r}] in study/descriptions.py"
    assert text.endswith(".")


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_every_key_stands_in_the_template(table, key, template):
    # as a key, in a comment or not: not as a word of prose
    assert re.search(rf"(^|[\s{{\[.(])\"?{re.escape(key)}\"?( = |\]|\.)", template, re.MULTILINE), (
        f"add {key} to cli/templates/study.toml"
    )


def test_nothing_is_described_that_is_no_key():
    assert {(table, key) for table, keys in DESCRIPTIONS.items() for key in keys} == set(KEYS)


def test_words_to_choose_from_are_complete():
    for key, field in OutcomeTable.model_fields.items():
        words = [word for word in typing.get_args(field.annotation) if isinstance(word, str)]
        assert not words or rules("OutcomeTable")[key]["enum"] == words


def test_no_key_is_unknown_to_the_schema():
    schema = study_schema()
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert schema["additionalProperties"] is False
    assert all(table["additionalProperties"] is False for table in schema["$defs"].values())


def test_the_command_prints_what_it_writes(root, tmp_path, capsys, monkeypatch):
    from bayes_ivf.cli import run

    monkeypatch.chdir(tmp_path)
    assert run(["schema"]) == 0
    printed = capsys.readouterr().out
    assert run(["schema", "--out", "study.schema.json"]) == 0
    assert "#:schema ./study.schema.json" in capsys.readouterr().out
    written = (tmp_path / "study.schema.json").read_text(encoding="utf-8")
    assert json.loads(printed) == json.loads(written) == study_schema()


@pytest.mark.parametrize("out", ["no-such-folder/study.json", "mine.toml"])
def test_the_command_writes_no_other_file(out, tmp_path, capsys, monkeypatch):
    from bayes_ivf.cli import run

    monkeypatch.chdir(tmp_path)
    assert run(["schema", "--out", out]) == 2
    assert "allowed:" in capsys.readouterr().err
    assert not any(tmp_path.iterdir())


def test_a_template_names_its_schema(template):
    assert template.startswith("#:schema ./study.schema.json\n")
