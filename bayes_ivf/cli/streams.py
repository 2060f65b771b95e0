"""Standard streams of a process that may lose their reader: what is printed then is lost, and the work goes on."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


def outlive_readers() -> None:
    """Put streams in place of stdout and stderr that no reader, such as ``head``, ends by reading enough; terminals stay."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper) and not stream.isatty():
            stream.flush()
            raw = io.BufferedWriter(_Outliving(stream.fileno(), "w", closefd=False))
            setattr(sys, name, io.TextIOWrapper(raw, encoding="utf-8", errors="replace", line_buffering=True))


class _Outliving(io.FileIO):
    """A file descriptor that leads nowhere once nobody reads what is written to it."""

    def write(self, data: ReadableBuffer, /) -> int:
        """Write, or drop what nobody reads."""
        try:
            return super().write(data)
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            return super().write(data)
