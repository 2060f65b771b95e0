"""Under which version numbers are kept whose code was hashed by another rule, or moved without changing a number."""

from __future__ import annotations

from collections.abc import Mapping

_EARLIER: Mapping[str, str] = {
    "e0761f853799370f96dc553c723a75930e0038f7a88535c925d33843cb989354":  # nuts
    "cc0cd4d297be9ec322e7218b4acf7681a29db357177a74184bc314881197d65a",
    "b174fb6f342ef6f7bff85eb8b1aeff850bec941784df0f55707f707e2279ed96":  # embryo_cluster-beta_binomial
    "3c5824256e335eb16c6ef97682bb768529ee7ed2a21e0708bbf5464340208925",
    "faab2491937c2e9fef70c452aceef6c3e99b709dfe720749cdf82a2b973da387":  # funnel-women
    "c1534072b3dc2b39f3909e6152de657d473ed6a117159513ad0aad058ec3b0ab",
    "b07e4b6c07128a7282e97cfced30449fba4f0ae8ebb79e9f4f63205fa1e6ae5c":  # individual-embryos
    "4c4f09941353095fdb2f19bd09bc76668d0841126d296c5d7b158701a3a35906",
    "ec4812590eead4adff048751d9f562029ce667fe3a11ae228c4bc3dce2d9cf54":  # joint-counts-claims
    "e21408d73fc1c98afcbf3f9dfeaf62d603ef7e029b1f127ffde63d4efd2d450f",
    "dfe67737dad6dfa9e9a295ad3dc8f185b4053769d0245a43f4ad2e532fcc977a":  # outcomes-stages
    "32981dd43a66bc3f6832b79e68bfdf5f24ddbecd6089972cb912711661fd35a8",
    "e7e941651b399dc238ff69e377a051497e8a15d70115f32299c543e1f12571a7":  # outcomes-claims
    "b97eee64a555b7ff64646e534c60a2f0eceb4166273d02316816f69542ee30b6",
    "b52f65516943da4fae612e7129a793e1c972600f0174af1ee8a6769921aed9bd":  # two_arm-counts-average
    "70a479aeb468b98b6c222460b8e91cb7156c8f96828849bb6e97ad7535203055",
    "3c950d70895ef35a41dd3198c966b0f05364a67862a8618d3cf8333fb7f5f251":  # two_arm-means-separate
    "b520f51df6618d16c0a8fd43788e5c4689954d03cc02b317429f14892d2c964e",
    "71300186ddd3cef1fba07d1a2de3cd7072549e46c6904edbe3edb171bff22265":  # two_arm-claim-directed
    "af506b8b9734095d19bf0c5f4ecb22009056e1c31a60bd37cd5732d234351aa1",
    "444ceb520376fccaf666c31a132ce4160aa0e59cc6920f8d3fea94f3c8981f05":  # two_arm-effect
    "65a64c2996bd4a762a59e82026d44bf2513caa36174e3fe9d4383742b580101c",
    "260f297bf1cb5330c03415b569ec540e7673b0ea1dca2f705769139a93712d99":  # exact
    "b3c67b6a176dd2b8b817aa8006c97981fc02c8acab297c65e238f8046389eedf",
}
"""Hashes of today's code, and those under which its numbers are kept.

The second are those of the very same code by the rule that let names count, or of code that the ledger (`make ledger`) found to
give the same numbers: forms and structures, quadrature, exact and embryo became rooms since; a form for printed effects was
added, which no kept number speaks of; quantities became values; the level of intervals became an argument, at whose default all
numbers are the same. An entry is dead, and may go, as soon as the code of its solver changes in meaning: its fingerprint is then
another one, and no other gives access to what was kept.
"""


def kept_as(version: str) -> str:
    """Return the version under which numbers of a fingerprint are kept: itself, but for code that an earlier rule hashed.

    Parameters
    ----------
    version : str
        As `fingerprint` returns it.
    """
    return _EARLIER.get(version, version)
