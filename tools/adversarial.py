"""Random and adversarial problems: the exact engine against plain panels that share no code with it.

``make adversarial`` solves what is not yet stored and stores the counts; an answer may be wrong by more than 1e-3 standard
deviations only where it says ``fail``. Problems are drawn from their own seeds, so that each can be drawn again alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "reference"))

from hard_problems import SEED, draw  # noqa: E402
from judge import judge  # noqa: E402

from bayes_ivf.batches.numerics import numerics  # noqa: E402

STORED = ROOT / "calibration" / "adversarial.json"
WHOLE = 10_000


def main(arguments: list[str]) -> int:
    """Judge problems up to a number and store what came out."""
    parser = argparse.ArgumentParser(prog="tools/adversarial.py")
    parser.add_argument("--problems", type=int, default=WHOLE)
    parser.add_argument(
        "--seconds", type=float, default=float("inf"), help="stop after this long; a later call goes on"
    )
    given = parser.parse_args(arguments)
    stored = json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {}
    now = {"seed": SEED, "numerics": numerics("exact")}
    if {name: stored.get(name) for name in now} != now:
        stored = {**now, "problems": 0, "kinds": {}, "wrong_without_fail": [], "failed_though_right": []}
    kinds = {name: Counter(found) for name, found in stored["kinds"].items()}
    start = time.monotonic()
    while stored["problems"] < given.problems and time.monotonic() - start < given.seconds:
        index = stored["problems"]
        kind, verdict, error = judge(draw(index))
        wrong = not error <= 1e-3
        found = kinds.setdefault(kind, Counter())
        found.update([verdict, f"{verdict}, {'wrong' if wrong else 'right'}"])
        if wrong and verdict != "fail":
            stored["wrong_without_fail"].append([index, kind, verdict, error])
        if not wrong and verdict == "fail":
            stored["failed_though_right"].append(index)
        stored["problems"] = index + 1
        if stored["problems"] % 50 == 0:
            _store(stored, kinds)
    _store(stored, kinds)
    sys.stdout.write(f"{stored['problems']} problems, {len(stored['wrong_without_fail'])} wrong without a fail, ")
    sys.stdout.write(f"{len(stored['failed_though_right'])} right answers marked fail\n")
    return 1 if stored["wrong_without_fail"] else 0


def _store(stored: dict[str, object], kinds: dict[str, Counter[str]]) -> None:
    stored["kinds"] = {name: dict(sorted(found.items())) for name, found in sorted(kinds.items())}
    STORED.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
