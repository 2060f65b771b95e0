"""The version of the numerics: kept results are used again only by the code and packages that would give the same."""

from __future__ import annotations

import hashlib
import json
from functools import cache

from bayes_ivf.versions import fingerprint, kept_as

PACKAGES = {
    "exact": ("numpy", "scipy"),
    "nuts": ("numpy", "scipy", "pymc", "pytensor", "nutpie", "numba", "arviz"),
}


@cache
def numerics(engine: str) -> str:
    """Return a hexadecimal hash of the code and of the packages that an engine's numbers depend on."""
    from bayes_ivf.inference import versions

    found = versions()
    content = [kept_as(fingerprint(engine)), {name: found[name] for name in PACKAGES[engine]}]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
