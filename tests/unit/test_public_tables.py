"""One habit for tables: what a result keeps is a property, what a fit is asked is a method; parentheses work on both."""

from __future__ import annotations

import copy
import inspect
import pickle
import warnings
from functools import cached_property

import numpy as np
import pandas as pd
import pytest

import bayes_ivf as bi
from bayes_ivf.auditing import Audit
from bayes_ivf.batches import Batch
from bayes_ivf.calibration import Calibration, Ranks, judge
from bayes_ivf.inference import Fit
from bayes_ivf.reanalysis import Reanalysis

KEPT = {
    bi.Study: {"outcomes", "shared_arms"},
    Audit: {"claims", "findings"},
    Reanalysis: {"effects", "comparison", "evidence", "pooling", "joint", "mixtures", "claims", "findings"},
    Batch: {"effects", "comparison", "joint", "evidence", "failures", "findings", "review", "risk_of_bias"},
    Calibration: {"table"},
}
ASKED = {"effects", "summary", "diagnostics", "agreement"}
STUDY = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", claim="P<0.05")


def tables_of(kind, form):
    """Public members of a form that return a DataFrame."""
    names = set()
    for name, member in vars(kind).items():
        function = {property: "fget", cached_property: "func"}.get(type(member))
        function = member if function is None else getattr(member, function)
        if isinstance(member, form) and not name.startswith("_") and inspect.isfunction(function):
            names |= {name} if function.__annotations__.get("return") == "pd.DataFrame" else set()
    return names


@pytest.mark.parametrize("kind", KEPT, ids=lambda kind: kind.__name__)
def test_what_a_result_keeps_is_a_property(kind):
    assert tables_of(kind, property | cached_property) == KEPT[kind]
    assert tables_of(kind, type(tables_of)) == set()


def test_what_a_fit_is_asked_is_a_method():
    assert tables_of(Fit, type(tables_of)) == ASKED
    assert tables_of(Fit, property | cached_property) == set()


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    out = tmp_path_factory.mktemp("batch") / "out"
    only = {"models": ["two_arm"], "priors": ["weakly_informative"], "engine": "exact"}
    reanalysis = bi.reanalyze(STUDY, **only)
    ranks = Ranks("d", "Design", {"q": np.arange(100)}, ("pass",) * 100)
    return {
        bi.Study: STUDY,
        Audit: reanalysis.audit,
        Reanalysis: reanalysis,
        Batch: bi.batch([STUDY], out=out, executor="serial", **only),
        Calibration: judge([ranks], 0.99),
    }


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in KEPT.items() for name in sorted(names)])
def test_parentheses_work_on_what_is_kept(kind, name, results):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = getattr(results[kind], name)
        called = getattr(results[kind], name)()
    assert isinstance(table, pd.DataFrame)
    pd.testing.assert_frame_equal(table, called)
    plain = pd.DataFrame(table)
    assert type(plain) is type(table.copy()) is type(table.iloc[:0]) is pd.DataFrame
    pd.testing.assert_frame_equal(table, plain)
    pd.testing.assert_frame_equal(plain, table)
    assert table.equals(plain)
    assert plain.equals(table)
    for again in (pickle.loads(pickle.dumps(table)), copy.deepcopy(table)):  # noqa: S301
        pd.testing.assert_frame_equal(again(), table)


def test_a_fit_and_a_reanalysis_are_asked_alike(results):
    fitted = bi.fit(STUDY, engine="exact").effects()
    asked = results[Reanalysis].effects()
    pd.testing.assert_frame_equal(asked, fitted)
