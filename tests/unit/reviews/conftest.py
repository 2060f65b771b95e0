"""Data packages of reviews that never were, with effects that plain formulas gave."""

import csv
import io
import zipfile
from math import exp, log, sqrt

import pytest

Z = 1.959963984540054
ROWS = [
    "Analysis group", "Analysis number", "Analysis name", "Subgroup", "Applicability", "Study", "Study year", "GIV Mean",
    "GIV SE", "Experimental mean", "Experimental SD", "Experimental cases", "Experimental N", "Control mean", "Control SD",
    "Control cases", "Control N", "O-E", "Variance", "Weight", "Mean", "CI start", "CI end", "Footnotes",
]  # fmt: skip


def shown(value, se, ratio):
    ends = (value, value - Z * se, value + Z * se)
    return [f"{exp(each) if ratio else each:.6f}" for each in ends]


def arms(events, n):
    return {"Experimental cases": events[0], "Experimental N": n[0], "Control cases": events[1], "Control N": n[1]}


def printed(value, se, ratio):
    return dict(zip(("Mean", "CI start", "CI end"), shown(value, se, ratio), strict=True))


def odds_ratio(events, n):
    (a, c), (b, d) = events, (n[0] - events[0], n[1] - events[1])
    return log(a / b) - log(c / d), sqrt(1 / a + 1 / b + 1 / c + 1 / d)


def counts_row(study, events, n, analysis="1.1", name="Live birth", **more):
    group, number = analysis.split(".")
    own = {"Analysis group": group, "Analysis number": number, "Analysis name": name, "Study": study, "Weight": "10"}
    return own | arms(events, n) | printed(*odds_ratio(events, n), True) | more


def means_row(study, mean, sd, n, analysis="1.2", name="Estradiol", **more):
    group, number = analysis.split(".")
    own = {"Analysis group": group, "Analysis number": number, "Analysis name": name, "Study": study, "Weight": "10"}
    own |= {f"{arm} {what}": value for what, pair in (("mean", mean), ("SD", sd), ("N", n))
            for arm, value in zip(("Experimental", "Control"), pair, strict=True)}  # fmt: skip
    value, se = float(mean[0]) - float(mean[1]), sqrt(sum(float(s) ** 2 / m for s, m in zip(sd, n, strict=True)))
    return own | printed(value, se, False) | more


def text(rows, header=None):
    names = header or list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, names, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return "\ufeff" + out.getvalue()


def setting(analysis="1.1", name="Live birth", **more):
    group, number = analysis.split(".")
    own = {
        "Analysis group": group, "Analysis number": number, "Analysis name": name, "Analysis group name": "Drug v placebo",
        "Data type": "Dichotomous", "Statistical method": "MH", "Effect measure": "Odds Ratio", "Analysis model": "Fixed effect",
        "Study CI": "95%", "Estimate CI": "95%",
    }  # fmt: skip
    return own | more


BIAS = [
    {
        "Study": "Abel 2001",
        "Domain (judgement): Allocation": "Low risk",
        "Domain (support): Allocation": "Sealed envelopes",
    },
    {"Study": "Baker 2002", "Domain (judgement): Allocation": "Unclear risk", "Domain (support): Allocation": ""},
]
COUNTS = [("Abel 2001", (16, 12), (40, 40)), ("Baker 2002", (9, 14), (51, 48)), ("Cole 2003", (30, 22), (90, 95))]
MEANS = [
    ("Abel 2001", ("5.81", "7.93"), ("0.76", "0.82"), (40, 40)),
    ("Dahl 2004", ("4.10", "4.70"), ("1.10", "1.30"), (25, 30)),
]


def pack(parts, folder="CD000001-analysis-data/CD000001-"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(folder + name, content)
    return out.getvalue()


@pytest.fixture
def package(tmp_path):
    """Write a data package of rows, settings and risk of bias, and return its path."""

    def write(rows=None, settings=None, bias=None, name="review.zip", header=ROWS):
        rows = (
            rows if rows is not None else [counts_row(*each) for each in COUNTS] + [means_row(*each) for each in MEANS]
        )
        parts = {"data-rows.csv": text(rows, header)}
        if settings is not False:
            parts["overall-estimates-and-settings.csv"] = text(settings or [
                setting(), setting("1.2", "Estradiol", **{"Data type": "Continuous", "Statistical method": "IV",
                                                          "Effect measure": "Mean Difference"})])  # fmt: skip
        if bias is not None:
            parts["risk-of-bias.csv"] = text(bias)
        path = tmp_path / name
        path.write_bytes(pack(parts))
        return path

    return write
