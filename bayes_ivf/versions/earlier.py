"""Under which version numbers are kept whose code was hashed by another rule, or moved without changing a number."""

from __future__ import annotations

from collections.abc import Mapping

_EARLIER: Mapping[str, str] = {
    "adf6042f4ada2fd690f2f7f3f9028035622d7865db08fa1f4dba95f199b90111":  # embryo_cluster-beta_binomial
    "3c5824256e335eb16c6ef97682bb768529ee7ed2a21e0708bbf5464340208925",
    "fd13ff06ae028fed96307e963208137d41f4fcb9383fc55ca71eced39f842a46":  # funnel-women
    "c1534072b3dc2b39f3909e6152de657d473ed6a117159513ad0aad058ec3b0ab",
    "758252d7007599ffa8e228eb678090e437715bb7528efa8275c1c3a9c1dac999":  # individual-embryos
    "4c4f09941353095fdb2f19bd09bc76668d0841126d296c5d7b158701a3a35906",
    "514b6100e359069248833389b9bdd4ddd1a3149a46fa5319f6823c756a980ad6":  # joint-counts-claims
    "e21408d73fc1c98afcbf3f9dfeaf62d603ef7e029b1f127ffde63d4efd2d450f",
    "04f6aed114273e124781ef81e417911fef1e3da54fc328d910470a51380318c9":  # outcomes-stages
    "32981dd43a66bc3f6832b79e68bfdf5f24ddbecd6089972cb912711661fd35a8",
    "237c59ed9be995b679dc5fb47f425d46c3a85db3ce938565620188bbfbf58599":  # outcomes-claims
    "b97eee64a555b7ff64646e534c60a2f0eceb4166273d02316816f69542ee30b6",
    "5784dc1bed9eb929d90096f812333dd70539c737c2bd3becc92f94c7d9cf8cbd":  # two_arm-counts-average
    "70a479aeb468b98b6c222460b8e91cb7156c8f96828849bb6e97ad7535203055",
    "b4e3e3a3c936a6b9c83bf57816bafa4d91fb0def3a8c99933e81145262edb545":  # two_arm-means-separate
    "b520f51df6618d16c0a8fd43788e5c4689954d03cc02b317429f14892d2c964e",
    "45cc48c789b174c095cfa3490618d11117425453360fa66d0742d876ddc4f019":  # two_arm-claim-directed
    "af506b8b9734095d19bf0c5f4ecb22009056e1c31a60bd37cd5732d234351aa1",
    "1d68dcff919d6c1553f387664c877550c1b5f9b1bd92ec3964877d37f0919e6f":  # two_arm-effect
    "65a64c2996bd4a762a59e82026d44bf2513caa36174e3fe9d4383742b580101c",
    "70c524028a28aaefc5d2137837750a7733b8a2e883020fb2d84ce35edb023411":  # exact
    "c41f685e43f3fa6d9f740e1e70d14d905bb007badbbad1e78739bf1b87c05ced",
    "67488712eeea6c9c4b4f44ae04961a1b9618845af94e8e0519d655966b346730":  # nuts
    "8e5dbe0d49a5ed9295ba0893bc9df4d7dd00112bbab087918a9bf5cef582d956",
    "4275b8c8dea25e8f607fa3290fb2eca9f401615993839dacb792b3e2a54c52ab":  # joint-counts-claims
    "734faf989c08daf36fab8b784941522a8d4382acc9a70aeb616a47cce4287234",
    "d01926991c8039655a586f3b9ed61888ae542bf6b7aaede6f340c049f81b6c79":  # nuts
    "a3506a6c1d2dac9c776bee71d8ace9bf57325c14434c6a9091de0f75304fe8f8",
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
