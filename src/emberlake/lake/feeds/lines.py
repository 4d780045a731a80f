"""Lines of a piece of text as positions, and which of them cannot be read as text."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Positions = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Broken:
    """A line that could not be split into columns: its number in the file, its text, and why."""

    line: int
    text: str
    why: str


def spans(data: bytes) -> tuple[Positions, Positions]:
    """Where each line begins and where the next one does."""
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == 10).astype(np.int64) + 1
    if not len(ends) or ends[-1] != len(data):
        ends = np.append(ends, len(data))
    return np.concatenate((np.zeros(1, np.int64), ends[:-1])), ends


def not_text(data: bytes, starts: Positions, ends: Positions) -> Flags:
    """Lines that are not UTF-8 or have a NUL byte."""
    bad = np.zeros(len(starts), np.bool_)
    if data.find(0) >= 0:
        nul = np.flatnonzero(np.frombuffer(data, np.uint8) == 0)
        bad[np.searchsorted(ends, nul, "right")] = True
    if not is_utf8(data):
        # Only lines with bytes above 127 can be wrong: look at those one by one.
        high = np.flatnonzero(np.frombuffer(data, np.uint8) > 127)
        for index in np.unique(np.searchsorted(ends, high, "right")):
            bad[index] = bad[index] or not is_utf8(data[starts[index] : ends[index]])
    return bad


def is_utf8(data: bytes) -> bool:
    """Whether bytes are valid UTF-8."""
    try:
        data.isascii() or data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def why_not_text(line: bytes) -> str:
    """What makes a line unreadable, in a few words."""
    return "has a NUL byte" if 0 in line else "is not text in the file's encoding"


def shown(line: bytes) -> str:
    """A line's text without its end; bytes that are not text as hex escapes, so that nothing is lost."""
    line = line[:-1] if line.endswith(b"\n") else line
    line = line[:-1] if line.endswith(b"\r") else line
    return line.decode("utf-8", "backslashreplace")


def repaired(data: bytes, fallback: str) -> bytes:
    """The text with each line that is not UTF-8 read in another encoding."""
    if is_utf8(data):
        return data
    lines = data.splitlines(keepends=True) if b"\r" not in data else data.split(b"\n")
    ends = b"" if b"\r" not in data else b"\n"
    return ends.join(line if is_utf8(line) else line.decode(fallback, "replace").encode() for line in lines)


def squeezed(data: bytes) -> bytes:
    """Lines with one blank in place of many, and none at their ends: columns set apart by blanks become delimited."""
    return re.sub(rb"(?m)^ +| +(?=\r?$)", b"", re.sub(rb"[ \t]+", b" ", data))


def kept(data: bytes, starts: Positions, ends: Positions, good: Flags) -> bytes:
    """Only the good lines' bytes, in order."""
    if good.all():
        return data
    mask = np.repeat(good, ends - starts)
    return np.frombuffer(data, np.uint8)[mask].tobytes()


def as_strings(data: bytes, starts: Positions, ends: Positions) -> pa.Array:
    """Neighbouring lines as one Arrow string column without copying the text."""
    offsets = np.append(starts, ends[-1:] if len(ends) else [0]).astype(np.int64)
    column = pa.LargeStringArray.from_buffers(len(starts), pa.py_buffer(offsets), pa.py_buffer(data))
    return column.cast(pa.string())
