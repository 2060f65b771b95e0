"""What a page embeds: the same page comes out of it to the last character, and nothing else goes in."""

from __future__ import annotations

import copy
import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bayes_ivf import BayesIvfError, Study, load_study, reanalyze
from bayes_ivf.cards import bundled_cards, load_card
from bayes_ivf.priors import bundled_prior_sets, load_prior_set
from bayes_ivf.report import context_of, read_context
from bayes_ivf.report.columns import columns_of, rows_from
from bayes_ivf.report.payload import CLOSE, OPEN, context_from, payload_of, payload_text
from bayes_ivf.report.render import render_html
from bayes_ivf.report.sources import card_from, card_table, set_from, set_table
from bayes_ivf.report.write import _manifest, rebuild_report
from bayes_ivf.results import EFFECTS

SETS = ["weakly_informative", "optimistic_moderate", "beta_uniform"]
HOSTILE = (
    "</script><!-- <script>alert(1)</script> \"q\" 'a' & {{ 7*7 }} {% x %} \u05e9\u05dc\u05d5\u05dd \\u003c ${x} `y`"
)
WOMEN = pd.DataFrame(
    {
        "woman": [f"secret-{i}" for i in range(40)],
        "arm": ["treatment", "control"] * 20,
        "cpr": [1, 0, 0, 1, 1, 0, 0, 0] * 5,
    }
)


def in_memory(result):
    return context_of(result, _manifest(result, result.cards, result.sets))


def solved(study, models=("two_arm",)):
    return in_memory(reanalyze(study, models=list(models), priors=SETS, engine="exact"))


def travelled(context):
    return context_from(json.loads(payload_text(payload_of(context))))


STUDIES = {
    "counts": lambda: Study.from_counts((16, 40), (12, 40), "cpr", "higher", claim="P<0.05", direction="higher", mcid=0.05),
    "means": lambda: Study.from_means(("5.81", "0.76", 40), ("7.93", "0.82", 40), outcome="fsh"),
    "effect": lambda: Study.from_effect("odds_ratio", 1.61, ci=(1.03, 2.53), outcome="lbr", benefit="higher"),
    "claim": lambda: Study.from_claim((40, 40), "lower", 0.05, outcome="il6", benefit="lower"),
    "women": lambda: Study.from_frame(WOMEN, "cpr", keep_data=True),
    "hostile": lambda: replace(
        Study.from_counts((16, 40), (12, 40), "cpr", "higher", label=HOSTILE),
        title=HOSTILE, notes=(HOSTILE,), sources={HOSTILE: HOSTILE}, arms={"treatment": HOSTILE, "control": HOSTILE},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STUDIES)
def test_the_same_page_comes_out_of_what_it_embeds(name):
    context = solved(STUDIES[name](), ["individual"] if name == "women" else ["two_arm"])
    page = render_html(context)
    assert render_html(travelled(context)) == page
    assert payload_of(travelled(context)) == json.loads(payload_text(payload_of(context)))
    assert "<script>alert" not in page
    assert page.count(OPEN) == 1


def test_totals_of_embryos_survive():
    totals = {"women": 6, "embryos": 9, "pregnant": 2, "implanted": 3}
    study = Study.from_clusters(totals, totals | {"pregnant": 1, "implanted": 1}, outcome="eir", benefit="higher")
    card = replace(load_card("embryo_cluster"), variants=())
    context = in_memory(reanalyze(study, models=["two_arm", card], priors=SETS[:1], engine="exact"))
    assert len({row.model for row in context.rows}) == 2
    assert render_html(travelled(context)) == render_html(context)


def test_no_sign_ends_the_block_or_a_line_of_it():
    text = payload_text({"a": "</script><!-- & \u2028\u2029 \u202e"})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"a": "</script><!-- & \u2028\u2029 \u202e"}


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """Two outcomes of the index trial in a folder, all by quadrature."""
    study = load_study("lei-2026")
    part = replace(study, items=tuple(item for item in study.items if item.id in ("cpr", "il6")))
    folder = tmp_path_factory.mktemp("index")
    reanalyze(part, folder, models=["two_arm"], priors=SETS, engine="exact")
    return folder


def test_the_page_of_a_folder_is_the_page_of_what_it_embeds(index):
    page = (index / "report.html").read_text(encoding="utf-8")
    block = page.partition(OPEN)[2].partition(CLOSE)[0]
    context = read_context(index)
    assert render_html(context_from(json.loads(block))) == page == render_html(context)
    assert not set("<>&\u2028\u2029") & set(block)
    assert len(context.evidence) > 0


def test_nothing_of_the_machine_and_no_checksum_is_embedded(index):
    text = payload_text(payload_of(read_context(index)))
    assert str(index) not in text
    assert "checksum" not in text
    assert "readings.json" not in text


def test_no_row_of_a_woman_is_embedded(tmp_path):
    study = Study.from_frame(WOMEN, "cpr", keep_data=True)
    reanalyze(study, tmp_path, models=["individual"], priors=SETS[:1], engine="exact")
    assert "secret-3" in (tmp_path / "study.json").read_text(encoding="utf-8")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "secret-" not in page
    rebuild_report(tmp_path)
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == page
    assert json.loads(page.partition(OPEN)[2].partition(CLOSE)[0])["individual"] == ["cpr"]


def test_totals_of_women_are_known_as_such_without_their_rows(tmp_path):
    reanalyze(Study.from_frame(WOMEN, "cpr"), tmp_path, models=["individual"], priors=SETS[:1], engine="exact")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    rebuild_report(tmp_path)
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == page


def test_cards_and_prior_sets_are_read_back_from_their_tables():
    for name in bundled_cards():
        card = load_card(name)
        assert card_from(json.loads(json.dumps(card_table(card))), name) == card
    for name in bundled_prior_sets():
        prior_set = load_prior_set(name)
        assert set_from(json.loads(json.dumps(set_table(prior_set))), name) == prior_set


def test_numbers_survive_to_the_last_bit(index):
    rows = read_context(index).rows
    odd = replace(rows[0], mean=0.1 + 0.2, sd=None, median=-0.0, ci_low=-math.inf, ci_high=math.inf, mcid=5e-324)
    (back,) = rows_from(EFFECTS, json.loads(json.dumps(columns_of(EFFECTS, [odd]), allow_nan=False)), "t")
    assert repr(back) == repr(odd)
    (missing,) = rows_from(EFFECTS, json.loads(json.dumps(columns_of(EFFECTS, [replace(odd, mean=np.nan)]))), "t")
    assert math.isnan(missing.mean)


def _set(payload, path, value):
    *parents, last = path
    for part in parents:
        payload = payload[part]
    payload[last] = value


def _drop(payload, path):
    *parents, last = path
    for part in parents:
        payload = payload[part]
    del payload[last]


WRONG = {
    "another schema": (["schema_version"], 2),
    "an unknown entry": (["script"], "alert(1)"),
    "a number as text": (["effects", "median", 0], "12"),
    "a truth value as number": (["effects", "median", 0], True),
    "nothing where a number must be": (["effects", "median", 0], None),
    "a column of another length": (["effects", "median"], [0.5]),
    "an unknown column": (["effects", "x"], []),
    "a place without a text": (["effects", "study", "at", 0], 99),
    "a place before the first": (["effects", "study", "at", 0], -1),
    "a text that is a table": (["effects", "study", "of", 0], {"a": 1}),
    "a text without end": (["effects", "study", "of", 0], "x" * 30_000),
    "an unknown entry of the manifest": (["manifest", "files"], {}),
    "another kind": (["manifest", "kind"], "batch"),
    "an absurd level": (["manifest", "ci_prob"], 7.0),
    "absurd settings": (["manifest", "settings", "draws"], -1),
    "a seed that is text": (["fits", "seed", "of", 0], "1"),
    "fits without priors": (["fits", "priors", "of", 0], 5),
    "a sentence of numbers": (["readings", 0, 0], 5),
    "a study that is none": (["study"], {"id": "x"}),
    "rows of women": (["study", "rows"], {"arm": ["treatment"], "woman": ["1"], "value": [1]}),
    "an outcome nobody knows": (["individual"], ["nobody"]),
    "a card that runs code": (["manifest", "cards", "two_arm", "structure"], "os.system"),
    "a card of another name": (["manifest", "cards", "two_arm", "id"], "other"),
    "an improper prior": (["manifest", "prior_sets", "weakly_informative", "log_odds", "effect", "sigma"], -1.0),
    "an unknown slot": (["manifest", "prior_sets", "weakly_informative", "log_odds", "x"], {"dist": "Normal"}),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_payload_of_ours_is_refused_by_name(index, name):
    payload = copy.deepcopy(json.loads(payload_text(payload_of(read_context(index)))))
    _set(payload, *WRONG[name])
    with pytest.raises(BayesIvfError, match=r"report\.html"):
        context_from(payload, "report.html")


@pytest.mark.parametrize(
    "path", [["effects"], ["effects", "median"], ["manifest", "status"], ["fits", "seed"]], ids=str
)
def test_what_is_missing_is_named(index, path):
    payload = copy.deepcopy(json.loads(payload_text(payload_of(read_context(index)))))
    _drop(payload, path)
    with pytest.raises(BayesIvfError, match=path[-1]):
        context_from(payload, "report.html")
