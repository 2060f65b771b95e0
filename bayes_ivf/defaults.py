"""The only place where a default or a threshold is written down."""

from __future__ import annotations

CI_PROB = 0.95
"""Probability of every interval unless another one is asked for; the gate judges tails at the ends of this one all the same."""
CI_KIND = "eti"
"""Kind of the main interval: equal-tailed. The highest-density interval stands beside it."""

DRAWS = 1000
"""Kept draws per chain."""
TUNE = 500
"""Tuning steps per chain."""
CHAINS = 4
SEED = 20260128
"""One seed for everything; the date of the index trial's publication."""
TARGET_ACCEPT = 0.9
RETRY_TARGET_ACCEPT = 0.99
"""Step-size target of the one retry that precedes a failed gate."""

RHAT_FAIL = 1.01
ESS_FAIL = 400.0
DIVERGENCE_FAIL = 0.001
"""Share of divergent draws above which the gate fails; any divergence warns."""
EBFMI_FAIL = 0.2
EBFMI_WARN = 0.3
MCSE_PROBABILITY_WARN = 0.01

EXACT_PROBABILITY_TOLERANCE = 1e-6
EXACT_QUANTILE_TOLERANCE = 1e-4

CLAIM_DOUBTS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Doubt in a claim (eps) at which claim-only outcomes are reported."""

CLAIM_LEVEL = 0.05
"""Level that a printed exact P is read against."""

DECODE_MAX_DENOMINATOR = 200
"""Largest denominator tried when a percentage is decoded without a known one."""

PAGE_MAX_BYTES = 20_000_000
"""Bytes of a page that `verify` reads at most."""

STUDY = "lei-2026"
PRIMARY_PRIOR = "weakly_informative"
