"""Which engine fits a problem."""

from __future__ import annotations

from bayes_ivf.inference.fit import Fit
from bayes_ivf.problem import Problem
from bayes_ivf.settings import Settings, check_engine


def fit_problem(problem: Problem, settings: Settings, engine: str = "auto", *, cores: int | None = None) -> Fit:
    """Fit a problem.

    Parameters
    ----------
    problem : Problem
    settings : Settings
    engine : {"auto", "exact", "nuts"}
    cores : int, optional
        Chains at a time; does not change the numbers.
    """
    check_engine(engine)
    from bayes_ivf.inference.run_nuts import fit_nuts

    return fit_nuts(problem, settings, cores=cores)
