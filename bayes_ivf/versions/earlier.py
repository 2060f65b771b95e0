"""Under which version numbers are kept whose code was hashed by another rule, or moved without changing a number."""

from __future__ import annotations

from collections.abc import Mapping

_EARLIER: Mapping[str, str] = {
    "6e5373b8572011c91c4909ed771767bfe28db09752e130ea74a6f2199f67d4d3":  # embryo_cluster-beta_binomial
    "3c5824256e335eb16c6ef97682bb768529ee7ed2a21e0708bbf5464340208925",
    "c2e3bd567619eb774aa66f7255d188e7599bd162865f82d534723c4a1bf0ec8d":  # funnel-women
    "c1534072b3dc2b39f3909e6152de657d473ed6a117159513ad0aad058ec3b0ab",
    "0bdbcf7713e6d9c621df2f52d5beb4a2cb92d287f49a1255733948d9da2f4c73":  # individual-embryos
    "4c4f09941353095fdb2f19bd09bc76668d0841126d296c5d7b158701a3a35906",
    "fc4e65ecd9c8ba779707654bd45908830b01ea1411a5f2cdd26370576c2b5558":  # joint-counts-claims
    "e21408d73fc1c98afcbf3f9dfeaf62d603ef7e029b1f127ffde63d4efd2d450f",
    "82fe59f2f1f55f2fa58160ffe668eeb336486063f554dee01bb1c1b7667e3597":  # outcomes-stages
    "32981dd43a66bc3f6832b79e68bfdf5f24ddbecd6089972cb912711661fd35a8",
    "2db348680b64f405a2ec3b7ad73de9b0e1a05bba527494b4cf47b777a94b3971":  # outcomes-claims
    "b97eee64a555b7ff64646e534c60a2f0eceb4166273d02316816f69542ee30b6",
    "b5ed523c12424b10c6470152b0669f71e85fa07366fe2fe5becb95d4b3682190":  # two_arm-counts-average
    "70a479aeb468b98b6c222460b8e91cb7156c8f96828849bb6e97ad7535203055",
    "c1372ffa5f8e89159109e5c36869d229ad4de92abe02d16eece70a41aa7e5e17":  # two_arm-means-separate
    "b520f51df6618d16c0a8fd43788e5c4689954d03cc02b317429f14892d2c964e",
    "6cba72284f75622e7b8e1db5cb0d210d8f9dfbdda2be7842b8f4a872bcfdf8e3":  # two_arm-claim-directed
    "af506b8b9734095d19bf0c5f4ecb22009056e1c31a60bd37cd5732d234351aa1",
    "683cdfc88e58d9d02cb578a4e642b4a86b5169b235622ee90da82446775d60fa":  # two_arm-effect
    "65a64c2996bd4a762a59e82026d44bf2513caa36174e3fe9d4383742b580101c",
}
"""Hashes of today's code, and those under which its numbers are kept.

The second are those of the very same code by the rule that let names count, or of code that the ledger (`make ledger`) found to
give the same numbers: forms and structures, quadrature, exact and embryo became rooms since; a form for printed effects was
added, which no kept number speaks of; quantities became values; the level of intervals became an argument, at whose default all
numbers are the same. Ranks of calibrations were made with log densities that went the usual way of nutpie; machine code gives
the same ones and the same gradients to 1e-10 (`tests/contract/test_contract_native.py`), with other draws from the same
posteriors. An entry is dead, and may go, as soon as the code of its solver changes in meaning: its fingerprint is then another
one, and no other gives access to what was kept.
"""


def kept_as(version: str) -> str:
    """Return the version under which numbers of a fingerprint are kept: itself, but for code that an earlier rule hashed.

    Parameters
    ----------
    version : str
        As `fingerprint` returns it.
    """
    return _EARLIER.get(version, version)
