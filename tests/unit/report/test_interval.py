"""The probability of an interval: in words, in recomputed intervals, and what is no such probability."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy import stats

import bayes_ivf as bi
from bayes_ivf.results import frequentist
from bayes_ivf.settings import check_level


def shown(text, level):
    """Count how often a level stands in a text, in words or in a picture."""
    return len(re.findall(rf"(?<![\d.]){re.escape(level)}", text))


def test_no_template_spells_a_level(root):
    """Also where only a run with NUTS shows it: in the tables of a funnel, and of pooled effects."""
    folder = root / "bayes_ivf" / "report" / "templates"
    assert [path.name for path in folder.iterdir() if shown(path.read_text(encoding="utf-8"), "95%")] == []


def newcombe(a, m, b, n, z):
    """Newcombe's square-and-add of two Wilson intervals, by hand."""
    (low1, high1), (low2, high2) = (
        [(p + z * z / 2 / k + s * z * np.sqrt(p * (1 - p) / k + z * z / 4 / k / k)) / (1 + z * z / k) for s in (-1, 1)]
        for p, k in ((a / m, m), (b / n, n))
    )
    return a / m - b / n - np.hypot(a / m - low1, high2 - b / n), a / m - b / n + np.hypot(high1 - a / m, b / n - low2)


def test_recomputed_intervals_have_the_level_that_is_asked(lei):
    cpr, fsh = (frequentist(lei.outcome(name), 0.9) for name in ("cpr", "fsh"))
    low, high = newcombe(16, 40, 12, 40, stats.norm.ppf(0.95))
    assert (cpr.low, cpr.high) == pytest.approx((low, high), abs=1e-9)
    df = 39 * (0.76**2 + 0.82**2) ** 2 / (0.76**4 + 0.82**4)
    half = stats.t(df).ppf(0.95) * np.hypot(0.76, 0.82) / np.sqrt(40)
    assert (fsh.low, fsh.high) == pytest.approx((-2.12 - half, -2.12 + half), abs=1e-9)
    (note,) = (row.note for row in bi.audit(bi.Study.from_counts((16, 40), (12, 40)), ci_prob=0.9).ledger)
    assert f"Newcombe {100 * low:+.1f} to {100 * high:+.1f}" in note


@pytest.mark.parametrize(
    ("value", "action"),
    [
        (0, "write 0.9, for example"), (1, "write 0.9, for example"), (float("nan"), "write 0.9, for example"),
        (95, "write 0.95"), (99.5, "write 0.995"), ("90%", "write 0.9"), ("87,5 %", "write 0.875"), ("0.95", "write 0.95"),
        (-0.9, "write 0.9, for example"), (0.49, "write 0.9, for example"), (0.9995, "write 0.9, for example"),
        (True, "write 0.9, for example"), (None, "write 0.9, for example"), ("ninety", "write 0.9, for example"),
    ],
)  # fmt: skip
def test_what_is_no_level_is_refused_with_what_to_write(value, action, faults_of):
    (fault,) = faults_of(check_level, value)
    assert (fault.where, fault.found, fault.action) == ("ci_prob", repr(value), action)


@pytest.mark.parametrize("value", [0.5, 0.875, 0.999, np.float64(0.9)])
def test_a_level_is_a_plain_number(value):
    assert type(check_level(value)) is float
    assert check_level(value) == value
