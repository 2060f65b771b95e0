"""Under which version numbers are kept whose code was hashed by another rule, or moved without changing a number."""

from __future__ import annotations

from collections.abc import Mapping

_EARLIER: Mapping[str, str] = {
    "60aac9d4544fbbfc081da2473eb23b3090857135aa56aa757bbd8e3785a35e53":  # nuts
    "cc0cd4d297be9ec322e7218b4acf7681a29db357177a74184bc314881197d65a",
    "8d991c78e16a3ea4bac22e7882936ae9949524807c1df8574754de5a171a6e5e":  # embryo_cluster-beta_binomial
    "3c5824256e335eb16c6ef97682bb768529ee7ed2a21e0708bbf5464340208925",
    "9bb7895f170c30956487bda4fb25adff5ecbb8280ab9d0ad42f23dcc3533dc08":  # funnel-women
    "c1534072b3dc2b39f3909e6152de657d473ed6a117159513ad0aad058ec3b0ab",
    "266f8c296994a15373d40f7b162377d760a929a3d4bdecf1d1bf8c0887edcdb2":  # individual-embryos
    "4c4f09941353095fdb2f19bd09bc76668d0841126d296c5d7b158701a3a35906",
    "0351ce0f0f4c22926b6ba36beba38be5f00fc41def9835a9293c4e2866944e73":  # joint-counts-claims
    "e21408d73fc1c98afcbf3f9dfeaf62d603ef7e029b1f127ffde63d4efd2d450f",
    "e1e6a9a2ab16843971e8cdd962bdb6162e8ae2c59e25583645be65ea843777a5":  # outcomes-stages
    "32981dd43a66bc3f6832b79e68bfdf5f24ddbecd6089972cb912711661fd35a8",
    "826f471445ed7bda157a32530b62128eac4dc37633503d3e9c55624969d33374":  # outcomes-claims
    "b97eee64a555b7ff64646e534c60a2f0eceb4166273d02316816f69542ee30b6",
    "7e980472ea106ae9d23e2e8947867cf9df945370125d6279cca417e52984039c":  # two_arm-counts-average
    "70a479aeb468b98b6c222460b8e91cb7156c8f96828849bb6e97ad7535203055",
    "8ea1a1f747fb24e0952d944a54f686b9b90e39036ab490705c4a51cc40f3525a":  # two_arm-means-separate
    "b520f51df6618d16c0a8fd43788e5c4689954d03cc02b317429f14892d2c964e",
    "efedb11e86bbe3061cd832d5a00bc5c72f5668a468c82d9647257d18f51d6729":  # two_arm-claim-directed
    "af506b8b9734095d19bf0c5f4ecb22009056e1c31a60bd37cd5732d234351aa1",
    "a192405d3e04ac31e814e572ab0ab75a57eaedacc9d3be0fcab44d391d9e2339":  # exact
    "352c8f7b8ca0457ba320db54faa300cc81c6272a45a9385af157f8edd1b45708",
}
"""Hashes of today's code, and those under which its numbers are kept.

The second are those of the very same code by the rule that let names count, or of code that the ledger (`make ledger`) found
to give the same numbers: forms and structures, quadrature, exact and embryo became rooms since; a form for printed effects was
added, which no kept number speaks of; quantities became values; the level of intervals became an argument, at whose default all
numbers are the same. An entry is dead, and may go, as soon as the code of its solver changes in meaning: its fingerprint is then another one, and no
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
