"""A test statistic and an exact P are numbers and no words: their estimate is told, and the test that it hangs on."""

import pytest

from bayes_ivf import Study, reanalyze


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    parts = [
        Study.from_claim((30, 28), "higher", statistic="t(56) = 2.31", outcome="e2", benefit="higher"),
        Study.from_claim((30, 28), "lower", p="P=0.03", outcome="days", benefit="lower"),
        Study.from_claim((30, 28), "none", p="P>0.05", outcome="afc", benefit="higher"),
    ]
    folder = tmp_path_factory.mktemp("run") / "x"
    result = reanalyze(Study.combine(parts, study="numbers"), out=folder, engine="exact", models=["two_arm"])
    pages = tuple((folder / name).read_text(encoding="utf-8") for name in ("report.md", "report.html"))
    return result.comparison.set_index("outcome").reading, *pages


def test_a_statistic_is_told_as_one_with_its_p_and_its_estimate(told):
    reading = told[0]["e2"]
    assert "(t(56) = 2.31); recomputed, that is P = 0.025." in reading
    assert (
        "Known only from a test statistic. If it is that of an equal-variance t test of both arms: standardized "
        in reading
    )
    assert "difference +0.5" in reading
    assert "if it is of something else: 0.00" in reading
    assert "words" not in reading


def test_an_exact_p_is_told_as_one(told):
    reading = told[0]["days"]
    assert "Known only from an exact P. If it is that of an equal-variance t test of both arms" in reading
    assert "0.86 at doubt 0.25" in reading


def test_equal_chances_at_every_doubt_are_one_phrase(told):
    assert told[0]["afc"].endswith("Probability of benefit: 0.50 at every doubt.")
    assert "Known only from words" in told[0]["afc"]


def test_a_report_parts_them(told):
    text = told[1]
    numbers = text.index("### Known only from an exact P or a test statistic")
    words = text.index("### Known only from words")
    assert numbers < text.index("test statistic only; +0.5") < words < text.index("words only; 0.00 SD")
    assert "0.50; at every doubt" in text
    assert "if it is of the named test" in told[2]
