"""The worked examples of the room run and give what they say; every file with an idea has one."""

import doctest
import importlib
import pkgutil

import pytest

import bayes_ivf.embryo

MODULES = [
    "bayes_ivf.embryo",
    *(f"bayes_ivf.embryo.{each.name}" for each in pkgutil.iter_modules(bayes_ivf.embryo.__path__)),
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    failed, tried = doctest.testmod(importlib.import_module(name), optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
    assert failed == 0
    assert tried > 0
