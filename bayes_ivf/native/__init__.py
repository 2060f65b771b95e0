"""Log densities as machine code: a graph of PyTensor becomes one function of a flat point, by LLVM.

In: variables of a graph, the shapes of its inputs. Out: a function at an address, as nutpie calls it. Never: a model by name, a
sampler, files.

**Why not** PyTensor's own way to numba. It writes every operation as a generic function of arrays, whose types numba infers for
every process anew: 7 to 24 seconds for a model of this package, and minutes on a machine where nothing is cached. Here shapes are
known, so that a graph is some loops over doubles; LLVM, which is below both ways, compiles them in a tenth of a second. What has
no rule goes the usual way (`Untranslatable`), and tests compare both at random points of every shape.

================ =====================================================================
`function`       a graph as a function of a flat point
`operations`     one rule for each operation on arrays
`program`        a function under construction
`tensor`         arrays of known shape
`scalars`        one rule for each operation on numbers
`library`        addresses of the C library's and SciPy's functions
================ =====================================================================
"""

from bayes_ivf.native.errors import Untranslatable
from bayes_ivf.native.function import NativeFunction, compile_function

__all__ = ["NativeFunction", "Untranslatable", "compile_function"]
