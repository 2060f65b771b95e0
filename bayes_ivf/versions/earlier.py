"""Under which version numbers are kept whose code was hashed by another rule, or moved without changing a number."""

from __future__ import annotations

from collections.abc import Mapping

_EARLIER: Mapping[str, str] = {
    "dbabca53191b8200a4509b2e912ec127d03e022ae5525559c3f235444f220480":  # embryo_cluster-beta_binomial
    "3c5824256e335eb16c6ef97682bb768529ee7ed2a21e0708bbf5464340208925",
    "60b1b85719a406aebb0a3c6612549ee36cb77be31d6157864dd0692a3d85e6a4":  # funnel-women
    "c1534072b3dc2b39f3909e6152de657d473ed6a117159513ad0aad058ec3b0ab",
    "f59634e191aee1569499d95c1d56ffb267f533e9cda8a6cd71d98baa2a82628e":  # individual-embryos
    "4c4f09941353095fdb2f19bd09bc76668d0841126d296c5d7b158701a3a35906",
    "9c3ee78c7f23066a89072f753d006ad958c34e7bdbf6217bc12087a4e8daa9cc":  # joint-counts-claims
    "e21408d73fc1c98afcbf3f9dfeaf62d603ef7e029b1f127ffde63d4efd2d450f",
    "264fa22f3c1319f131be2552a1cd49cd86545bb97fe84657375785455a1b3a6b":  # outcomes-stages
    "32981dd43a66bc3f6832b79e68bfdf5f24ddbecd6089972cb912711661fd35a8",
    "4cd53056fe27c5c9987144764b610760b85288c8d8c0373990be8fc2f8850253":  # outcomes-claims
    "b97eee64a555b7ff64646e534c60a2f0eceb4166273d02316816f69542ee30b6",
    "9163364714abb90591a118426bf43a92643df6577513213800ebfcdba9978df6":  # two_arm-counts-average
    "70a479aeb468b98b6c222460b8e91cb7156c8f96828849bb6e97ad7535203055",
    "602caa1901fca3034db944280fb5ec13adddcb299205ec25754a79e119bb6500":  # two_arm-means-separate
    "b520f51df6618d16c0a8fd43788e5c4689954d03cc02b317429f14892d2c964e",
    "631826c9f7e2021fc6f9f3294b15c4ca265e14f4c4e17dd90f7621c6f454c847":  # two_arm-claim-directed
    "af506b8b9734095d19bf0c5f4ecb22009056e1c31a60bd37cd5732d234351aa1",
    "57f0a1dfeaea856a7575bc852658c96a65450ed5053f9521f16a1250b3d48327":  # two_arm-p_value-directed
    "6ea4e15f3894b4ba03590c524f7504e4aef91f1c3b170a0612368738c5fc1803",
    "45d1bfb7847bff438790231c56460726e473a2961af74a0561b12ccf2b923b59":  # two_arm-p_value-undirected
    "77ed1471896e1763f25985dc689371b6719bcc08795ac60013004695028220e5",
    "bac20a010045013dd5ff9508e81ca607edf646635978abec7d99888b08ff61cd":  # two_arm-effect
    "65a64c2996bd4a762a59e82026d44bf2513caa36174e3fe9d4383742b580101c",
    "df1182524b4f8cce899aa352b942066fb22bc0edbf1b8adcd87df292b21ee75c":  # nuts
    "8e5dbe0d49a5ed9295ba0893bc9df4d7dd00112bbab087918a9bf5cef582d956",
    "2ce1c228a413af8c55d0e38f4dae6623364d8f8fb1a83de4eeef6f0d6f4dfcd5":  # exact
    "c41f685e43f3fa6d9f740e1e70d14d905bb007badbbad1e78739bf1b87c05ced",
    "33ec3e3e99b0e40341ec4e9d19c7019e9f4e4abc924ea85b0b46be18e4a885be":  # two_arm-percent-evidence
    "983e226179c608a8b60b53a0c3acb2411e7e33afa0c53c0af218ce7ba49902c7",
    "8eaffcf1d2c64d84a437e55546502e2271235ceb5d7b265c148a23c2e43ca631":  # two_arm-counts-nested
    "ab10ef9f8dd2c17c758d46f9608020d0072bc5ac1fd59ff31c4d331ee24b1c9d",
    "56508050a556842171ad74f25607e59497b857726186b8bbc09518f95fb6bfa6":  # two_arm-claim-counts-directed
    "0dd322fc8f844fbddda44e7a40954fc117eb250431385099f2b5a53c5fd16611",
    "ba929e1381ab4b2cc9df91e97595e58731febdaffccc372a9606d3b6090a7a00":  # two_arm-statistic-counts-directed
    "ad38d47f63d86c160bd36c8749e8ac394d9b57ad06a7232e73dcd64ec86e79cd",
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
