"""What one file is: format, encoding, dialect, columns, and the plan that reads it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from emberlake.errors import SourceError
from emberlake.lake.feeds.csvtext import prepared, split_records
from emberlake.lake.feeds.dialect import read_head
from emberlake.lake.feeds.encoding import guess_encoding
from emberlake.lake.feeds.feed import Dialect, Feed
from emberlake.lake.feeds.files import format_of, unreadable
from emberlake.lake.feeds.guesses import Guess, improve
from emberlake.lake.feeds.lines import spans
from emberlake.lake.feeds.plan import Plan, make_plan
from emberlake.lake.feeds.records import Layout
from emberlake.lake.feeds.schema import arrow_type, kind_of
from emberlake.lake.feeds.stream import is_gzip, raw_pieces, text_pieces

SAMPLE_ROWS = 5000


@dataclass(frozen=True)
class Shape:
    """One file, understood.

    Attributes:
        empty: it has nothing in it at all; a file with only a header is not empty, it has 0 rows.
        header: whether the first line names the columns; None where the format always does.
        group_rows: rows of each Parquet row group.
        guesses: what was not said and taken from the values.
    """

    path: str
    format: str
    plan: Plan
    empty: bool = False
    encoding: str = "utf-8"
    header: bool | None = None
    layout: Layout | None = None
    compressed: bool = False
    group_rows: tuple[int, ...] = ()
    guesses: tuple[Guess, ...] = ()

    @property
    def notes(self) -> str:
        """What differs from the table and what was guessed, in a line."""
        told = ["empty file"] if self.empty else []
        missing = [name for name in self.plan.missing if not name.endswith("_key")]
        told += [f"no column for {', '.join(missing)}"] * bool(missing)
        told += [f"columns that the table does not have: {', '.join(self.plan.extra)}"] * bool(self.plan.extra)
        told += self.plan.retyped
        told += [f"{guess.column}: {guess.what} {guess.value!r} guessed" for guess in self.guesses]
        return "; ".join(told)


def examine(path: str, feed: Feed, strict: bool = False) -> Shape:
    """Look at a file's beginning (texts) or footer (Parquet) and match it to the feed.

    Args:
        path: the file.
        feed: how it is to be read.
        strict: refuse a mapping that names a column which the file lacks, even one that is not needed.

    Raises:
        SourceError: if it cannot be read, is not what the feed says, or lacks a column that the table needs.
    """
    kind = feed.format if feed.format != "auto" else _format(path)
    if kind == "parquet":
        return _parquet(path, feed, strict)
    if next(raw_pieces(path, 4096), None) is None:
        return Shape(path, kind, Plan(feed.source, (), ()), empty=True)
    dialect = feed.mapping.dialect
    encoding = dialect.encoding or guess_encoding(path)
    shape = (_csv if kind == "csv" else _jsonl)(path, feed, dialect, encoding, strict)
    return replace(shape, compressed=is_gzip(path))


def _csv(path: str, feed: Feed, dialect: Dialect, encoding: str, strict: bool) -> Shape:
    head = read_head(path, encoding, dialect, feed.source)
    if head is None:
        return Shape(path, "csv", Plan(feed.source, (), ()), empty=True, encoding=encoding)
    layout = Layout(
        head.delimiter, head.quote, dialect.escape or "", encoding, dialect.fallback, head.first, len(head.columns),
        head.blanks,
    )  # fmt: skip
    plan = make_plan(feed, head.columns, path, head.duplicates, head.told, strict)
    piece = next(text_pieces(path, encoding, 1024 * 1024), b"")
    ends = spans(piece)[1][: SAMPLE_ROWS + head.first]
    start = int(ends[head.first - 2]) if 1 < head.first <= len(ends) else 0 if head.first == 1 else len(piece)
    sample = split_records(prepared(piece[start : int(ends[-1])], layout), head.first, layout, last=True)[0]
    plan, guesses = improve(plan, dict(zip(head.columns, sample.columns, strict=True)), feed)
    return Shape(path, "csv", plan, encoding=encoding, header=head.header, layout=layout, guesses=guesses)


def _jsonl(path: str, feed: Feed, dialect: Dialect, encoding: str, strict: bool) -> Shape:
    piece = next(text_pieces(path, encoding, 1024 * 1024), b"")
    lines = [line for line in islice(piece.split(b"\n"), SAMPLE_ROWS) if line.strip()]
    if not lines:
        return Shape(path, "jsonl", Plan(feed.source, (), ()), empty=True, encoding=encoding)
    if lines[0].lstrip().startswith(b"["):
        raise SourceError(
            f"{path}: is one JSON array, not JSON lines (one object a line).",
            f"Turn it into lines first: jq -c '.[]' {path!r} > orders.jsonl",
        )
    rows = [row for line in lines if isinstance(row := _object(line), dict)]
    if not rows:
        raise SourceError(
            f"{path}: none of its first {len(lines)} lines is a JSON object.",
            'JSON lines have one object a line, such as {"order_id": 1}. If it is CSV, say so: --format csv.',
        )
    flat = [_flat(row) for row in rows]
    columns = list(dict.fromkeys(name for row in flat for name in row))
    plan = make_plan(feed, columns, path, strict=strict)
    sample = {name: pa.array([_text(row.get(name)) for row in flat], pa.string()) for name in columns}
    plan, guesses = improve(plan, sample, feed)
    return Shape(path, "jsonl", plan, encoding=encoding, guesses=guesses)


def _parquet(path: str, feed: Feed, strict: bool) -> Shape:
    try:
        with pq.ParquetFile(path) as file:
            meta = file.metadata
            names = file.schema_arrow.names
            twice = tuple(sorted({name for name in names if names.count(name) > 1}))
            plan = make_plan(feed, list(dict.fromkeys(names)), path, twice, strict=strict)
            groups = tuple(meta.row_group(number).num_rows for number in range(meta.num_row_groups))
            plan = replace(plan, retyped=_retyped(plan, file.schema_arrow) if not twice else ())
            # Texts in place of numbers or times: how they are written is seen in the first of them.
            texts = {
                how.source
                for how in plan.readings
                if how.source and how.type != "string" and pa.types.is_string(file.schema_arrow.field(how.source).type)
            }
            guesses: tuple[Guess, ...] = ()
            if texts and meta.num_rows:
                batch = next(file.iter_batches(SAMPLE_ROWS, columns=sorted(texts)))
                plan, guesses = improve(plan, {name: batch.column(name) for name in batch.schema.names}, feed)
    except OSError as e:
        if e.errno:
            raise unreadable(path, e) from e
        raise _no_parquet(path, e) from e
    except pa.ArrowException as e:
        raise _no_parquet(path, e) from e
    return Shape(path, "parquet", plan, group_rows=groups, guesses=guesses)


def _retyped(plan: Plan, schema: pa.Schema) -> tuple[str, ...]:
    """Columns whose kind is not the contract's: texts for numbers, numbers for times, and the like."""
    told = []
    for how in plan.readings:
        if how.source is not None and how.name != "_op":
            kind = schema.field(how.source).type
            if kind_of(kind) != kind_of(arrow_type(how.type)):
                told.append(f"{how.name}: {kind} in place of {how.type}")
    return tuple(told)


def _no_parquet(path: str, error: Exception) -> SourceError:
    try:
        with open(path, "rb") as file:
            begins = file.read(4)
    except OSError as e:
        return unreadable(path, e)
    if not begins:
        return SourceError(f"{path}: is empty, and an empty file is no Parquet file.", "Export it again.")
    if begins == b"PAR1":
        return SourceError(
            f"{path}: the Parquet file is truncated or damaged ({str(error).splitlines()[0]}).",
            "Nothing of it was loaded; copy or export it again.",
        )
    return SourceError(f"{path}: is not a Parquet file.", "Say what it is: --format csv or --format jsonl.")


def _format(path: str) -> str:
    """By the file's own first bytes, then its name."""
    head = next(raw_pieces(path, 4096), b"")
    if head.startswith(b"PAR1"):
        return "parquet"
    named = format_of(path)
    if named:
        return named
    return "jsonl" if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")) else "csv"


def _object(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """Keys of objects within as `outer.inner`, one level down."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        flat |= {f"{name}.{inner}": item for inner, item in value.items()} if isinstance(value, dict) else {name: value}
    return flat


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)
