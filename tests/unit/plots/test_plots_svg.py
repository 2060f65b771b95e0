"""SVG for a page: text as text, colors of the page, words for who cannot see it, the same bytes every time."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

import bayes_ivf as bi
from bayes_ivf.plots import color_style, style, themed_svg
from bayes_ivf.plots.sheet import Sheet

HOSTILE = "</text><script>alert(1)</script> \"q\" 'a' & $x$ {{ x }} \u202eabc \x07 שלום 漢字 javascript:alert(1)"


@pytest.fixture(scope="module")
def fit():
    return bi.fit(bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", benefit="higher"), engine="exact")


@pytest.fixture(scope="module")
def svg(fit):
    return themed_svg(bi.plots.prior_posterior(fit), "Densities", "What they say.", name="d")


def _read(text):
    return ET.fromstring(text)  # noqa: S314  made here


def test_the_same_figure_gives_the_same_text(fit, svg):
    figure = bi.plots.prior_posterior(fit)
    assert themed_svg(figure, "Densities", "What they say.", name="d") == svg
    assert themed_svg(figure, "Densities", "What they say.", name="d") == svg  # and is left as it was
    assert figure.patch.get_visible()


def test_there_is_no_prolog_date_font_or_size(svg):
    assert svg.startswith("<svg ")
    for word in (
        "<?xml",
        "DOCTYPE",
        "metadata",
        "<style",
        "font-family",
        "DejaVu",
        'width="',
        'height="',
        "<!--",
        "xlink",
    ):
        assert word not in svg.partition("<g")[0] or word in ('width="', 'height="'), word
    head = svg.partition(">")[0]
    assert " width=" not in head
    assert " height=" not in head
    assert "viewBox=" in head
    assert "max-width:35rem" in head
    assert not re.search(r"\d{4}-\d\d-\d\d", svg)
    assert len(svg) < 15_000


def test_text_is_text_and_colors_are_the_page_s(svg):
    texts = ["".join(each.itertext()) for each in _read(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert {"cpr", "P(benefit) 0.80", "Odds ratio", "1"} <= set(texts)
    outside = re.sub(r"var\(--[a-z]+, #[0-9a-f]{6}\)", "", svg)
    assert re.findall(r"#[0-9a-f]{6}\b(?!-)", outside) == []
    for name, color in re.findall(r"var\(--([a-z]+), (#[0-9a-f]{6})\)", svg):
        assert style.PALETTE[name] == color


def test_a_page_has_every_color_twice():
    for dark in (False, True):
        names = re.findall(r"--([a-z]+): #[0-9a-f]{6};", color_style(dark=dark))
        assert names == list(style.PALETTE)


def test_it_has_a_name_and_words(svg):
    root = _read(svg)
    assert root.get("role") == "img"
    ids = [each.get("id") for each in root.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    assert all(each.startswith("d-") for each in ids)
    told = {each.get("id"): each.text for each in root.iter() if each.get("id") in root.get("aria-labelledby").split()}
    assert told == {"d-title": "Densities", "d-desc": "What they say."}


def test_ids_of_two_pictures_differ_and_all_references_lead_somewhere(fit):
    svgs = [themed_svg(bi.plots.prior_posterior(fit), "t"), themed_svg(bi.plots.exceedance(fit), "t")]
    ids = [[each.get("id") for each in _read(svg).iter() if each.get("id")] for svg in svgs]
    assert set(ids[0]) & set(ids[1]) == set()
    for svg, known in zip(svgs, ids, strict=True):
        used = re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', svg)
        assert used
        assert {a or b for a, b in used} <= set(known)


def test_a_hostile_text_is_text():
    sheet = Sheet()
    sheet.paragraph(HOSTILE, most=9)
    svg = themed_svg(sheet.finish(), HOSTILE, HOSTILE, name="h")
    root = _read(svg)
    assert "<script" not in svg
    assert "\x07" not in svg
    assert "\u202e" not in svg
    assert [each.tag for each in root.iter() if each.tag.endswith("script")] == []
    assert "alert(1)" in next(root.iter("{http://www.w3.org/2000/svg}title")).text


def test_a_tall_picture_is_shown_narrower():
    sheet = Sheet()
    sheet.space(1000)
    (rem,) = re.findall(r"max-width:([\d.]+)rem", themed_svg(sheet.finish(), "t"))
    assert float(rem) == 20.5
