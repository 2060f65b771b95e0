"""Under which version numbers are kept whose code was hashed by another rule, or moved without changing a number."""

from __future__ import annotations

from collections.abc import Mapping

_EARLIER: Mapping[str, str] = {
    "dd98f9fa95f55fccb1a6dca321ae997a192e6f6392a2f72f08a46a9ff059a981":  # embryo_cluster-beta_binomial
    "3c5824256e335eb16c6ef97682bb768529ee7ed2a21e0708bbf5464340208925",
    "0fb735d3a79c886d8794d6ed99e58c32708ddf4d673fd8e145c7f62cd0b6a303":  # funnel-women
    "c1534072b3dc2b39f3909e6152de657d473ed6a117159513ad0aad058ec3b0ab",
    "8937481f4c868f6595cd0e762a7b5e57d8708f106ee105b232e881b7f94aaf7c":  # individual-embryos
    "4c4f09941353095fdb2f19bd09bc76668d0841126d296c5d7b158701a3a35906",
    "91be047e1450a0b0959e709fd5bef4886e79c67fc9fae19c165d1c1208d5bb4a":  # joint-counts-claims
    "e21408d73fc1c98afcbf3f9dfeaf62d603ef7e029b1f127ffde63d4efd2d450f",
    "a5296748617a2da0debe52fb3701048423f6cff0397efc302498ffe26441e348":  # outcomes-stages
    "32981dd43a66bc3f6832b79e68bfdf5f24ddbecd6089972cb912711661fd35a8",
    "9b70b861374237688a49277bb7f7b018e609f9c93760f9c986a74e0ca7173c1d":  # outcomes-claims
    "b97eee64a555b7ff64646e534c60a2f0eceb4166273d02316816f69542ee30b6",
    "41b2f6e214d29d86a9846e2f5112050a2bcf5fda16d72f649b84707ee5d8e1fb":  # two_arm-counts-average
    "70a479aeb468b98b6c222460b8e91cb7156c8f96828849bb6e97ad7535203055",
    "018a16cfafa1572e4f8ff771a7f498ff5ac7ff9de2752a9b03acecddb4ba600e":  # two_arm-means-separate
    "b520f51df6618d16c0a8fd43788e5c4689954d03cc02b317429f14892d2c964e",
    "d345e13ee47ffce13c73d69f924c77d70dbba67c9981fcb23315ae1f98e2f36f":  # two_arm-claim-directed
    "af506b8b9734095d19bf0c5f4ecb22009056e1c31a60bd37cd5732d234351aa1",
    "60f5740737592b52fa0d017965bda62ea676d4f3b16f71d7acd3fa152dc4bc27":  # two_arm-effect
    "65a64c2996bd4a762a59e82026d44bf2513caa36174e3fe9d4383742b580101c",
    "a5adf1933cef435ed2cceba0430b6114bd87f47aad18134991b840be425d9775":  # exact
    "c41f685e43f3fa6d9f740e1e70d14d905bb007badbbad1e78739bf1b87c05ced",
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
