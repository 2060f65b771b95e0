"""Where the model cards and prior sets lie: beside the modules in a wheel, beside the package in a checkout."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def models_folder() -> Path:
    """Return the folder of the bundled model cards; prior sets are in its ``priors`` folder."""
    package = Path(str(resources.files("bayes_ivf")))
    inside = package / "models"
    return inside if inside.is_dir() else package.parent / "models"
