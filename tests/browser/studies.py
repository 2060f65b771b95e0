"""Small studies whose pages are looked at: usual ones as papers print them, empty ones, and hostile ones."""

from __future__ import annotations

HEAD = """schema_version = 1
id = "{id}"
title = "{title}"
citation = "Authors. Journal, 2019."
design_words = ["randomized"]
randomized = "yes"
max_embryos = 3
arms = {{ treatment = {{ label = "{treatment}", n = {n[0]} }}, control = {{ label = "{control}", n = {n[1]} }} }}
sources = {{ abstract = "Abstract of the paper" }}
"""
RATE = """
[[outcomes]]
id = "{id}"
label = "{label}"
kind = "percent"
per = "{per}"
benefit = "higher"
mcid = 0.05
treatment = "{values[0]}"
control = "{values[1]}"
claim = {{ text = "{claim}", direction = "{direction}", p = "{p}" }}
source = "abstract"
"""

RATES = HEAD.format(
    id="rates",
    title="Does an infusion at the time of embryo transfer improve pregnancy outcomes",
    treatment="infusion",
    control="saline",
    n=(52, 50),
) + "".join(
    RATE.format(id=name, label=label, per=per, values=values, claim=f"{p}, {ratio}", direction="higher", p=p)
    for name, label, per, values, p, ratio in (
        ("bpr", "Biochemical pregnancy", "woman", ("40.38%", "16%"), "P=0.006", "RR = 2.5 (1.23-5.16)"),
        ("cpr", "Clinical pregnancy", "woman", ("34.62%", "14%"), "P=0.006", "RR = 2.5 (1.13-5.40)"),
        ("implantation", "Implantation", "embryo", ("16.6%", "6.6%"), "P=0.012", "RR = 2.5 (1.18 to 5.41)"),
        ("live_birth", "Take home baby", "woman", ("28.8%", "10%"), "P=0.024", "RR = 2.8 (1.1-7.3)"),
    )
)
"""Percentages alone, with claims that do not all follow from them."""

MIXED = (
    HEAD.format(
        id="mixed",
        title="Two drugs in anovulatory women",
        treatment="first drug 2.5-5 mg",
        control="second drug 50-100 mg",
        n=(98, 106),
    )
    + """
[[outcomes]]
id = "ovulatory_cycles"
label = "Ovulatory cycles"
kind = "counts"
per = "cycle"
benefit = "higher"
mcid = 0.05
treatment = "196/294"
control = "216/318"
claim = { text = "comparable ovulation rate, P=0.712", direction = "none", p = "P=0.712" }
source = "abstract"

[[outcomes]]
id = "endometrium"
label = "Endometrial thickness"
kind = "mean_sd"
benefit = "higher"
mcid = 0.3
unit = "mm"
treatment = "9.1±0.3"
control = "6.3±1.1"
claim = { text = "statistically significant difference (P=0.014)", direction = "higher", p = "P=0.014" }
source = "abstract"

[[outcomes]]
id = "e2"
label = "Estradiol"
kind = "mean_sd"
benefit = "none"
unit = "pg/mL"
treatment = "248.2± 42.2"
control = "364.2±71.4"
claim = { text = "significantly higher in the second group", direction = "lower", p = "P<0.05" }
source = "abstract"

[[outcomes]]
id = "pregnancy"
label = "Pregnancy"
kind = "counts"
benefit = "higher"
mcid = 0.05
treatment = "43/98"
control = "28/106"
claim = { text = "better pregnancy rate", direction = "higher" }
source = "abstract"

[[outcomes]]
id = "mood"
label = "Mood"
kind = "claim_only"
benefit = "higher"
claim = { text = "improved, P<0.05", direction = "higher", p = "P<0.05" }
source = "abstract"
"""
)
"""Counts of two units, means with and without a direction of benefit, an outcome known only from words."""

ONE = HEAD.format(id="one", title="A pilot trial", treatment="2, 4 or 8 mg, pooled", control="placebo", n=(120, 40)) + (
    RATE.format(
        id="cpr",
        label="Clinical pregnancy",
        per="woman",
        values=("21.7%", "15.0%"),
        claim="OR 1.57 (95% CI 0.59, 4.14), p = 0.4",
        direction="none",
        p="P=0.4",
    )
)
"""A trial with one outcome."""

NOTHING = (
    HEAD.format(
        id="nothing", title="A trial of which no result is visible", treatment="drug", control="none", n=(30, 30)
    )
    + """
[[outcomes]]
id = "cpr"
label = "Clinical pregnancy"
kind = "unavailable"
benefit = "higher"
note = "not in the public excerpts"
"""
)
"""A trial of which nothing can be estimated."""

SCRIPT = "<script>alert(1)</script>"
IMAGE = "<img src=x onerror=alert(2)>"
CLOSING = "</title></style></table></section></body>"
BRACES = "{{ 7*7 }} {% raw %} {{ self }} ${7*7}"
QUOTES = "\"onfocus=alert(3) autofocus x=' `"
LINK = "javascript:alert(4) [a](javascript:alert(5)) https://evil.example/x.png"
LONG = "Pneumonoultramicroscopicsilicovolcanoconiosis" * 6
HEBREW = "שיעור הריון קליני"
"""Right to left; marks that change the direction of text are refused by the reader."""
HOSTILE_TEXTS = (SCRIPT, IMAGE, CLOSING, BRACES, QUOTES, LINK, LONG, HEBREW)
ALL = " ".join(HOSTILE_TEXTS)


def _quoted(text: str) -> str:
    """Return a text as TOML in quotes, every special character escaped."""
    told = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(char if " " <= char < "\x7f" else f"\\u{ord(char):04X}" for char in told) + '"'


def _outcome(name: str, text: str, more: str) -> str:
    return (
        f'\n[[outcomes]]\nid = "{name}"\nlabel = {_quoted(f"{name} {text}")}\nsource = {_quoted(f"K {SCRIPT}")}\n'
        f"note = {_quoted(f'note {text}')}\n{more}"
    )


_CLAIM = f'claim = {{ text = {_quoted(f"claim {ALL}")}, direction = "higher", p = "P<0.05" }}\n'
_COUNTS = 'kind = "counts"\nbenefit = "higher"\nmcid = 0.05\ntreatment = "{0}"\ncontrol = "{1}"\n'
_MEANS = f'kind = "mean_sd"\nbenefit = "lower"\nunit = {_quoted(f"u {SCRIPT}")}\ntreatment = "5.8 ± 0.8"\ncontrol = "7.9 ± 0.8"\n'

HOSTILE = (
    f"""schema_version = 1
id = "hostile"
title = {_quoted(f"title {ALL}")}
citation = {_quoted(f"citation {ALL}")}
doi = {_quoted(f"10.1/{LINK}")}
design_words = [{_quoted(f"words {SCRIPT} {QUOTES}")}, "randomized"]
randomized = "yes"
notes = [{_quoted(f"note {ALL}")}]
arms.treatment = {{ label = {_quoted(f"arm {ALL}")}, n = 40 }}
arms.control = {{ label = {_quoted(f"control {ALL}")}, n = 40 }}

[sources]
{_quoted(f"K {SCRIPT}")} = {_quoted(f"source {ALL}")}
"""
    + _outcome("cpr", SCRIPT, _COUNTS.format("16/40", "12/40") + _CLAIM)
    + _outcome("long", LONG, _COUNTS.format("43/40", "12/40"))
    + _outcome("closing", CLOSING + IMAGE, _COUNTS.format("10/40", "12/40"))
    + _outcome("rtl", f"{HEBREW} (16/40) {HEBREW}", _COUNTS.format("20/40", "12/40"))
    + _outcome("means", f"{BRACES} {QUOTES}", _MEANS)
    + _outcome("words", LINK, f'kind = "claim_only"\nbenefit = "higher"\n{_CLAIM}')
    + _outcome("gone", ALL, 'kind = "unavailable"\nbenefit = "higher"\n')
)
"""Every free text of a study file holds what would break out of a page."""

DOSES = """schema_version = 1
id = "doses"
title = "Three doses against placebo"
design_words = ["randomized"]
randomized = "yes"
compare = [["any_dose", "placebo"], ["high", "placebo"], ["high", "low"]]
pool = { any_dose = ["low", "mid", "high"] }
arms.placebo = { label = "placebo", n = 40 }
arms.low = { label = "melatonin 2 mg", n = 41 }
arms.mid = { label = "melatonin 4 mg", n = 39 }
arms.high = { label = "melatonin 8 mg", n = 40 }
[[outcomes]]
id = "cpr"
label = "Clinical pregnancy"
kind = "counts"
benefit = "higher"
mcid = 0.05
stage = "clinical_pregnancy"
cells = { placebo = "6/40", low = "9/41", mid = "8/39", high = "9/40" }
claims.all = { text = "no difference among the four groups, P=0.8", direction = "none", p = "P=0.8" }
claims.any_dose-placebo = { text = "no difference, P=0.4", direction = "none", p = "P=0.4" }
[[outcomes]]
id = "oocytes"
label = "Oocytes"
kind = "mean_sd"
spread = "sd"
benefit = "none"
cells = { placebo = "9.1 ± 4.2", low = "8.8 ± 4.0", mid = "9.9 ± 4.4", high = "10.2 ± 4.6" }
claims.all = { text = "differs among the four groups (ANOVA), P<0.05", direction = "differs", p = "P<0.05" }
"""
"""Four arms, of which three are also taken as one; a P over all of them."""

STUDIES = {"doses": DOSES, "rates": RATES, "mixed": MIXED, "one": ONE, "nothing": NOTHING, "hostile": HOSTILE}

TABLE_HEAD = "study,outcome,benefit,events_treatment,n_treatment,events_control,n_control,per,design\n"


def table_of_trials() -> str:
    """Return a table of trials, two of them with hostile names."""
    rows = [
        ("anders", "live birth", "higher", 16, 40, 12, 40, "woman", "randomized"),
        ("berg", "live birth", "higher", 30, 60, 41, 64, "woman", "cohort"),
        ("berg", "loss", "lower", 0, 30, 3, 41, "pregnancy", "cohort"),
        ("carlsen", "implantation", "higher", 24, 90, 9, 88, "embryo", "randomized"),
        (SCRIPT + QUOTES + BRACES, "live birth", "higher", 9, 40, 12, 40, "woman", IMAGE),
        (LONG[:200], HEBREW, "higher", 21, 40, 12, 40, "woman", "randomized"),
    ]
    cells = ['"' + str(cell).replace('"', '""') + '"' for row in rows for cell in row]
    width = len(rows[0])
    return TABLE_HEAD + "".join(",".join(cells[i : i + width]) + "\n" for i in range(0, len(cells), width))
