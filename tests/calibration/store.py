"""Make the stored calibrations anew: ``python -m tests.calibration.store [--simulations N] [CARD...]``.

What is not stale is kept. With N, designs that want more simulations stop there; a later call goes on.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bayes_ivf.calibration import calibrate, forget_stale, write_calibration
from bayes_ivf.cards import bundled_cards, load_card
from bayes_ivf.cli.progress import bar

STORED = Path(__file__).resolve().parents[2] / "calibration"


def main(arguments: list[str]) -> int:
    """Calibrate bundled cards into the folder of stored results."""
    parser = argparse.ArgumentParser(prog="python -m tests.calibration.store")
    parser.add_argument("--simulations", type=int)
    parser.add_argument("cards", nargs="*")
    given = parser.parse_args(arguments)
    cards = [load_card(name) for name in given.cards or bundled_cards()]
    outside = 0
    for card in cards:
        folder = STORED / card.id
        stale = forget_stale(folder, card)
        print(f"{card.id}: {', '.join(stale) or 'nothing'} to make anew", flush=True)
        with bar() as progress:
            result = calibrate(card, given.simulations, folder, progress=progress)
        write_calibration(result, folder, trees=False)
        print(result.sentence(), flush=True)
        outside += len(result.outside)
    return 1 if outside else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
