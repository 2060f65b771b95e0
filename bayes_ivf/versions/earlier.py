"""Under which version numbers are kept whose code was hashed by another rule, or moved without changing a number."""

from __future__ import annotations

from collections.abc import Mapping

_EARLIER: Mapping[str, str] = {
    "13293f9ea05ae556756acc09c65b2c6bbddbe205c1341b9d15ad1acf8a849536":  # embryo_cluster-beta_binomial
    "3c5824256e335eb16c6ef97682bb768529ee7ed2a21e0708bbf5464340208925",
    "2958174c7ece9b6a809d2cc715c6e3ae1140140cf4eea29b5925e7a776a3adb8":  # funnel-women
    "c1534072b3dc2b39f3909e6152de657d473ed6a117159513ad0aad058ec3b0ab",
    "86c2066ac62953b11bba8eab06e8eef7a66c5aae02d795765fd4b8a202e9ff3c":  # individual-embryos
    "4c4f09941353095fdb2f19bd09bc76668d0841126d296c5d7b158701a3a35906",
    "cbb803e7d918fc40a8859a0fd7638bbcd9129f4c7ac4f9939dd1085928598cee":  # joint-counts-claims
    "e21408d73fc1c98afcbf3f9dfeaf62d603ef7e029b1f127ffde63d4efd2d450f",
    "8731cd03d74ebf2ed58813afae48db841996a05b98b6fb224c557cdc161fba84":  # outcomes-stages
    "32981dd43a66bc3f6832b79e68bfdf5f24ddbecd6089972cb912711661fd35a8",
    "1ef11f6525702d3d93eea07263c0d31889142b81f79972b34c7aed2d650e2d77":  # outcomes-claims
    "b97eee64a555b7ff64646e534c60a2f0eceb4166273d02316816f69542ee30b6",
    "3d5b5a1b1198dbd97ccf19c14bbd7eb65bd3d05df2af1db7a9938231324b2408":  # two_arm-counts-average
    "70a479aeb468b98b6c222460b8e91cb7156c8f96828849bb6e97ad7535203055",
    "edb0365facd2f59a7db626d7178497098b15032eadf822120df301a482ac6b96":  # two_arm-means-separate
    "b520f51df6618d16c0a8fd43788e5c4689954d03cc02b317429f14892d2c964e",
    "e9d0ee189854452ec42daa0e70f7b6f1bb156fa183603f1002210c02cbf10d11":  # two_arm-claim-directed
    "af506b8b9734095d19bf0c5f4ecb22009056e1c31a60bd37cd5732d234351aa1",
    "6c8e609584e6fa1a5384c829740e8e32ae5bf4e33badfbe6b3bb182187baa60a":  # two_arm-effect
    "65a64c2996bd4a762a59e82026d44bf2513caa36174e3fe9d4383742b580101c",
    "7a305e63fda997352de7a18f3410eec5592373e11d7f7acccb5beea7512b5ac0":  # nuts
    "8753537e8b388723a1ba40915fcca4ea07a0160f91e777d5e5a37202a086e992",
    "dfab952f2a542de8628cc0114257dccbc233dcfcd93d0b1ee1d1b13e5aaeb3df":  # exact
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
