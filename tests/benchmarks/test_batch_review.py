"""A Cochrane data package of 10,000 rows: read, checked against its own numbers, and fitted exactly."""

import csv
import io
import zipfile
from math import exp, log, sqrt

import numpy as np
import pytest

from tests.benchmarks.measured import measure
from tests.benchmarks.recorder import quiet, record

ROWS = 10_000
TARGET = 60.0
Z = 1.959963984540054
LINES: list[str] = []


def table(columns):
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue()


def settings(kind, numbers):
    told = {
        "counts": ("Dichotomous", "MH", "Odds Ratio"),
        "means": ("Continuous", "IV", "Mean Difference"),
        "effects": ("Contrast level", "IV", "Odds Ratio"),
    }
    return {
        "Analysis group": ["1"] * len(numbers),
        "Analysis number": numbers,
        "Analysis name": [f"Outcome {number}" for number in numbers],
        "Data type": [told[kind(number)][0] for number in numbers],
        "Statistical method": [told[kind(number)][1] for number in numbers],
        "Effect measure": [told[kind(number)][2] for number in numbers],
        "Analysis model": ["Random effects"] * len(numbers),
    }


def package(path, kind):
    """Write a package of 40 analyses; every effect is that of its numbers, rounded to six decimals."""
    rng = np.random.default_rng(5)
    rows = []
    for place in range(ROWS):
        number = place % 40 + 1
        n, m = (int(each) for each in rng.integers(20, 400, 2))
        own = {"Analysis group": 1, "Analysis number": number, "Study": f"Study {place // 40}", "Weight": 1}
        if kind(number) == "counts":
            a, c = int(rng.integers(1, n)), int(rng.integers(1, m))
            value, se = log(a * (m - c) / ((n - a) * c)), sqrt(1 / a + 1 / (n - a) + 1 / c + 1 / (m - c))
            own |= {"Experimental cases": a, "Experimental N": n, "Control cases": c, "Control N": m}
        elif kind(number) == "means":
            x, y = (round(float(each), 2) for each in rng.normal(5, 0.5, 2))
            value, se = x - y, sqrt(1.1**2 / n + 1.3**2 / m)
            own |= {"Experimental mean": x, "Experimental SD": 1.1, "Experimental N": n}
            own |= {"Control mean": y, "Control SD": 1.3, "Control N": m}
        else:
            value, se = round(float(rng.normal(0, 0.4)), 6), round(float(rng.uniform(0.1, 0.5)), 6)
            own |= {"GIV Mean": value, "GIV SE": se}
        ends = (value, value - Z * se, value + Z * se)
        shown = ends if kind(number) == "means" else [exp(each) for each in ends]
        rows.append(own | dict(zip(("Mean", "CI start", "CI end"), (f"{each:.6f}" for each in shown), strict=True)))
    names = list(dict.fromkeys(name for row in rows for name in row))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("CD1-data-rows.csv", table({name: [row.get(name, "") for row in rows] for name in names}))
        told = settings(kind, [str(number) for number in range(1, 41)])
        archive.writestr("CD1-overall-estimates-and-settings.csv", table(told))


KINDS = {
    "counts": lambda number: "counts",
    "a quarter means": lambda number: "means" if int(number) % 4 == 0 else "counts",
    "entered effects": lambda number: "effects",
    "means": lambda number: "means",
    "a third of each": lambda number: ("counts", "means", "effects")[int(number) % 3],
}


@pytest.mark.parametrize("name", KINDS)
def test_a_review_of_10_000_rows(name, tmp_path):
    calm = quiet()
    package(tmp_path / "review.zip", KINDS[name])
    done = measure(
        sources=str(tmp_path / "review.zip"), models="two_arm", priors="weakly_informative", engine="exact", benefit="higher",
        out=str(tmp_path / "out"),
    )  # fmt: skip
    assert done.ok
    assert done.fits == ROWS
    assert not (tmp_path / "out" / "findings.csv").exists()
    LINES.append(f"| {name} | {done.seconds:.1f} | {done.cpu:.1f} | {done.megabytes:.0f} | {done.rows:,} |")
    if len(LINES) == len(KINDS):
        head = [
            "| rows | seconds, start-up included | CPU seconds | peak memory, MB | rows written |",
            "| --- | ---: | ---: | ---: | ---: |",
        ]
        record(f"Cochrane data package, {ROWS:,} rows", [*head, *LINES])
    assert done.seconds < TARGET or not calm
