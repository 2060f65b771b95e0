"""Where the model cards and prior sets lie: beside the modules in a wheel, beside the package in a checkout."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path


@cache
def models_folder() -> Path:
    """Return the folder of the bundled model cards; prior sets are in its ``priors`` folder."""
    package = Path(str(resources.files("bayes_ivf")))
    inside = package / "models"
    return inside if inside.is_dir() else package.parent / "models"


@cache
def toml_files(folder: Path) -> tuple[Path, ...]:
    """Return the TOML files of a folder of the package, in order; every outcome of a study asks for them."""
    return tuple(sorted(folder.glob("*.toml")))
