"""A ZIP read in memory: parts are known by the ending of their names, and no path in it is ever used."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping

from bayes_ivf.errors import Fault, RequestError

MOST_MEMBERS = 5_000
MOST_BYTES = 200_000_000
"""Unpacked size of all parts that are read, together."""
MOST_PACKED = 500_000_000
"""Size of the file itself."""
MOST_RATIO = 300
"""Times that a part may grow, once it is larger than `SMALL`."""
SMALL = 1_000_000
CHUNK = 1 << 20
ALLOWED = f"a ZIP of at most {MOST_MEMBERS:,} parts and {MOST_BYTES // 1_000_000} MB unpacked"
AGAIN = "download the data package again"


def read_parts(raw: bytes, name: str, endings: Mapping[str, str]) -> dict[str, bytes]:
    """Return the parts of an archive that have the endings asked for; one archive inside is entered, none in that.

    Parameters
    ----------
    raw : bytes
    name : str
        Of the file, for messages.
    endings : mapping of str to str
        What to call a part, by how its name ends, in lower case.

    Returns
    -------
    dict of str to bytes

    Raises
    ------
    RequestError
        If it is no archive, damaged, encrypted, too large, or has two parts of one ending.
    """
    found: dict[str, bytes] = {}
    left = [MOST_BYTES]
    for ending, content in _parts(raw, name, (*endings, ".zip"), left, inner=True):
        kind = endings[ending]
        if kind in found:
            what = f"two parts that end in {ending}"
            raise RequestError(Fault(name, what, "the data package of one review", "give each review by itself"))
        found[kind] = content
    return found


def _parts(
    raw: bytes, name: str, endings: tuple[str, ...], left: list[int], *, inner: bool
) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            members = packed.infolist()
            if len(members) > MOST_MEMBERS:
                raise RequestError(Fault(name, f"{len(members):,} parts", ALLOWED, AGAIN))
            for member in members:
                low = member.filename.lower()
                ending = next((each for each in endings if low.endswith(each)), None)
                if ending is None or member.is_dir() or (ending == ".zip" and not inner):
                    continue
                content = _content(packed, member, name, left)
                if ending != ".zip":
                    yield ending, content
                else:
                    yield from _parts(content, name, endings, left, inner=False)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, RuntimeError) as reason:
        found = f"no readable ZIP ({type(reason).__name__})"
        raise RequestError(Fault(name, found, ALLOWED, AGAIN)) from None


def _content(packed: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, left: list[int]) -> bytes:
    """Unpack a part piece by piece, since what an archive says of its sizes need not be true."""
    if member.flag_bits & 1:
        raise RequestError(
            Fault(name, "a part behind a password", "a ZIP without a password", "unpack and pack it again")
        )
    most = max(SMALL, MOST_RATIO * member.compress_size)
    pieces, size = [], 0
    with packed.open(member) as part:
        while piece := part.read(CHUNK):
            size += len(piece)
            if size > min(most, left[0]):
                found = f"a part that unpacks to more than {min(most, left[0]):,} bytes"
                raise RequestError(Fault(name, found, ALLOWED, AGAIN))
            pieces.append(piece)
    left[0] -= size
    return b"".join(pieces)
