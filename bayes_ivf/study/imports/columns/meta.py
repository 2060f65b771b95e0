"""Names of the R package meta (``metabin``, ``metacont``, ``metagen``), lower-case words joined by ``_``.

References
----------
Balduzzi S, Rücker G, Schwarzer G. How to perform a meta-analysis with R: a practical tutorial. Evid Based Ment Health 2019;
22: 153-160. doi:10.1136/ebmental-2019-300117
"""

from __future__ import annotations

COUNTS = {
    "event_e": "events_treatment",
    "n_e": "n_treatment",
    "event_c": "events_control",
    "n_c": "n_control",
}
MEANS = {
    "mean_e": "mean_treatment",
    "sd_e": "sd_treatment",
    "n_e": "n_treatment",
    "mean_c": "mean_control",
    "sd_c": "sd_control",
    "n_c": "n_control",
}
EFFECTS = {"te": "effect", "se_te": "se"}
"""An effect and its standard error: of a ratio both are of its log."""
