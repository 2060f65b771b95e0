"""Under which version numbers are kept whose code was hashed by another rule, or moved without changing a number."""

from __future__ import annotations

from collections.abc import Mapping

_EARLIER: Mapping[str, str] = {
    "1fb2bd1eed204a29bad04a193e2dc2203b1925ece1d26d76ce7e9dff47207625":  # nuts
    "cc0cd4d297be9ec322e7218b4acf7681a29db357177a74184bc314881197d65a",
    "eb90fde70cf8a3a25e1a19140ee571c266e2f678f9cca59bea3ca8ec7d5e6f77":  # embryo_cluster-beta_binomial
    "68d3ea48fc5a1664bf954c61b492099c6608815750f7b4cb08507aa694facd68",
    "413e52963b057f39d97e9f80b25781a59d9a1842300ba1589ada6ffcbc9e9645":  # funnel-women
    "2eb14e69aa11c9fb1ab514a2af4267df152709dc86733124ea97ae72d26e4a67",
    "8fe1a1f6d91647254e6445d8b80ac9a5d00531aa6bba980531267a8911549683":  # individual-embryos
    "bbb03c63e957291f459760ed3ab2a683509c187408377d714e92947dcd35e051",
    "ec5853214c475744b5ae54a95b13624c27b81cb298d9715aac99b91958f37db0":  # outcomes-stages
    "95d1aeb374ad0c2d7b9cf96788cec6055d149c3104acb036c7c1b85f6fcf51b5",
    "71bc528f9c3ec67892a6448c008137599bd730dae0aaaa2089c34fcdf0c4abcb":  # outcomes-claims
    "310d2432f000fa4bfb81b2b0abd73a557d175d605441fc4e3ad983f1857447cf",
    "d90019dd7583f620aad471a231df492514ed6d6345650f5315d7bad7ef4f6d11":  # two_arm-counts-average
    "f7ffbe8dce0789b4ed56f0cabedea55932f1fdd36a997508e180f24a9e14eb25",
    "90237e95b3ff45c1340c3cf1c8569eb534892a333494bbe250d5027409416803":  # two_arm-means-separate
    "387ad03b538efa6670ddf65c823ca2851b8487be2668058ee83bf5fe40deebc8",
    "4bf7c976586f7fb9d88786c1753a8267549f9d5da0160bd4f2ea73fdfe21ce18":  # two_arm-claim-directed
    "0ac596b6febf0e6ed8009f3875ed932484c213bdce585fe665ea6c3461314592",
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
