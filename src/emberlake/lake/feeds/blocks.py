"""Framing and splitting a clean block of CSV at once: numpy finds the records, Arrow splits them."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from emberlake.lake.feeds.lines import Broken, Flags, Positions, kept, not_text, shown, why_not_text
from emberlake.lake.feeds.records import LONGEST_RECORD, Layout, Records, nothing, wrong_width


def read_block(data: bytes, line: int, layout: Layout, last: bool) -> tuple[Records, bytes, int] | None:
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
            begun = read_block(data[:cut], line, layout, True) if cut and len(data) - cut < LONGEST_RECORD else None
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
        why = why_not_text(text) if unreadable[i] else wrong_width(int(fields[i]), layout)
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


def _blank(codes: np.ndarray, starts: Positions, ends: Positions) -> Flags:
    length = ends - starts
    length = length - (codes[ends - 1] == 10)
    return np.asarray((length == 0) | ((length == 1) & (codes[starts] == 13)))


def _split(data: bytes, rows: int, layout: Layout, quoted: bool) -> list[pa.Array] | None:
    if not rows:
        return nothing(layout).columns
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
