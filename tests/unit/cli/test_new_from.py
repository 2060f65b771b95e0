"""`bayes-ivf new study PATH --from FILE`: a draft that passes `check`, or a refusal and no file."""

from __future__ import annotations

import random
import string
import time

import pytest

TEXT = """Women received letrozole (n = 40) or placebo (n = 41). The clinical pregnancy rate was 40% with letrozole and 30%
with placebo (P=0.36)."""
FOUR = """Given were A (n = 40), B (n = 41), C (n = 39) or placebo (n = 42). The CPR was 40%, 35%, 30% and 25%,
respectively (P = 0.01)."""


@pytest.fixture
def source(tmp_path):
    """Write a file to draft from, outside the folder in which nothing may appear."""
    folder = tmp_path / "sources"
    folder.mkdir()

    def write(content, name="abstract.txt"):
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_a_draft_passes_check_and_keeps_its_name(cli, source):
    result = cli("new", "study", "letrozole.toml", "--from", source(TEXT))
    assert (result.status, result.err) == (0, "")
    assert "confirm" in result.out
    checked = cli("check", "letrozole.toml").out
    assert checked.startswith("letrozole.toml: a valid study file")
    written = (result.folder / "letrozole.toml").read_text(encoding="utf-8")
    assert f"{written.count('confirm: ')} places to decide, marked `confirm:`" in checked
    assert 'id = "letrozole"' in (result.folder / "letrozole.toml").read_text(encoding="utf-8")


def test_a_draft_can_be_audited(cli, source):
    cli("new", "study", "letrozole.toml", "--from", source(TEXT))
    assert cli("audit", "letrozole.toml", "--format", "csv").status == 0


def test_arms_are_listed_and_chosen(cli, refused, source):
    path = source(FOUR)
    assert cli("new", "study", "all.toml", "--from", path).status == 0
    text = (path.parent.parent / "all.toml").read_text(encoding="utf-8")
    assert 'cells = { a = "40%", b = "35%", c = "30%", placebo = "25%" }' in text
    assert cli("check", "all.toml").status == 0
    assert cli("new", "study", "four.toml", "--from", path, "--arms", "2,4").status == 0
    text = (path.parent.parent / "four.toml").read_text(encoding="utf-8")
    assert 'treatment = "35%"' in text
    assert 'control = "25%"' in text
    assert "claim" not in text  # the P is of all four
    assert "P = 0.01" in text
    for wrong in ("2", "2,2", "2,9", "2,nobody"):
        assert "--arms" in refused("new", "study", "other.toml", "--from", path, "--arms", wrong)


def nonsense(size):
    rng = random.Random(1)
    words = [
        "".join(rng.choices(string.ascii_letters + string.digits + "()[]%/.,;=<>±", k=rng.randint(1, 12)))
        for _ in range(5000)
    ]
    return " ".join(rng.choices(words, k=size // 7))[:size]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   \n\t\n",
        b"\xff\xfe\x00not utf-8",
        b"A \x00 (n = 40) or B (n = 41). CPR 40% vs 30%.",
        b"A (n = 40) \x1b[2J or B (n = 41). CPR 40% vs 30%.",
        "no arms and no sizes: the CPR was 40% vs 30%",
        "(" * 50_000,
        "([" * 20_000 + "n = 40" + "])" * 20_000,
        " " * 50_000 + "1",
        "1" * 50_000,
        "P" * 50_000,
        "n = " * 14_000,
        "1 (n = 2 " * 6_000,
        nonsense(50_000),
        nonsense(4_900_000),
        nonsense(10_000_000),
    ],
    ids=range(16),
)
def test_hostile_texts_are_refused(content, refused, source, tmp_path):
    began = time.monotonic()
    refused("new", "study", "draft.toml", "--from", source(content))
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("name", ["abstract.pdf", "abstract", "abstract.docx"])
def test_other_files_are_refused(name, refused, source):
    assert "abstract" in refused("new", "study", "draft.toml", "--from", source(TEXT, name))


def test_from_needs_a_study_and_a_file(refused, source, tmp_path):
    path = source(TEXT)
    refused("new", "model", "draft.toml", "--from", path)
    refused("new", "study", "draft.toml", "--from", tmp_path / "missing.txt")
    refused("new", "study", "draft.toml", "--arms", "1,2")


def test_a_draft_replaces_no_file(cli, refused, source, tmp_path):
    path = source(TEXT)
    assert cli("new", "study", "draft.toml", "--from", path).status == 0
    refused("new", "study", "draft.toml", "--from", path)


def test_hidden_signs_of_a_source_are_shown_as_escapes(cli, source):
    text = TEXT.replace("letrozole", "letro\u202ezole").replace("rate", "\u200brate") + " }}{{ ``` '' <script>"
    result = cli("new", "study", "draft.toml", "--from", source(text))
    assert result.status == 0
    written = (result.folder / "draft.toml").read_text(encoding="utf-8")
    assert "\u202e" not in written
    assert "\u200b" not in written
    assert cli("check", "draft.toml").status == 0
