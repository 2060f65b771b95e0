"""What a job gives back: the numbers of several fits as arrays, and the bytes in which they are kept."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from bayes_ivf import defaults
from bayes_ivf.effects import FIELDS
from bayes_ivf.estimand_id import EstimandId
from bayes_ivf.results import EVIDENCE_NUMBERS, ci_prob_of

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Part:
    """Numbers of some fits of one engine.

    Parameters
    ----------
    engine : {"exact", "nuts"}
    keys : tuple of bytes
        One per fit; see `cells.fit_key`.
    ids : tuple of EstimandId
        Quantities, the same for all fits; one that a fit does not have is NaN.
    figures : array, shape (fit, quantity, field)
        In the order of `effects.FIELDS`.
    levels, reasons : tuple of str
        The verdict of each fit: ``pass, warn, fail``, and why.
    evidence : array, shape (fit, 3)
        Log marginal likelihood, log Bayes factor and that of another null; NaN where undefined or not asked.
    summaries : bool
        False where probabilities alone were asked.
    ci_prob : float
        Probability of the intervals, as far as there are any.
    trees : mapping of int to bytes
        netCDF files of kept draws, by place among the fits; travels from worker to writer and is not part of `encode`.
    seconds : float
        That the job took in its worker; no part of `encode` either.
    """

    engine: str
    keys: tuple[bytes, ...]
    ids: tuple[EstimandId, ...]
    figures: Array
    levels: tuple[str, ...]
    reasons: tuple[str, ...]
    evidence: Array
    summaries: bool = True
    ci_prob: float = defaults.CI_PROB
    trees: dict[int, bytes] = field(default_factory=dict)
    seconds: float = 0.0


def encode(part: Part) -> bytes:
    """Return a part as bytes: a line of JSON, then little-endian numbers."""
    header = {
        "engine": part.engine,
        "fields": FIELDS,
        "keys": [key.hex() for key in part.keys],
        "names": [each.text for each in part.ids],
        "levels": part.levels,
        "reasons": part.reasons,
        "summaries": part.summaries,
        "ci_prob": part.ci_prob,
    }
    numbers = (np.ascontiguousarray(values, dtype="<f8").tobytes() for values in (part.figures, part.evidence))
    return json.dumps(header, separators=(",", ":")).encode() + b"\n" + b"".join(numbers)


def decode(body: bytes) -> Part:
    """Return the part of some bytes whose checksum was found right.

    Raises
    ------
    ValueError, KeyError, TypeError
        If they are no part, or one of another version.
    """
    line, _, numbers = body.partition(b"\n")
    header = json.loads(line)
    if tuple(header["fields"]) != FIELDS:
        raise ValueError("a part with other fields")
    fits, ids = len(header["keys"]), tuple(EstimandId.parse(str(text)) for text in header["names"])
    values = np.frombuffer(numbers, dtype="<f8").astype(float)
    split = fits * len(ids) * len(FIELDS)
    return Part(
        engine=header["engine"],
        keys=tuple(bytes.fromhex(key) for key in header["keys"]),
        ids=ids,
        figures=values[:split].reshape(fits, len(ids), len(FIELDS)),
        levels=tuple(header["levels"]),
        reasons=tuple(header["reasons"]),
        evidence=values[split:].reshape(fits, EVIDENCE_NUMBERS),
        summaries=bool(header["summaries"]),
        ci_prob=ci_prob_of(header),
    )


def checksum(body: bytes) -> bytes:
    """Return the SHA-256 of some bytes."""
    return hashlib.sha256(body).digest()
