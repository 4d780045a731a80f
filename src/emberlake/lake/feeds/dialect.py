"""How a CSV file is written: delimiter, quotes, header; told by its first lines and by names that tables have."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass

from emberlake.lake.feeds.feed import BLANKS, Dialect
from emberlake.lake.feeds.stream import text_pieces
from emberlake.lake.feeds.synonyms import guess_mapping

DELIMITERS = ",;\t|^~"
_HEAD = 256 * 1024
_LINES = 400
_VALUE = re.compile(r"[-+]?[\d.,' ]*\d[\d.,%€$£ ]*|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?")

_APOSTROPHES = re.compile(r"(^|[,;\t|^~])'[^']*'([,;\t|^~]|$)")


@dataclass(frozen=True)
class Head:
    """The start of a CSV file, understood.

    Attributes:
        columns: names, made unique; `column_3` where the header has none.
        duplicates: names that the header has more than once.
        told: the first line's fields where it is no header, for messages.
        first: number of the first line with data.
    """

    delimiter: str
    quote: str
    header: bool
    columns: list[str]
    duplicates: tuple[str, ...]
    first: int
    told: tuple[str, ...] = ()
    blanks: bool = False


def read_head(path: str, encoding: str, given: Dialect, source: str) -> Head | None:
    """The dialect of a file: what is given, else what its first lines tell. None for a file without any text."""
    text = next(text_pieces(path, encoding, _HEAD), b"").decode("utf-8", "replace")
    lines = text.split("\n")
    if len(lines) > 1 and len(text) >= _HEAD // 2:
        lines = lines[:-1]
    body = [line.removesuffix("\r") for line in lines][given.skip :][:_LINES]
    if not any(line.strip() for line in body):
        return None
    delimiter, quote = _best(body, given, source)
    blanks = delimiter == BLANKS
    if blanks:
        body, delimiter = _squeezed(body), " "
    rows = _rows(body, delimiter, quote, given.escape or "")
    first_row, used = _first(body, delimiter, quote, given.escape or "")
    header = _has_header(first_row, rows[1:], source) if given.header is None else given.header
    names = first_row if header else [""] * len(first_row)
    columns, duplicates = _unique(names)
    first = given.skip + (used if header else 0) + 1
    return Head(delimiter, quote, header, columns, duplicates, first, () if header else tuple(first_row), blanks)


def _best(lines: list[str], given: Dialect, source: str) -> tuple[str, str]:
    delimiters = [given.delimiter] if given.delimiter else [*DELIMITERS, BLANKS]
    # A lone apostrophe is a letter: only whole fields in them make it the quote.
    apostrophes = sum(bool(_APOSTROPHES.search(line)) for line in lines) * 5 > len(lines)
    quotes = [given.quote] if given.quote is not None else ['"', "'"] if apostrophes else ['"']
    scored = [(_score(lines, d, q, source), -DELIMITERS.find(d), q == '"', d, q) for d in delimiters for q in quotes]
    *_, delimiter, quote = max(scored)
    return delimiter, quote


def _score(lines: list[str], delimiter: str, quote: str, source: str) -> float:
    """How much a dialect makes of some lines: same width everywhere, more columns, known names, no quotes left over."""
    if delimiter == BLANKS:
        # Texts have blanks, too: only where no other delimiter makes columns.
        return _score(_squeezed(lines), " ", quote, source) - 0.3
    # A line with an odd number of quotes is part of a longer record, or broken: it tells nothing of the width.
    whole = [line for line in lines if not quote or line.count(quote) % 2 == 0]
    rows = [row for row in _rows(whole, delimiter, quote, "") if row]
    if not rows:
        return 0.0
    width, often = Counter(len(row) for row in rows).most_common(1)[0]
    if width == 1:
        return 0.05
    steady = often / len(rows)
    header = rows[0] if len(rows[0]) == width else []
    known = len(guess_mapping(header, source)) / width if header else 0.0
    left = sum(field[:1] in "\"'" and field[-1:] == field[:1] and len(field) > 1 for row in rows for field in row)
    # A "delimiter" inside of numbers (1,50;2,50) gives steady widths too; the header's names do not fall for it.
    return steady + known + min(width, 20) / 100 - left / (len(rows) * width)


def _squeezed(lines: list[str]) -> list[str]:
    return [re.sub(r"[ \t]+", " ", line).strip(" ") for line in lines]


def _rows(lines: list[str], delimiter: str, quote: str, escape: str) -> list[list[str]]:
    csv.field_size_limit(2**31 - 1)
    try:
        return list(
            csv.reader(
                (line.replace("\r", " ") + "\n" for line in lines), delimiter=delimiter, quotechar=quote or None,
                escapechar=escape or None, quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
            )
        )  # fmt: skip
    except csv.Error:
        return []


def _first(lines: list[str], delimiter: str, quote: str, escape: str) -> tuple[list[str], int]:
    """The first record that is not blank, and how many lines it and the blank ones before it take."""
    for used in range(1, len(lines) + 1):
        if not lines[used - 1].strip():
            continue
        blank = next(i for i, line in enumerate(lines) if line.strip())
        for end in range(used, min(len(lines), used + 20) + 1):
            text = lines[blank:end]
            if not quote or sum(line.count(quote) for line in text) % 2 == 0:
                return _rows(text, delimiter, quote, escape)[0], end
        return _rows(lines[blank : blank + 1], delimiter, "", escape)[0], used
    return [], 0


def _has_header(first: list[str], rows: list[list[str]], source: str) -> bool:
    if guess_mapping([name.strip() for name in first], source):
        return True
    if any(not name.strip() or _VALUE.fullmatch(name.strip()) for name in first) or len(set(first)) < len(first):
        return False
    if not rows:
        return True
    # Words above numbers: a header. Words above words: data, unless a column tells otherwise.
    values = sum(any(_VALUE.fullmatch(cell.strip()) for cell in row) for row in rows[:100])
    return values > 0.5 * min(len(rows), 100)


def _unique(names: list[str]) -> tuple[list[str], tuple[str, ...]]:
    trimmed = [name.strip().replace("\0", "") or f"column_{place}" for place, name in enumerate(names, 1)]
    counts = Counter(trimmed)
    seen: Counter[str] = Counter()
    columns = []
    for name in trimmed:
        seen[name] += 1
        columns.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return columns, tuple(name for name, count in counts.items() if count > 1)
