"""Thresholds of the audit, in one place."""

from __future__ import annotations

RARE = 0.05
"""An effect at least as large as printed is called unusual below this probability under the reference distribution."""
JOINT_BASELINE = 10
"""Baseline variables below which a joint difference of the arms is information only."""
JOINT_RARE = 0.001
"""Probability below which the joint distribution of baseline variables calls for care."""
ALPHA = 0.05
"""Level at which power is computed and P values are counted."""
INTERVAL_SHARE = 0.01
"""Distance of printed from recomputed limits, as a share of the width, that rounding on the way may explain."""
MAX_EMBRYOS = 4
"""Most embryos per woman (M) for which allocations are worked out."""
EXACT_POWER = 250_000
"""Tables (n_treatment x n_control) up to which power is summed exactly over all tables."""
