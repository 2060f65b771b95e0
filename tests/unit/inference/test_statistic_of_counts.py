"""Counts known only from a chi-square, a z or an exact P: against a plain grid, readings, doubt, and what is refused."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
from scipy import special, stats

from bayes_ivf import Study, audit, fit, readings, reanalyze
from bayes_ivf.cards import load_card
from bayes_ivf.errors import RequestError
from bayes_ivf.forms import form_of
from bayes_ivf.inference import fit_problems
from bayes_ivf.problem import build_problem, can_be_sampled
from bayes_ivf.settings import Settings
from bayes_ivf.study import parse_study, study_table

CARD = load_card("two_arm")
SIZES = (17, 13)
LEVEL, EFFECT = (-0.5, 1.3), (0.1, 0.9)
PRIOR = {
    "average": {"dist": "Normal", "mu": LEVEL[0], "sigma": LEVEL[1]},
    "effect": {"dist": "Normal", "mu": EFFECT[0], "sigma": EFFECT[1]},
}


def study_of(direction="higher", sizes=SIZES, **keys):
    return Study.from_claim(sizes, direction, of="counts", benefit="higher", **keys)


def fitted(study, prior=PRIOR, **options):
    return fit(study, engine="exact", prior=prior, options=options or None)


def tables(prints, sizes=SIZES, direction="higher"):
    """Tables that a function of four cells says print so, by going through all of them."""
    found = []
    for i in range(sizes[0] + 1):
        for j in range(sizes[1] + 1):
            gap = i * sizes[1] - j * sizes[0]
            sided = {"higher": gap > 0, "lower": gap < 0}.get(direction, True)
            if sided and prints(i, sizes[0] - i, j, sizes[1] - j):
                found.append((i, j))
    return found


def chi_square(i, x, j, y, corrected):
    """The usual formula, N (|ad - bc| - N / 2)^2 over all margins."""
    n = i + x + j + y
    margins = (i + x) * (j + y) * (i + j) * (x + y)
    off = abs(i * y - x * j) - (n / 2 if corrected else 0)
    return n * max(off, 0) ** 2 / margins if margins else 0.0


def rounds_to(value, text):
    """Whether a number lies within half a unit of the last digit of a printed one."""
    unit = Decimal(1).scaleb(Decimal(text).as_tuple().exponent)
    return abs(Decimal(value) - Decimal(text)) <= unit / 2


def grid(found, sizes=SIZES):
    """Log evidence, mean and sd of the log odds ratio, and its probability above 0, by a plain sum over a grid."""
    a = np.arange(-11, 10, 0.04)[:, None]
    d = np.arange(-7, 7.2, 0.04)
    prior = stats.norm.pdf(a, *LEVEL) * stats.norm.pdf(d, *EFFECT)
    risks = [special.expit(a + d / 2), special.expit(a - d / 2)]
    chance = sum(stats.binom.pmf(i, sizes[0], risks[0]) * stats.binom.pmf(j, sizes[1], risks[1]) for i, j in found)
    weight = (prior * chance).sum(axis=0)
    total = weight.sum()
    mean = (weight * d).sum() / total
    return math.log(total * 0.04**2), mean, math.sqrt((weight * (d - mean) ** 2).sum() / total)


def told(made):
    row = made.row("log_odds_ratio")
    return made.evidence["log_marginal_likelihood"], row.mean, row.sd


def close(found, wanted):
    assert found[0] == pytest.approx(wanted[0], abs=2e-6)
    assert found[1:] == pytest.approx(wanted[1:], abs=1e-6)


@pytest.mark.parametrize(
    ("statistic", "corrected", "direction"),
    [("4.2", 0, "higher"), ("3.1", 1, "higher"), ("4.2", 0, "lower"), ("1.3", 1, "differs")],
)
def test_a_chi_square_is_all_tables_that_print_so(statistic, corrected, direction):
    """Closed sums over tables found one by one, on a grid that shares no code: to 1e-6."""
    study = study_of(direction, statistic=f"chi-square(1, N = 30) = {statistic}")
    found = tables(lambda *cells: rounds_to(chi_square(*cells, corrected), statistic), direction=direction)
    assert 0 < len(found) < 60
    close(told(fitted(study, corrected=corrected)), grid(found))


def test_a_z_is_the_root_of_it():
    found = tables(lambda *cells: rounds_to(math.sqrt(chi_square(*cells, False)), "2.1"))
    close(told(fitted(study_of(statistic="z = 2.1"), corrected=0)), grid(found))
    close(told(fitted(study_of(statistic="z = -2.1"), corrected=0)), grid(found))  # the sign follows no convention


def test_statistic_and_p_are_both_kept():
    def prints(*cells):
        value = chi_square(*cells, False)
        return rounds_to(value, "4.4") and rounds_to(stats.chi2.sf(value, 1), "0.037")

    found = tables(prints)
    alone = tables(lambda *cells: rounds_to(chi_square(*cells, False), "4.4"))
    assert 0 < len(found) < len(alone)
    close(told(fitted(study_of(statistic="chi-square(1) = 4.4", p="P=0.037"), corrected=0)), grid(found))


@pytest.mark.parametrize(("share", "weights"), [(None, (0.5, 0.5)), (0.2, (0.8, 0.2))])
def test_where_the_test_is_not_said_both_are_mixed_by_stated_weights(share, weights):
    study = study_of(statistic="chi-square(1) = 4.4")
    made = fitted(study) if share is None else fitted(study, corrected=share)
    parts = [grid(tables(lambda *c, k=k: rounds_to(chi_square(*c, k), "4.4"))) for k in (False, True)]
    mean = sum(w * part[1] for w, part in zip(weights, parts, strict=True))
    square = sum(w * (part[2] ** 2 + part[1] ** 2) for w, part in zip(weights, parts, strict=True))
    evidence = math.log(sum(w * math.exp(part[0]) for w, part in zip(weights, parts, strict=True)))
    close(told(made), (evidence, mean, math.sqrt(square - mean**2)))
    assert "which of them is not said" in made.problem.caveats[0]


def test_a_reading_that_no_table_prints_is_left_out_and_named():
    study = study_of(sizes=(40, 40), statistic="chi-square(1) = 4.22")
    made = fitted(study)
    assert made.problem.data["test"].tolist() == [1]
    assert made.problem.data["weight"].tolist() == [1.0]
    assert "No counts of so many women give it by Pearson's chi-square test." in made.problem.caveats[0]
    assert told(made) == told(fitted(study, corrected=1))


@pytest.mark.parametrize("doubt", [0, 0.3])
def test_problems_with_one_reading_and_with_two_are_solved_together(doubt):
    """A batch gives each what it is given alone."""
    prints = ("chi-square(1) = 4.4", "chi-square(1) = 4.2", "z = 2.1", "chi-square(1) = 3.7")
    studies = [study_of(statistic=each) for each in prints]
    problems = [build_problem(each, "claim", CARD, PRIOR, {"doubt": doubt}) for each in studies]
    assert {len(problem.data["test"]) for problem in problems} == {1, 2}
    alone = [told(fitted(each, doubt=doubt)) for each in studies]
    assert [told(made) for made in fit_problems(problems, Settings(), "exact")] == [
        pytest.approx(each, abs=1e-9) for each in alone
    ]


def test_words_that_name_the_correction_settle_it():
    item = study_of(statistic="chi-square(1) = 4.4")
    named = parse_study(
        study_table(item) | {"outcomes": [row_of(item) | {"claim": claim("with Yates's correction")}]}, ""
    )
    assert fitted(named).problem.options["corrected"] == "1"
    assert fitted(named, corrected=0).problem.options["corrected"] == "0"  # an option that is given wins
    plain = parse_study(study_table(item) | {"outcomes": [row_of(item) | {"claim": claim("chi-square test")}]}, "")
    assert fitted(plain).problem.options["corrected"] == "0.5"


def row_of(study):
    return study_table(study)["outcomes"][0]


def claim(text, p=None):
    return {"text": text, "direction": "higher"} | ({} if p is None else {"p": p})


@pytest.mark.parametrize(
    ("words", "p", "test"),
    [
        ("higher", "P=0.044", "fisher"),
        ("higher, Yates's test", "P=0.044", "yates"),
        ("higher, chi-square", "P=0.04", "pearson"),
        ("higher, chi-square", "P<0.05", "pearson"),
        ("higher, Fisher", "P=0.04", "fisher"),
        ("higher", "P=0.0333", "pearson"),  # which Fisher's test gives for no counts of 40 v 40
    ],
)
def test_the_test_of_an_exact_p_is_the_one_named_else_the_first_that_gives_it(words, p, test):
    study = study_of(sizes=(40, 40), p=p)
    named = parse_study(study_table(study) | {"outcomes": [row_of(study) | {"claim": claim(words, p)}]}, "")
    made = fitted(named)
    assert made.problem.options["test"] == test
    assert ("gives that P for no counts" in made.problem.caveats[0]) == (p == "P=0.0333")


PRINTS = [{"p": "P=0.044"}, {"statistic": "chi-square(1) = 4.2"}, {"statistic": "z = 2.1"}]


@pytest.mark.parametrize("keys", PRINTS, ids=lambda keys: next(iter(keys.values())))
@pytest.mark.parametrize("direction", ["higher", "differs"])
def test_doubt_in_a_number_mixes_posterior_and_prior(keys, direction):
    """As of means: half of it in the middle, the prior at 1, and the evidence of the print as it was."""
    study = study_of(direction, sizes=(40, 40), **keys)
    sure, half, empty = (fitted(study, doubt=doubt) for doubt in (0, 0.5, 1))
    rows = [made.row("log_odds_ratio") for made in (sure, half, empty)]
    at = 0.3
    shares = [made.probability("log_odds_ratio", above=at) for made in (sure, half, empty)]
    assert abs(shares[0] - shares[2]) > 0.02
    assert shares[1] == pytest.approx((shares[0] + shares[2]) / 2, abs=1e-7)
    assert rows[1].mean == pytest.approx((rows[0].mean + rows[2].mean) / 2, abs=1e-6)
    assert (rows[2].mean, rows[2].sd) == pytest.approx(EFFECT, abs=1e-6)
    assert shares[2] == pytest.approx(stats.norm.sf(at, *EFFECT), abs=1e-7)
    evidence = [made.evidence["log_marginal_likelihood"] for made in (sure, half, empty)]
    assert evidence == pytest.approx([evidence[0]] * 3, abs=1e-6)


def test_doubt_in_words_is_a_constant_as_before():
    """P<0.05 is one event: its doubt adds a constant to the likelihood, so that it weighs less than a half."""
    study = study_of(sizes=(40, 40), alpha=0.05)
    sure, half, empty = (fitted(study, doubt=doubt).row("log_odds_ratio").mean for doubt in (0, 0.5, 1))
    chance = math.exp(fitted(study).evidence["log_marginal_likelihood"])
    share = 0.5 * chance / (0.5 * chance + 0.5)
    assert half == pytest.approx(share * sure + (1 - share) * empty, abs=1e-6)


def test_a_p_printed_as_zero_or_a_bound_of_the_statistic_is_an_event():
    for keys in ({"p": "P=0.000"}, {"statistic": "chi-square(1) > 3.84"}):
        problem = fitted(study_of(sizes=(40, 40), **keys), doubt=0.5).problem
        assert float(problem.data["doubt"]) == 0.5
        assert "empty" not in problem.data


@pytest.mark.parametrize("keys", PRINTS, ids=lambda keys: next(iter(keys.values())))
def test_swap_of_arms(keys):
    prior = {slot: {"dist": "Normal", "mu": 0, "sigma": 1.2} for slot in ("average", "effect")}
    one = fitted(study_of("higher", (23, 31), **keys), prior).row("log_odds_ratio")
    other = fitted(study_of("lower", (31, 23), **keys), prior).row("log_odds_ratio")
    assert (other.mean, other.sd) == pytest.approx((-one.mean, one.sd), abs=2e-6)


@pytest.mark.parametrize(
    ("keys", "found", "todo"),
    [
        (
            {"statistic": "chi-square(1) = 4.20", "sizes": (40, 40)},
            "no counts of 40 and 40 women give",
            "see the audit",
        ),
        ({"statistic": "chi-square(2) = 4.2"}, "a check only", "give the counts"),
        ({"statistic": "chi-square(1, N = 31) = 4.2"}, "beside 30 in both arms", "give n"),
        ({"statistic": "t(28) = 2.1"}, "a check only", "give the counts"),
        ({"statistic": "F(1, 28) = 4.4"}, "a check only", "give the counts"),
        (
            {"statistic": "z = 2.1", "p": "P=0.9"},
            "no counts of 17 and 13 women give z = 2.1 with P=0.9",
            "see the audit",
        ),
        ({"p": "P=0.0254", "sizes": (40, 40)}, "no counts of 40 and 40 women give", "see the audit"),
    ],
)
def test_what_leaves_no_table_says_why_and_what_to_do(keys, found, todo):
    with pytest.raises(RequestError) as caught:
        fitted(study_of(**keys))
    (fault,) = caught.value.faults
    assert found in fault.found
    assert todo in fault.action


@pytest.mark.parametrize("keys", PRINTS, ids=lambda keys: next(iter(keys.values())))
def test_a_number_of_another_test_is_a_check_only(keys):
    study = study_of(**keys)
    text = claim("adjusted for age", keys.get("p"))
    other = parse_study(study_table(study) | {"outcomes": [row_of(study) | {"claim": text}]}, "")
    with pytest.raises(RequestError) as caught:
        fitted(other)
    assert "an adjusted analysis: a check only" in caught.value.faults[0].found


def test_readings_weigh_the_correction():
    study = study_of(statistic="chi-square(1) = 4.4")
    found = readings(study, "claim", choices={"doubt": [0]})
    table = found.table
    assert table["corrected"].tolist() == ["0", "1"]
    single = [fitted(study, "weakly_informative", corrected=k).row("risk_difference").median for k in (0, 1)]
    assert table["median"].tolist() == pytest.approx(single, abs=1e-8)


def test_it_is_written_as_it_is_read():
    study = study_of(statistic="chi-square(1, N = 30) = 4.2")
    assert parse_study(study_table(study), "again") == study
    assert form_of(study.items[0]).name == "statistic_counts"
    assert build_problem(study, "claim", CARD, PRIOR).likelihood == "statistic_counts"


def findings(study):
    return [each for each in audit(study).found if each.check == "p_of_counts"]


def test_a_print_that_no_table_gives_is_a_finding():
    (found,) = findings(study_of("lower", (40, 40), p="P=0.049"))
    assert found.severity == "caution"
    assert found.statement.startswith(
        "No counts of arms of 40 and 40 give what is printed for claim, P=0.049, lower in the"
    )
    assert "as a one-sided P of twice its size some do" in found.statement
    assert found.alternatives
    (found,) = findings(study_of("higher", (40, 40), statistic="chi-square(1) = 4.20"))
    assert "chi-square(1) = 4.20" in found.statement
    assert "4.178 and 4.211" in found.evidence
    near = [chi_square(i, 40 - i, j, 40 - j, False) for i in range(41) for j in range(i)]
    assert (max(x for x in near if x < 4.195), min(x for x in near if x > 4.205)) == pytest.approx(
        (4.178, 4.211), abs=6e-4
    )


def test_a_print_that_some_table_gives_by_some_usual_test_is_none():
    for keys in ({"p": "P=0.044"}, {"p": "P=0.0333"}, {"p": "P<0.05"}, {"statistic": "chi-square(1) = 4.2"}):
        assert findings(study_of(sizes=(40, 40), **keys)) == []
    # P and statistic that contradict each other are a finding of the check of statistics
    other = audit(study_of(sizes=(40, 40), statistic="z = 2.1", p="P=0.9"))
    assert [each.check for each in other.found if each.check in ("p_of_counts", "printed_statistic")] == [
        "printed_statistic"
    ]


def test_a_named_test_is_held_to_and_the_others_are_told():
    study = study_of(sizes=(40, 40), p="P=0.0333")
    named = parse_study(
        study_table(study) | {"outcomes": [row_of(study) | {"claim": claim("Fisher's test", "P=0.0333")}]}, ""
    )
    (found,) = findings(named)
    assert "by Fisher's exact test; by Pearson's chi-square test some do." in found.statement
    (found,) = findings(study_of(sizes=(3, 3), p="P<0.01"))
    assert "P<0.01" in found.statement
    assert found.statement.endswith("Yates's chi-square test.")


def test_digits_that_were_cut_off_are_told():
    value = stats.fisher_exact([[9, 8], [2, 11]]).pvalue
    assert 0.057456 < value < 0.057457
    assert findings(study_of(p="P=0.05746")) == []
    (found,) = findings(study_of(p="P=0.05745"))
    assert "only with its last digits cut off some do" in found.statement


def test_a_sentence_names_the_test_of_counts_and_the_direction():
    study = study_of(sizes=(40, 40), statistic="chi-square(1) = 4.2")
    for options, test in (({}, "Pearson's or Yates's"), ({"corrected": 0}, "Pearson's"), ({"corrected": 1}, "Yates's")):
        said = str(fitted(study, **options).sentence())
        assert f"came from {test} chi-square test of counts" in said
        assert "t test" not in said


def test_tables_far_apart_are_left_to_quadrature():
    """A low and a high risk in both arms print alike: a sampler would not cross from one to the other."""
    far = build_problem(study_of(statistic="chi-square(1) = 3.7"), "claim", CARD, PRIOR)
    near = build_problem(study_of(statistic="chi-square(1) = 4.2"), "claim", CARD, PRIOR)
    assert (can_be_sampled(far), can_be_sampled(near)) == (False, True)
    words = build_problem(study_of("none", (40, 40)), "claim", CARD, PRIOR)
    assert can_be_sampled(words)


def test_a_run_estimates_what_only_quadrature_solves():
    study = study_of(statistic="chi-square(1) = 3.7")
    result = reanalyze(study, models=["two_arm"], priors=["weakly_informative"], engine="exact")
    assert [made.problem.options["doubt"] for made in result.fits] == ["0", "0.25", "0.5", "0.75", "1"]
    (row,) = result.comparison.to_dict("records")
    assert "Reported higher (chi-square(1) = 3.7); recomputed, that is P = 0.054." in row["reading"]
    assert "is that of Pearson's or Yates's chi-square test of counts of both arms: risk difference" in row["reading"]
