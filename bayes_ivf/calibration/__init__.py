"""Simulation-based calibration: whether the machinery finds what was put in.

In: a model card. Out: ranks of true values among posterior draws, judged. Never: real data, or a claim that a model is
true; calibration tests the computation and the code, not the assumptions.
"""

from bayes_ivf.calibration.bands import ecdf_band, ecdf_p_value
from bayes_ivf.calibration.constants import FAST_SIMULATIONS, SLOW_SIMULATIONS
from bayes_ivf.calibration.design import Design, Simulated, draw_truth
from bayes_ivf.calibration.designs import designs_for
from bayes_ivf.calibration.judge import Calibration, Judgment, judge
from bayes_ivf.calibration.report import read_calibration, write_calibration
from bayes_ivf.calibration.run import calibrate, forget_stale, simulate_design, simulate_once
from bayes_ivf.calibration.store import Ranks

__all__ = [
    "FAST_SIMULATIONS",
    "SLOW_SIMULATIONS",
    "Calibration",
    "Design",
    "Judgment",
    "Ranks",
    "Simulated",
    "calibrate",
    "designs_for",
    "draw_truth",
    "ecdf_band",
    "ecdf_p_value",
    "forget_stale",
    "judge",
    "read_calibration",
    "simulate_design",
    "simulate_once",
    "write_calibration",
]
