"""CSV text into columns of text, each record with the number of the line it begins on; nothing is lost.

A record that does not fit the header (fields too many or too few, a quote that never closes, bytes that are not text)
comes back as a `Broken` line, and reading goes on with the next line. Clean stretches are framed with numpy and split
by Arrow; only a stretch with a misplaced quote is read record by record. Why: docs/decisions/0020-csv-records.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from emberlake.lake.feeds.blocks import read_block
from emberlake.lake.feeds.lines import repaired, spans, squeezed
from emberlake.lake.feeds.onebyone import read_one_by_one
from emberlake.lake.feeds.records import Layout, Records, joined
from emberlake.lake.feeds.stream import text_pieces

# Blocks below this size (bytes) with a misplaced quote are read record by record.
_SMALL = 8192


def read_records(path: str, layout: Layout) -> Iterator[Records]:
    """All records of a file, in order, a few MB at a time.

    Raises:
        SourceError: if the file cannot be read to its end.
    """
    line, rest, skip = 1, b"", layout.first - 1
    for piece in text_pieces(path, layout.encoding):
        if skip:
            starts, ends = spans(piece)
            cut = min(skip, len(ends))
            piece, skip, line = piece[ends[cut - 1] :], skip - cut, line + cut
        if piece:
            records, rest, line = split_records(rest + prepared(piece, layout), line, layout, last=False)
            yield records
    if rest:
        yield split_records(rest, line, layout, last=True)[0]


def prepared(data: bytes, layout: Layout) -> bytes:
    """Whole lines of a file the way `split_records` takes them."""
    if layout.fallback:
        data = repaired(data, layout.fallback)
    return squeezed(data) if layout.blanks else data


def split_records(data: bytes, line: int, layout: Layout, last: bool) -> tuple[Records, bytes, int]:
    """The records in some text; what is left of it because its last record is open; and that rest's line number.

    Framed in as large blocks as go: where one has a misplaced quote, smaller ones close in on it.
    """
    parts = []
    at, size, smallest = 0, len(data), _SMALL
    lone_returns = b"\r" in data and data.count(b"\r") != data.count(b"\r\n")
    fast = not (layout.escape or lone_returns)
    while at < len(data):
        end = (data.find(b"\n", at + size - 1) + 1 or len(data)) if at + size < len(data) else len(data)
        block, whole = data[at:end], end == len(data)
        found = read_block(block, line, layout, last and whole) if fast else None
        if found is None and fast and size > smallest:
            size = max(smallest, size // 8)
            continue
        records, rest, line = found or read_one_by_one(block, line, layout, last and whole)
        parts.append(records)
        at = end - len(rest)
        if whole:
            return joined(parts, layout), rest, line
        # A block that is one open record grows until it closes or is too long; others grow back.
        stuck = len(rest) == len(block)
        smallest = len(block) * 2 if stuck else _SMALL
        size = smallest if stuck else min(size * 4, len(data))
    return joined(parts, layout), b"", line
