"""Works behind the methods, with their DOIs: cited where a run used what they describe."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """A work that a methods section cites.

    Parameters
    ----------
    name : str
        Authors and year, or what it stands behind.
    doi : str
    """

    name: str
    doi: str

    @property
    def text(self) -> str:
        """Name and DOI, as cited."""
        return f"{self.name}, doi {self.doi}"


FISHER = Source("Fisher 1935", "10.2307/2342435")
RAO = Source("Rao and Scott 1992", "10.2307/2532311")
NEWCOMBE = Source("Newcombe 1998", "10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I")
WELCH = Source("Welch 1947", "10.1093/biomet/34.1-2.28")
GRIM = Source("Brown and Heathers 2017", "10.1177/1948550616673876")
QUADRATURE = Source("Trefethen 2008", "10.1137/060659831")
DIAGNOSTICS = Source("Vehtari et al. 2021", "10.1214/20-BA1221")
METHODS = (FISHER, NEWCOMBE, WELCH, GRIM, QUADRATURE, DIAGNOSTICS)
"""Each is cited in a docstring of the code that uses it."""

PYMC = Source("Abril-Pla et al. 2023", "10.7717/peerj-cs.1516")
ARVIZ = Source("Kumar et al. 2019", "10.21105/joss.01143")
NUMPY = Source("Harris et al. 2020", "10.1038/s41586-020-2649-2")
SCIPY = Source("Virtanen et al. 2020", "10.1038/s41592-019-0686-2")
SOFTWARE = {"pymc": PYMC, "arviz": ARVIZ, "numpy": NUMPY, "scipy": SCIPY}
"""By the name of the package in the versions of a run."""
