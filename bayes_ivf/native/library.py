"""Addresses of functions that machine code calls: those of the C library that Python runs on, and SciPy's special functions.

Examples
--------
>>> address_of("exp") != 0, address_of("scipy.erfcx") != 0
(True, True)
"""

from __future__ import annotations

import ctypes
import os
from functools import cache
from typing import Any

from bayes_ivf.native.errors import Untranslatable

SPECIAL = "scipy."
"""What precedes the name of a function of SciPy."""
_SIGNATURE = b"double (double, int __pyx_skip_dispatch)"


@cache
def address_of(name: str) -> int:
    """Address of a function, by its name in C, or ``scipy.NAME`` for a special function of one number.

    Raises
    ------
    Untranslatable
        If there is none.
    """
    if name.startswith(SPECIAL):
        return _special(name.removeprefix(SPECIAL))
    try:
        function = getattr(ctypes.CDLL("ucrtbase" if os.name == "nt" else None), name)
    except (AttributeError, OSError):
        raise Untranslatable(f"the function {name}") from None
    return ctypes.cast(function, ctypes.c_void_p).value or 0


def _special(name: str) -> int:
    """Address of a function of SciPy, as its capsule for other compiled code gives it."""
    from scipy.special import cython_special

    capsules: Any = cython_special.__pyx_capi__
    capsule = capsules.get(f"__pyx_fuse_1{name}", capsules.get(name))
    if capsule is None:
        raise Untranslatable(f"the function {name}")
    api = ctypes.pythonapi
    api.PyCapsule_GetName.restype, api.PyCapsule_GetName.argtypes = ctypes.c_char_p, [ctypes.py_object]
    api.PyCapsule_GetPointer.restype = ctypes.c_void_p
    api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    signature: bytes = api.PyCapsule_GetName(capsule)
    if signature != _SIGNATURE:
        raise Untranslatable(f"the function {name} of several numbers")
    return int(api.PyCapsule_GetPointer(capsule, signature))
