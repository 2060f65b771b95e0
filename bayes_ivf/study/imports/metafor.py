"""Names of the R package metafor (``escalc``, and the columns of ``dat.bcg``), lower-case words joined by ``_``.

References
----------
Viechtbauer W. Conducting meta-analyses in R with the metafor package. J Stat Softw 2010; 36(3). doi:10.18637/jss.v036.i03
"""

from __future__ import annotations

COUNTS = {
    "ai": "events_treatment",
    "bi": "nonevents_treatment",
    "n1i": "n_treatment",
    "ci": "events_control",
    "di": "nonevents_control",
    "n2i": "n_control",
}
BCG = {
    "tpos": "events_treatment",
    "tneg": "nonevents_treatment",
    "cpos": "events_control",
    "cneg": "nonevents_control",
}
MEANS = {
    "m1i": "mean_treatment",
    "sd1i": "sd_treatment",
    "n1i": "n_treatment",
    "m2i": "mean_control",
    "sd2i": "sd_control",
    "n2i": "n_control",
}
EFFECTS = {"yi": "effect", "vi": "variance", "sei": "se"}
"""An effect, its sampling variance and its standard error: of a ratio all three are of its log."""
