"""One file as tasks that can run anywhere, and a task as batches of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from emberlake.errors import SourceError
from emberlake.lake.feeds.csvtext import read_records
from emberlake.lake.feeds.feed import Feed
from emberlake.lake.feeds.files import SourceFile, unreadable
from emberlake.lake.feeds.jsontext import read_objects
from emberlake.lake.feeds.plan import Plan
from emberlake.lake.feeds.records import Layout
from emberlake.lake.feeds.rows import ROWS, RowMaker
from emberlake.lake.feeds.schema import LINEAGE, ORDER_LINES
from emberlake.lake.feeds.shape import Shape, examine
from emberlake.lake.feeds.stream import check_gzip

TASK_ROWS = 1_000_000


@dataclass(frozen=True)
class ParseTask:
    """A part of a file to read; picklable, and needs nothing but the file.

    Attributes:
        groups: Parquet row groups to read; empty for texts.
        first_row: number of rows before the part.
        layout: how a CSV file is written; None for other formats.
        notes: how the file differs from its table, and what was guessed, in a line; empty where nothing is to tell.
    """

    path: str
    format: str
    plan: Plan
    layout: Layout | None = None
    encoding: str = "utf-8"
    fallback: str | None = None
    groups: tuple[int, ...] = ()
    first_row: int = 0
    notes: str = ""


def split(file: SourceFile, feed: Feed) -> list[ParseTask]:
    """The tasks that read a file: ranges of row groups of about a million rows for Parquet, one for a text.

    Looks at the file's beginning (texts) or footer (Parquet); unpacks gz files once, so that a truncated one is
    refused before anything of it is loaded. An empty file has no tasks.

    Raises:
        SourceError: if the file cannot be read as the feed says.
    """
    if feed.unconverted:
        return _refusal(file, feed)
    return cut(examine(file.path, feed), feed)


def cut(shape: Shape, feed: Feed) -> list[ParseTask]:
    """The tasks of a file that was examined; see `split`."""
    path = shape.path
    if shape.empty:
        return []
    plan = shape.plan
    if shape.format != "parquet":
        check_gzip(path)
        fallback = feed.mapping.dialect.fallback
        return [ParseTask(path, shape.format, plan, shape.layout, shape.encoding, fallback, notes=shape.notes)]
    tasks: list[ParseTask] = []
    groups: list[int] = []
    first = rows = 0
    for number, size in enumerate(shape.group_rows):
        groups.append(number)
        rows += size
        last = number == len(shape.group_rows) - 1
        # Made keys count how often the same row came before, which only the whole file tells.
        if rows and (last or rows >= TASK_ROWS and not plan.derive_key):
            tasks.append(ParseTask(path, "parquet", plan, groups=tuple(groups), first_row=first, notes=shape.notes))
            first, rows, groups = first + rows, 0, []
    return tasks


def _refusal(file: SourceFile, feed: Feed) -> list[ParseTask]:
    """Meet again the error that kept a log of order lines from being converted."""
    lines = feed.model_copy(update={"source": ORDER_LINES.name, "unconverted": False})
    for task in split(file, lines):
        for _ in parse(task):
            pass
    return []


def parse(task: ParseTask) -> Iterator[pa.RecordBatch]:
    """The task's rows: `<contract columns>, _rescued, _op, _source_file, _row`, up to 131,072 a batch.

    A value that cannot be read as its column's type is null and its text is in `_rescued`; a line that has no columns
    is a row of nulls with `{"_line": text}`. Every record of the file is one row.

    Raises:
        SourceError: if the file changed or broke since it was split.
    """
    maker = RowMaker(task.plan, task.path)
    if task.format == "parquet":
        yield from _parquet(task, maker)
        return
    columns = _read_columns(task.plan)
    if task.format == "csv":
        assert task.layout is not None
        found = read_records(task.path, task.layout)
        names: tuple[str, ...] = task.plan.columns
    else:
        found = read_objects(task.path, columns, task.encoding, task.fallback)
        names = columns
    for records in found:
        by_name = {name: column for name, column in zip(names, records.columns, strict=True) if name in columns}
        yield from maker.batches(by_name, pa.array(records.lines, pa.int64()), records.broken)


def _read_columns(plan: Plan) -> tuple[str, ...]:
    used = [how.source for how in plan.readings if how.source is not None]
    told = [name for name in LINEAGE.names if plan.lineage and name in plan.columns]
    return tuple(dict.fromkeys([*used, *told, *(plan.extra if plan.keep_extra else ())]))


def _parquet(task: ParseTask, maker: RowMaker) -> Iterator[pa.RecordBatch]:
    columns = _read_columns(task.plan)
    row = task.first_row
    try:
        with pq.ParquetFile(task.path) as file:
            for batch in file.iter_batches(
                ROWS, row_groups=list(task.groups), columns=list(columns), use_threads=False
            ):
                numbers = pa.array(np.arange(row + 1, row + 1 + batch.num_rows, dtype=np.int64))
                row += batch.num_rows
                yield from maker.batches({name: batch.column(name) for name in columns}, numbers)
    except OSError as e:
        # Arrow says OSError for broken pages as well as for the system's own refusals.
        if e.errno:
            raise unreadable(task.path, e) from e
        raise SourceError(
            f"{task.path}: is damaged near row {row + 1} ({e}).",
            "Nothing of it may be loaded; copy or export it again.",
        ) from e
    except pa.ArrowException as e:
        raise SourceError(f"{task.path}: cannot be read near row {row + 1} ({e}).", "Copy or export it again.") from e
