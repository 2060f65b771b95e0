"""Under which version numbers are kept whose code was hashed by another rule, or moved without changing a number."""

from __future__ import annotations

from collections.abc import Mapping

_EARLIER: Mapping[str, str] = {
    "5a2fd501a6b1007444ed70725e5141713f10bf6f7d8ea2f744c2eb4d912ecf33":  # embryo_cluster-beta_binomial
    "3c5824256e335eb16c6ef97682bb768529ee7ed2a21e0708bbf5464340208925",
    "da1aa961dbf994cd0e8726c39992709620e31be47ec74dfed340fd28af939fcd":  # funnel-women
    "c1534072b3dc2b39f3909e6152de657d473ed6a117159513ad0aad058ec3b0ab",
    "85d7baf92e790d2c5459e61f16b19f9e5658fafa2a1791f007235e624442b0f7":  # individual-embryos
    "4c4f09941353095fdb2f19bd09bc76668d0841126d296c5d7b158701a3a35906",
    "87a2fc879e8f8810a2a46a2ea7be90f88299cd940234fa80c9c1d34663ca9a4f":  # joint-counts-claims
    "e21408d73fc1c98afcbf3f9dfeaf62d603ef7e029b1f127ffde63d4efd2d450f",
    "a386a969e3479c8ae8ea75a91e9feeab90bf2280d3b45c8944f0709e03a57361":  # outcomes-stages
    "32981dd43a66bc3f6832b79e68bfdf5f24ddbecd6089972cb912711661fd35a8",
    "2c87b07a255577889e4d9dda21f6a805d7092f23eba131814aebde3632b3d604":  # outcomes-claims
    "b97eee64a555b7ff64646e534c60a2f0eceb4166273d02316816f69542ee30b6",
    "a182e6232ef355d99b8a6529266aabcccaf5d813ea58a76d8cba61c0232f012b":  # two_arm-counts-average
    "70a479aeb468b98b6c222460b8e91cb7156c8f96828849bb6e97ad7535203055",
    "bfd24d5590b3681f8d4c58432de923b38c476ace1433c3accae6619b838a177c":  # two_arm-means-separate
    "b520f51df6618d16c0a8fd43788e5c4689954d03cc02b317429f14892d2c964e",
    "b1e155b5c315b459677eff19ee12e60d207f191acf058b9a1911f8a07842dd60":  # two_arm-claim-directed
    "af506b8b9734095d19bf0c5f4ecb22009056e1c31a60bd37cd5732d234351aa1",
    "4c3dd8b5e454a0f94fb9e48bb669d47c1eb440809782e0dc6ddebb3872e9dbea":  # two_arm-p_value-directed
    "6ea4e15f3894b4ba03590c524f7504e4aef91f1c3b170a0612368738c5fc1803",
    "c387f4c84e6a7cc9018a29ac51cdedd0d93b1b8812bff83b1e147a3c31551999":  # two_arm-p_value-undirected
    "77ed1471896e1763f25985dc689371b6719bcc08795ac60013004695028220e5",
    "d630359ae8251a72aad403e8718ceff191931b1fc492e862ccb9a89180dec1fd":  # two_arm-effect
    "65a64c2996bd4a762a59e82026d44bf2513caa36174e3fe9d4383742b580101c",
    "3df671d067c6f7931d41d3bbbb16f04298247dccc53c9efe85b5e4f0e8e52b70":  # nuts
    "8e5dbe0d49a5ed9295ba0893bc9df4d7dd00112bbab087918a9bf5cef582d956",
    "866c040f0bcff9f9cc5399ef2111ab33f7536f288b3bfbc1938ff17b29bc002e":  # exact
    "c41f685e43f3fa6d9f740e1e70d14d905bb007badbbad1e78739bf1b87c05ced",
    "e5902c5c892fafa8197e73edb5b5fd688f91c2ed9d12bc5291ab6f3855c9cb52":  # two_arm-percent-evidence
    "983e226179c608a8b60b53a0c3acb2411e7e33afa0c53c0af218ce7ba49902c7",
    "60a8eeff8a5a913bad2af41734ebdce222b80a2e854c634bf8b0d8fc7463162f":  # two_arm-counts-nested
    "ab10ef9f8dd2c17c758d46f9608020d0072bc5ac1fd59ff31c4d331ee24b1c9d",
    "2998929066d7197193a98edbfb381e097044a98e4c887a2c3b33f3559973625e":  # two_arm-claim-counts-directed
    "0dd322fc8f844fbddda44e7a40954fc117eb250431385099f2b5a53c5fd16611",
    "2300138e46e7eeb2b1df90dc01add1eceb9daef4cc18f73f90b3f540338e13a9":  # two_arm-statistic-counts-directed
    "ad38d47f63d86c160bd36c8749e8ac394d9b57ad06a7232e73dcd64ec86e79cd",
    "11743d397b99de253906c4c069eef3067c73d9137cac4a7c4c80f98168731521":  # two_arm-rates-poisson
    "8760aaf36f131017077322c2b31cbf2696227d807bd5baa1585e8bffeba2a30b",
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
