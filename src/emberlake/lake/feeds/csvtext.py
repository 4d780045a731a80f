"""CSV text into columns of text, each record with the number of the line it begins on; nothing is lost.

A record that does not fit the header (fields too many or too few, a quote that never closes, bytes that are not text)
comes back as a `Broken` line, and reading goes on with the next line. Clean stretches are framed with numpy and split
by Arrow; only a stretch with a misplaced quote is read record by record. Why: docs/decisions/0020-csv-records.md.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from emberlake.lake.feeds.lines import (
    Broken,
    Positions,
    is_utf8,
    kept,
    not_text,
    repaired,
    shown,
    spans,
    squeezed,
    why_not_text,
)
from emberlake.lake.feeds.stream import text_pieces

# How far a record may reach before its opening quote is taken for a mistake.
LONGEST_RECORD = 1024 * 1024
MOST_LINES = 2000


@dataclass(frozen=True)
class Layout:
    """How a CSV file is written, nothing left to guess.

    Attributes:
        first: number of the first line with data, from 1.
        width: number of columns.
        blanks: columns are set apart by any number of blanks; `delimiter` is then one.
    """

    delimiter: str
    quote: str
    escape: str
    encoding: str
    fallback: str | None
    first: int
    width: int
    blanks: bool = False


@dataclass(frozen=True)
class Records:
    """Records of a stretch of a file: `columns` of text (null: nothing between the delimiters), the line that each
    begins on, and the broken lines between.
    """

    columns: list[pa.Array]
    lines: Positions
    broken: list[Broken]


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
    """The records in some text; what is left of it because its last record is open; and that rest's line number."""
    if not data:
        return _nothing(layout), b"", line
    lone_returns = b"\r" in data and data.count(b"\r") != data.count(b"\r\n")
    if layout.escape or lone_returns or not (found := _fast(data, line, layout, last)):
        return _careful(data, line, layout, last)
    return found


def _nothing(layout: Layout) -> Records:
    return Records([pa.array([], pa.string())] * layout.width, np.zeros(0, np.int64), [])


def _fast(data: bytes, line: int, layout: Layout, last: bool) -> tuple[Records, bytes, int] | None:
    """Frame all records at once; None where quotes are misplaced or one stays open too long."""
    codes = np.frombuffer(data, np.uint8)
    delimiter, breaks = codes == ord(layout.delimiter), codes == 10
    quoted = bool(layout.quote) and layout.quote.encode() in data
    newlines = np.flatnonzero(breaks)
    if quoted:
        quotes = codes == ord(layout.quote)
        inside = (np.cumsum(quotes, dtype=np.uint8) & 1).astype(np.bool_)
        if inside[-1]:
            whole = np.flatnonzero(breaks & ~inside)
            cut = int(whole[-1]) + 1 if len(whole) and not last else 0
            begun = _fast(data[:cut], line, layout, True) if cut and len(data) - cut < LONGEST_RECORD else None
            return (begun[0], data[cut:], begun[2]) if begun else None
        if not _quotes_fit(codes, quotes, inside, delimiter):
            return None
        delimiter, breaks = delimiter & ~inside, breaks & ~inside
    ends = np.flatnonzero(breaks).astype(np.int64) + 1
    if not len(ends) or ends[-1] != len(data):
        ends = np.append(ends, len(data))
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1]))
    if quoted and len(ends) and int((ends - starts).max()) > LONGEST_RECORD:
        return None
    numbers = line + np.searchsorted(newlines, starts)
    fields = np.diff(np.searchsorted(np.flatnonzero(delimiter), ends), prepend=0) + 1
    unreadable = not_text(data, starts, ends)
    blank = _blank(codes, starts, ends)
    wrong = (fields != layout.width) & ~blank
    long = np.searchsorted(newlines, ends - 1) > np.searchsorted(newlines, starts)
    if quoted and (long & (unreadable | wrong)).any():
        # Two lost quotes made one long record of good lines: only the careful way gives those back.
        return None
    broken = []
    for i in np.flatnonzero(unreadable | wrong):
        text = data[starts[i] : ends[i]]
        why = why_not_text(text) if unreadable[i] else _width(int(fields[i]), layout)
        broken.append(Broken(int(numbers[i]), shown(text), why))
    good = ~(unreadable | wrong | blank)
    columns = _split(kept(data, starts, ends, good), int(good.sum()), layout, quoted)
    if columns is None:
        return None
    return Records(columns, numbers[good], broken), b"", line + len(newlines)


def _quotes_fit(codes: np.ndarray, quotes: np.ndarray, inside: np.ndarray, delimiter: np.ndarray) -> bool:
    """Whether each quote opens or closes a field, or is one of two that mean a quote."""
    places = np.flatnonzero(quotes)
    opening, closing = places[inside[places]], places[~inside[places]]
    edge = delimiter | (codes == 10) | (codes == 13)
    before = opening[opening > 0] - 1
    after = closing[closing < len(codes) - 1] + 1
    return bool((edge[before] | quotes[before]).all() and (edge[after] | quotes[after]).all())


def _blank(codes: np.ndarray, starts: Positions, ends: Positions) -> np.ndarray:
    length = ends - starts
    length = length - (codes[ends - 1] == 10)
    return np.asarray((length == 0) | ((length == 1) & (codes[starts] == 13)))


def _width(fields: int, layout: Layout) -> str:
    return f"has {fields} field{'s' * (fields != 1)} instead of {layout.width}"


def _split(data: bytes, rows: int, layout: Layout, quoted: bool) -> list[pa.Array] | None:
    if not rows:
        return _nothing(layout).columns
    names = [str(number) for number in range(layout.width)]
    table = arrow_csv.read_csv(
        io.BytesIO(data),
        read_options=arrow_csv.ReadOptions(use_threads=False, column_names=names, block_size=len(data) + 1),
        parse_options=arrow_csv.ParseOptions(
            delimiter=layout.delimiter,
            quote_char=layout.quote if quoted else False,
            newlines_in_values=quoted,
            ignore_empty_lines=True,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), check_utf8=False, null_values=[""], strings_can_be_null=True
        ),
    )
    return [column.combine_chunks() for column in table.columns] if table.num_rows == rows else None


def _careful(data: bytes, line: int, layout: Layout, last: bool) -> tuple[Records, bytes, int]:
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
        return [], 1, _width(len(fields), layout) if taken == 1 else "has a quote that is not closed"
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
