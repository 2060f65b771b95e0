"""A saved record of ClinicalTrials.gov with results.

In: JSON. Out: the draft of a study, every number with its path. Never: a network.
"""

from bayes_ivf.study.imports.registry.clinicaltrials import draft_record

__all__ = ["draft_record"]
