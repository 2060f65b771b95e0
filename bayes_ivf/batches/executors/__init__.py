"""Where jobs run: in this thread's process, in threads of it, in spawned processes, or on a Dask cluster.

In: a `Work` of plain data. Out: a future of its `Part`. Never: a decision about what runs, or a file.
"""

from bayes_ivf.batches.executors.choose import NAMES, check_executor, is_address, make_executor
from bayes_ivf.batches.executors.protocol import Executor

__all__ = ["NAMES", "Executor", "check_executor", "is_address", "make_executor"]
