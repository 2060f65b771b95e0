"""Every file of the numerical rooms has a worked example, and it runs."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

from bayes_ivf import embryo, exact, quadrature

MODULES = [
    name
    for room in (quadrature, exact, embryo)
    for name in [room.__name__, *(f"{room.__name__}.{m.name}" for m in pkgutil.iter_modules(room.__path__))]
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    module = importlib.import_module(name)
    result = doctest.testmod(module)
    assert result.attempted > 0, "no example"
    assert result.failed == 0
