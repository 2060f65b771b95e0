"""The version of the numerics: kept results are used again only by the code and packages that would give the same."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib import resources
from pathlib import Path

ROOMS = ("inference", "likelihoods", "structures", "priors", "problem")
FILES = (
    "defaults.py",
    *(f"effects/{name}.py" for name in ("contrasts", "estimands", "figures", "from_draws", "from_exact", "row")),
)
PACKAGES = {
    "exact": ("numpy", "scipy"),
    "nuts": ("numpy", "scipy", "pymc", "pytensor", "nutpie", "numba", "arviz"),
}


@cache
def numerics(engine: str) -> str:
    """Return a hexadecimal hash of the code, comments aside, and of the packages that an engine's numbers depend on."""
    from bayes_ivf.calibration import code_hash
    from bayes_ivf.inference import versions

    package = Path(str(resources.files("bayes_ivf")))
    code = [path.relative_to(package).as_posix() for room in ROOMS for path in (package / room).rglob("*.py")]
    found = versions()
    content = [code_hash([*code, *FILES]), {name: found[name] for name in PACKAGES[engine]}]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
