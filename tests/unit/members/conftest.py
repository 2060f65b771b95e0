"""New members, in folders of their own that are listed beside those of the package."""

from __future__ import annotations

import sys
from textwrap import dedent

import pytest

from bayes_ivf import forms
from bayes_ivf.forms import all_forms

RATE = '''
    """A log odds and its standard error in each arm, instead of counts."""

    import numpy as np
    from scipy import special

    from bayes_ivf.forms.form import Form
    from bayes_ivf.study import ARMS

    FORM = Form("a_rate", kinds=("counts",), support="two_by_two")
    DIMS = {"estimate": "arm", "error": "arm"}
    OPTIONS = ("wider", "note")


    def arrays(study, outcome, options):
        found = [outcome.counts(arm) for arm in ARMS]
        yes = np.array([each.events + 0.5 for each in found])
        no = np.array([each.n - each.events + 0.5 for each in found])
        error = float(options["wider"]) * np.sqrt(1 / yes + 1 / no)
        return {"estimate": np.log(yes / no), "error": error}, options["note"]


    def observe(data, *, logit_risk=None, risk=None):
        import pymc as pm

        mu = pm.math.logit(risk) if logit_risk is None else logit_risk
        pm.Normal("estimate_observed", mu=mu, sigma=data["error"], observed=data["estimate"], dims="arm")


    def log_likelihood(data, *, logit_risk=None, risk=None):
        mu = special.logit(risk) if logit_risk is None else logit_risk
        return -0.5 * (((data["estimate"] - mu) / data["error"]) ** 2).sum(axis=-1)


    def rough(data):
        risk = 1 / (1 + np.exp(-data["estimate"]))
        n = 1 / (data["error"] ** 2 * risk * (1 - risk))
        return n * risk, n


    def derived(problem):
        return {}


    def can_be_sampled(problem):
        return True


    def solver(problem):
        return None


    simulate = None
'''
"""Takes the place of counts, since its file comes first."""

PLACE = '''
    """A mean and its standard error in each arm, without a standard deviation."""

    import numpy as np

    from bayes_ivf.forms.form import Form
    from bayes_ivf.study import ARMS

    FORM = Form("a_place", kinds=("mean_sd",), support="location")
    DIMS = {"middle": "arm", "error": "arm"}
    OPTIONS = ("variance", "wider", "note")


    def arrays(study, outcome, options):
        found = [outcome.data[arm] for arm in ARMS]
        middle = np.array([float(each.mean) for each in found])
        error = np.array([float(options["wider"]) * float(each.sd) / each.n**0.5 for each in found])
        return {"middle": middle, "error": error}, options["note"]


    def observe(data, mu, sigma):
        import pymc as pm

        pm.Normal("middle_observed", mu=mu, sigma=data["error"], observed=data["middle"], dims="arm")


    def log_likelihood(data, mu, sigma):
        return -0.5 * (((data["middle"] - mu) / data["error"]) ** 2).sum(axis=-1)


    def rough(data):
        return data["middle"], data["error"] ** 2


    def derived(problem):
        return {}


    def can_be_sampled(problem):
        return True


    def solver(problem):
        return None


    simulate = None
'''


@pytest.fixture
def new_forms(tmp_path, monkeypatch):
    """Put files into a folder that is listed as forms are, before theirs; gives a function that does."""
    written = []

    def write(**files):
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(dedent(text), encoding="utf-8")
        written.extend(files)
        monkeypatch.setattr(forms, "__path__", [str(tmp_path), *forms.__path__])
        all_forms.cache_clear()

    yield write
    monkeypatch.undo()
    all_forms.cache_clear()
    for name in written:
        sys.modules.pop(f"bayes_ivf.forms.{name}", None)
        forms.__dict__.pop(name, None)
