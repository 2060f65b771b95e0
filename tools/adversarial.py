"""Random and adversarial problems: the exact engine against right answers by plain panels that share no code with it.

``make adversarial`` goes on where it stopped. Right answers hang on no engine's version, so each is found once and kept in
``tests/reference/right_answers.csv``; what the engine says of them is judged anew whenever its version changes, and counted
in ``calibration/adversarial.json``. An answer may be wrong by more than 1e-3 standard deviations only where it says ``fail``.
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

from hard_problems import KINDS, SEED, draw  # noqa: E402
from judge import TOLERANCE, judge_all  # noqa: E402
from right import keep, lines_of, mark, read, right  # noqa: E402

from bayes_ivf.batches.numerics import numerics  # noqa: E402

STORED = ROOT / "calibration" / "adversarial.json"
WHOLE = 10_000
BLOCK = 10 * len(KINDS)


def main(arguments: list[str]) -> int:
    """Judge problems up to a number and store what came out."""
    parser = argparse.ArgumentParser(prog="tools/adversarial.py")
    parser.add_argument("--problems", type=int, default=WHOLE)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="start nothing after this long")
    parser.add_argument("--store", type=Path, default=STORED, help="another file for the counts")
    parser.add_argument(
        "--kinds", nargs="+", choices=sorted(set(KINDS)), default=KINDS, help="only these, to compare engines"
    )
    given = parser.parse_args(arguments)
    stored = json.loads(given.store.read_text(encoding="utf-8")) if given.store.exists() else {}
    now = {"seed": SEED, "numerics": numerics("exact")}
    if {name: stored.get(name) for name in now} != now:
        stored = {**now, "problems": 0, "kinds": {}}
        stored |= {"wrong_without_fail": [], "failed_though_right": [], "warned_though_right": 0, "without_answer": []}
    known = read()
    start = time.monotonic()
    while stored["problems"] < given.problems and time.monotonic() - start < given.seconds:
        index, block = stored["problems"], {}
        last = min(index + BLOCK - index % BLOCK, given.problems)
        while index < last and time.monotonic() - start < given.seconds:
            problem = draw(index)
            if problem["kind"] in given.kinds:
                if known.get(index, ("", {}))[0] != mark(problem):
                    known[index] = mark(problem), _answer(index, problem)
                block[index] = problem, known[index][1]
            index += 1
        _count(stored, block)
        stored["problems"] = index
        given.store.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"{stored['problems']} problems, {len(stored['wrong_without_fail'])} wrong without a fail, ")
    sys.stdout.write(f"{len(stored['failed_though_right'])} right answers marked fail\n")
    return 1 if stored["wrong_without_fail"] else 0


def _answer(index: int, problem: dict) -> dict:
    try:
        found = right(problem)
    except ArithmeticError as error:
        sys.stderr.write(f"problem {index}: {error}\n")
        found = {}
    keep(lines_of(index, problem, found))
    return found


def _count(stored: dict, block: dict) -> None:
    """Judge a block of problems and add what came out."""
    kinds = {name: Counter(found) for name, found in stored["kinds"].items()}
    stored["without_answer"] += [index for index, (_, answer) in block.items() if not answer]
    for index, (verdict, error) in judge_all({i: each for i, each in block.items() if each[1]}).items():
        kind, wrong = block[index][0]["kind"], not error <= TOLERANCE
        kinds.setdefault(kind, Counter()).update([f"{verdict}, {'wrong' if wrong else 'right'}"])
        if wrong and verdict != "fail":
            stored["wrong_without_fail"].append([index, kind, verdict, error])
        if not wrong and verdict == "fail":
            stored["failed_though_right"].append(index)
        stored["warned_though_right"] += not wrong and verdict == "warn"
    stored["kinds"] = {name: dict(sorted(found.items())) for name, found in sorted(kinds.items())}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
