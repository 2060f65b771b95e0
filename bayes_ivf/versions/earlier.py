"""Under which version numbers are kept whose code was hashed by another rule, or moved without changing a number."""

from __future__ import annotations

from collections.abc import Mapping

_EARLIER: Mapping[str, str] = {
    "8d492eb3c8cc77560abdab28f2ddad2e43fcbaf389021226a77295bdcdf1bd33":  # embryo_cluster-beta_binomial
    "3c5824256e335eb16c6ef97682bb768529ee7ed2a21e0708bbf5464340208925",
    "e8b26274520b53db5debb4574763f98ce7fc39f7ccaedf9082c1b576f820cef6":  # funnel-women
    "c1534072b3dc2b39f3909e6152de657d473ed6a117159513ad0aad058ec3b0ab",
    "8ce79f66ab816c598b311400459bf7bb67179ae64953b6951b4ba0c84ebd0def":  # individual-embryos
    "4c4f09941353095fdb2f19bd09bc76668d0841126d296c5d7b158701a3a35906",
    "ea76009c802e4ed826a0333bc305e05e0637dd7acd1b51ea76380ed2edfd3ac2":  # joint-counts-claims
    "e21408d73fc1c98afcbf3f9dfeaf62d603ef7e029b1f127ffde63d4efd2d450f",
    "ecb50c4b6117b92488df257337c605b38fea132b38ed070a67089dd7e25eccad":  # outcomes-stages
    "32981dd43a66bc3f6832b79e68bfdf5f24ddbecd6089972cb912711661fd35a8",
    "fe6dd978e285f9b0784d1b01467b5ecb9306b61728cb78b04cb998085f40d655":  # outcomes-claims
    "b97eee64a555b7ff64646e534c60a2f0eceb4166273d02316816f69542ee30b6",
    "cf39c15eceaeb6558cc6dd8ea7008e63d7d9f10834ebde1d8187f94de178e41f":  # two_arm-counts-average
    "70a479aeb468b98b6c222460b8e91cb7156c8f96828849bb6e97ad7535203055",
    "bbb504237b042188d200d844433c2be74eb3c9e37c830f6a16242a91ca53124a":  # two_arm-means-separate
    "b520f51df6618d16c0a8fd43788e5c4689954d03cc02b317429f14892d2c964e",
    "9ab227d934b4b07f57b74e4b28cfb60b41684407446a9f7b7038ed258f3d085e":  # two_arm-claim-directed
    "af506b8b9734095d19bf0c5f4ecb22009056e1c31a60bd37cd5732d234351aa1",
    "b48ac9f42ba1abe59cd6392f24d19aac5203ba0f84ed847aea6e6da6afec0721":  # two_arm-effect
    "65a64c2996bd4a762a59e82026d44bf2513caa36174e3fe9d4383742b580101c",
    "d298db242eba82b7d12ab35cb4e9f36f1456acec2e63e64c384c982660eff4cc":  # nuts
    "8753537e8b388723a1ba40915fcca4ea07a0160f91e777d5e5a37202a086e992",
    "e42e8e0d9c1aaa0809029b6748421019005a27a92e768c0ae6f1b1d0d8a2e424":  # exact
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
