"""What the package adds to a bare call of the sampler."""

from __future__ import annotations

import nutpie

from bayes_ivf import Study
from bayes_ivf.cards import load_card
from bayes_ivf.inference.nuts import compile_problem
from bayes_ivf.inference.run_nuts import fit_nuts
from bayes_ivf.problem import build_problem
from bayes_ivf.settings import Settings
from bayes_ivf.structures import updates

SETTINGS = Settings(draws=1000, tune=500, chains=4, seed=1)


def test_a_refit_costs_at_most_twice_the_bare_sampler(alternating, say):
    study = Study.from_counts((16, 40), (12, 40), outcome="cpr", mcid=0.05)
    problem = build_problem(study, "cpr", load_card("two_arm"), "weakly_informative")
    model = compile_problem(problem)
    given = {name: value for name, value in updates(problem).items() if name in model.names}

    def bare():
        nutpie.sample(
            model.compiled.with_data(**given),
            draws=1000,
            tune=500,
            chains=4,
            seed=1,
            save_warmup=False,
            progress_bar=False,
        )

    def ours():
        assert fit_nuts(problem, SETTINGS).rows

    bare(), ours()
    plain, whole = alternating(bare, ours)
    say(
        f"refit of a compiled two_arm model, with diagnostics and effect rows: {whole:.3f} s; bare nutpie.sample: {plain:.3f} s"
    )
    say(f"ratio {whole / plain:.2f}  (at most 2)")
    assert whole / plain <= 2
