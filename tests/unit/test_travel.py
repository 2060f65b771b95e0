"""Values go through pickle and deepcopy to equal ones, and fits of quadrature run side by side in eight threads."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest

import bayes_ivf as bi
from bayes_ivf.auditing import all_checks
from bayes_ivf.problem import build_problem

COPIES = {"pickle": lambda value: pickle.loads(pickle.dumps(value)), "deepcopy": copy.deepcopy}  # noqa: S301
TOTALS = {"women": 40, "embryos": 80, "pregnant": 16, "implanted": 33}
STUDIES = {
    "counts": bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", claim="P<0.05"),
    "means": bi.Study.from_means(("5.81", "0.76", 40), ("7.93", "0.82", 40), outcome="fsh"),
    "claim": bi.Study.from_claim((40, 40), "lower", outcome="il6", benefit="lower"),
    "embryos": bi.Study.from_clusters(TOTALS, TOTALS | {"pregnant": 12}),
    "lei-2026": bi.load_study("lei-2026"),
}


@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize("name", STUDIES)
def test_studies_and_their_audits_travel(name, way):
    study = STUDIES[name]
    again = COPIES[way](study)
    assert again == study
    assert again is not study
    assert again.outcomes.equals(study.outcomes)
    audit = bi.audit(study)
    sent = COPIES[way](audit)
    assert sent.to_json() == audit.to_json()
    assert (sent.study, sent.found, sent.ran, repr(sent)) == (audit.study, audit.found, audit.ran, repr(audit))
    assert sent.claims.equals(audit.claims)


@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize(
    ("name", "outcome", "card"),
    [
        ("counts", "cpr", "two_arm"),
        ("means", "fsh", "two_arm"),
        ("claim", "il6", "two_arm"),
        ("embryos", "eir", "embryo_cluster"),
        ("lei-2026", "mcr", "funnel"),
        ("lei-2026", "cpr", "outcomes"),
    ],
)
def test_problems_travel(name, outcome, card, way):
    problem = build_problem(STUDIES[name], outcome, bi.cards.load_card(card), "weakly_informative")
    again = COPIES[way](problem)
    assert (again.hash, again.key, again.compile_key, again.seed(3)) == (
        problem.hash,
        problem.key,
        problem.compile_key,
        problem.seed(3),
    )
    for field, array in problem.data.items():
        assert array.dtype == again.data[field].dtype
        assert array.tolist() == again.data[field].tolist()
        assert not again.data[field].flags.writeable


@pytest.mark.parametrize("way", COPIES)
def test_cards_prior_sets_and_settings_travel(way):
    for name in bi.cards.bundled_cards():
        assert COPIES[way](bi.cards.load_card(name)) == bi.cards.load_card(name)
    for name in bi.priors.bundled_prior_sets():
        assert COPIES[way](bi.priors.load_prior_set(name)) == bi.priors.load_prior_set(name)
    assert COPIES[way](bi.Settings(seed=4)) == bi.Settings(seed=4)


def test_eight_threads_give_the_numbers_of_one():
    jobs = [
        (STUDIES[name], prior)
        for name in ("counts", "claim")
        for prior in ("weakly_informative", "skeptical_moderate", "optimistic_moderate", "pessimistic_moderate")
    ]

    def solve(job):
        study, prior = job
        made = bi.fit(study, prior=prior, engine="exact")
        effect = made.rows[0].estimand
        return made.effects(), made.probability(effect, above=0.1), made.interval(effect, 0.8, "hdi"), made.sentence()

    alone = [solve(job) for job in jobs]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(solve, jobs * 2))
    for (table, *answers), (other, *others) in zip(alone * 2, together, strict=True):
        assert table.equals(other)
        assert answers == others


def test_audits_run_side_by_side():
    assert all_checks()
    expected = [bi.audit(study).to_json() for study in STUDIES.values()]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda study: bi.audit(study).to_json(), STUDIES.values())) == expected
