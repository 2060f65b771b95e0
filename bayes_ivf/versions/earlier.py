"""Under which version numbers are kept whose code has the same meaning as when another rule hashed it."""

from __future__ import annotations

from collections.abc import Mapping

_EARLIER: Mapping[str, str] = {
    "6bcff0701bab717b84df6354cce021582cdcdcf68877ec7483a82fed1ec25bee":  # exact
    "9ea021d46e84b11558166f5d6c955a599caba9e9ec1491ce7f40aa450b8d9508",
    "3f756cdafa90e952b2ee145ed3a8f8e0406cb004a1f3737a163aa962f17b3667":  # nuts
    "cc0cd4d297be9ec322e7218b4acf7681a29db357177a74184bc314881197d65a",
    "df1c246c78efff0174e4c3b8f87f48361131c8a29b1b7efff0fb093fd22b3f02":  # embryo_cluster-beta_binomial
    "3c5824256e335eb16c6ef97682bb768529ee7ed2a21e0708bbf5464340208925",
    "31b6df0f44bbaa266835e74d4a6a0a362cda139f0d4f13640bdbd08682bb8eff":  # funnel-women
    "c1534072b3dc2b39f3909e6152de657d473ed6a117159513ad0aad058ec3b0ab",
    "57f98c9d9dbb1c5831e98d23ec180ebce4f5b1499ac18e5e26a4052d39913085":  # individual-embryos
    "4c4f09941353095fdb2f19bd09bc76668d0841126d296c5d7b158701a3a35906",
    "0f815b91056b0c8a8ab099b20c58afaddf8e57ad75ab941463267d18b72b7ec7":  # outcomes-stages
    "32981dd43a66bc3f6832b79e68bfdf5f24ddbecd6089972cb912711661fd35a8",
    "71e4e6cd021908e6891d38e336068ed9d14b29e4ba42ac7ac6275058255fd549":  # outcomes-claims
    "b97eee64a555b7ff64646e534c60a2f0eceb4166273d02316816f69542ee30b6",
    "89c72a496c39d2e9141ceee9584a5295cf339fdee8395312d9a76d010680db3c":  # two_arm-counts-average
    "70a479aeb468b98b6c222460b8e91cb7156c8f96828849bb6e97ad7535203055",
    "26e2b996048ab1f5f92d75ce16a8c318b7374cf39eb9d83c139b448270de3aa8":  # two_arm-means-separate
    "b520f51df6618d16c0a8fd43788e5c4689954d03cc02b317429f14892d2c964e",
    "b755886ebdd99b4ceb7199049c788bd610a1b92b0f279216b1d1c0810faf22a5":  # two_arm-claim-directed
    "af506b8b9734095d19bf0c5f4ecb22009056e1c31a60bd37cd5732d234351aa1",
    "6903de9c6e5fc1dc6ed59a5ad3893f7bd200b1d6afb213ac6a0d434bb113e5bf":  # two_arm-claim-doubted
    "12ae918c91e542ca8f3b62445aa8ca0baee71b03844edf2ea082776156d2c917",
}
"""Hashes by today's rule, and those of the very same code by the rule that let names count.

What was kept before names left no trace is found again by the second. An entry is dead, and may go, as soon as the code of its
solver changes in meaning: its fingerprint is then another one, and no other gives access to what was kept.
"""


def kept_as(version: str) -> str:
    """Return the version under which numbers of a fingerprint are kept: itself, but for code that an earlier rule hashed.

    Parameters
    ----------
    version : str
        As `fingerprint` returns it.
    """
    return _EARLIER.get(version, version)
