"""From women to ongoing pregnancies: what became of the women of each arm, by the printed counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from bayes_ivf.plots.lettering import wrap
from bayes_ivf.plots.sheet import EDGE, Sheet
from bayes_ivf.plots.style import AMBER, BLUE, BODY, GREEN, HEAD, INK, MUTED, SMALL, SOFT
from bayes_ivf.structures import all_structures
from bayes_ivf.study import ARMS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from bayes_ivf.study import Study

BAR, GAP = 14.0, 9.0
"""Height of a bar, and of the flow from one to the next, in points."""
WORDS = 70.0
"""Width of the counts at the right."""


@dataclass(frozen=True)
class Flow:
    """The women of an arm by stages.

    Parameters
    ----------
    label : str
        Of the arm.
    women, pregnant, lost : int
    """

    label: str
    women: int
    pregnant: int
    lost: int

    @property
    def left(self) -> int:
        """Pregnancies that were not printed as lost."""
        return self.pregnant - self.lost


def funnel_flow(source: Any) -> Figure | None:
    """Draw the women of each arm, those who became pregnant, and those who lost the pregnancy, as areas.

    Parameters
    ----------
    source : Study, Reanalysis or Context

    Returns
    -------
    Figure or None
        Widths are shares of the arm's women. None if the paper prints no losses among pregnancies, or counts that are not
        unique or not of the same women.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> figure = bi.plots.funnel_flow(bi.load_study("lei-2026"))
    >>> [text.get_text() for text in figure.texts][1:5]
    ['40 women', '16 pregnant', '15 ongoing', '1 miscarried']
    """
    flows = flows_of(getattr(source, "study", source))
    if not flows:
        return None
    sheet = Sheet()
    for number, flow in enumerate(flows):
        sheet.space(7 if number else 0)
        _arm(sheet, flow)
    sheet.space(2)
    sheet.paragraph("Ongoing: not printed as miscarried", size=SMALL, color=MUTED)
    return sheet.finish()


def describe_funnel_flow(source: Any) -> str:
    """Return what the figure of `funnel_flow` says, for who cannot see it; empty if there is none.

    Parameters
    ----------
    source : Study, Reanalysis or Context

    Returns
    -------
    str

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> bi.plots.describe_funnel_flow(bi.load_study("lei-2026")).partition(";")[0]
    'Of 40 women with luteal phase support plus dalteparin sodium 16 became pregnant, of whom 1 miscarried'
    """
    flows = flows_of(getattr(source, "study", source))
    told = "; of ".join(
        f"{flow.women} women with {flow.label} {flow.pregnant} became pregnant, of whom {flow.lost} miscarried"
        for flow in flows
    )
    return f"Of {told}." if told else ""


def flows_of(study: Study) -> list[Flow]:
    """Return the stages of each arm; empty where the printed counts give none."""
    flows = [flow for part in study.parts() for flow in _flows_of_two(part)]
    return list(dict.fromkeys(flows))  # an arm may stand in several comparisons


def _flows_of_two(study: Study) -> list[Flow]:
    parts = (structure.load_problem() for structure in all_structures().values() if structure.derives)
    anchors = (cast(Any, part).anchor_of(study) for part in parts)
    lost = next((item for item in anchors if item is not None), None)
    if lost is None or lost.denominator_of is None:
        return []
    women, flows = study.outcome(lost.denominator_of), []
    for arm in ARMS:
        first, then = women.counts(arm), lost.counts(arm)
        if first is None or then is None or then.n != first.events or not 0 <= then.events <= then.n:
            return []
        flows.append(Flow(study.arms[arm] or arm, first.n, first.events, then.events))
    return flows


def _arm(sheet: Sheet, flow: Flow) -> None:
    for line in wrap(flow.label, sheet.inner, HEAD, most=3, bold=True):
        sheet.text(line, EDGE, sheet.y + HEAD, size=HEAD, fontweight="bold")
        sheet.space(1.25 * HEAD)
    sheet.space(2)
    height, steps = 3 * BAR + 2 * GAP, [number * (BAR + GAP) for number in range(3)]
    axes = sheet.axes(height, right=EDGE + WORDS)
    axes.set_axis_off()
    axes.set_xlim(0, flow.women)
    axes.set_ylim(height, 0)
    _area(axes, flow.women, steps[0], BAR, MUTED)
    _area(axes, flow.pregnant, steps[0] + BAR, GAP, BLUE, alpha=0.25)
    _area(axes, flow.pregnant, steps[1], BAR, BLUE)
    _area(axes, flow.women, steps[1], BAR, SOFT, start=flow.pregnant)
    _area(axes, flow.left, steps[1] + BAR, GAP, GREEN, alpha=0.25)
    _area(axes, flow.left, steps[2], BAR, GREEN)
    _area(axes, flow.pregnant, steps[2], BAR, AMBER, start=flow.left)
    x = sheet.width - EDGE - WORDS + 6
    told = [[(f"{flow.women} women", INK)], [(f"{flow.pregnant} pregnant", BLUE)]]
    told.append([(f"{flow.left} ongoing", GREEN), (f"{flow.lost} miscarried", AMBER)])
    for step, lines in zip(steps, told, strict=True):
        middle = sheet.y + step + BAR / 2 + 0.36 * BODY - 4.5 * (len(lines) - 1)
        for number, (words, color) in enumerate(lines):
            sheet.text(words, x, middle + 9 * number, color=color, fontweight="bold")
    sheet.space(height + 3)


def _area(
    axes: Axes, end: float, top: float, height: float, color: str, *, start: float = 0.0, alpha: float = 1.0
) -> None:
    if end > start:
        axes.fill_between([start, end], top, top + height, color=color, alpha=alpha, linewidth=0)
