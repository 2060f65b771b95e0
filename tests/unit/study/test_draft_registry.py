"""A study file drafted from a record of ClinicalTrials.gov (an invented one, with the keys of the public form)."""

from __future__ import annotations

import copy
import json
import re
import time
import tomllib
from pathlib import Path

import pytest

from bayes_ivf.errors import BayesIvfError
from bayes_ivf.study import draft_text, parse_study

RECORD = json.loads((Path(__file__).parent / "registry_record.json").read_text(encoding="utf-8"))
MEASURES = "resultsSection.outcomeMeasuresModule.outcomeMeasures"


@pytest.fixture
def record():
    return copy.deepcopy(RECORD)


def drafted(record, arms=()):
    text = draft_text(json.dumps(record), "draft", arms)
    tables = tomllib.loads(text)
    parse_study(tables, "draft")
    return tables, text


def rows_of(record, arms=()):
    return {row["id"]: row for row in drafted(record, arms)[0]["outcomes"]}


def at(record, path):
    """What stands at a path such as a.b[0].c."""
    for part in re.findall(r"[^.\[\]]+", path):
        record = record[int(part) if part.isdecimal() else part]
    return record


CELLS = {
    "live_birth": ("counts", "31/62", "18/60"),
    "cpr": ("percent", "54.8%", "36.7%"),
    "endometrium": ("mean_sd", "9.1 ± 1.3", "8.7 ± 1.2"),
    "e2": ("mean_sd", "248.2 ± 4.2", "364.2 ± 7.1"),
    "oocytes": ("quantiles", "8 (5 to 11)", "7 (5 to 10)"),
    "pain_score": ("unavailable", None, None),
    "eir": ("counts", "40/101", "25/97"),
    "hormones_over_time_week_1": ("mean_sd", "5.1 ± 0.9", "5.3 ± 0.8"),
    "hormones_over_time_week_2": ("unavailable", None, None),
    "registered_1": ("unavailable", None, None),
    "age": ("mean_sd", "31.2 ± 3.9", "31.9 ± 4.1"),
    "kind_of_infertility": ("categories", "40 / 22", "35 / 25"),
    "serious_adverse_events": ("counts", "2/62", "1/60"),
    "other_adverse_events": ("counts", "9/62", "7/60"),
    "deaths": ("counts", "0/62", "0/60"),
    "ae_headache": ("counts", "6/62", "4/60"),
}


def test_every_posted_number_is_carried(record):
    rows = rows_of(record)
    assert {name: (row["kind"], row.get("treatment"), row.get("control")) for name, row in rows.items()} == CELLS


def test_denominators_units_and_spreads(record):
    rows = rows_of(record)
    assert rows["endometrium"]["n"] == {"treatment": 60, "control": 58}
    assert "n" not in rows["live_birth"]
    assert (rows["eir"]["per"], rows["eir"]["n"]) == ("embryo", {"treatment": 101, "control": 97})
    assert [rows[name]["spread"] for name in ("endometrium", "e2", "oocytes", "age")] == ["sd", "se", "quartiles", "sd"]
    assert rows["age"]["role"] == "baseline"
    assert rows["kind_of_infertility"]["categories"] == ["Primary infertility", "Secondary infertility"]


def test_analyses_become_claims_and_effects(record):
    rows = rows_of(record)
    assert rows["live_birth"]["claim"] == {
        "text": "higher, P = 0.03 (Chi-squared)",
        "direction": "higher",
        "p": "P = 0.03",
    }
    assert rows["live_birth"]["effect"] == {"scale": "risk_ratio", "estimate": "1.62", "low": "1.04", "high": "2.53"}
    assert (rows["e2"]["claim"]["direction"], rows["e2"]["claim"]["p"]) == ("lower", "P <0.001")
    assert (rows["cpr"]["claim"]["direction"], "effect" in rows["cpr"]) == ("higher", False)


def test_every_comment_beside_a_number_is_a_path_that_leads_there(record):
    _, text = drafted(record)
    lines = re.findall(r'^(?:treatment|control|n) = "?([^"\n]*?)"?  # (\S+)$', text, re.MULTILINE)
    assert len(lines) > 20
    for cell, path in lines:
        found = at(record, path)
        shown = found["value"] if isinstance(found, dict) and "value" in found else found
        if not isinstance(shown, dict):
            assert re.match(rf"{re.escape(str(shown))}(?!\d)", cell), (cell, path)


def test_sources_are_paths(record):
    for row in drafted(record)[0]["outcomes"]:
        name, _, path = row["source"].partition(", ")
        assert name == "registry"
        assert at(record, path)


def test_what_no_study_file_holds_stands_as_comments(record):
    _, text = drafted(record)
    for words in (
        "LEAST_SQUARES_MEAN / 95% Confidence Interval",
        "lowerLimit 1.8, upperLimit 2.4",
        "value NA",
        "assay failed",
    ):
        assert f"{words}" in text


def test_registered_outcomes_are_compared_with_reported_ones(record):
    notes = drafted(record)[0]["notes"]
    said = "\n".join(notes)
    assert "started 62 and 60; completed 58 and 57; lost to follow-up 4 and 3" in said
    assert "Registered without a posted result: 'Miscarriage' (secondary, protocolSection.outcomesModule" in said
    assert "'Clinical pregnancy rate': time frame '8 weeks' is registered" in said
    assert "Registered as 'Number of oocytes retrieved'" in said
    assert "reported in other words: 'Oocytes retrieved'" in said
    assert "Registered as 'Thickness of the endometrium'" in said
    assert "Reported and not among the registered outcomes: 'Pain score'" in said
    assert "'Live birth'" not in said


def test_a_changed_rank_is_noted(record):
    record["resultsSection"]["outcomeMeasuresModule"]["outcomeMeasures"][0]["type"] = "SECONDARY"
    assert any(
        "is registered as primary" in note and "reported as secondary" in note for note in drafted(record)[0]["notes"]
    )


def test_the_arms_may_stand_in_any_order(record):
    straight = rows_of(record)
    results = record["resultsSection"]
    for key in ("participantFlowModule", "baselineCharacteristicsModule"):
        results[key]["groups"].reverse()
    results["adverseEventsModule"]["eventGroups"].reverse()
    for measure in results["outcomeMeasuresModule"]["outcomeMeasures"]:
        measure["groups"].reverse()
    assert rows_of(record) == straight


def test_a_control_arm_that_is_registered_first_is_the_control_arm(record):
    protocol = record["protocolSection"]["armsInterventionsModule"]["armGroups"]
    protocol[0]["type"], protocol[1]["type"] = "PLACEBO_COMPARATOR", "EXPERIMENTAL"
    assert (rows_of(record)["live_birth"]["treatment"], rows_of(record)["live_birth"]["control"]) == ("18/60", "31/62")


def test_an_effect_the_other_way_round_is_a_comment(record):
    measure = record["resultsSection"]["outcomeMeasuresModule"]["outcomeMeasures"][0]
    measure["analyses"][0] |= {"paramValue": "0.62", "ciLowerLimit": "0.40", "ciUpperLimit": "0.96"}
    tables, text = drafted(record)
    assert "effect" not in tables["outcomes"][0]
    assert "paramValue 0.62; ciPctValue 95" in text
    measure["analyses"][0] |= {"nonInferiorityType": "NON_INFERIORITY", "nonInferiorityComment": "margin 8 points"}
    assert "margin 8 points" in drafted(record)[1]


def three_arms(record):
    results = record["resultsSection"]
    results["participantFlowModule"]["groups"].insert(1, {"id": "FG009", "title": "Letrozole, long"})
    for period in results["participantFlowModule"]["periods"]:
        for milestone in period["milestones"]:
            milestone["achievements"].append({"groupId": "FG009", "numSubjects": "61"})
    measure = results["outcomeMeasuresModule"]["outcomeMeasures"][0]
    measure["groups"].append({"id": "OG009", "title": "Letrozole, long"})
    measure["denoms"][0]["counts"].append({"groupId": "OG009", "value": "61"})
    measure["classes"][0]["categories"][0]["measurements"].append({"groupId": "OG009", "value": "25"})
    return record


def test_more_arms_are_listed_and_chosen(record):
    three = three_arms(record)
    for arms in (("2", "3"), ("letrozole, LONG", "placebo")):
        row = rows_of(three, arms)["live_birth"]
        assert (row["treatment"], row["control"]) == ("25/61", "18/60")
        assert "claim" not in row  # the posted analysis is of another pair
    with pytest.raises(BayesIvfError, match="two of these: 1: Letrozole; 2: Letrozole, long; 3: Placebo"):
        drafted(three, ("1", "4"))


def test_several_arms_are_drafted_with_ids_and_comparisons(record):
    tables, text = drafted(three_arms(record))
    assert list(tables["arms"]) == ["letrozole", "letrozole_lo", "placebo"]
    assert tables["compare"] == [["letrozole", "placebo"], ["letrozole_lo", "placebo"]]
    row = {row["id"]: row for row in tables["outcomes"]}["live_birth"]
    assert row["cells"] == {"letrozole": "31/62", "letrozole_lo": "25/61", "placebo": "18/60"}
    assert set(row["claims"]) == {"letrozole-placebo"}  # the posted analysis is of this pair
    for arm, path in re.findall(r"(\w+): (resultsSection\S+?\])(?=;|\s)", text):
        if arm in row["cells"] and "Measures[0]" in path and "measurements" in path:
            assert at(three_arms(record), path)["value"] == row["cells"][arm].split("/")[0]


def test_a_crossover_has_the_arms_of_its_outcomes(record):
    record["protocolSection"]["designModule"]["designInfo"]["interventionModel"] = "CROSSOVER"
    for group in record["resultsSection"]["participantFlowModule"]["groups"]:
        group["title"] = f"{group['title']} first"
    tables, text = drafted(record)
    assert [tables["arms"][arm]["label"] for arm in ("treatment", "control")] == ["Letrozole", "Placebo"]
    assert text.count("confirm: a crossover trial") == 2
    assert "matched to the arms by their order" not in text


def test_events_of_groups_with_other_titles_are_marked(record):
    for group in record["resultsSection"]["adverseEventsModule"]["eventGroups"]:
        group["title"] = f"{group['title']}, safety set"
    text = drafted(record)[1]
    for name in ("serious_adverse_events", "ae_headache"):
        (block,) = [block for block in text.split("\n\n") if f'id = "{name}"' in block]
        assert "confirm: the groups are matched to the arms by their order" in block


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}",
        '{"protocolSection": {"a": 1}}',
        '{"protocolSection": 1, "resultsSection": 2}',
        '{"protocolSection": {"a": 1}, "resultsSection": {"outcomeMeasuresModule": []}}',
        '{"studies": [{}, {}]}',
        "{" * 100_000,
        '{"a":' * 50_000,
        '{"a": ' + "[" * 500_000,
        '{"a": 1' + "0" * 10_000 + "}",
        '{"a": "' + "\\" * 100_001 + '"}',
        '"\\' * 1_000_000,
        '{"protocolSection": {"x": NaN}, "resultsSection": {"y": -Infinity}}',
    ],
    ids=range(13),
)
def test_hostile_records_are_refused(text):
    began = time.monotonic()
    with pytest.raises(BayesIvfError):
        draft_text(text, "draft")
    assert time.monotonic() - began < 3


def test_a_record_with_thousands_of_measures_is_refused(record):
    record["resultsSection"]["outcomeMeasuresModule"]["outcomeMeasures"] *= 500
    with pytest.raises(BayesIvfError, match="4000 outcome measures"):
        drafted(record)


def test_only_the_most_frequent_events_become_outcomes(record):
    events = record["resultsSection"]["adverseEventsModule"]["otherEvents"]
    for place in range(100):
        stats = [{"groupId": group, "numAffected": place, "numAtRisk": 120} for group in ("EG000", "EG001")]
        events.append({"term": f"Event {place}", "stats": stats})
    tables, text = drafted(record)
    named = {row["label"] for row in tables["outcomes"] if row["id"].startswith("ae_")}
    assert (len(named), "Event 99" in named, "Event 3" in named) == (40, True, False)
    assert "Event 3, 3/120 and 3/120" in text


def leaves(value, path=()):
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, (*path, key))
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from leaves(each, (*path, place))
    if path:
        yield path


@pytest.mark.parametrize("odd", [None, 7, "x\u202e\n\x00" * 900, [], {}, [[[]]], True, "-1", "1e5", ""], ids=range(10))
def test_a_record_with_anything_odd_in_it_is_drafted_or_refused(odd, record):
    for path in list(leaves(record))[::23]:
        broken = copy.deepcopy(record)
        place = broken
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = odd
        try:
            _, text = drafted(broken)
        except BayesIvfError:
            continue
        assert text.replace("\n", "").isprintable()


def test_an_effect_stands_alone_where_the_values_of_the_arms_cannot(record):
    measure = record["resultsSection"]["outcomeMeasuresModule"]["outcomeMeasures"][5]
    measure["analyses"] = [
        {"groupIds": ["OG000", "OG001"], "pValue": "0.6", "paramType": "Mean Difference (Final Values)", "paramValue": "0.1",
         "ciPctValue": "90", "ciNumSides": "TWO_SIDED", "ciLowerLimit": "-0.2", "ciUpperLimit": "0.4"}
    ]  # fmt: skip
    row = rows_of(record)["pain_score"]
    assert row["kind"] == "effect_ci"
    assert row["effect"] == {"scale": "mean_difference", "estimate": "0.1", "low": "-0.2", "high": "0.4", "level": 0.9}
    assert row["claim"]["direction"] == "none"
    assert "lowerLimit 1.8" in drafted(record)[1]
    measure["analyses"][0]["ciNumSides"] = "ONE_SIDED"
    assert rows_of(record)["pain_score"]["kind"] == "unavailable"
