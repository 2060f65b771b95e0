"""The index of a batch tells what was found in the numbers of a review; its words are escaped."""

import pytest

import bayes_ivf as bi
from bayes_ivf.batches import index_page, rebuild_pages

from .conftest import COUNTS, counts_row, setting

HOSTILE = "Baker <script>alert(1)</script> 2002"


@pytest.fixture
def fitted(package, tmp_path):
    """Fit a review whose rows print other effects than their counts give."""

    def fit(wrong):
        rows = [counts_row(*each) for each in COUNTS]
        for row in rows[1 : 1 + wrong]:
            row |= {"Mean": "0.72", "CI start": "0.40", "CI end": "1.30"}
        rows[1]["Study"] = HOSTILE
        asked = {"models": "two_arm", "priors": "weakly_informative", "engine": "exact", "benefit": "higher"}
        bi.batch(package(rows, [setting()]), out=tmp_path / "out", **asked)
        return (tmp_path / "out" / "index.html").read_text(encoding="utf-8")

    return fit


def test_findings_are_counted_told_and_linked(fitted, tmp_path):
    page = fitted(2)
    assert ">2</data> findings in the numbers of reviews</summary>" in page
    assert '<a href="findings.csv">findings.csv</a>' in page
    assert "<script>alert" not in page
    assert page.count("Baker &lt;script&gt;alert(1)&lt;/script&gt; 2002</a>, ") == 1
    assert "0.72 (0.40 to 1.30)" in page
    rebuild_pages(tmp_path / "out")
    assert (tmp_path / "out" / "index.html").read_text(encoding="utf-8") == page


def test_of_many_findings_the_first_are_told(fitted, monkeypatch):
    monkeypatch.setattr(index_page, "SHOWN", 1)
    page = fitted(2)
    assert page.count("0.72 (0.40 to 1.30)") == 1
    assert ">1</data> more stand in the table.</p>" in page


def test_a_review_without_findings_has_no_such_section(fitted):
    assert "in the numbers of reviews" not in fitted(0)
