"""Under which version numbers are kept whose code was hashed by another rule, or moved without changing a number."""

from __future__ import annotations

from collections.abc import Mapping

_EARLIER: Mapping[str, str] = {
    "7261ae728a1df7a5110df75d8396663ccaf35e1dd6ead5c3745ded82db531518":  # embryo_cluster-beta_binomial
    "3c5824256e335eb16c6ef97682bb768529ee7ed2a21e0708bbf5464340208925",
    "cacf68ce6e0d4369a9f679ac1acfa7e782b9708ae4c33c6eace6995ac254bff5":  # funnel-women
    "c1534072b3dc2b39f3909e6152de657d473ed6a117159513ad0aad058ec3b0ab",
    "911c4733dbf627749f7ab27461c7ebec4c6b3ba74aefe597516eac4da3064740":  # individual-embryos
    "4c4f09941353095fdb2f19bd09bc76668d0841126d296c5d7b158701a3a35906",
    "71529b3efa6f58132e434f5aded062e116ae4fe2d83f2646414a9946281d6000":  # joint-counts-claims
    "e21408d73fc1c98afcbf3f9dfeaf62d603ef7e029b1f127ffde63d4efd2d450f",
    "25561ffa09d055e2c4cd914e35b3d9a8897db21d39d4f4b2ad2dd4ea933a58e1":  # outcomes-stages
    "32981dd43a66bc3f6832b79e68bfdf5f24ddbecd6089972cb912711661fd35a8",
    "ed91e488d224758303d77f7a026003a40e1c4efab8578778da4e26e4bb1faa10":  # outcomes-claims
    "b97eee64a555b7ff64646e534c60a2f0eceb4166273d02316816f69542ee30b6",
    "e4e867551b407001e41d6d808150c6d096d4e8932c57de4cdc24a77b868205bb":  # two_arm-counts-average
    "70a479aeb468b98b6c222460b8e91cb7156c8f96828849bb6e97ad7535203055",
    "94cfe36b0aaf02f0d307a7f42847f7ba3fecd2215ee4d0d1ddae54ce236d5a98":  # two_arm-means-separate
    "b520f51df6618d16c0a8fd43788e5c4689954d03cc02b317429f14892d2c964e",
    "b7972d0ce95f1c4b1d5e9389b89819a7c370bfdbb96462c73546ece91a333ea9":  # two_arm-claim-directed
    "af506b8b9734095d19bf0c5f4ecb22009056e1c31a60bd37cd5732d234351aa1",
    "0134e5d3460591f2bf6dd91ca8d007f3d9eeef8d39fb40dfb159e020770b1170":  # two_arm-effect
    "65a64c2996bd4a762a59e82026d44bf2513caa36174e3fe9d4383742b580101c",
    "ccc5384b104f6aab3dcec2bb23aaeb4033eee0f3849ac3e8e9bd2c4a34bfacad":  # exact
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
