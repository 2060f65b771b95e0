"""The section "Try another prior" in a real browser: its numbers are the package's own, whatever prior is chosen."""

from __future__ import annotations

import math
import random

import pytest

import bayes_ivf as bi
from bayes_ivf.results import larger_risk, value_of

OUTCOMES = {
    **dict.fromkeys(("cpr", "none", "rare", "large"), 25),
    **dict.fromkeys(("higher", "lower", "differs", "alike"), 10),
    **dict.fromkeys(("fsh", "few"), 20),
    "eir": 20,
    "lbr": 10,
}
"""Settings of each outcome: counts 100, claims 40, means 40, embryos 20, estimates 10."""
SETS = ("weakly_informative", "skeptical_moderate", "cochrane_fertility", "optimistic_moderate", "beta_uniform")
EDGE = 1e-5
"""Of the last place that is shown: a value so close to a rounding edge may be written on either side of it."""

SET = """
async settings => {
  const part = name => document.getElementById(`live-${name}`);
  const tell = (name, value, event = "input") => {
    if (part(name).value !== value) { part(name).value = value; }
    part(name).dispatchEvent(new Event(event));
  };
  if (part("outcome").value !== settings.outcome) tell("outcome", settings.outcome, "change");
  if (settings.set !== undefined) {
    tell("set", settings.set, "change");
    tell("strength", String(settings.strength));
  } else {
    for (const name of ["family", "mean", "sd", "df"]) if (settings[name] !== undefined) tell(name, String(settings[name]));
  }
  tell("doubt", String(settings.doubt));
  part("average").checked = settings.icc === null;
  if (settings.icc !== null) tell("icc", String(settings.icc));
  part("average").dispatchEvent(new Event("change"));
  await new Promise(done => setTimeout(done, 1));
  const shown = [...part("result").querySelectorAll("data:not([data-key^='(page)'])")];
  const values = shown.map(each => [each.dataset.key, each.textContent, Number(each.value)]);
  return {text: part("result").textContent, error: part("error").textContent, values, shown: !part("figure").hidden};
}
"""


def study():
    """Counts with and without events, rare and many; words; means; embryos."""
    counts = bi.Study.from_counts
    made = [
        counts((16, 40), (12, 40), outcome="cpr", benefit="higher", mcid=0.05),
        counts((0, 30), (3, 31), outcome="none", benefit="lower", mcid=0.05),
        counts((3, 2000), (9, 2000), outcome="rare", benefit="lower"),
        counts((560, 1203), (510, 1189), outcome="large", benefit="higher", mcid=0.05),
        bi.Study.from_means(("5.81", "0.76", 40), ("7.93", "0.82", 40), outcome="fsh"),
        bi.Study.from_means(("9.1", "3.0", 9), ("8.2", "2.1", 6), outcome="few", benefit="higher", mcid=0.2),
        bi.Study.from_claim((40, 40), "higher", 0.05, outcome="higher", benefit="higher", mcid=0.3),
        bi.Study.from_claim((25, 31), "lower", 0.01, outcome="lower", benefit="higher"),
        bi.Study.from_claim((40, 40), "differs", 0.05, outcome="differs", benefit="higher"),
        bi.Study.from_claim((12, 14), "none", 0.05, outcome="alike", benefit="lower"),
        bi.Study.from_clusters(
            {"women": 40, "embryos": 80, "pregnant": 16, "implanted": 33},
            {"women": 40, "embryos": 84, "pregnant": 12, "implanted": 19},
            outcome="eir",
            mcid=0.05,
        ),
        bi.Study.from_effect("odds_ratio", "1.61", ci=("1.03", "2.53"), outcome="lbr", benefit="higher"),
    ]
    return bi.Study.combine(made, study="live")


FAMILIES = {
    "Normal": lambda mean, sd, df: {"dist": "Normal", "mu": mean, "sigma": sd},
    "StudentT": lambda mean, sd, df: {"dist": "StudentT", "nu": df, "mu": mean, "sigma": sd},
    "Cauchy": lambda mean, sd, df: {"dist": "Cauchy", "alpha": mean, "beta": sd},
    "Logistic": lambda mean, sd, df: {"dist": "Logistic", "mu": mean, "s": sd},
}
FACTORS = (0.25, 0.5, 1, 2, 4)


def settings(outcome, number, sets):
    """Random settings of an outcome: half of them a named set at some strength, half a prior of one's own."""
    draw = random.Random(f"live {outcome}")
    found = []
    for i in range(number):
        made = {"outcome": outcome, "doubt": draw.choice([0, 0.05, 0.25, 0.5, 0.8, 1]), "icc": None}
        if outcome == "eir" and i % 2:
            made["icc"] = draw.choice([0.02, 0.1, 0.3, 0.55, 0.8])
        if i % 2 and sets:
            made |= {"set": draw.choice(sets), "strength": draw.randrange(5)}
        else:
            made |= {
                "family": draw.choice(list(FAMILIES)),
                "mean": round(draw.uniform(-1.2, 1.2), 2),
                "sd": round(math.exp(draw.uniform(math.log(0.1), math.log(3))), 2),
                "df": draw.choice([2, 3, 4.5, 7]),
            }
        found.append(made)
    return found


def slots_of(made, outcome, whole):
    """The prior of a setting as `fit` takes it."""
    if "set" not in made:
        slots = {"effect": FAMILIES[made["family"]](made["mean"], made["sd"], made["df"])}
        if made["family"] != "StudentT":
            made.pop("df")  # its field is closed
    else:
        problem = bi.fit(whole, outcome, prior=made["set"], engine="exact").problem
        if "effect" not in problem.priors:
            return made["set"]
        slots = {}
        for slot, prior in problem.priors.items():
            if slot in ("effect", "average") and prior.proper:
                slots[slot] = {"dist": prior.dist, **prior.parameters}
        width = {"Normal": "sigma", "StudentT": "sigma"}[slots["effect"]["dist"]]
        slots["effect"][width] *= FACTORS[made["strength"]]
    if made["icc"] is not None:
        slots["icc"] = {"dist": "Uniform", "lower": made["icc"] - 1e-6, "upper": made["icc"] + 1e-6}
    return slots


def by_package(made, whole):
    """What the package says: text and value by estimand and statistic, and whether its own error is within bounds."""
    outcome = made["outcome"]
    claim = outcome in ("higher", "lower", "differs", "alike")
    options = {"claim_doubt": made["doubt"]} if claim else {}
    fit = bi.fit(whole, outcome, prior=slots_of(made, outcome, whole), engine="exact", **options)
    rows = [row for row in fit.rows if row.outcome == outcome]
    found = {}
    for row in rows:
        for name in ("median", "ci_low", "ci_high", "p_benefit", "p_beyond_mcid"):
            value = value_of(row, name, larger_risk(rows, row))
            if value is not None:
                found[row.estimand, name] = (value.text, value.value, row.ci_high - row.ci_low)
    return found, str(fit.verdict) == "pass"


@pytest.fixture(scope="module")
def whole():
    return study()


@pytest.fixture(scope="module")
def page_of(whole, tmp_path_factory):
    folder = tmp_path_factory.mktemp("live") / "run"
    bi.reanalyze(whole, folder, engine="exact", models=["two_arm", "embryo_cluster"], priors=list(SETS))
    return folder / "report.html"


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_numbers_are_the_packages_own_to_the_displayed_digits(outcome, whole, page_of, browser_page):
    page = browser_page(page_of)
    page.select_option("#live-outcome", outcome)
    offered = page.evaluate("[...document.getElementById('live-set').options].map(each => each.value).filter(Boolean)")
    wrong, silent = [], []
    for made in settings(outcome, OUTCOMES[outcome], offered):
        expected, passed = by_package(made, whole)
        said = page.evaluate(SET, made)
        if said["error"]:
            silent.append((made, said["error"], passed))
            continue
        assert said["shown"], made
        assert said["values"], made
        for key, text, value in said["values"]:
            estimand, statistic = key.split("/")[1], key.split("/")[5]
            wanted, exact, width = expected[estimand, statistic]
            assert key.startswith(f"{outcome}/{estimand}/chosen/")
            assert key.split("/")[4] == "page"
            near = abs(value - exact) < EDGE * (1 if statistic.startswith("p_") else width)
            if text != wanted and not (near and next_to(text, wanted)):
                wrong.append((made, key, text, wanted, value, exact, passed))
    assert wrong == []
    assert len(silent) <= OUTCOMES[outcome] // 10


def next_to(text, wanted):
    """Whether two texts differ by one unit in the last place."""
    try:
        shown, other = float(text), float(wanted)
    except ValueError:
        return text.lstrip("<>") == wanted or wanted.lstrip("<>") == text
    decimals = len(text.partition(".")[2])
    return abs(shown - other) < 1.5 * 10.0**-decimals


NUMBERS = """
cases => cases.map(([value, low, high, factor, least, zero, signed]) =>
  liveNumbers.digitsFor(low, high, {factor, least, zero, signed})(value))
"""


def test_numbers_are_written_as_the_package_writes_them(page_of, browser_page):
    from bayes_ivf.results import digits_for

    draw = random.Random("digits")
    cases = []
    for _ in range(3000):
        size = 10 ** draw.uniform(-9, 9)
        low = draw.choice([-1, 1]) * draw.choice([size, round(size, 2), 0.125, 0.5, 2.5, 0.0])
        high = low + draw.choice([0.0, size, size / 100, 10 ** draw.uniform(-9, 3)])
        zero, signed = draw.choice([(0.0, True), (1.0, False), (0.0, False)])
        value = draw.choice([low, high, (low + high) / 2, 0.0, -0.0])
        cases.append((value, low, high, draw.choice([1, 100, 1000]), draw.choice([1, 2]), zero, signed))
    expected = [
        digits_for(low, high, factor=factor, least=least, null=zero, signed=signed)(value)
        for value, low, high, factor, least, zero, signed in cases
    ]
    found = browser_page(page_of).evaluate(NUMBERS, cases)
    assert [each for each in zip(cases, found, expected, strict=True) if each[1] != each[2]] == []


def test_probabilities_are_written_as_the_package_writes_them(page_of, browser_page):
    from bayes_ivf.results import chance

    draw = random.Random("chance")
    cases = [0.0, 1.0, 0.001, 0.999, 0.01, 0.99, 0.125, 0.375, 0.005, 0.995, 0.0005]
    cases += [draw.random() ** draw.choice([1, 5, 0.1]) for _ in range(2000)]
    found = browser_page(page_of).evaluate("cases => cases.map(liveNumbers.chance)", cases)
    assert found == [chance(each) for each in cases]


def text_of(page, name):
    return page.inner_text(f"#live-{name}").strip()


def settled(page):
    page.evaluate("() => new Promise(done => setTimeout(done, 20))")


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("sd", "abc", "The spread must be a number from 0.01 to 20."),
        ("sd", "0", "The spread must be a number from 0.01 to 20."),
        ("sd", "-1", "The spread must be a number from 0.01 to 20."),
        ("sd", "1e9", "The spread must be a number from 0.01 to 20."),
        ("mean", "", "The center must be a number from -20 to 20."),
        ("mean", "NaN", "The center must be a number from -20 to 20."),
        ("mean", "Infinity", "The center must be a number from -20 to 20."),
    ],
)
def test_bad_input_is_said_and_no_number_is_shown(field, typed, said, page_of, browser_page):
    page = browser_page(page_of)
    before = text_of(page, "result")
    page.fill(f"#live-{field}", typed)
    settled(page)
    assert text_of(page, "error") == said
    assert page.locator("#live-result data").count() == 0
    assert not page.is_visible("#live-figure")
    assert page.get_attribute(f"#live-{field}", "aria-invalid") == "true"
    page.fill(f"#live-{field}", "0,5")  # as decimals are written elsewhere
    settled(page)
    assert text_of(page, "error") == ""
    assert "credible interval" in text_of(page, "result") != before
    assert page.get_attribute(f"#live-{field}", "aria-invalid") is None
    page.click("#live-reset")
    settled(page)
    assert text_of(page, "result") == before


def test_what_cannot_be_told_accurately_is_not_told(page_of, browser_page):
    page = browser_page(page_of)
    page.fill("#live-mean", "20")
    page.fill("#live-sd", "0.01")
    settled(page)
    assert text_of(page, "error").startswith("Not accurate here, so no number is shown")
    assert page.locator("#live-result data").count() == 0


def test_it_is_used_with_the_keyboard_alone(page_of, browser_page):
    page = browser_page(page_of)
    page.focus("#live-outcome")
    controls = [f"live-{name}" for name in ("outcome", "set", "strength", "family", "mean", "sd", "reset")]
    reached = ["live-outcome"]
    for _ in range(40):
        if reached[-1] == controls[-1]:
            break
        page.keyboard.press("Tab")
        if name := page.evaluate("document.activeElement.id"):  # numbers, which tell where they come from, have none
            reached.append(name)
    assert reached == controls
    before = text_of(page, "result")
    page.focus("#live-strength")
    page.keyboard.press("ArrowLeft")
    settled(page)
    assert text_of(page, "strength-said") == "half as wide: strong"
    assert text_of(page, "result") != before
    page.focus("#live-reset")
    page.keyboard.press("Enter")
    settled(page)
    assert text_of(page, "result") == before


def test_a_result_from_words_alone_names_what_it_hangs_on(page_of, browser_page):
    page = browser_page(page_of)
    page.select_option("#live-outcome", "lower")
    settled(page)
    assert ", if the claim is true: " in text_of(page, "result")
    assert ", if the claim is true: " in page.inner_text(".live-record li:not([hidden])")
    for doubt, words in (("1", ", if its words say nothing: "), ("0.5", ", at doubt 0.5: ")):
        page.fill("#live-doubt", doubt)
        settled(page)
        assert words in text_of(page, "result")


def test_sliders_appear_where_they_say_something(page_of, browser_page):
    page = browser_page(page_of)
    assert not page.is_visible("#live-icc")
    assert not page.is_visible("#live-doubt")
    page.select_option("#live-outcome", "eir")
    settled(page)
    averaged = text_of(page, "result")
    page.uncheck("#live-average")
    settled(page)
    assert page.is_enabled("#live-icc")
    assert text_of(page, "icc-said") == "0.3"
    assert text_of(page, "result") != averaged
    assert "icc=0.3" in page.get_attribute("#live-result strong data", "data-key")
    page.select_option("#live-outcome", "higher")
    page.evaluate(SET, {"outcome": "higher", "doubt": 1, "icc": None})
    assert "doubt=1" in page.get_attribute("#live-result strong data", "data-key")


def test_the_picture_says_its_numbers_and_follows_them(page_of, browser_page):
    page = browser_page(page_of)
    title, after = page.text_content("#live-title"), page.get_attribute("#live-after", "d")
    assert text_of(page, "result") in title
    assert "NaN" not in after
    page.select_option("#live-set", "skeptical_moderate")
    settled(page)
    assert page.get_attribute("#live-after", "d") != after
    ticks = page.evaluate("[...document.querySelectorAll('.live-ticks [data-tick]')].map(each => each.textContent)")
    assert "0" in ticks
    assert len([tick for tick in ticks if tick]) >= 3


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_nothing_scrolls_sideways_for_any_outcome(width, page_of, browser_page):
    page = browser_page(page_of, width)
    for outcome in OUTCOMES:
        page.select_option("#live-outcome", outcome)
        settled(page)
        wide = page.evaluate("(part => [part.scrollWidth, part.clientWidth])(document.getElementById('live-section'))")
        assert wide[0] <= wide[1], outcome
        assert text_of(page, "error") == ""


def test_without_scripts_it_is_a_text(page_of, browser_page):
    page = browser_page(page_of, javascript=False)
    assert page.is_visible("text=Scripts are off")
    assert not page.is_visible("#live-set")
    assert page.locator(".live-record li").count() == len(OUTCOMES)
    assert "risk difference +8.2" in page.inner_text(".live-record li >> nth=0")


def test_the_record_stands_beside_the_choice_and_is_the_same_under_its_own_prior(page_of, browser_page):
    page = browser_page(page_of)
    for outcome in OUTCOMES:
        page.select_option("#live-outcome", outcome)
        settled(page)
        (kept,) = [each for each in page.locator(".live-record li").all() if each.is_visible()]
        told = page.evaluate(
            "[...document.querySelectorAll('#live-result data:not([data-key^=\"(page)\"])')].map(each => each.textContent)"
        )
        marked = f"part => [...part.querySelectorAll('data[data-key^=\"{outcome}/\"]')].map(each => each.textContent)"
        shown = kept.evaluate(marked)
        assert len(shown) >= 3
        assert told[: len(shown)] == shown, outcome
