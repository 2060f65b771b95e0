"""Files of RevMan 5 give what the data package of the same review gives; hostile XML is refused before anything is expanded."""

import time
from math import exp
from xml.sax.saxutils import quoteattr

import numpy as np
import pytest

import bayes_ivf as bi
from bayes_ivf.batches import Asked
from bayes_ivf.batches.sources import gather_sources
from bayes_ivf.cli.main import run

from .conftest import BIAS, COUNTS, MEANS, counts_row, means_row, pack

QUIET = Asked(benefit={"": "higher"})


def element(tag, inner="", **attributes):
    told = "".join(f" {name}={quoteattr(str(value))}" for name, value in attributes.items())
    return f"<{tag}{told}>{inner}</{tag}>"


def data(kind, study, row):
    own = {"STUDY_ID": f"STD-{study.replace(' ', '-')}", "WEIGHT": "10.0", "ESTIMABLE": "YES"}
    own |= {"EFFECT_SIZE": row["Mean"], "CI_START": row["CI start"], "CI_END": row["CI end"]}
    for what, name in (("cases", "EVENTS"), ("N", "TOTAL"), ("mean", "MEAN"), ("SD", "SD")):
        for place, arm in enumerate(("Experimental", "Control"), 1):
            if f"{arm} {what}" in row:
                own[f"{name}_{place}"] = row[f"{arm} {what}"]
    return element(f"{kind}_DATA", **own)


def review(outcomes, studies=(), bias=""):
    listed = "".join(
        element("STUDY", ID=f"STD-{name.replace(' ', '-')}", NAME=name, YEAR=name[-4:]) for name in studies
    )
    comparison = element("COMPARISON", "<NAME>Drug v placebo</NAME>" + outcomes, ID="CMP-001", NO="1")
    inner = (
        element("STUDIES_AND_REFERENCES", element("STUDIES", listed)) + bias + element("ANALYSES_AND_DATA", comparison)
    )
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + element("COCHRANE_REVIEW", inner, TYPE="INTERVENTION")


def dichotomous(rows, **more):
    own = {"NO": "1", "EFFECT_MEASURE": "OR", "METHOD": "MH", "RANDOM": "NO", "CI_STUDY": "95", "CI_TOTAL": "95",
           "TOTALS": "YES", "ESTIMABLE": "YES", "SWAP_EVENTS": "NO"}  # fmt: skip
    inner = "<NAME>Live birth</NAME>" + "".join(data("DICH", row["Study"], row) for row in rows)
    return element("DICH_OUTCOME", inner, **own | more)


def continuous(rows):
    inner = "<NAME>Estradiol</NAME>" + "".join(data("CONT", row["Study"], row) for row in rows)
    return element("CONT_OUTCOME", inner, NO="2", EFFECT_MEASURE="MD", RANDOM="NO", CI_STUDY="95", CI_TOTAL="95")


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "review.rm5"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def rows_of(path, asked=QUIET):
    loaded = gather_sources(path, asked=asked)
    (reviewed,) = loaded.reviews
    return loaded, reviewed


COUNT_ROWS = [counts_row(*each) for each in COUNTS]
STUDIES = dict.fromkeys(each[0] for each in COUNTS + MEANS)


def test_both_formats_hold_the_same(file, package):
    zipped, of_zip = rows_of(package(bias=BIAS))
    entries = "".join(
        element(
            "QUALITY_ITEM_DATA_ENTRY",
            element("DESCRIPTION", f"<P>{support}</P>"),
            RESULT=result,
            STUDY_ID=f"STD-{study}",
        )
        for study, result, support in (("Abel-2001", "YES", "Sealed envelopes"), ("Baker-2002", "UNKNOWN", ""))
    )
    bias = element("QUALITY_ITEM", "<NAME>Allocation</NAME>" + element("QUALITY_ITEM_DATA", entries))
    path = file(review(dichotomous(COUNT_ROWS) + continuous([means_row(*each) for each in MEANS]), STUDIES, bias))
    loaded, reviewed = rows_of(path)
    (one,), (other,) = zipped.sources, loaded.sources
    for name in ("study", "outcome", "label", "mean", "sd"):
        assert getattr(one, name) == getattr(other, name)
    np.testing.assert_array_equal(one.events, other.events)
    np.testing.assert_array_equal(one.n, other.n)
    assert not reviewed.findings
    assert [each.judgment for each in reviewed.bias] == [each.judgment for each in of_zip.bias]
    assert reviewed.bias[0].support == "Sealed envelopes"


def test_a_file_inside_a_zip(file, tmp_path):
    content = review(dichotomous(COUNT_ROWS), STUDIES)
    path = tmp_path / "packed.zip"
    path.write_bytes(pack({"review.rm5": content}))
    loaded, _ = rows_of(path)
    own, _ = rows_of(file(content))
    np.testing.assert_array_equal(loaded.sources[0].events, own.sources[0].events)


def test_subgroups_and_their_names(file):
    groups = "".join(
        element("DICH_SUBGROUP", f"<NAME>{name}</NAME>" + data("DICH", "Abel 2001", COUNT_ROWS[0]), NO=number)
        for number, name in ((1, "2500 IU"), (2, "5000 IU"))
    )
    path = file(review(element("DICH_OUTCOME", f"<NAME>Live birth</NAME>{groups}", NO="1"), STUDIES))
    loaded, _ = rows_of(path)
    assert loaded.sources[0].label == ["Live birth: 2500 IU", "Live birth: 5000 IU"]


def test_entered_effects_are_natural_logs(file):
    own = {
        "STUDY_ID": "STD-Abel-2001",
        "SE": "0.2",
        "EFFECT_SIZE": repr(exp(-0.5)),
        "LOG_EFFECT_SIZE": repr(-0.5 / np.log(10)),
    }
    inner = "<NAME>Birth</NAME><EFFECT_MEASURE>Hazard ratio</EFFECT_MEASURE>" + element("IV_DATA", **own)
    one_step = "<NAME>Death</NAME><EFFECT_MEASURE>Peto Odds Ratio</EFFECT_MEASURE>" + element(
        "IPD_DATA", STUDY_ID="STD-Abel-2001", O_E="-5", VAR="10"
    )
    outcomes = element("IV_OUTCOME", inner, NO="1", RANDOM="NO") + element("IPD_OUTCOME", one_step, NO="2")
    loaded, _ = rows_of(file(review(outcomes, STUDIES)))
    (study,) = loaded.sources
    effects = [item.effect for item in study.items]
    assert [each.scale for each in effects] == ["hazard_ratio", "odds_ratio"]
    assert [each.values[0] for each in effects] == pytest.approx([exp(-0.5)] * 2)
    assert effects[0].standard_error == pytest.approx(0.2)


def test_what_the_counts_do_not_give_is_a_finding(file):
    rows = [*COUNT_ROWS[:2], COUNT_ROWS[2] | {"Mean": "0.9"}]
    _, reviewed = rows_of(file(review(dichotomous(rows), STUDIES)))
    assert [(finding.study, finding.check) for finding in reviewed.findings] == [("Cole 2003", "review_row")]


def test_the_printed_overall_estimate_is_kept(file):
    one = COUNT_ROWS[0]
    told = {"EFFECT_SIZE": one["Mean"], "CI_START": one["CI start"], "CI_END": one["CI end"]}
    _, reviewed = rows_of(file(review(dichotomous([one], **told), STUDIES)))
    assert [(check.method, check.model, check.reproduced) for check in reviewed.checks] == [("MH", "fixed", "yes")]
    _, reviewed = rows_of(file(review(dichotomous([one], **told, TOTALS="NO"), STUDIES)))
    assert reviewed.checks[0].reproduced == "undetermined"


def test_latin_letters_are_read(file):
    text = (
        review(dichotomous(COUNT_ROWS[:1]), STUDIES)
        .replace("UTF-8", "ISO-8859-1")
        .replace("Live birth", "Geb\u00e4rende")
    )
    loaded, _ = rows_of(file(text.encode("latin-1")))
    assert loaded.sources[0].label == ["Geb\u00e4rende"]


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
BAD = {
    "nonsense": bytes(range(256)) * 40_000,
    "empty": b"",
    "cut": review(dichotomous(COUNT_ROWS), STUDIES).encode()[:400],
    "entities": f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]><COCHRANE_REVIEW>&l11;</COCHRANE_REVIEW>'.encode(),
    "outside": b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><COCHRANE_REVIEW>&x;</COCHRANE_REVIEW>',
    "document type": b'<!DOCTYPE COCHRANE_REVIEW SYSTEM "http://example.org/x.dtd"><COCHRANE_REVIEW/>',
    "unknown entity": b"<COCHRANE_REVIEW>&x;</COCHRANE_REVIEW>",
    "deep": b"<COCHRANE_REVIEW>" + b"<a>" * 200_000,
    "other": b"<html><body/></html>",
    "encoding": b'<?xml version="1.0" encoding="nonesuch"?><COCHRANE_REVIEW/>',
    "no rows": b"<COCHRANE_REVIEW/>",
}


@pytest.mark.parametrize("kind", BAD)
def test_hostile_files_are_refused_and_nothing_written(kind, file, tmp_path, capsys):
    path = file(BAD[kind])
    begun = time.perf_counter()
    assert run(["batch", str(path), "--out", str(tmp_path / "out")]) == 2
    assert time.perf_counter() - begun < 10
    said = capsys.readouterr().err
    assert all(part in said for part in ("review.rm5", "found:", "allowed:", "to do:"))
    assert "root:" not in said
    assert [each.name for each in tmp_path.iterdir()] == ["review.rm5"]


def test_the_page_of_a_study(file, tmp_path):
    path = file(review(dichotomous(COUNT_ROWS), STUDIES))
    result = bi.batch(path, "two_arm", "weakly_informative", engine="exact", out=tmp_path / "out", benefit="higher")
    assert len(list((result.folder / "studies").iterdir())) == 3


def test_an_effect_that_is_no_number_is_not_taken_for_none(file):
    inner = "<NAME>Birth</NAME><EFFECT_MEASURE>Hazard ratio</EFFECT_MEASURE>" + "".join(
        element("IV_DATA", STUDY_ID=study, SE="0.2", EFFECT_SIZE=value)
        for study, value in (("A", "1.2"), ("B", "x"), ("C", ""))
    )
    _, reviewed = rows_of(file(review(element("IV_OUTCOME", inner, NO="1"), STUDIES)))
    assert [reason for *_, reason in reviewed.left_out] == [
        "B/a1-1: GIV Mean is 'x', no number",
        "C/a1-1: GIV Mean was not entered",
    ]
