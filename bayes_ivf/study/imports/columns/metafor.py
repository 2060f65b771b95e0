"""Names of the R package metafor (``escalc``, and the columns of ``dat.bcg``), lower-case words joined by ``_``.

References
----------
Viechtbauer W. Conducting meta-analyses in R with the metafor package. J Stat Softw 2010; 36(3). doi:10.18637/jss.v036.i03
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log

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
COLUMNS = (
    "slab", "outcome", "label", "benefit", "per", "mcid", *COUNTS, *(name for name in MEANS if name not in COUNTS),
    "yi", "sei", "measure",
)  # fmt: skip
"""Columns of a table for metafor, as far as its rows have something for them."""


def metafor_row(row: Mapping[str, str]) -> dict[str, str]:
    """Return a row under the names of ``escalc``; of a printed ratio, yi is the log.

    Parameters
    ----------
    row : mapping of str to str
        Cells by column of this package: counts, means, or ``measure, effect, se``.

    Examples
    --------
    >>> own = {"study": "A", "events_treatment": "16", "n_treatment": "40", "events_control": "12", "n_control": "40"}
    >>> metafor_row(own)["bi"]
    '24'
    """
    made = {name: row.get(name, "") for name in ("outcome", "label", "benefit", "per", "mcid")} | {"slab": row["study"]}
    made |= {name: row.get(own, "") for name, own in (COUNTS | MEANS).items()}
    for arm, name in (("treatment", "bi"), ("control", "di")):
        if row.get(f"events_{arm}"):
            made[name] = str(int(row[f"n_{arm}"]) - int(row[f"events_{arm}"]))
    if row.get("measure"):
        ratio = "ratio" in row["measure"]
        effect = f"{log(float(row['effect'])):.12g}" if ratio else row["effect"]
        made |= {"yi": effect, "sei": row["se"], "measure": f"log_{row['measure']}" if ratio else row["measure"]}
    return made
