"""What importing some files would read, refuse and guess, before anything is done."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

import pyarrow.compute as pc

from emberlake.errors import SourceError
from emberlake.lake.feeds.feed import BLANKS, Feed
from emberlake.lake.feeds.find import find_files
from emberlake.lake.feeds.guesses import Guess
from emberlake.lake.feeds.plan import DERIVED
from emberlake.lake.feeds.schema import check_source, table_of
from emberlake.lake.feeds.shape import Shape, examine
from emberlake.lake.feeds.tasks import cut, parse
from emberlake.lake.feeds.unread import why, why_line

MOST_EXAMPLES = 10


@dataclass(frozen=True)
class Unread:
    """A value or a line that cannot be read: where it is, its text, what is wrong with it, and what is accepted."""

    line: int
    column: str | None
    text: str
    problem: str
    hint: str


@dataclass(frozen=True)
class FileInspection:
    """One file, read from end to end.

    Attributes:
        error: why it cannot be read at all; None where it can, and only then the rest tells something.
        mapped: contract column → the file's column.
        constants: contract column → the value that all rows get.
        missing: contract columns that the file lacks; they are null, or have the default in `defaults`.
        extra: the file's columns that nothing reads.
        rows: records read, the unreadable ones among them.
        unread_rows: rows with at least one value, or the whole line, that cannot be read; they go to quarantine.
        unread: how many values of each contract column cannot be read; `_line` for whole lines.
        examples: the first of them, at most ten, and three a column.
    """

    path: str
    error: str | None = None
    format: str = ""
    compressed: bool = False
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    header: bool | None = None
    columns: tuple[str, ...] = ()
    mapped: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    guesses: tuple[Guess, ...] = ()
    rows: int = 0
    unread_rows: int = 0
    unread: dict[str, int] = field(default_factory=dict)
    examples: tuple[Unread, ...] = ()

    @property
    def sentences(self) -> list[str]:
        """The examples as messages: file, line, what is wrong, what is accepted."""
        return [f"{self.path}, line {item.line}: {item.problem}. {item.hint}" for item in self.examples]


@dataclass(frozen=True)
class Inspection:
    """All files of a feed; `columns` are the contract's, with True for those that a row cannot do without."""

    feed: str
    source: str
    columns: dict[str, bool]
    files: tuple[FileInspection, ...]

    @property
    def rows(self) -> int:
        """Records read in all files."""
        return sum(file.rows for file in self.files)

    @property
    def unread_rows(self) -> int:
        """Those of them that cannot be read whole."""
        return sum(file.unread_rows for file in self.files)

    @property
    def errors(self) -> list[str]:
        """Why files cannot be read at all."""
        return [file.error for file in self.files if file.error]

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, for JSON."""
        totals = {"rows": self.rows, "unread_rows": self.unread_rows, "errors": self.errors}
        return {**asdict(self), **totals}


def inspect(feed: Feed) -> Inspection:
    """Read a feed's files from end to end, and keep nothing.

    Raises:
        SourceError: if the source does not exist or no file is found; what is wrong with a single file is told in it.
    """
    check_source(feed.source)
    files = find_files(feed)
    if not files:
        raise SourceError(
            f"No file matches {', '.join(map(repr, feed.paths))}.", "Quote a pattern, so that the shell leaves it."
        )
    columns = {column.name: column.required for column in table_of(feed.source).columns}
    return Inspection(feed.name, feed.source, columns, tuple(_inspect(file.path, feed) for file in files))


def _inspect(path: str, feed: Feed) -> FileInspection:
    try:
        shape = examine(path, feed, strict=True)
        counts = _count(feed, shape)
    except SourceError as e:
        return FileInspection(path, error=str(e))
    layout, plan = shape.layout, shape.plan
    return FileInspection(
        path=path,
        format="empty" if shape.empty else shape.format,
        compressed=shape.compressed,
        encoding=None if shape.format == "parquet" else shape.encoding,
        delimiter=(BLANKS if layout.blanks else layout.delimiter) if layout else None,
        quote=layout.quote if layout else None,
        header=shape.header,
        columns=plan.columns,
        mapped={how.name: how.source for how in plan.readings if how.source is not None},
        constants={how.name: how.constant for how in plan.readings if how.constant is not None},
        defaults=_defaults(shape),
        missing=tuple(name for name in plan.missing if not name.endswith("_key")),
        extra=plan.extra,
        guesses=shape.guesses,
        **counts,
    )


def _defaults(shape: Shape) -> dict[str, str]:
    plan = shape.plan
    told = {"received_at": "ordered_at", "status": "paid", "currency": "EUR"} if plan.source == "orders" else {}
    if plan.derive_key:
        key, needed, _ = DERIVED[plan.source]
        told[key] = f"made from {', '.join(needed)}"
    return {name: default for name, default in told.items() if name in plan.missing}


def _count(feed: Feed, shape: Shape) -> dict[str, Any]:
    readings = {how.name: how for how in shape.plan.readings}
    rows = unread_rows = 0
    unread: Counter[str] = Counter()
    examples: list[Unread] = []
    for task in cut(shape, feed):
        for batch in parse(task):
            rows += batch.num_rows
            bad = batch.select(["_rescued", "_row"]).filter(pc.is_valid(batch["_rescued"]))
            for row in bad.to_pylist():
                texts = {name: text for name, text in json.loads(row["_rescued"]).items() if name[0] != "+"}
                unread_rows += bool(texts)
                unread.update(texts.keys())
                for name, text in texts.items():
                    if unread[name] <= 3 and len(examples) < MOST_EXAMPLES:
                        whole = name == "_line"
                        problem, hint = why_line(text, shape.layout) if whole else why(text, readings[name])
                        examples.append(Unread(row["_row"], None if whole else name, text[:200], problem, hint))
    examples.sort(key=lambda item: item.line)
    return {"rows": rows, "unread_rows": unread_rows, "unread": dict(unread), "examples": tuple(examples)}
