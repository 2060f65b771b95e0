"""Every bundled file is valid and listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bayes_ivf.cards import bundled_cards, read_card
from bayes_ivf.cli.check_command import check_file
from bayes_ivf.priors import bundled_prior_sets, read_prior_set
from bayes_ivf.structures import all_structures
from bayes_ivf.study import bundled_studies

README = (Path(__file__).resolve().parents[2] / "models" / "README.md").read_text(encoding="utf-8")
FILES = [*bundled_cards().values(), *bundled_prior_sets().values(), *bundled_studies().values()]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_passes_check_and_is_named_after_its_id(path: Path) -> None:
    kind = check_file(path)
    if not kind.startswith("study file"):  # a study file may carry notes
        read = read_card(path) if kind == "model card" else read_prior_set(path)
        assert read.id == path.stem


@pytest.mark.parametrize("name", [*bundled_cards(), *bundled_prior_sets()])
def test_index_lists_it(name: str) -> None:
    assert f"| `{name}` |" in README


def test_index_lists_nothing_else() -> None:
    listed = {
        line.split("`")[1] for line in README.splitlines() if line.startswith("| `") and line.count("|") in (3, 4)
    }
    slots = {"log_odds", "means", "embryos", "hierarchy"}
    assert listed - slots == {*bundled_cards(), *bundled_prior_sets()}


def test_every_structure_has_a_card() -> None:
    assert {read_card(path).structure for path in bundled_cards().values()} == set(all_structures())
