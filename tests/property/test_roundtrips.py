"""Random studies: what is written is read back, what was printed is decoded."""

from __future__ import annotations

from decimal import ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from bayes_ivf.study import Counts, Printed, parse_study, study_table
from bayes_ivf.study.decode import decode_percent

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"]), max_size=40)
NAME = TEXT.filter(str.strip)
BENEFIT = st.sampled_from(["higher", "lower", "none"])


def number(draw, low, high):
    value = Decimal(draw(st.integers(low * 1000, high * 1000))) / 1000
    return format(round(value, draw(st.integers(0, 3))), "f")


@st.composite
def pair(draw):
    n = draw(st.integers(1, 500))
    return f"{draw(st.integers(0, n))}/{n}"


@st.composite
def mean_sd(draw):
    return f"{number(draw, -50, 50)} ± {format(Decimal(draw(st.integers(1, 9000))) / 1000, 'f')}"


@st.composite
def outcome(draw, index):
    row = {"id": f"o{index}", "label": draw(NAME), "benefit": draw(BENEFIT), "source": draw(TEXT), "note": draw(TEXT)}
    kind = draw(
        st.sampled_from(["counts", "mean_sd", "claim_only", "unavailable", "effect_ci", "categories", "clusters"])
    )
    row["kind"] = "counts" if kind == "clusters" else kind
    if draw(st.booleans()):
        row["mcid"] = draw(st.floats(1e-6, 0.99, allow_nan=False))
    if kind == "counts":
        row |= {arm: draw(pair()) for arm in ("treatment", "control")}
    elif kind == "clusters":
        for arm in ("treatment", "control"):
            women = draw(st.integers(1, 60))
            pregnant = draw(st.integers(0, women))
            embryos = draw(st.integers(women, 3 * women))
            row[arm] = (
                f"{women} women, {embryos} embryos, {pregnant} pregnant, {draw(st.integers(pregnant, embryos))} implanted"
            )
    elif kind == "mean_sd":
        row |= {arm: draw(mean_sd()) for arm in ("treatment", "control")}
        row["n"] = {"treatment": draw(st.integers(2, 900)), "control": draw(st.integers(2, 900))}
        row["items"] = draw(st.integers(1, 30))
        low = draw(st.none() | st.integers(-100, 0))
        row |= {} if low is None else {"minimum": float(low), "maximum": low + 500.0}
    elif kind == "categories":
        row["categories"] = ["a", "b", "c"]
        row |= {arm: " / ".join(str(draw(st.integers(0, 50))) for _ in "abc") for arm in ("treatment", "control")}
    elif kind == "effect_ci":
        low, middle, high = sorted(draw(st.lists(st.integers(1, 900), min_size=3, max_size=3, unique=True)))
        row["effect"] = {
            "scale": "odds_ratio",
            "estimate": f"{middle / 100}",
            "low": f"{low / 100}",
            "high": f"{high / 100}",
        }
    elif kind == "unavailable":
        row["note"] = "nothing visible"
    if kind == "claim_only" or draw(st.booleans()):
        direction = draw(st.sampled_from(["higher", "lower", "differs"]))
        row["claim"] = {
            "text": draw(TEXT),
            "direction": direction,
            "p": draw(st.sampled_from(["P<0.05", "P=0.03", "P<0.001"])),
        }
    return row


@st.composite
def tables(draw):
    return {
        "schema_version": 1,
        "id": "random",
        "title": draw(NAME),
        "citation": draw(TEXT),
        "doi": draw(TEXT),
        "notes": draw(st.lists(TEXT, max_size=3)),
        "design_words": draw(st.lists(TEXT, max_size=3)),
        "randomized": draw(st.sampled_from(["yes", "no", "unclear"])),
        "arms": {arm: {"label": draw(NAME), "n": draw(st.integers(500, 10_000))} for arm in ("treatment", "control")},
        "outcomes": [draw(outcome(index)) for index in range(draw(st.integers(1, 5)))],
    }


@given(tables())
@settings(max_examples=60, deadline=None)
def test_a_study_is_written_as_it_was_read(values):
    study = parse_study(values, "random.toml")
    assert parse_study(study_table(study), "again.toml") == study
    assert list(study.outcomes.outcome) == list(study.ids)


@given(
    st.data(),
    st.integers(1, 400),
    st.integers(0, 3),
    st.sampled_from([ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_HALF_DOWN]),
)
@settings(max_examples=300, deadline=None)
def test_a_printed_percentage_is_decoded_to_what_made_it(data, n, decimals, rounding):
    k = data.draw(st.integers(0, n))
    exact = Decimal(100 * k) / Decimal(n)
    printed = Printed(f"{exact.quantize(Decimal(1).scaleb(-decimals), rounding=rounding):f}%")
    low, high = data.draw(st.integers(1, n)), data.draw(st.integers(n, n + 30))
    found = decode_percent(printed, low, high, "here").candidates
    assert Counts(k, n) in found
    half = Decimal(1).scaleb(-decimals) / 2
    assert all(abs(Decimal(100 * pair.events) / pair.n - printed.decimal) <= half + Decimal("1e-20") for pair in found)
    assert len(set(found)) == len(found)
