"""Entry point of ``bayes-ivf`` and ``python -m bayes_ivf``."""

from __future__ import annotations

import os
import sys

INTERRUPTED = 130


def main() -> None:
    """Run the command line; errors of the user end in exit status 2, without a traceback."""
    try:
        from bayes_ivf.cli import outlive_readers, run

        outlive_readers()
        status = run(sys.argv[1:])
    except KeyboardInterrupt:  # while Python was still loading
        print("Interrupted.", file=sys.stderr)
        status = INTERRUPTED
    if status == INTERRUPTED:
        # threads in the middle of a fit would be waited for
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(status)
    sys.exit(status)


if __name__ == "__main__":
    main()
