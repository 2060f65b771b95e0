"""Under which version numbers are kept whose code was hashed by another rule, or moved without changing a number."""

from __future__ import annotations

from collections.abc import Mapping

_EARLIER: Mapping[str, str] = {
    "c4d1199e8ca283ec9fed118a50163612547915b1e60f4371a8d4df0d31b9fcdd":  # embryo_cluster-beta_binomial
    "3c5824256e335eb16c6ef97682bb768529ee7ed2a21e0708bbf5464340208925",
    "4510369ef4e2b6d2aba89efbbe8dafe14800f2ae35bec04655cd7ead79f2fd8c":  # funnel-women
    "c1534072b3dc2b39f3909e6152de657d473ed6a117159513ad0aad058ec3b0ab",
    "8a9214221b54411a91985ca89bede68a90daf05ec5b8b75badc634244b5587a3":  # individual-embryos
    "4c4f09941353095fdb2f19bd09bc76668d0841126d296c5d7b158701a3a35906",
    "a7891dc07c7413ae1f47ecc1e50f380170c0f94a55c12e3da422e1ea646e30b8":  # joint-counts-claims
    "e21408d73fc1c98afcbf3f9dfeaf62d603ef7e029b1f127ffde63d4efd2d450f",
    "58adbc9c11f9006ffeecb083c68b226895c481e70da91c9ea1b74dac726835f5":  # outcomes-stages
    "32981dd43a66bc3f6832b79e68bfdf5f24ddbecd6089972cb912711661fd35a8",
    "0d3ad5f446c6cc9e70753579a18056d93d844de6074991252d002be0ad7be267":  # outcomes-claims
    "b97eee64a555b7ff64646e534c60a2f0eceb4166273d02316816f69542ee30b6",
    "7c0036c506f5c234033c0df59e9da2f279c656d3342eff4e829c452da61220cd":  # two_arm-counts-average
    "70a479aeb468b98b6c222460b8e91cb7156c8f96828849bb6e97ad7535203055",
    "926d92c9c578b778bbd7e958b26bf32c004ad51c83224dd63720a733b3743cea":  # two_arm-means-separate
    "b520f51df6618d16c0a8fd43788e5c4689954d03cc02b317429f14892d2c964e",
    "d0217ee981ec3f9f8b8a81510d1de34355d0c72f3d8a0757a083c5cf69af814e":  # two_arm-claim-directed
    "af506b8b9734095d19bf0c5f4ecb22009056e1c31a60bd37cd5732d234351aa1",
    "55f5f9630d7e0b3eab2aa4cd7bb418acf64d33d7d0bc6678a45d6a43d9752512":  # two_arm-effect
    "65a64c2996bd4a762a59e82026d44bf2513caa36174e3fe9d4383742b580101c",
    "70853f1ce9ecfa01be62e7e0df4744fea319b33f13d061af3440f9c4a6905afe":  # exact
    "c41f685e43f3fa6d9f740e1e70d14d905bb007badbbad1e78739bf1b87c05ced",
    "a395225cda3938d61a38ee46da2207dd81cd817f646bc160f992bd3781a2aafc":  # nuts
    "8e5dbe0d49a5ed9295ba0893bc9df4d7dd00112bbab087918a9bf5cef582d956",
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
