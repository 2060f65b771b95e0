"""Write the ledger and say what differs from the stored one.

``make ledger``, or ``python -m tests.ledger.write [--only problems exact sampled designs pages] [--cases FOLDER]``. Quadrature is
kept in hexadecimal floats, sampling as digests of its draws, trials of calibrations as digests of rounded numbers, the index
trial's and a batch's tables and words as they are, those of cases from outside as eight digits a line. All of it is equal to the
last bit on one kind of processor; ``test_ledger`` compares a tenth of the numbers to 1e-9 anywhere, and some trials of every
design. The exit status is 1 where anything differs.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.ledger.compare import differences
from tests.ledger.designs import design_table
from tests.ledger.numbers import exact_table, problem_table, sampled_table
from tests.ledger.pages import pages
from tests.ledger.problems import ledger_problems

STORED = Path(__file__).parent / "stored"
PARTS = ("problems", "exact", "sampled", "designs", "pages")


def main(arguments: list[str]) -> int:
    """Write the parts asked for; return 1 if any differs from what was stored."""
    parser = argparse.ArgumentParser(prog="python -m tests.ledger.write")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--cases", type=Path, help="folder of studies and tables; without it theirs are kept")
    given = parser.parse_args(arguments)
    start = time.monotonic()

    def tell(name: str) -> None:
        sys.stderr.write(f"{time.monotonic() - start:7.0f} s  {name}\n")

    made: dict[str, str] = {}
    if "problems" in given.only:
        made["problems.csv"] = problem_table(ledger_problems())
    if "exact" in given.only:
        made["exact.csv"] = exact_table(ledger_problems(), tell)
    if "sampled" in given.only:
        made["sampled.csv"] = sampled_table(ledger_problems(), tell)
    if "designs" in given.only:
        made["designs.csv"] = design_table(tell=tell)
    if "pages" in given.only:
        with TemporaryDirectory() as folder:
            for name, text in pages(Path(folder), given.cases, tell).items():
                made[f"{name.replace(' ', '_')}.txt"] = text
    changed = 0
    for name, text in made.items():
        path = STORED / name
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        told = list(differences(name, before, text))
        changed += bool(told)
        sys.stdout.writelines(f"{line}\n" for line in told)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(made)} files, {changed} of them changed\n")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
