"""Posteriors of two arms by quadrature: one model per file, on top of `quadrature`.

======================== =========================== ============================================== ========================
model                    file                        priors                                         solver
======================== =========================== ============================================== ========================
counts, logistic         `counts_logistic`           any proper on average (or control) and effect  `solve_counts`
counts, Beta risks       `counts_beta`               Beta on each risk                              `solve_beta_arms`
a set of tables          `counts_claimed`            as the two before                              `solve_claimed_tables`
means, flat priors       `behrens_fisher`            flat on means and log sigma                    `solve_means_reference`
means, prior on effect   `means_with_effect_prior`   any proper on the standardized difference;     `solve_means`
                                                     flat or normal level; flat or proper sigma
quantiles                `quantiles`                 as means, and log-normal values                 `solve_quantiles`
a claim, "lower, P<0.05" `claim`                     any proper on the standardized difference      `solve_claim`
an exact P, or its t     `p_value`                   any proper on the standardized difference      `solve_p_value`
an estimate and its se   `effect_normal`             any proper, or flat, on the effect             `solve_effect`
readings of one print    `mixture`                   those of its parts                             `mix_posteriors`
events over time         `rates`                     any proper on the log rate ratio; flat or      `solve_rates`
                                                     proper level
======================== =========================== ============================================== ========================

Beside them: of counts, `two_by_two` (the integrand), `modes`, `moments`, `plane` and `level_curves` (the plane of two log odds),
`counts_solution`, `contrast_moments`; `beta_log_odds`; of sets of tables, `table_surface` and `claimed_tables`; of means,
`means_data` (likelihood), `means_kernel` and `means_nodes` (the three-dimensional integral); `claim_few`; `t_interval` (of a
printed P); of rates, `two_rates`; `mixture_solution`; `scales` (the coordinate of every estimand).

In: arrays of printed data and one family of prior per slot. Out: `ExactPosterior`, which answers probabilities,
summaries, evidence and its own error. Never: studies, cards, files or a sampler.

Examples
--------
16 of 40 against 12 of 40, with the log odds midway between the arms N(0, 1.5) and the log odds ratio N(0, 1):

>>> from bayes_ivf.priors import BatchedPrior
>>> def normal(sigma):
...     return BatchedPrior("Normal", {"mu": 0.0, "sigma": sigma})
>>> posterior = solve_counts(16, 40, 12, 40, first=normal(1.5), effect=normal(1.0))
>>> summary = posterior.summarize("risk_difference")
>>> [round(float(value[0]), 3) for value in (summary.median, summary.ci_low, summary.ci_high)]
[0.082, -0.106, 0.267]
"""

from bayes_ivf.exact.behrens_fisher import solve_means_reference
from bayes_ivf.exact.claim import solve_claim
from bayes_ivf.exact.counts_beta import solve_beta_arms
from bayes_ivf.exact.counts_claimed import solve_claimed_tables
from bayes_ivf.exact.counts_logistic import solve_counts
from bayes_ivf.exact.effect_normal import solve_effect
from bayes_ivf.exact.level_curves import CONTRASTS, threshold
from bayes_ivf.exact.means_with_effect_prior import solve_means
from bayes_ivf.exact.mixture import MixturePosterior, mix_posteriors
from bayes_ivf.exact.p_value import solve_p_value
from bayes_ivf.exact.plane import COORDINATES
from bayes_ivf.exact.quantile_arm import ArmLikelihood
from bayes_ivf.exact.quantile_likelihood import log_likelihood_of_arm
from bayes_ivf.exact.quantile_nodes import QuantileNodes, quantile_nodes
from bayes_ivf.exact.quantiles import solve_quantiles
from bayes_ivf.exact.rates import solve_rates
from bayes_ivf.exact.risk_difference import atanh
from bayes_ivf.exact.scales import transform_of
from bayes_ivf.exact.t_interval import INNER_NODES, INNER_STEP, log_t_interval, number_of_nodes, t_nodes
from bayes_ivf.exact.two_rates import log_likelihood as log_rate_likelihood

__all__ = [
    "CONTRASTS",
    "COORDINATES",
    "INNER_NODES",
    "INNER_STEP",
    "ArmLikelihood",
    "MixturePosterior",
    "QuantileNodes",
    "atanh",
    "log_likelihood_of_arm",
    "log_rate_likelihood",
    "log_t_interval",
    "mix_posteriors",
    "number_of_nodes",
    "quantile_nodes",
    "solve_beta_arms",
    "solve_claim",
    "solve_claimed_tables",
    "solve_counts",
    "solve_effect",
    "solve_means",
    "solve_means_reference",
    "solve_p_value",
    "solve_quantiles",
    "solve_rates",
    "t_nodes",
    "threshold",
    "transform_of",
]
