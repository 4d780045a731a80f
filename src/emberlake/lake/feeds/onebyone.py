"""Reading CSV record by record, where quotes are misplaced: what cannot be read costs its own line only."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from emberlake.lake.feeds.lines import Broken, is_utf8, shown, why_not_text
from emberlake.lake.feeds.records import LONGEST_RECORD, MOST_LINES, Layout, Records, wrong_width


def read_one_by_one(data: bytes, line: int, layout: Layout, last: bool) -> tuple[Records, bytes, int]:
    """Record by record: a quote that never closes costs its own line only."""
    lines = data.split(b"\n")
    ended = lines[-1] == b""
    if ended:
        lines.pop()
    rows: list[list[str]] = []
    numbers: list[int] = []
    broken: list[Broken] = []
    at = 0
    while at < len(lines):
        fields, used, why = _record(lines, at, layout)
        if used > len(lines) - at:
            # Open at the end of the text: wait for more, unless there is none or it is too long to be meant.
            rest = b"\n".join(lines[at:]) + (b"\n" if ended else b"")
            if not last and len(rest) < LONGEST_RECORD and len(lines) - at < MOST_LINES:
                return _listed(rows, numbers, broken, layout), rest, line + at
            used, why = 1, "has a quote that is not closed"
        if why:
            broken.append(Broken(line + at, shown(lines[at]), why))
        elif fields:
            rows.append(fields)
            numbers.append(line + at)
        at += used
    return _listed(rows, numbers, broken, layout), b"", line + len(lines)


def _record(lines: list[bytes], at: int, layout: Layout) -> tuple[list[str], int, str]:
    """The fields of the record that begins on a line, how many lines it takes, and why it cannot be read ("": it can).

    More lines than there are means that it is open at the end.
    """
    taken = 0
    size = 0

    def feed() -> Iterator[str]:
        nonlocal taken, size
        for text in lines[at : at + MOST_LINES]:
            taken += 1
            size += len(text)
            if size > LONGEST_RECORD and taken > 1:
                return
            ending = "\n" if at + taken <= len(lines) else ""
            yield text.decode("utf-8", "surrogateescape") + ending

    first = lines[at].removesuffix(b"\r")
    if not first:
        return [], 1, ""
    if 0 in first or not is_utf8(first):
        return [], 1, why_not_text(first)
    if not layout.escape and b"\r" not in first and (not layout.quote or layout.quote.encode() not in first):
        plain = first.decode().split(layout.delimiter)
        return (plain, 1, "") if len(plain) == layout.width else ([], 1, wrong_width(len(plain), layout))
    # The module's own limit of 128 KB a field would refuse a long text.
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(
        feed(), delimiter=layout.delimiter, quotechar=layout.quote or None, escapechar=layout.escape or None,
        quoting=csv.QUOTE_MINIMAL if layout.quote else csv.QUOTE_NONE, strict=True,
    )  # fmt: skip
    try:
        fields = next(reader)
    except csv.Error as e:
        if "end of data" in str(e) and at + taken >= len(lines) and taken < MOST_LINES and size <= LONGEST_RECORD:
            return [], len(lines) - at + 1, ""
        return [], 1, "has a quote in the middle of a field or one that is not closed"
    whole = lines[at : at + taken]
    if taken > 1 and not all(is_utf8(text) and 0 not in text for text in whole):
        return [], 1, "has a quote that is not closed"
    if len(fields) != layout.width:
        return [], 1, wrong_width(len(fields), layout) if taken == 1 else "has a quote that is not closed"
    return fields, taken, ""


def _listed(rows: list[list[str]], numbers: list[int], broken: list[Broken], layout: Layout) -> Records:
    columns = list(zip(*rows, strict=True)) if rows else [()] * layout.width
    return Records(
        [pa.array([text or None for text in column], pa.string()) for column in columns],
        np.array(numbers, np.int64),
        broken,
    )


def complaint(text: str, layout: Layout) -> str:
    """Why a single line could not be split."""
    if "\0" in text:
        return why_not_text(b"\0")
    if "\\x" in text:
        return why_not_text(b"")
    return _record([text.encode()], 0, layout)[2] or "has a quote that is not closed"
