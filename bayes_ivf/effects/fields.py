"""The numbers that are kept of one quantity under one posterior."""

FIELDS = (
    "mean",
    "median",
    "sd",
    "ci_low",
    "ci_high",
    "hdi_low",
    "hdi_high",
    "p_benefit",
    "p_beyond_mcid",
    "p_in_rope",
    "r_hat",
    "ess_bulk",
    "ess_tail",
    "mcse",
)
"""Numbers of a row that a fit gives, in the order of the last axis; NaN where a row is empty."""
