"""What a finished calibration leaves beside its ranks: a table, the answer, the trees and the picture."""

from __future__ import annotations

from pathlib import Path

from bayes_ivf import files
from bayes_ivf.calibration.constants import BAND_PROB
from bayes_ivf.calibration.design import Design
from bayes_ivf.calibration.judge import Calibration, judge
from bayes_ivf.calibration.store import RankFile
from bayes_ivf.errors import Fault, OutputError
from bayes_ivf.lock import locked
from bayes_ivf.spreadsheet import safe_frame


def write_calibration(result: Calibration, folder: Path, *, trees: bool = True) -> None:
    """Write ``calibration.csv``, ``answer.txt``, ``ranks.png`` and one tree per design.

    Parameters
    ----------
    result : Calibration
    folder : Path
        Where its ranks lie.
    trees : bool
        Whether to write the trees, which only repeat the ranks.
    """
    from bayes_ivf.plots.calibration import rank_curves

    with locked(folder), files.staged(folder) as staging:
        safe_frame(result.table).to_csv(
            staging / "calibration.csv", index=False, float_format="%.6g", lineterminator="\n"
        )
        files.write_text(staging / "answer.txt", result.sentence() + "\n")
        rank_curves(result).savefig(staging / "ranks.png", dpi=120)
        if trees:
            for each in result.results:
                result.tree(each.name).to_netcdf(staging / f"{each.name}.nc", engine="netcdf4")


def read_calibration(folder: Path, designs: list[Design]) -> Calibration:
    """Read the ranks of designs from a folder and judge them again.

    Raises
    ------
    OutputError
        If a design has no ranks.
    """
    results = []
    for design in designs:
        path = folder / f"{design.name}.csv"
        found = RankFile(path).read(design)
        if found is None:
            to_do = "run `make calibrate` for those of the repository, `bayes-ivf calibrate` for others"
            raise OutputError(Fault(str(path), "no ranks", "a finished calibration", to_do))
        results.append(found)
    return judge(results, BAND_PROB)
