"""What the audit says of printed medians, and of means whose spread only skewed values have."""

import pytest
from scipy import stats

import bayes_ivf as bi
from bayes_ivf.auditing.checks import quantile_conversions, skewness
from bayes_ivf.auditing.conversions import as_mean_sd
from bayes_ivf.study import Printed, Quantiles, parse_study


def quantiles_of(n, **numbers):
    return Quantiles(n, **{name: Printed(str(number)) for name, number in numbers.items()})


@pytest.mark.parametrize(
    ("datum", "mean", "sd"),
    [
        # 0.7 + 0.39 / 100 of the middle of the quartiles; 2 z(0.74688) = 1.3294
        (quantiles_of(100, median=5, q1=3, q3=8), 0.7039 * 5.5 + 0.2961 * 5, 5 / (2 * stats.norm.ppf(74.875 / 100.25))),
        (
            quantiles_of(100, median=5, low=0, high=20),
            4 / 35.6228 * 10 + (1 - 4 / 35.6228) * 5,
            20 / (2 * stats.norm.ppf(99.625 / 100.25)),
        ),
    ],
)
def test_conversions(datum, mean, sd):
    found = as_mean_sd(datum)
    assert found[0] == pytest.approx(mean, rel=1e-4)
    assert found[1] == pytest.approx(sd, rel=1e-3)


def test_conversion_of_five_numbers_lies_between():
    both = as_mean_sd(quantiles_of(50, median=5, q1=3, q3=8, low=0, high=20))
    assert 5.0 < both[0] < 6.5
    assert 3.7 < both[1] < 4.5


def test_the_conversion_is_told_beside_the_median():
    study = bi.Study.from_quantiles(("5", "3", "8", 62), ("4", "2", "7", 51), outcome="oocytes", benefit="higher")
    (finding,) = quantile_conversions.run(study)
    assert finding.severity == "info"
    assert "5.35 ± 3.79" in finding.statement
    assert "Wan" in finding.evidence


def test_uneven_quartiles():
    even = bi.Study.from_quantiles(("5.0", "4.0", "6.1", 90), ("5.0", "4.0", "6.0", 90), outcome="x")
    uneven = bi.Study.from_quantiles(("4.2", "4.0", "6.0", 90), ("5.0", "4.0", "6.0", 90), outcome="x")
    few = bi.Study.from_quantiles(("4.2", "4.0", "6.0", 9), ("5.0", "4.0", "6.0", 9), outcome="x")
    assert [len(quantile_conversions.run(each)) for each in (even, uneven, few)] == [1, 2, 1]
    assert "less evenly" in quantile_conversions.run(uneven)[1].statement


def means(treatment, **keys):
    arms = {arm: {"label": arm, "n": 40} for arm in ("treatment", "control")}
    row = {"id": "x", "label": "Oocytes", "kind": "mean_sd", "benefit": "none", "treatment": treatment, "spread": "sd"}
    rows = [row | {"control": "9.0 ± 2.0", "minimum": 0.0} | keys]
    return parse_study({"schema_version": 1, "id": "s", "title": "s", "arms": arms, "outcomes": rows}, "test")


@pytest.mark.parametrize(
    ("text", "keys", "count"),
    [
        ("2.1 ± 3.0", {}, 1),
        ("4.1 ± 3.0", {}, 0),
        ("2.1 ± 3.0", {"minimum": -5.0}, 0),
        ("2.1 ± 0.4", {"spread": "se"}, 1),
        ("2.1 ± 3.0", {"spread": "range"}, 0),
    ],
)
def test_a_spread_that_only_skewed_values_have(text, keys, count):
    found = skewness.run(means(text, **keys))
    assert len(found) == count
    assert all("skewed" in finding.statement and finding.alternatives for finding in found)
