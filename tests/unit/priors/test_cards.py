from __future__ import annotations

import pytest

from bayes_ivf.cards import Card, bundled_cards, load_card, read_card

HEAD = 'schema_version = 1\nid = "x"\nlabel = "x"\nrationale = "A reason of more than twenty letters."\n'
BODY = 'structure = "two_arm"\nkinds = ["counts"]\n'


def written(tmp_path, text):
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", bundled_cards())
def test_every_card_says_what_it_is_for(name):
    card = load_card(name)
    assert isinstance(card, Card)
    assert card.id == name
    assert len(card.rationale.split()) > 8


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (HEAD + 'structure = "two_arms"\nkinds = ["counts"]\n', "structure"),
        (HEAD + 'structure = "two_arm"\nkinds = ["count"]\n', "kinds.1"),
        (HEAD + 'structure = "two_arm"\nkinds = []\n', "kinds"),
        (HEAD + 'structure = "two_arm"\n', "kinds"),
        (BODY + 'schema_version = 1\nid = "x"\nlabel = "x"\nrationale = "short"\n', "rationale"),
        (BODY + HEAD.replace("= 1", "= 7"), "schema_version"),
        (BODY + HEAD + 'code = "print()"\n', "code"),
        (BODY + HEAD + '[options.m]\nallowed = ["a"]\ndefault = "b"\nmeaning = "m"\n', "options.m.default"),
        (BODY + HEAD + '[options.m]\nspan = [0, 1]\ndefault = "2"\nmeaning = "m"\n', "options.m.default"),
        (BODY + HEAD + '[options.m]\nspan = [0]\ndefault = "0"\nmeaning = "m"\n', "options.m.span"),
    ],
)
def test_faults_of_a_card(text, where, tmp_path, faults_of):
    assert f"x.toml: {where}" in [fault.where for fault in faults_of(read_card, written(tmp_path, text))]


@pytest.mark.parametrize("name", ["con", "nul", "aux", "com1", "x.", "x" * 65])
def test_an_id_is_a_name_that_every_system_can_hold(name, tmp_path, faults_of):
    text = BODY + HEAD.replace('id = "x"', f'id = "{name}"')
    (fault,) = faults_of(read_card, written(tmp_path, text))
    assert (fault.where, "Windows" in fault.allowed) == ("x.toml: id", True)


def test_all_faults_of_a_card_at_once(tmp_path, faults_of):
    text = 'schema_version = 2\nid = "X!"\nlabel = 3\nstructure = "s"\nkinds = ["no"]\nrationale = "r"\nmore = 1\n'
    places = {fault.where for fault in faults_of(read_card, written(tmp_path, text))}
    assert places == {f"x.toml: {key}" for key in ("schema_version", "id", "label", "kinds.1", "rationale", "more")}


@pytest.mark.parametrize("source", ["two_arms", "nowhere.toml", ""])
def test_an_unknown_card_is_refused_with_the_known_ones(source, faults_of):
    (fault,) = faults_of(load_card, source)
    assert "two_arm" in fault.allowed


def test_options_have_one_spelling():
    card = load_card("two_arm")
    assert card.choose({"doubt": 0.5})["doubt"] == card.choose({"doubt": "0.50"})["doubt"] == "0.5"
    assert card.choose({"doubt": 1})["doubt"] == card.choose({"doubt": 1.0})["doubt"] == "1"
    assert card.choose(None) == {name: option.default for name, option in card.options.items()}
    assert card.choose(None)["variance"] == "separate"


def test_options_keep_the_digits_that_tell_them_apart():
    card = load_card("two_arm")
    assert card.choose({"doubt": 0.12345678})["doubt"] != card.choose({"doubt": 0.12345679})["doubt"]


def test_every_bad_option_is_named_at_once(faults_of):
    faults = faults_of(load_card("two_arm").choose, {"doubt": 2, "variance": "none", "speed": 1})
    assert {fault.where for fault in faults} == {"option doubt", "option variance", "option speed"}
