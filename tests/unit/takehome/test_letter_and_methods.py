"""The letter and the methods: neutral, short, and without a number of their own."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import bayes_ivf as bi
from bayes_ivf.priors import FAMILIES
from bayes_ivf.report import one_value_per_key
from bayes_ivf.results import Value, percent
from bayes_ivf.takehome import sources
from bayes_ivf.takehome.letter import AFFILIATION, NAME, letter, letter_parts
from bayes_ivf.takehome.methods import methods
from bayes_ivf.takehome.prior_words import prior_words
from bayes_ivf.takehome.prose import escaped, legal, listed, typeset
from bayes_ivf.takehome.publication import publication

ROOM = Path(bi.__file__).parent / "takehome"


def words_of(path):
    """Texts of a module that may come into a document: no docstring, no format."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    left_out = {id(node.format_spec) for node in ast.walk(tree) if isinstance(node, ast.FormattedValue)}
    formats = {id(each) for node in ast.walk(tree) if id(node) in left_out for each in ast.walk(node)}
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in formats | alone:
            yield node.value


@pytest.mark.parametrize("name", ["letter", "methods", "publication", "wishes"])
def test_no_template_holds_a_number(name):
    found = [text for text in words_of(ROOM / f"{name}.py") if re.search(r"\d", text)]
    assert found == []


def known(context):
    """All texts with numbers that the letter may quote."""
    study, texts = context.study, []
    texts += [study.title, study.citation, study.doi, *study.arms.values(), *map(str, study.sizes.values())]
    for row in context.comparisons:
        texts += [row.label, row.reported_treatment, row.reported_control, row.reported_p, row.findings]
    for finding in context.audit.found:
        texts += [finding.statement, finding.alternatives]
    texts += [percent(context.ci_prob), *(words["label"] for words in context.manifest["priors"].values())]
    return " ".join(map(legal, texts))


def test_every_number_of_the_letter_is_one_of_the_run(taken):
    context, quoted = taken[2], known(taken[2])
    parts = [part for paragraph in letter_parts(context) for part in paragraph]
    values = [part for part in parts if isinstance(part, Value)]
    assert len(values) > 5
    one_value_per_key(values)
    numbers = {number for part in parts if isinstance(part, str) for number in re.findall(r"\d[\d.,]*\d|\d", part)}
    assert {number for number in numbers if number not in quoted} == set()


def test_values_of_the_letter_are_those_of_the_tables(trial):
    result, _, context = trial
    rows = result.comparison.set_index("outcome")
    values = {
        part.key: part.value for paragraph in letter_parts(context) for part in paragraph if isinstance(part, Value)
    }
    stem = "/risk_difference/weakly_informative/two_arm/exact/"
    for statistic, column in {"median": "bayes_effect", "ci_low": "bayes_ci_low", "ci_high": "bayes_ci_high"}.items():
        assert values[f"cpr{stem}{statistic}"] == rows.loc["cpr", column]
    assert values["cpr/p_value/none/Fisher/closed form/p"] == rows.loc["cpr", "freq_p"]
    assert values["lei-2026/claims/none/audit/none/count"] == (result.claims.supported[:14] != "").sum() == 14


def test_the_letter_of_the_index_trial(trial):
    text = letter(trial[2])
    assert 250 <= len(text.partition("To the Editor,")[2].partition("Yours sincerely")[0].split()) <= 430
    for words in (
        "P = 0.48 (Fisher), which does not support this",
        "which supports this only conditionally: it holds only if embryos of one woman are independent",
        "33 implanted embryos in 16 pregnant women",
        "if no woman received more than 2 embryos",
        "Innocent explanations include: some women may have received more embryos",
        "(−10.6 to +26.7), probability of benefit 0.80",
        "causal only if allocation was random",
        "how many embryos each woman received",
    ):
        assert words in text
    assert not re.search(r"\b(fraud|fabricat|misconduct|suspicious|error)", text, re.IGNORECASE)
    assert re.findall(r"\[[A-Z][^\]]*\]", text) == [NAME, AFFILIATION]


def test_a_letter_about_sound_numbers_asks_for_nothing():
    study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", benefit="higher")
    text = letter(_context(bi.reanalyze(study, models=["two_arm"], priors=["reference"], engine="exact")))
    assert "Our checks found no contradiction among the printed numbers." in text
    assert "with a P value" not in text
    assert "cpr (16/40 vs 12/40; no P visible): recomputed difference +10.0 points" in text
    assert "the article, which compared treatment (40 women) with control (40 women)." in text


def test_a_letter_without_estimates():
    study = bi.Study.from_claim((40, 40), "lower", 0.05, outcome="il6", benefit="lower")
    text = letter(_context(bi.reanalyze(study, models=["two_arm"], priors=["weakly_informative"], engine="exact")))
    assert "For 1 claim no P can be recomputed, since its numbers were not visible to us." in text
    assert "From words alone the probability of benefit is 0.50 to 0.998 (from the words saying nothing" in text
    assert "words only" not in text
    assert not re.search(r"\(\)|: ,|  |\.\.", text)


@pytest.mark.parametrize(
    ("p", "asked"), [("P=0.04", "the tests used, "), ("P<0.05", "the tests used and exact P values")]
)
def test_exact_p_values_are_asked_for_only_where_they_are_not_printed(p, asked):
    study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", claim=p, direction="higher", benefit="higher")
    text = letter(_context(bi.reanalyze(study, models=["two_arm"], priors=["reference"], engine="exact")))
    assert f"could provide {asked.removesuffix(', ')}" in text
    assert ("exact P values" in text) is ("exact" in asked)


def test_a_large_p_is_no_evidence_of_no_difference():
    study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", claim="P>0.05", direction="none", benefit="higher")
    text = letter(_context(bi.reanalyze(study, models=["two_arm"], priors=["reference"], engine="exact")))
    assert "in line with this, which is no evidence that there is no difference" in text


def test_a_letter_names_the_scale_of_a_ratio():
    study = bi.Study.from_effect("odds_ratio", 1.61, ci=(1.03, 2.53), outcome="lbr", benefit="higher")
    context = _context(bi.reanalyze(study, models=["two_arm"], priors=["weakly_informative"], engine="exact"))
    assert "the data give: lbr, odds ratio 1.57 (1.01 to 2.44)" in letter(context)
    assert publication(context).lines[0].cells[3] == "odds ratio 1.57 (1.01 to 2.44)"


def _context(result):
    from bayes_ivf.report import context_in_memory

    return context_in_memory(result)


def test_hostile_words_are_words(bad):
    for name in ("letter.md", "methods.md"):
        text = (bad[1] / name).read_text(encoding="utf-8")
        for active in (r"<script", r"`", r"\]\(", r"\$", r"\*b", r"~", r"&lt;", r"@k"):
            assert all(text[found.start() - 1] == "\\" for found in re.finditer(active, text)), (name, active)
        assert "alert('x')" in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("P<0.05, 5 ± 1, a_b, +1.0", "P<0.05, 5 ± 1, a_b, +1.0"),
        ("_i_ *b* `c`", r"\_i\_ \*b\* \`c\`"),
        ("<b> &amp; a & b", r"\<b> \&amp; a & b"),
        ("[x](y) ~ $1", r"\[x\](y) \~ \$1"),
        ("a\n\n# b", "a # b"),
    ],
)
def test_markdown_is_escaped_where_it_would_act(text, shown):
    assert escaped(text) == shown


def test_only_own_numbers_get_a_minus():
    value = Value("a", "b", "c", "d", "e", "f", -1.5, "-1.5")
    assert typeset(("from -2, ", value, " IL-6")) == "from -2, −1.5 IL-6"
    assert typeset(listed(["a", "b", "c"])) == "a, b and c"


def test_methods_of_the_index_trial(trial):
    text = methods(trial[2])
    versions = trial[2].manifest["versions"]
    for words in (
        "percentages were decoded to counts. Printed results",
        "Bayesian model: “Two arms, each outcome by itself”.",
        "Primary prior set: “Weakly informative”",
        trial[2].manifest["priors"]["skeptical_moderate"]["sentence"].strip(),
        "log odds ratio: Normal with mean 0 and standard deviation 1;",
        "average log odds of the arms: Normal with mean 0 and standard deviation 1.5;",
        "standardized mean difference: Student t with 3 degrees of freedom, location 0 and scale 1",
        "95% credible intervals",
        f"Posteriors: {len(trial[0].fits)} by deterministic quadrature.",
        *(f"{name} {versions[name]}" for name in ("python", "bayes_ivf", "numpy", "scipy")),
        *(source.doi for source in (sources.FISHER, sources.NEWCOMBE, sources.WELCH, sources.NUMPY)),
        "10.1214/06-BA117A",
    ):
        assert words in text
    assert "R-hat" not in text
    assert sources.PYMC.doi not in text
    # what was not done is not told, nothing stands as in code, and no sentence begins with a digit
    assert not re.search(r"pymc|nutpie|two_arm|weakly_informative|\w+\(\w+=|Flat\(", text)
    assert not re.search(r"(?<![\d.]\w)[.] \d+ \w", text)


def test_methods_of_printed_counts_decode_nothing():
    study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", benefit="higher")
    text = methods(_context(bi.reanalyze(study, models=["two_arm"], priors=["beta_uniform"], engine="exact")))
    assert "decoded" not in text
    assert "risk of the control arm: beta with parameters 1 and 1" in text


def test_a_fit_known_from_words_speaks_of_means():
    study = bi.Study.from_claim((40, 40), "lower", 0.05, outcome="il6", benefit="lower")
    assert "standardized mean difference: Student t" in bi.fit(study, engine="exact").methods()


def test_every_family_has_words():
    for name, family in FAMILIES.items():
        parameters = dict.fromkeys(family.parameters, 0.5) | ({"upper": 1.5} if "upper" in family.parameters else {})
        told = prior_words(str(bi.priors.make_prior(name, **parameters)))
        assert "(" not in told
        assert "=" not in told
        assert told.count("0.5") + told.count("1.5") == len(family.parameters)


def test_methods_of_sampled_fits_tell_settings_and_diagnostics(nuts):
    fit = nuts(bi.Study.from_counts((16, 40), (12, 40), outcome="cpr"))
    text = fit.methods()
    rows = fit.effects()
    for words in (
        "4 chains of 2000 draws after 500 tuning steps, seed 7",
        f"The largest R-hat was {rows.r_hat.max():.3f}",
        f"sizes {rows.ess_bulk.min():.0f} and {rows.ess_tail.min():.0f}",
        "Of 1 sampled fit, none failed the convergence gate",
        sources.DIAGNOSTICS.doi,
        sources.PYMC.doi,
    ):
        assert words in text


def test_methods_of_a_prior_of_ones_own_tell_its_slots():
    study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr")
    fit = bi.fit(study, prior={"effect": {"dist": "Normal", "mu": 0, "sigma": 0.35}}, engine="exact")
    assert (
        "Prior set: “custom”. In full, average log odds of the arms: Normal with mean 0 and standard deviation 1.5; "
        "log odds ratio: Normal with mean 0 and standard deviation 0.35." in (fit.methods())
    )


def test_every_cited_method_is_cited_where_it_is_used():
    code = [path.read_text(encoding="utf-8") for path in ROOM.parent.rglob("*.py") if path.parent != ROOM]
    for source in sources.METHODS:
        assert any(source.doi in text for text in code), source
        assert any(source.name.split()[0] in text for text in code if source.doi in text)
