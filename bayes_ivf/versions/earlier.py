"""Under which version numbers are kept whose code was hashed by another rule, or moved without changing a number."""

from __future__ import annotations

from collections.abc import Mapping

_EARLIER: Mapping[str, str] = {
    "432b5a542129471c362984f0b83ec0c1f5dc7eb202a81e82ca9adf5911e95053":  # embryo_cluster-beta_binomial
    "3c5824256e335eb16c6ef97682bb768529ee7ed2a21e0708bbf5464340208925",
    "08e746f48e83ab186617ce6c6458bedb95d422016b88b7754a505f788e88ad29":  # funnel-women
    "c1534072b3dc2b39f3909e6152de657d473ed6a117159513ad0aad058ec3b0ab",
    "6f727f251f61529bbda7d8195f17a8be9f09af5168fe693ac215f40eda0a799e":  # individual-embryos
    "4c4f09941353095fdb2f19bd09bc76668d0841126d296c5d7b158701a3a35906",
    "514b6100e359069248833389b9bdd4ddd1a3149a46fa5319f6823c756a980ad6":  # joint-counts-claims
    "e21408d73fc1c98afcbf3f9dfeaf62d603ef7e029b1f127ffde63d4efd2d450f",
    "facdf6ec76c44aa1cb887572509be7ec1ecad33adfcf4e2eb62f8c2cbef087c0":  # outcomes-stages
    "32981dd43a66bc3f6832b79e68bfdf5f24ddbecd6089972cb912711661fd35a8",
    "78859915ed36e464a8f2f89db64ba40e13eb0b148118f90c8def8233c2c997b5":  # outcomes-claims
    "b97eee64a555b7ff64646e534c60a2f0eceb4166273d02316816f69542ee30b6",
    "1fb3ca9525e548118442240ed08a58c5d5a7f3a5c418fe9fbfd1d0e58acec8c6":  # two_arm-counts-average
    "70a479aeb468b98b6c222460b8e91cb7156c8f96828849bb6e97ad7535203055",
    "beecd4aafbec35c76d0c923d1ce977ec481b1bf4dccfe10359c3e39b11bd8a14":  # two_arm-means-separate
    "b520f51df6618d16c0a8fd43788e5c4689954d03cc02b317429f14892d2c964e",
    "6b16a1e85055165471299743fcee82dad561c915f023c014d96e8643dabd86aa":  # two_arm-claim-directed
    "af506b8b9734095d19bf0c5f4ecb22009056e1c31a60bd37cd5732d234351aa1",
    "1d68dcff919d6c1553f387664c877550c1b5f9b1bd92ec3964877d37f0919e6f":  # two_arm-effect
    "65a64c2996bd4a762a59e82026d44bf2513caa36174e3fe9d4383742b580101c",
    "70c524028a28aaefc5d2137837750a7733b8a2e883020fb2d84ce35edb023411":  # exact
    "c41f685e43f3fa6d9f740e1e70d14d905bb007badbbad1e78739bf1b87c05ced",
    "67488712eeea6c9c4b4f44ae04961a1b9618845af94e8e0519d655966b346730":  # nuts
    "8e5dbe0d49a5ed9295ba0893bc9df4d7dd00112bbab087918a9bf5cef582d956",
    "69e0d7962ecfe6b443f5fa11d3cab5080c7ca747eed9a42437bef18412b5e2bf":  # joint-counts-claims
    "734faf989c08daf36fab8b784941522a8d4382acc9a70aeb616a47cce4287234",
    "920c30fd4cf2f6656b370f97f56438e0314173400482ec9bc9ea9542b68d9dc6":  # nuts
    "a3506a6c1d2dac9c776bee71d8ace9bf57325c14434c6a9091de0f75304fe8f8",
    "3eeafe85ece6e6186bcd396d59f92c08a3051718b79a0f376ee7a12743423ae5":  # two_arm-effect
    "4cafb3a39804eecdd4d9d8d2e3b0b34a33811b519f153a82499725412230df1a",
    "276fc1c2da40180e17c2ec2ec073f6e4fdc2f35aedf03c8acaa91f71b37ada84":  # exact
    "305ded34a06001bfdbc2664ff148a7d65438ed59ab7f05d6a9f28a0d55ef2017",
    "6191df819d6abfafd1824f6b3901af9e9b173731c329c4a419978d49a5c61b27":  # joint-counts-claims
    "b1f2dece2cf7b3cbf5d18e9817197fd6732853a1c7c21f1fc4910e126acd824c",
    "4cd53056fe27c5c9987144764b610760b85288c8d8c0373990be8fc2f8850253":  # outcomes-claims
    "724f48d60f45b5d350d247cf0c80b3a2c392a03018f3ff4b69dcc5d23ee3690d",
    "d37ce9c827d1c54674e492010977a82b0a532173ed0100c620a8e51a825841f8":  # two_arm-claim-directed
    "51068da5a105061bdff27bd9ea49aa81f6c318228bc6a2a217442703117cb375",
    "1ebf4c73a739702f8ac12fe735b70dd643670a05eaae94ff57067026e988c3ac":  # two_arm-effect
    "666520987fe8d3ccb80ccb7410688fc675d327e38c5625e89d8036629edb6b07",
    "ca695f26bc833da7e7227ca7e49c597761b2fd0d3c951b69eb3d4d2339298af3":  # nuts
    "b050b6bc5ec9e49f90b805d015eb37c13e23d548cf09c952dde3927f7e804eca",
    "91eec221dd306e5fa339d307ffe6a3dfaa8ed11bfff2bd53460d156a28c7922b":  # exact
    "a30228af7b06d7d76612f7f06f16d01686903d5f07fa5c517da80342fe6fdebd",
    "614aaffe2f3e5ec630ff9a2de5e8cc57519828add86fc2a2842aff223f106f87":  # two_arm-counts-average
    "cb0d17ce9b40d64b46fedae33212cb7c67a7aad9ee3df75271f61682b2c77843",
    "3646999e329e1abfcdc6e1d1941342ff0db45920f7add9a6e2bed543f96f7735":  # two_arm-p_value-directed
    "b8573dc5da9e095951c79a4ef1d7558da34727fe101e83d7a46288ce0777f739",
    "77ed1471896e1763f25985dc689371b6719bcc08795ac60013004695028220e5":  # two_arm-p_value-undirected
    "fe62979028d41ed5ec880c14034cdec78f6cd2524ec8bb61b63298d68312b834",
    "dbabca53191b8200a4509b2e912ec127d03e022ae5525559c3f235444f220480":  # embryo_cluster-beta_binomial
    "4a48db28004be25e6f20a62f2db84eee3ab36c4ce7695af663c6cfdfd4477531",
    "60b1b85719a406aebb0a3c6612549ee36cb77be31d6157864dd0692a3d85e6a4":  # funnel-women
    "d961a31137486843b2db2bd125e1961b2b21182c21c30a0674d2c091b3e91916",
    "f59634e191aee1569499d95c1d56ffb267f533e9cda8a6cd71d98baa2a82628e":  # individual-embryos
    "c57ce31ab91e25310b7e6b97ad93b446480dc422e727815782ab873346b3eeff",
    "264fa22f3c1319f131be2552a1cd49cd86545bb97fe84657375785455a1b3a6b":  # outcomes-stages
    "d76105c1648baa2e9297c23abca98f403df655ff5704b829bbd143a872fd5dac",
    "602caa1901fca3034db944280fb5ec13adddcb299205ec25754a79e119bb6500":  # two_arm-means-separate
    "53b9091e1c309844b363befeecba9e08214e42153ac8034ab63b31d47a4d680a",
    "0dd322fc8f844fbddda44e7a40954fc117eb250431385099f2b5a53c5fd16611":  # two_arm-claim-counts-directed
    "9217f6c36a3a32147b1f4ec7cdf9a94408be799011f9284d708ccac80046addc",
    "8760aaf36f131017077322c2b31cbf2696227d807bd5baa1585e8bffeba2a30b":  # two_arm-rates-poisson
    "840cb0a4d26598a32ccf28f1552af1387697b85ddf8c462dc945ec177e792af0",
    "ab10ef9f8dd2c17c758d46f9608020d0072bc5ac1fd59ff31c4d331ee24b1c9d":  # two_arm-counts-nested
    "8e9d19cbb9174dae4c40cd313f255904a40e9405950d3e61a4e9e109c7e65d95",
    "cffb87cae36749cc5437fe5dea1580180e5c40ab70fdd5e5c1645aa1c86999ef":  # exact
    "a30228af7b06d7d76612f7f06f16d01686903d5f07fa5c517da80342fe6fdebd",
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
