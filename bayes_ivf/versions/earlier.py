"""Under which version numbers are kept whose code was hashed by another rule, or moved without changing a number."""

from __future__ import annotations

from collections.abc import Mapping

_EARLIER: Mapping[str, str] = {
    "c6e6c8f88df4a6e4a0b60d719c20bb92140b75b7108f18c032015ef83b00c38f":  # nuts
    "cc0cd4d297be9ec322e7218b4acf7681a29db357177a74184bc314881197d65a",
    "743ebdc1fadc97deaf74025e257590ef6a083a1b377a1594cfea6181a8dfdd77":  # embryo_cluster-beta_binomial
    "3c5824256e335eb16c6ef97682bb768529ee7ed2a21e0708bbf5464340208925",
    "694f54dd11dcd3d631c98f9745f4df44232a8a439b690e79acfa3d2b6aa61f61":  # funnel-women
    "c1534072b3dc2b39f3909e6152de657d473ed6a117159513ad0aad058ec3b0ab",
    "e93cb66edc2df7e2faeaf7c068b59f2bf689494da9ff4ba3660a8ca05e67cf49":  # individual-embryos
    "4c4f09941353095fdb2f19bd09bc76668d0841126d296c5d7b158701a3a35906",
    "c3f7d2b38b5e54b51486b86afcb21fde36adfa7265468865dd5e2d9ade907de7":  # outcomes-stages
    "32981dd43a66bc3f6832b79e68bfdf5f24ddbecd6089972cb912711661fd35a8",
    "aedac1a4c0de4025bd6a98aa18df66ae700942bc710540a1b6931d64fc5e0487":  # outcomes-claims
    "b97eee64a555b7ff64646e534c60a2f0eceb4166273d02316816f69542ee30b6",
    "c69076b2db4139a4a119aa7a54afacffe24ccfddbda7168115f0ae363b3d280e":  # two_arm-counts-average
    "70a479aeb468b98b6c222460b8e91cb7156c8f96828849bb6e97ad7535203055",
    "c15c9d0e913b5d7fb11e4218ccc7bb2c8e1e128f4e8bfc0e3aceb0218c075a33":  # two_arm-means-separate
    "b520f51df6618d16c0a8fd43788e5c4689954d03cc02b317429f14892d2c964e",
    "7d13c0b295123c06be5a19cf971783bbf37fee0301301d0ae71113a2cfd60852":  # two_arm-claim-directed
    "af506b8b9734095d19bf0c5f4ecb22009056e1c31a60bd37cd5732d234351aa1",
    "b527f3e1f56de66f41190e1be41029d1ac66bca89e3eb095919ba6cfd121b89a":  # exact
    "b3c67b6a176dd2b8b817aa8006c97981fc02c8acab297c65e238f8046389eedf",
}
"""Hashes of today's code, and those under which its numbers are kept.

The second are those of the very same code by the rule that let names count, or of code that the ledger (`make ledger`) found
to give the same numbers: forms and structures, quadrature, exact and embryo became rooms since; a form for printed effects was
added, which no kept number speaks of; the level of intervals became an argument, at whose default all numbers are the same. An
entry is dead, and may go, as soon as the code of its solver changes in meaning: its fingerprint is then another one, and no
other gives access to what was kept.
"""


def kept_as(version: str) -> str:
    """Return the version under which numbers of a fingerprint are kept: itself, but for code that an earlier rule hashed.

    Parameters
    ----------
    version : str
        As `fingerprint` returns it.
    """
    return _EARLIER.get(version, version)
