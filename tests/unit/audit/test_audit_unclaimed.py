"""A comparison of counts without a printed P does not wait for the ledger, whose exact tests take long."""

from __future__ import annotations

import pytest

import bayes_ivf as bi
from bayes_ivf.auditing import result as results
from bayes_ivf.results import compare


class _AskedError(Exception):
    pass


@pytest.fixture
def no_ledger(monkeypatch):
    def refuse(*_):
        raise _AskedError

    monkeypatch.setattr(results, "claim_rows", refuse)


def test_counts_without_a_p_are_compared_without_the_ledger(no_ledger):
    study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr")
    audit = bi.audit(study)
    row = compare(audit, study.outcome("cpr"), (), (), "Not estimated.")
    assert (row.freq_test, round(row.freq_p, 2)) == ("Fisher", 0.48)
    with pytest.raises(_AskedError):
        audit.ledger  # noqa: B018


def test_a_printed_p_is_compared_with_the_ledger(no_ledger):
    study = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", claim="P<0.05", direction="higher")
    with pytest.raises(_AskedError):
        compare(bi.audit(study), study.outcome("cpr"), (), (), "Not estimated.")


def test_the_ledger_is_made_once():
    audit = bi.audit(bi.Study.from_counts((16, 40), (12, 40), outcome="cpr"))
    assert audit.ledger is audit.ledger
    assert [row.outcome for row in audit.ledger] == ["cpr"]
