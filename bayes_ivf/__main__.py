"""Entry point of ``bayes-ivf`` and ``python -m bayes_ivf``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; errors of the user end in exit status 2, without a traceback."""
    from bayes_ivf.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
