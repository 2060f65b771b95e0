"""Under which version numbers are kept whose code was hashed by another rule, or moved without changing a number."""

from __future__ import annotations

from collections.abc import Mapping

_EARLIER: Mapping[str, str] = {
    "64b8c23584742b74c4c322bc4db1b3e1b6499ba92e5aee501a099b2e73a8ddfa":  # nuts
    "cc0cd4d297be9ec322e7218b4acf7681a29db357177a74184bc314881197d65a",
    "c830b642715c6089aa534f31a96196c5b6dd132cc2a7d7bd28c0a84d030c4276":  # embryo_cluster-beta_binomial
    "3c5824256e335eb16c6ef97682bb768529ee7ed2a21e0708bbf5464340208925",
    "cbf37813a0cb1b6faa69768786f0732665220bdf606860d53184b0d73bf9eb4a":  # funnel-women
    "c1534072b3dc2b39f3909e6152de657d473ed6a117159513ad0aad058ec3b0ab",
    "80ec63f33bad5dc8b853c92a081a8fc7e0893c715cde2ef7e6735815b5327138":  # individual-embryos
    "4c4f09941353095fdb2f19bd09bc76668d0841126d296c5d7b158701a3a35906",
    "7ca80f302a2a16c192fd6241c4a2bd50bdc619faf78ca31b610f2a7c8b3abfc2":  # outcomes-stages
    "32981dd43a66bc3f6832b79e68bfdf5f24ddbecd6089972cb912711661fd35a8",
    "ba57d27152462b18c254e08a0996ad97fdf12f47de4cc392e44f0e0278fe8d6d":  # outcomes-claims
    "b97eee64a555b7ff64646e534c60a2f0eceb4166273d02316816f69542ee30b6",
    "755f15204ed79c75937bafbfee5782be2b2c0129e5768f0e1d13d56794402b3e":  # two_arm-counts-average
    "70a479aeb468b98b6c222460b8e91cb7156c8f96828849bb6e97ad7535203055",
    "b4493dc20c7028b0d2c0b7d2c39a4af6afad3a96fdcadcfcf131dbb359acd308":  # two_arm-means-separate
    "b520f51df6618d16c0a8fd43788e5c4689954d03cc02b317429f14892d2c964e",
    "b839d2ab4d3822ea3a03a8dc24e77059b45f362bb34831ffda2ffb760db3ba7a":  # two_arm-claim-directed
    "af506b8b9734095d19bf0c5f4ecb22009056e1c31a60bd37cd5732d234351aa1",
}
"""Hashes of today's code, and those under which its numbers are kept.

The second are those of the very same code by the rule that let names count, or of code that the ledger (`make ledger`) found
to give the same numbers: forms and structures, quadrature, exact and embryo became rooms since, and a form for printed effects
was added, which no kept number speaks of. An entry is dead, and may go, as soon as the code of its solver changes in meaning:
its fingerprint is then another one, and no other gives access to what was kept.
"""


def kept_as(version: str) -> str:
    """Return the version under which numbers of a fingerprint are kept: itself, but for code that an earlier rule hashed.

    Parameters
    ----------
    version : str
        As `fingerprint` returns it.
    """
    return _EARLIER.get(version, version)
