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
    "614aaffe2f3e5ec630ff9a2de5e8cc57519828add86fc2a2842aff223f106f87":  # two_arm-counts-average
    "70a479aeb468b98b6c222460b8e91cb7156c8f96828849bb6e97ad7535203055",
    "602caa1901fca3034db944280fb5ec13adddcb299205ec25754a79e119bb6500":  # two_arm-means-separate
    "b520f51df6618d16c0a8fd43788e5c4689954d03cc02b317429f14892d2c964e",
    "d37ce9c827d1c54674e492010977a82b0a532173ed0100c620a8e51a825841f8":  # two_arm-claim-directed
    "af506b8b9734095d19bf0c5f4ecb22009056e1c31a60bd37cd5732d234351aa1",
    "4f0cba23fcf3770c087c38fb788de14a363c0c2fc64ca1ebdad8a22dc063de3d":  # two_arm-p_value-directed
    "6ea4e15f3894b4ba03590c524f7504e4aef91f1c3b170a0612368738c5fc1803",
    "6117410aa16dc3aa469de1211683fe7e2a78e292ba644c4c9d6492fa919a031d":  # two_arm-p_value-undirected
    "77ed1471896e1763f25985dc689371b6719bcc08795ac60013004695028220e5",
    "1ebf4c73a739702f8ac12fe735b70dd643670a05eaae94ff57067026e988c3ac":  # two_arm-effect
    "65a64c2996bd4a762a59e82026d44bf2513caa36174e3fe9d4383742b580101c",
    "bbe133078ce5e604be40bb15f38feb567a9f75730ad80da4728fdc20a13e64f5":  # nuts
    "8e5dbe0d49a5ed9295ba0893bc9df4d7dd00112bbab087918a9bf5cef582d956",
    "2eb11699ed2cce646888c92474979ef5f43c976582ecfd616e519d512a741d6e":  # exact
    "c41f685e43f3fa6d9f740e1e70d14d905bb007badbbad1e78739bf1b87c05ced",
    "984eae412fe2d3323622765441893f9303243182370eb437ba8faafe3bb5d6c0":  # two_arm-percent-evidence
    "983e226179c608a8b60b53a0c3acb2411e7e33afa0c53c0af218ce7ba49902c7",
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
