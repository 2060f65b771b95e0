"""Data from parameters, in plain NumPy: what a trial would have printed, woman by woman.

In: a generator and parameters, one value for each simulated trial. Out: the numbers that a paper would print.
Never: PyMC, or the formulas of the likelihoods; a shared mistake would calibrate perfectly.
"""

from bayes_ivf.simulate.claims import simulate_claims
from bayes_ivf.simulate.counts import simulate_counts
from bayes_ivf.simulate.embryos import feasible_allocations, simulate_embryos
from bayes_ivf.simulate.individual import simulate_rows
from bayes_ivf.simulate.means import simulate_means
from bayes_ivf.simulate.p_values import simulate_p_value
from bayes_ivf.simulate.quantiles import simulate_quantiles
from bayes_ivf.simulate.rates import simulate_rates

__all__ = [
    "feasible_allocations",
    "simulate_claims",
    "simulate_counts",
    "simulate_embryos",
    "simulate_means",
    "simulate_p_value",
    "simulate_quantiles",
    "simulate_rates",
    "simulate_rows",
]
