"""All ways to read what a paper prints of an outcome, mixed exactly, and how much each choice matters.

In: a study, an outcome, and which choices are open. Out: frozen `Readings`: every reading's numbers, their mixture, shares.
Never: sampling; a likelihood of its own.

Reading order: `choices` (what a paper leaves open, level by level), `settings` (every combination, as a problem or the reason
why there is none), `solving` (each distinct problem once), `tables` (distribution functions that are kept), `nothing_known`
(the prior that doubted numbers leave), `mixing` (numbers of all readings, and their mixture), `evidence`, `shares` (Shapley),
`result`, `opened`; several outcomes: `joint_design`, `joint_result`, `joint`; then `call`, `of_a_run`.
"""

from bayes_ivf.reading_choices.call import readings
from bayes_ivf.reading_choices.joint_result import JointReadings
from bayes_ivf.reading_choices.of_a_run import mixed_readings
from bayes_ivf.reading_choices.result import Reading, Readings
from bayes_ivf.reading_choices.shares import shapley_shares

__all__ = ["JointReadings", "Reading", "Readings", "mixed_readings", "readings", "shapley_shares"]
