"""What every folder of results says about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from bayes_ivf import defaults, files
from bayes_ivf.settings import Settings


def new_manifest(
    kind: str, name: str, status: str, settings: Settings, ci_prob: float, versions: Mapping[str, str], **own: Any
) -> dict[str, Any]:
    """Return the manifest of a run or a batch; its checksums are added when the files lie there.

    Parameters
    ----------
    kind : {"run", "batch"}
    name : str
        What the folder is about.
    status : {"finished", "interrupted", "sampling"}
        ``sampling``: a report by quadrature alone, which the finished run replaces.
    settings : Settings
    ci_prob : float
        Probability of every interval.
    versions : mapping of str to str
        Of Python and packages.
    **own
        What this kind says beside it.
    """
    return {
        "schema_version": files.SCHEMA_VERSION,
        "kind": kind,
        "name": name,
        "status": status,
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": dict(versions),
        "settings": asdict(settings),
        "ci_prob": ci_prob,
        **own,
    }


def ci_prob_of(manifest: Mapping[str, Any]) -> float:
    """Return the probability of every interval of a folder; one that does not tell it is older and had no other."""
    return float(manifest.get("ci_prob", defaults.CI_PROB))
