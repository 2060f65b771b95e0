"""A figure as SVG for a page: text as text, colors as custom properties of the page, and words for who cannot see it."""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from bayes_ivf.plots.lettering import clean
from bayes_ivf.plots.style import DARK, PALETTE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
MOST = 35.0
"""Largest width on a page, in rem: 560 pixels."""
TALL = 60.0
"""Height, in rem, beyond which a figure is shown narrower, but not narrower than a column of a journal."""
LEAST = 20.5
_NAMES = {color: name for name, color in PALETTE.items()}
_HEX = re.compile(r"#[0-9a-f]{6}\b")
_REFERENCE = re.compile(r"url\(#([^)]*)\)")
_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_DROPPED = re.compile(r"(font-family|stroke-linejoin: miter|stroke-dashoffset: 0)[^;]*(; |$)")
_TEXT_ONLY = ("text", "tspan", "title", "desc")


def themed_svg(figure: Figure, title: str, description: str = "", *, name: str = "") -> str:
    """Return a figure as SVG that takes its colors and its letters from the page.

    Parameters
    ----------
    figure : Figure
        Is left as it was.
    title : str
        What is shown, in a few words.
    description : str
        What it says: the alt text.
    name : str, optional
        Begins every id in the picture; by default it follows from all that is drawn.

    Returns
    -------
    str
        An ``svg`` element without XML prolog: the same figure gives the same text.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> fit = bi.fit(bi.Study.from_counts((16, 40), (12, 40), outcome="cpr"), engine="exact")
    >>> svg = bi.plots.themed_svg(bi.plots.prior_posterior(fit), "Densities", "One panel.", name="d")
    >>> "var(--ink, #1f2933)" in svg, 'aria-labelledby="d-title d-desc"' in svg
    (True, True)
    """
    root = ET.fromstring(_saved(figure))  # noqa: S314  made here
    _strip(root)
    prefix = name or "f" + hashlib.sha256(ET.tostring(root)).hexdigest()[:8]
    _rename(root, prefix)
    for element in root.iter():
        _restyle(element)
        element.tag = element.tag.rpartition("}")[2]
    _flatten(root)
    _head(root, prefix, clean(title), clean(description))
    return ET.tostring(root, encoding="unicode")


def color_style(*, dark: bool = False) -> str:
    """Return the colors of all figures as declarations of custom properties, for the style sheet of a page.

    Parameters
    ----------
    dark : bool
        Whether the page is dark.

    Returns
    -------
    str

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> bi.plots.color_style().partition("; ")[0], bi.plots.color_style(dark=True).partition("; ")[0]
    ('--ink: #1f2933', '--ink: #e6eaf0')
    """
    return " ".join(f"--{name}: {color};" for name, color in (DARK if dark else PALETTE).items())


def _saved(figure: Figure) -> str:
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    shown, buffer = figure.patch.get_visible(), io.StringIO()
    figure.patch.set_visible(False)
    settings = {"svg.hashsalt": "bayes_ivf", "svg.fonttype": "none", "text.parse_math": False}
    try:
        # letters that the measuring font lacks are drawn by the reader's own
        with mpl.rc_context(settings), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing")
            # `savefig` would draw everything once more for the layout
            FigureCanvasSVG(figure).print_svg(buffer, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    finally:
        figure.patch.set_visible(shown)
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def _strip(root: ET.Element) -> None:
    """Drop metadata, style sheets, and groups that group nothing."""
    for parent in list(root.iter()):
        for child in list(parent):
            kind = child.tag.rpartition("}")[2]
            if kind in ("metadata", "style") or (kind in ("g", "defs") and not len(child)):
                parent.remove(child)
    for parent in list(root.iter()):
        parent.text = parent.text if _is_text(parent) else None
        for child in parent:
            child.tail = None


def _is_text(element: ET.Element) -> bool:
    return element.tag.rpartition("}")[2] in _TEXT_ONLY


def _rename(root: ET.Element, prefix: str) -> None:
    """Keep the ids that something refers to, and let each begin with the figure's name."""
    used = set()
    for element in root.iter():
        for value in element.attrib.values():
            used |= set(_REFERENCE.findall(value))
        used.add(element.get(f"{{{XLINK}}}href", "").removeprefix("#"))
    for element in root.iter():
        own = element.attrib.pop("id", None)
        if own in used:
            element.set("id", f"{prefix}-{own}")
        for key, value in element.attrib.items():
            if "url(#" in value:
                element.set(key, _REFERENCE.sub(rf"url(#{prefix}-\1)", value))
        href = element.attrib.pop(f"{{{XLINK}}}href", None)
        if href is not None:
            element.set("href", f"#{prefix}-{href.removeprefix('#')}")


def _flatten(parent: ET.Element) -> None:
    """Put what a group without attributes holds in its place."""
    children: list[ET.Element] = []
    for child in parent:
        _flatten(child)
        children += list(child) if child.tag == "g" and not child.attrib else [child]
    parent[:] = children


def _restyle(element: ET.Element) -> None:
    if element.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
    for key, value in element.attrib.items():
        if key == "style":
            # the family is left to the page: its letters are as wide as those that were measured, or narrower
            value = _HEX.sub(_property, _DROPPED.sub("", value)).replace("; ", ";").replace(": ", ":")
        if key == "d":
            value = " ".join(value.split())
        if key in ("style", "d", "x", "y", "transform"):
            element.set(key, _NUMBER.sub(_rounded, value))


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _property(found: re.Match[str]) -> str:
    name = _NAMES.get(found[0])
    return found[0] if name is None else f"var(--{name}, {found[0]})"


def _head(root: ET.Element, prefix: str, title: str, description: str) -> None:
    box = root.attrib["viewBox"]
    wide, high = (float(value) for value in box.split()[2:])
    most = max(LEAST, min(MOST, TALL * wide / high))
    root.attrib.clear()
    told = {"title": title, "desc": description} if description else {"title": title}
    root.attrib |= {
        "xmlns": SVG,
        "viewBox": _NUMBER.sub(_rounded, box),
        "class": "figure",
        "role": "img",
        "aria-labelledby": " ".join(f"{prefix}-{kind}" for kind in told),
        "style": f"display:block;width:100%;max-width:{most:.3g}rem;height:auto",
    }
    for place, (kind, words) in enumerate(told.items()):
        element = ET.Element(kind, {"id": f"{prefix}-{kind}"})
        element.text = words
        root.insert(place, element)
