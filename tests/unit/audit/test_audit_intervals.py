"""Printed effects with limits: the usual methods are known by name, and only the others are findings."""

import warnings

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from bayes_ivf.auditing import audit
from bayes_ivf.auditing.effect_words import read_effect
from bayes_ivf.auditing.interval_exact import unconditional
from bayes_ivf.auditing.interval_readings import OWN_SCALE, best_fit, direct_intervals, other_fit
from bayes_ivf.auditing.lesser_tests import barnard_p, lesser_tests
from bayes_ivf.study import Counts, EffectCI, Printed, parse_study

METHODS = [
    *(("risk_difference", "diff", name) for name in ("wald", "agresti-caffo", "newcomb", "score")),
    *(("risk_ratio", "ratio", name) for name in ("log", "log-adjusted", "score")),
    *(("odds_ratio", "odds-ratio", name) for name in ("logit", "logit-adjusted", "score")),
    ("odds_ratio", "conditional", "exact"),
]


def effect(scale, *ends, decimals=2):
    return EffectCI(scale, *(Printed(f"{end:.{decimals}f}") for end in ends))


def sample(scale, a, n1, b, n2):
    p, q = a / n1, b / n2
    return {"risk_difference": p - q, "risk_ratio": p / q, "odds_ratio": p * (1 - q) / (q * (1 - p))}[scale]


def by_other_software(scale, compare, method, a, n1, b, n2):
    if compare == "conditional":
        found = stats.contingency.odds_ratio([[a, n1 - a], [b, n2 - b]])
        limits = found.confidence_interval()
        return found.statistic, limits.low, limits.high
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        low, high = confint_proportions_2indep(a, n1, b, n2, compare=compare, method=method)
    return sample(scale, a, n1, b, n2), low, high


def test_no_false_alarm_on_300_correct_intervals_by_eleven_methods():
    rng = np.random.default_rng(20261129)
    missed, done = [], 0
    while done < 300:
        scale, compare, method = METHODS[done % len(METHODS)]
        n1, n2 = (int(n) for n in rng.integers(20, 200, 2))
        a, b = int(rng.integers(1, n1)), int(rng.integers(1, n2))
        try:
            ends = by_other_software(scale, compare, method, a, n1, b, n2)
        except ValueError:  # statsmodels finds no root
            continue
        if not np.isfinite(ends).all() or (scale != "risk_difference" and ends[1] < 0.05):
            continue
        done += 1
        if best_fit(effect(scale, *ends), Counts(a, n1), Counts(b, n2)) is None:
            missed.append((scale, method, a, n1, b, n2, ends))
    assert not missed


def outermost(found):
    """Each method's own interval, which comes before those of its other crossings."""
    return dict(reversed(list(found)))


def test_the_methods_are_those_of_newcombe_1998():
    # 56/70 against 48/80, his table II.
    found = outermost(direct_intervals("risk_difference", Counts(56, 70), Counts(48, 80), 0.95))
    published = {
        "Wald": (0.0575, 0.3425),
        "Wald with continuity correction": (0.0441, 0.3559),
        "Mee": (0.0533, 0.3377),
        "Miettinen-Nurminen": (0.0528, 0.3382),
        "Newcombe": (0.0524, 0.3339),
        "Newcombe with continuity correction": (0.0428, 0.3422),
        "profile likelihood": (0.0547, 0.3394),
    }
    for name, ends in published.items():
        assert found[name][1:] == pytest.approx(ends, abs=6e-5)


CONTINGENCYTABLES = [
    # the R package contingencytables of Fagerland, Lydersen and Laake's book
    ("risk_difference", (7, 34), (1, 34), "Wald", 0.0292, 0.3238),
    ("risk_difference", (7, 34), (1, 34), "Wald with continuity correction", -0.0002, 0.3532),
    ("risk_difference", (7, 34), (1, 34), "Agresti-Caffo", 0.0116, 0.3217),
    ("risk_difference", (7, 34), (1, 34), "Mee", 0.0284, 0.3439),
    ("risk_difference", (7, 34), (1, 34), "Newcombe", 0.0189, 0.3404),
    ("risk_difference", (0, 16), (15, 72), "Miettinen-Nurminen", -0.3164, -0.0056),
    ("risk_ratio", (7, 34), (1, 34), "Katz", 0.9096, 53.8695),
    ("risk_ratio", (7, 34), (1, 34), "Katz with 0.5 added", 0.9241, 27.0523),
    ("risk_ratio", (7, 34), (1, 34), "Koopman score", 1.2209, 42.5757),
    ("risk_ratio", (7, 34), (1, 34), "Miettinen-Nurminen", 1.2086, 43.0330),
    ("risk_ratio", (7, 34), (1, 34), "hybrid score", 1.1537, 41.9763),
    ("odds_ratio", (9, 13), (4, 14), "Miettinen-Nurminen", 1.0934, 28.9419),
    ("odds_ratio", (9, 13), (4, 14), "mid-P exact", 1.0226, 31.5025),
    ("odds_ratio", (9, 13), (4, 14), "Woolf smoothed toward independence", 1.0206, 23.7777),
    ("odds_ratio", (3, 4), (1, 4), "mid-P exact", 0.3101, 308.5568),
    ("odds_ratio", (15, 45), (2, 5), "Baptista-Pike mid-P exact", 0.1415, 4.6034),
    ("odds_ratio", (7, 34), (1, 34), "Baptista-Pike mid-P exact", 1.3277, 98.8359),
    # exact2x2, tsmethod "minlike"
    ("odds_ratio", (22, 23), (291, 13254), "Baptista-Pike exact", 162.5, 19952),
    # SAS, EXACT RISKDIFF(METHOD=NOSCORE), as the package tern quotes it
    ("risk_difference", (40, 78), (5, 17), "exact unconditional, by difference", -0.0466, 0.4676),
    ("risk_difference", (27, 57), (3, 3), "exact unconditional, by difference", -0.9057, 0.1197),
]


@pytest.mark.parametrize("row", CONTINGENCYTABLES, ids=lambda row: f"{row[3]} {row[1]}")
def test_limits_are_those_of_other_software(row):
    scale, treatment, control, method, *ends = row
    found = outermost(direct_intervals(scale, Counts(*treatment), Counts(*control), 0.95))[method]
    assert found[1:] == pytest.approx(ends, rel=5e-5, abs=6e-5)


@pytest.mark.parametrize("table", [(0, 40, 12, 40), (12, 40, 0, 40), (40, 40, 30, 40), (3, 30, 30, 30), (0, 9, 1, 9)])
def test_exact_limits_with_none_or_all_in_an_arm(table):
    a, n1, b, n2 = table
    found = outermost(direct_intervals("odds_ratio", Counts(a, n1), Counts(b, n2), 0.95))
    assert found["conditional exact"][1:] == pytest.approx(
        by_other_software("odds_ratio", "conditional", "", *table)[1:]
    )
    for end, outward in zip(found["Baptista-Pike exact"][1:], (1 / 1.001, 1.001), strict=True):
        if 0 < end < np.inf:
            inside, outside = (_no_likelier(a, n1, b, n2, end * by) for by in (1 / outward, outward))
            assert outside <= 0.05 < inside


def _no_likelier(a, n1, b, n2, odds):
    tables = stats.nchypergeom_fisher(n1 + n2, a + b, n1, odds)
    chances = tables.pmf(np.arange(max(0, a + b - n2), min(n1, a + b) + 1))
    return chances[chances <= tables.pmf(a) * (1 + 1e-7)].sum()


def test_unconditional_limits_hold_half_of_alpha_at_the_worst_risk():
    # Santner and Snell 1980, section 4
    found = outermost(unconditional(Counts(0, 2), Counts(2, 2), 0.90))["exact unconditional, by difference"]
    assert found == pytest.approx((-1, -1, 0.0543), abs=6e-5)
    # and the order of scores, table by table
    a, n1, b, n2 = 5, 9, 1, 8
    _, low, high = outermost(unconditional(Counts(a, n1), Counts(b, n2), 0.95))["exact unconditional, by score"]
    for shift, sign in ((low, 1), (high, -1)):
        score = [[sign * _score(i, n1, j, n2, shift) for j in range(n2 + 1)] for i in range(n1 + 1)]
        risks = np.linspace(max(0, -shift), min(1, 1 - shift), 4001)
        size = sum(
            stats.binom.pmf(i, n1, np.clip(risks + shift, 0, 1)) * stats.binom.pmf(j, n2, risks)
            for i in range(n1 + 1)
            for j in range(n2 + 1)
            if score[i][j] >= score[a][b] - 1e-7
        )
        assert size.max() == pytest.approx(0.025, abs=2e-5)


def _score(x, n1, y, n2, shift):
    risks = np.linspace(max(0, -shift), min(1, 1 - shift), 20_001)[1:-1]
    fit = stats.binom.logpmf(x, n1, risks + shift) + stats.binom.logpmf(y, n2, risks)
    q = risks[fit.argmax()]
    p = q + shift
    return (x / n1 - y / n2 - shift) / np.sqrt(p * (1 - p) / n1 + q * (1 - q) / n2)


def test_profile_likelihood_is_where_the_deviance_passes_its_limit():
    a, n1, b, n2 = 30, 80, 17, 75
    grid = np.linspace(0.001, 0.999, 200_001)
    best = stats.binom.logpmf(a, n1, a / n1) + stats.binom.logpmf(b, n2, b / n2)
    for scale, risks in (
        ("odds_ratio", lambda x: x * grid / (1 - grid + x * grid)),
        ("risk_ratio", lambda x: x * grid),
    ):
        for end in outermost(direct_intervals(scale, Counts(a, n1), Counts(b, n2), 0.95))["profile likelihood"][1:]:
            p = risks(end)
            inside = p < 1
            fitted = stats.binom.logpmf(a, n1, p[inside]) + stats.binom.logpmf(b, n2, grid[inside])
            assert 2 * (best - fitted.max()) == pytest.approx(stats.chi2.isf(0.05, 1), abs=1e-4)


def test_a_ratio_made_on_its_own_scale_is_found_in_15_of_16():
    rng = np.random.default_rng(11)
    found = tried = 0
    for scale in ("odds_ratio", "risk_ratio") * 60:
        n1, n2 = (int(n) for n in rng.integers(30, 200, 2))
        a, b = int(rng.integers(5, n1 - 4)), int(rng.integers(5, n2 - 4))
        value = sample(scale, a, n1, b, n2)
        cells = (
            (1 / a - 1 / n1 + 1 / b - 1 / n2) if scale == "risk_ratio" else 1 / a + 1 / (n1 - a) + 1 / b + 1 / (n2 - b)
        )
        half = 1.96 * value * cells**0.5
        if value <= half:
            continue
        tried += 1
        printed, arms = effect(scale, value, value - half, value + half), (Counts(a, n1), Counts(b, n2))
        if best_fit(printed, *arms) is None:
            found += other_fit(printed, *arms).method == OWN_SCALE
    assert tried > 80
    assert found >= 15 / 16 * tried


def counts_study(treatment, control, effect=None, arms=(500, 500), **keys):
    row = {"id": "o", "label": "Pregnancy", "kind": "counts", "benefit": "higher", **keys}
    row |= {"treatment": treatment, "control": control} | ({"effect": effect} if effect else {})
    values = {"schema_version": 1, "id": "s", "title": "s", "outcomes": [row]}
    values["arms"] = {arm: {"label": arm, "n": n} for arm, n in zip(("treatment", "control"), arms, strict=True)}
    return audit(parse_study(values, "test"))


def intervals(found):
    return [finding for finding in found.found if finding.check == "printed_interval"]


def test_each_end_has_its_own_unit_and_the_inverted_ratio_of_those_without_the_event_is_known():
    similar = {"text": "similar", "direction": "none", "p": "P=0.93"}
    ratio = {"scale": "risk_ratio", "estimate": "1.0", "low": "0.87", "high": "1.19"}
    found = counts_study("95/223", "96/230", ratio, (223, 230), claim=similar)
    (finding,) = intervals(found)
    assert finding.severity == "info"
    assert "women without the event, inverted: 1.015 (0.867 to 1.188)" in finding.statement
    # Katz of the event itself is 0.823 to 1.266.
    assert not intervals(counts_study("95/223", "96/230", {**ratio, "low": "0.82", "high": "1.27"}, (223, 230)))
    assert intervals(counts_study("95/223", "96/230", {**ratio, "low": "0.87", "high": "1.27"}, (223, 230)))


def test_a_reproduced_interval_is_named_in_the_ledger():
    claim = {"text": "no difference", "direction": "none", "p": "P=0.08"}
    ratio = {"scale": "risk_ratio", "estimate": "1.03", "low": "1.00", "high": "1.07"}
    found = counts_study("1513/2025", "1459/2013", ratio, (2025, 2013), claim=claim)
    assert not intervals(found)
    assert "the printed risk ratio is reproduced by Katz: 1.031 (0.993 to 1.070)" in found.ledger[0].note
    adjusted = {**ratio, "high": "1.20", "adjusted": "age"}
    assert not intervals(counts_study("1513/2025", "1459/2013", adjusted, (2025, 2013)))


@pytest.mark.parametrize(
    "ends", [("10.0", "-10.8", "30.8"), ("10.0%", "-10.8%", "30.8%"), ("0.100", "-0.108", "0.308")]
)
def test_a_risk_difference_beyond_one_is_in_points(ends):
    printed = dict(zip(("estimate", "low", "high"), ends, strict=True))
    assert not intervals(counts_study("16/40", "12/40", {"scale": "risk_difference", **printed}, (40, 40)))


def test_hedges_g_and_rounded_means_are_known():
    def means(effect):
        row = {
            "id": "o",
            "label": "o",
            "kind": "mean_sd",
            "benefit": "none",
            "treatment": "5.0 ± 2.0",
            "control": "4.0 ± 2.0",
        }
        values = {"schema_version": 1, "id": "s", "title": "s", "outcomes": [{**row, "effect": effect}]}
        values["arms"] = {arm: {"label": arm, "n": 30} for arm in ("treatment", "control")}
        return intervals(audit(parse_study(values, "test")))

    printed = {"scale": "mean_difference", "estimate": "1.02", "low": "-0.01", "high": "2.05"}
    assert not means(printed)
    g = 0.5 * (1 - 3 / (4 * 58 - 1))
    half = 1.96 * (2 / 30 + g**2 / 120) ** 0.5
    ends = {"estimate": f"{g:.2f}", "low": f"{g - half:.2f}", "high": f"{g + half:.2f}"}
    assert not means({"scale": "mean_difference", **ends})
    assert means({**printed, "low": "0.50", "high": "1.54"})


def test_words_with_limits_are_read():
    for text, expected in (
        ("p = 0.012, RR = 2.5 (1.18 to 5.41)", ("risk_ratio", "2.5", "1.18", "5.41", 0.95)),
        ("RR = 2.5 (1.23-5.16)", ("risk_ratio", "2.5", "1.23", "5.16", 0.95)),
        ("aOR 1.84, 95% CI 1.06–3.19, P=0.03", ("odds_ratio", "1.84", "1.06", "3.19", 0.95)),
        ("odds ratio of 1.5 [90% CI: 1.1, 2.0]", ("odds_ratio", "1.5", "1.1", "2.0", 0.9)),
        ("RD −0.05 (−0.10 to 0.01)", ("risk_difference", "-0.05", "-0.10", "0.01", 0.95)),
        ("risk difference -5.2% (95% CI -10.8 to 0.4)", ("risk_difference", "-5.2%", "-10.8", "0.4", 0.95)),
    ):
        found = read_effect(text)
        assert (found.scale, found.estimate.text, found.low.text, found.high.text, found.level) == expected
    for text in ("higher or lower 2.5 (1-2)", "RR 2.5", "RR not given, 1.2 (1.0 to 1.4)", "P=0.05"):
        assert read_effect(text) is None


def test_printed_limits_choose_among_decodings():
    claim = {"text": "p = 0.012, RR = 2.5 (1.18 to 5.41)", "direction": "higher", "p": "P=0.012"}
    row = {"id": "o", "label": "Implantation", "kind": "percent", "per": "embryo", "benefit": "higher", "claim": claim}
    row |= {"treatment": "16.6%", "control": "6.6%"}
    values = {"schema_version": 1, "id": "s", "title": "s", "max_embryos": 3, "outcomes": [row]}
    values["arms"] = {"treatment": {"label": "t", "n": 52}, "control": {"label": "c", "n": 50}}
    (found,) = audit(parse_study(values, "test")).ledger
    assert found.recomputed_p == pytest.approx(stats.fisher_exact([[24, 121], [8, 114]])[1])
    assert "of 16 pairs only 24/145 vs 8/122 gives the printed risk ratio" in found.note
    assert (found.supported, found.p_reproduced) == ("conditional", "yes")
    assert "Pearson" in found.note.split("reproduced by")[1]


def test_lesser_used_tests():
    for a, n1, b, n2 in ((7, 12, 1, 12), (16, 40, 9, 35)):
        x, y = np.arange(n1 + 1), np.arange(n2 + 1)[:, None]
        pooled = (x + y) / (n1 + n2)
        with np.errstate(invalid="ignore"):
            z = np.nan_to_num(np.abs(x / n1 - y / n2) / np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2)))
        outside = z >= z[b, a] - 1e-9
        risks = np.linspace(0.001, 0.999, 999)
        size = [(stats.binom.pmf(x, n1, r) * stats.binom.pmf(y, n2, r))[outside].sum() for r in risks]
        assert barnard_p(a, n1, b, n2) == pytest.approx(max(size), rel=1e-4)
    table = [[16, 24], [12, 28]]
    found = dict(lesser_tests(16, 40, 12, 40))
    likelihood = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood").pvalue
    assert found["likelihood ratio"] == pytest.approx(likelihood)
    assert found["mid-P (observed table halved)"] == pytest.approx(0.422, abs=5e-4)
