"""From the id of a bundled study, or the path of a file, to a `Study`."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from bayes_ivf.errors import Fault, StudyError
from bayes_ivf.study.reader import parse_study
from bayes_ivf.study.trial import Study
from bayes_ivf.tables import read_toml


def bundled_studies() -> dict[str, Path]:
    """Return the studies that travel with the package, by id."""
    folder = Path(str(resources.files("bayes_ivf") / "data"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def load_study(source: str | Path | Study) -> Study:
    """Load a study.

    Parameters
    ----------
    source : str, Path or Study
        Id of a bundled study, or the path of a study file; a study is returned as it is.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        If there is no such study, or with everything that is wrong with its file.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> bi.load_study("lei-2026")
    Study('lei-2026': 40 vs 40 women, 21 outcomes)
    """
    if isinstance(source, Study):
        return source
    bundled = bundled_studies()
    if str(source) in bundled:
        return read_study(bundled[str(source)])
    path = Path(source)
    if not path.is_file():
        raise StudyError(
            Fault(
                "study",
                repr(str(source)),
                f"a bundled study ({', '.join(bundled)}) or the path of a study file",
                "check the spelling; `bayes-ivf new study PATH` writes a template",
            )
        )
    return read_study(path)


def read_study(path: Path) -> Study:
    """Read a study file; see `load_study`."""
    return parse_study(read_toml(path, StudyError), str(path.name))
