"""What every folder of results says about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from bayes_ivf import files
from bayes_ivf.settings import Settings


def new_manifest(
    kind: str, name: str, status: str, settings: Settings, versions: Mapping[str, str], **own: Any
) -> dict[str, Any]:
    """Return the manifest of a run or a batch; its checksums are added when the files lie there.

    Parameters
    ----------
    kind : {"run", "batch"}
    name : str
        What the folder is about.
    status : {"finished", "interrupted"}
    settings : Settings
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
        **own,
    }
