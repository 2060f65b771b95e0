"""The command line: one file per command; each reads its options, calls the public function, and prints.

In: words of a shell. Out: files, text on stdout, progress on stderr, and an exit status: 0 done, 1 done but a gate or a job
failed, 2 bad input. Never: a computation of its own.
"""

from bayes_ivf.cli.main import run
from bayes_ivf.cli.streams import outlive_readers

__all__ = ["outlive_readers", "run"]
