"""Under which version numbers are kept whose code was hashed by another rule, or moved without changing a number."""

from __future__ import annotations

from collections.abc import Mapping

_EARLIER: Mapping[str, str] = {
    "0f2a7969ce6b4f5de02bc8432a5ec19b20c450733b33f0f20989e8b42b14f22a":  # exact
    "9ea021d46e84b11558166f5d6c955a599caba9e9ec1491ce7f40aa450b8d9508",
    "efe7452ef12fe2359a9ce6677554ec6b4e069e0397d453039f6e4f22bb85e9e6":  # nuts
    "cc0cd4d297be9ec322e7218b4acf7681a29db357177a74184bc314881197d65a",
    "eb90fde70cf8a3a25e1a19140ee571c266e2f678f9cca59bea3ca8ec7d5e6f77":  # embryo_cluster-beta_binomial
    "3c5824256e335eb16c6ef97682bb768529ee7ed2a21e0708bbf5464340208925",
    "413e52963b057f39d97e9f80b25781a59d9a1842300ba1589ada6ffcbc9e9645":  # funnel-women
    "c1534072b3dc2b39f3909e6152de657d473ed6a117159513ad0aad058ec3b0ab",
    "8fe1a1f6d91647254e6445d8b80ac9a5d00531aa6bba980531267a8911549683":  # individual-embryos
    "4c4f09941353095fdb2f19bd09bc76668d0841126d296c5d7b158701a3a35906",
    "ec5853214c475744b5ae54a95b13624c27b81cb298d9715aac99b91958f37db0":  # outcomes-stages
    "32981dd43a66bc3f6832b79e68bfdf5f24ddbecd6089972cb912711661fd35a8",
    "71bc528f9c3ec67892a6448c008137599bd730dae0aaaa2089c34fcdf0c4abcb":  # outcomes-claims
    "b97eee64a555b7ff64646e534c60a2f0eceb4166273d02316816f69542ee30b6",
    "d90019dd7583f620aad471a231df492514ed6d6345650f5315d7bad7ef4f6d11":  # two_arm-counts-average
    "70a479aeb468b98b6c222460b8e91cb7156c8f96828849bb6e97ad7535203055",
    "90237e95b3ff45c1340c3cf1c8569eb534892a333494bbe250d5027409416803":  # two_arm-means-separate
    "b520f51df6618d16c0a8fd43788e5c4689954d03cc02b317429f14892d2c964e",
    "4bf7c976586f7fb9d88786c1753a8267549f9d5da0160bd4f2ea73fdfe21ce18":  # two_arm-claim-directed
    "af506b8b9734095d19bf0c5f4ecb22009056e1c31a60bd37cd5732d234351aa1",
}
"""Hashes of today's code, and those under which its numbers are kept.

The second are those of the very same code by the rule that let names count, or of code that the ledger (`make ledger`) found
to give the same numbers: forms and structures, quadrature, exact and embryo became rooms since. An entry is dead, and may go,
as soon as the code of its solver changes in meaning: its fingerprint is then another one, and no other gives access to what
was kept.
"""


def kept_as(version: str) -> str:
    """Return the version under which numbers of a fingerprint are kept: itself, but for code that an earlier rule hashed.

    Parameters
    ----------
    version : str
        As `fingerprint` returns it.
    """
    return _EARLIER.get(version, version)
