"""How calibrations are made and judged."""

from __future__ import annotations

RANK_DRAWS = 199
"""Thinned posterior draws among which a true value is ranked: 200 possible ranks."""
BAND_PROB = 0.999
"""Probability that all rank curves of a calibration lie within their bands, if all is right."""
INTERVALS = (0.5, 0.8, 0.95)
"""Central intervals whose coverage is counted."""
FAST_SIMULATIONS = 1000
"""For structures that refit in under a second."""
SLOW_SIMULATIONS = 200
"""For the others; so few detect only gross errors, and every result says so."""
