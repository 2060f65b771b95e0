"""Totals of embryos nested in women: their likelihood, and the posterior of two arms by quadrature.

In: the four totals of an arm, three options, and priors. Out: probabilities of the totals given parameters, as bare arrays
and as a symbolic expression (`graph` alone imports PyTensor, and is not imported here); distribution functions, summaries
and evidence of two arms, with error estimates. Never: sampling.

**What is observed.** Of an arm: W women who received an embryo, E embryos, P clinically pregnant women, S implanted embryos.
Woman i received m_i embryos, between 1 and M, of which K_i implanted; neither is printed.

**The model**, in each arm, with shared parameters psi that both arms have in common::

    allocation      w = (w_1, ..., w_M): women by embryos received, sum_m w_m = W, sum_m m w_m = E, with weight v(w)
    beta_binomial   K_i | m_i ~ BetaBinomial(m_i, a, b), a = pi (1 - rho) / rho, b = (1 - pi) (1 - rho) / rho;
                    psi = rho, the icc; a woman is clinically pregnant exactly if K_i >= 1
    receptivity     a woman is receptive with probability r, and then K_i | m_i ~ Binomial(m_i, q), otherwise K_i = 0;
                    psi = q; pregnant exactly if K_i >= 1
    biochemical     as beta_binomial, but a woman with K_i >= 1 is pregnant with probability 1 - lambda; psi = (rho, lambda)

    log odds        x_t, x_c of pi (of r under receptivity) in the two arms
    priors          on x_t - x_c (effect) and (x_t + x_c) / 2 (average) or x_c (control); rho or q ~ Uniform(0, 1) and
                    lambda ~ Beta(1, 9) unless others are given

The weights v are ``equal`` over w, ``multinomial`` (proportional to W! / prod w_m!), or ``least_spread`` (one w). The icc is
identified from the totals only given M, v, one icc for both arms, and a chance per embryo that does not depend on their
number.

**The likelihood** is a sum over allocations w and tables n_mk of women by embryos received and implanted::

    Pr(P, S | x, psi) = sum_w v(w) sum_n prod_m [ w_m! / prod_k n_mk! ] prod_k p(k | m)^n_mk,
                        sum_(m, k >= 1) n_mk = P,   sum_(m, k) k n_mk = S,   sum_k n_mk = w_m

Under ``biochemical`` the tables have Q >= P women with k >= 1 instead, and a factor ``C(Q, P) lambda^(Q - P) (1 - lambda)^P``.
It is computed in one of three ways, which agree to rounding, or to 1e-5 of the log:

* *a list of tables*, merged into rows of equal probability, where there are at most 1.5 million (`likelihood.LISTING_LIMIT`);
  many rows are summed by the few factors of which their probabilities are products, by both engines;
* *a contour integral* beyond: it is the coefficient of u^P y^(S - P) in ``sum_w v(w) prod_m [A_m(y) + u B_m(y)]^w_m``, taken
  by the trapezoid rule on circles through the saddle point;
* *a surface* for NUTS, where there are more than 20,000 rows (`nuts_arrays.ROWS_LIMIT`): a bicubic spline through exact values.

**The posterior** is a mixture over the shared parameters of two-dimensional ones, and each quantity T of `estimands_of` (risks,
differences, ratios; per embryo or per woman) has the distribution function::

    Pr(T <= t | data) = integral p(psi | data) Pr(T <= t | psi, data) d psi  ~  sum_b w_b Pr(T <= t | psi_b, data)
    Pr(T <= t | psi)  = integral p(u | psi) Pr(v <= v(t, u) | u, psi) du,     T(u, v(t, u)) = t,  (u, v) linear in (x_t, x_c)

The nodes psi_b are a Gauss rule of the marginal posterior p(psi | data). Under ``receptivity`` an arm's risk r q is bounded
by q, and ``Pr(r q <= t | q)`` has a bend at q = t; there *quantiles* given q are interpolated over q, and the mixture is made
of those.

**Reading order.** Likelihood: `arm` (totals), `allocations` (w), `tables` (n), `terms` (p(k | m)), `rows` (merged tables),
`factored_tables`; `generating_function`, `equal_weights`, `multinomial`, `saddlepoint_contour`; `likelihood` (chooses);
`women` (a woman's chance); `nuts_arrays`, `graph` (for NUTS). Posterior: `problem` (priors), `curves`, `arm_curves`,
`women_curves` (functions of one log odds), `posterior_2d` (given psi), `coarse_scan` (where), `shared_marginal`,
`shared_parameters` (nodes over psi), `estimands`, `node_block` (Pr(T <= t | psi_b)), `quantile_mixture`, `mixture`,
`array_cache` (memory), `solution` (rules and errors), `posterior` (by name).

Examples
--------
The index trial: 16 of 40 women pregnant with 33 of 80 embryos, against 12 of 40 with 19 of 84. Counted as if embryos were
independent, the probability of a higher chance per embryo would be 0.99.

>>> from bayes_ivf.priors import Prior
>>> treatment = prepare_arm(ArmTotals(women=40, embryos=80, pregnant=16, implanted=33), max_embryos=3)
>>> control = prepare_arm(ArmTotals(women=40, embryos=84, pregnant=12, implanted=19), max_embryos=3)
>>> priors = {"average": Prior("Normal", {"mu": 0.0, "sigma": 1.5}), "effect": Prior("Normal", {"mu": 0.0, "sigma": 1.0})}
>>> posterior = solve_embryo(treatment, control, priors)
>>> round(1 - float(posterior.cdf("log_odds_ratio", 0.0)[0]), 4), round(float(posterior.summarize("icc").mean[0]), 3)
(0.8767, 0.773)

References
----------
Griffiths DA (1973). Maximum likelihood estimation for the beta-binomial distribution and an application to the household
distribution of the total number of cases of a disease. Biometrics 29:637-648. doi:10.2307/2529131

Speirs AL, Lopata A, Gronow MJ, Kellow GN, Johnston WI (1983). Analysis of the benefits and risks of multiple embryo transfer.
Fertility and Sterility 39:468-471. doi:10.1016/S0015-0282(16)46933-5

Daniels HE (1954). Saddlepoint approximations in statistics. Annals of Mathematical Statistics 25:631-650.
doi:10.1214/aoms/1177728652

Golub GH, Welsch JH (1969). Calculation of Gauss quadrature rules. Mathematics of Computation 23:221-230.
doi:10.1090/S0025-5718-69-99647-1
"""

from bayes_ivf.embryo.allocations import count_allocations
from bayes_ivf.embryo.arm import MECHANISMS, WEIGHTS, ArmTotals, check_options, check_totals, most_implanted
from bayes_ivf.embryo.estimands import estimands_of
from bayes_ivf.embryo.likelihood import ArmLikelihood, prepare_arm
from bayes_ivf.embryo.nuts_arrays import FACTORED_FROM, ROWS_LIMIT, Surface, factor_arrays, fit_surface, row_arrays
from bayes_ivf.embryo.posterior import EmbryoPosterior, solve_embryo
from bayes_ivf.embryo.women import clinical_pregnancy, none_implanted, per_embryo, pooled_shares

__all__ = [
    "FACTORED_FROM",
    "MECHANISMS",
    "ROWS_LIMIT",
    "WEIGHTS",
    "ArmLikelihood",
    "ArmTotals",
    "EmbryoPosterior",
    "Surface",
    "check_options",
    "check_totals",
    "clinical_pregnancy",
    "count_allocations",
    "estimands_of",
    "factor_arrays",
    "fit_surface",
    "most_implanted",
    "none_implanted",
    "per_embryo",
    "pooled_shares",
    "prepare_arm",
    "row_arrays",
    "solve_embryo",
]
