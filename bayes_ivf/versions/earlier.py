"""Under which version numbers are kept whose code was hashed by another rule, or moved without changing a number."""

from __future__ import annotations

from collections.abc import Mapping

_EARLIER: Mapping[str, str] = {
    "696502c113113d7e820545744df1f165c1d03618a9c3372c4dd5c1aadba4781a":  # exact
    "9ea021d46e84b11558166f5d6c955a599caba9e9ec1491ce7f40aa450b8d9508",
    "f66c19e7b9c0f8475d9a81986a0bb9283746ffcbc17b390e7b428c042f761887":  # nuts
    "cc0cd4d297be9ec322e7218b4acf7681a29db357177a74184bc314881197d65a",
    "3d734c6c9047e6ed134cd362ee013326e8974ed9b535546d779f8449f31c53be":  # embryo_cluster-beta_binomial
    "3c5824256e335eb16c6ef97682bb768529ee7ed2a21e0708bbf5464340208925",
    "509d841113de70031a099537dceab7d5b8c2224ebe2a24c24afd9f264f27c8fa":  # funnel-women
    "c1534072b3dc2b39f3909e6152de657d473ed6a117159513ad0aad058ec3b0ab",
    "a9c5d64bca822e3d85ef75c2a888b1acdf401d77c1f56505f5e784c9e6158b58":  # individual-embryos
    "4c4f09941353095fdb2f19bd09bc76668d0841126d296c5d7b158701a3a35906",
    "1c35467a6c3399269e2a4881143cf9fcb062fa683a7cd5837fba7beec9e0ac31":  # outcomes-stages
    "32981dd43a66bc3f6832b79e68bfdf5f24ddbecd6089972cb912711661fd35a8",
    "d9a65cea39b99b96d77585cb46c9796a6c82ac52166f78ee8143ad4eaf712d00":  # outcomes-claims
    "b97eee64a555b7ff64646e534c60a2f0eceb4166273d02316816f69542ee30b6",
    "edecbcd687930fd8a27ac25c91047ce36fd4274835ed5e528f07d5971da62ea6":  # two_arm-counts-average
    "70a479aeb468b98b6c222460b8e91cb7156c8f96828849bb6e97ad7535203055",
    "ad5c2f1ee3ef0f29bb3120c0e082618762d1d94f15323aaf43e835edec2a65d0":  # two_arm-means-separate
    "b520f51df6618d16c0a8fd43788e5c4689954d03cc02b317429f14892d2c964e",
    "61d12ae6ff412a0338b140639079fa331731a73263a1121cf154151da01d38c5":  # two_arm-claim-directed
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
