"""A printed P is read to one meaning everywhere, written once, and read back the same."""

import pytest

from bayes_ivf import Study
from bayes_ivf.auditing.claims import parse_claim
from bayes_ivf.study import Claim, read_p

PRINTED = {
    "P<0.05": ("<", 0.05, 2),
    "p ≤ 0.010": ("<", 0.01, 3),
    "P value = 0.48": ("=", 0.48, 2),
    "0·03": ("=", 0.03, 2),
    "P=.5": ("=", 0.5, 1),
    "P=1.0": ("=", 1.0, 1),
    "4.5%": ("=", 0.045, 3),
    "2.4 × 10−19": ("=", 2.4e-19, 20),
    "3e-40": ("=", 3e-40, 40),
    "P ≤ 3.20e-30": ("<", 3.2e-30, 32),
    "P<10^-300": ("<", 1e-300, 300),
    "NS": (">", 0.05, 2),
}


@pytest.mark.parametrize(("text", "meaning"), PRINTED.items())
def test_a_p_is_written_so_that_it_is_read_back(text, meaning):
    printed = read_p(text)
    again = read_p(str(printed))
    assert (again.relation, again.number, str(again)) == (printed.relation, printed.number, str(printed))
    parsed = parse_claim(Claim("higher", "higher", str(printed)))
    assert (parsed.relation, parsed.level, parsed.decimals) == meaning


@pytest.mark.parametrize("text", PRINTED)
def test_constructors_read_what_files_read(text):
    (item,) = Study.from_counts((16, 40), (12, 40), outcome="x", claim=text).items
    assert item.claim.p == str(read_p(text))


@pytest.mark.parametrize("text", ["P<1", "P>1", "P=1.2", "P<0", "0.05<P", "P", "", "P=0.5 (t test)", 0.05])
def test_what_is_no_p_is_refused(text, faults_of):
    (fault,) = faults_of(Study.from_counts, (16, 40), (12, 40), outcome="x", claim=text)
    assert fault.where == "claim"


@pytest.mark.parametrize("text", ["P=1.2", "P<1", "P", None])
def test_what_is_no_probability_is_no_claim_to_recompute(text):
    assert parse_claim(Claim("higher", "higher", text)) is None
