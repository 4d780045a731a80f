"""Bronze: new files, as they came, into append-only tables.

A file is one load, named after its content, so that a file given twice changes nothing. Files are cut into parse tasks
that the engine spreads (Python, Arrow batches); the engine writes. Time: linear in the new rows. Memory: one batch a
task.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import pyarrow as pa
from pyspark.sql import functions as F

from emberlake.errors import SourceError
from emberlake.lake.boundary import boundary
from emberlake.lake.feeds import Feed, ParseTask, SourceFile, find_files, list_feeds, parse, split
from emberlake.lake.lake import Lake
from emberlake.lake.ledger import Load
from emberlake.progress import Progress, silent
from emberlake.tables import BRONZE, Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass
class Ingest:
    """What a run took in: rows by source, files, and the files that could not be read with why."""

    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0
    failures: list[SourceError] = field(default_factory=list)


@dataclass(frozen=True)
class NewFile:
    """A file that no load has brought yet."""

    load_id: str
    feed: Feed
    file: SourceFile


def load_id(source: str, digest: str) -> str:
    """The name of a load: the same content for the same source has the same name."""
    return sha256(f"{source}\0{digest}".encode()).hexdigest()[:16]


def new_files(lake: Lake) -> tuple[list[NewFile], list[SourceError]]:
    """Files of all feeds that are not in bronze, by feed and path; and why feeds could not be looked at."""
    known, seen = lake.ledger.known_files(), lake.ledger.load_ids()
    found: list[NewFile] = []
    failures: list[SourceError] = []
    for feed in list_feeds(lake.settings):
        try:
            files = find_files(feed, known)
        except SourceError as failure:
            failures.append(failure)
            continue
        for file in files:
            name = load_id(feed.source, file.digest)
            if name not in seen:
                seen.add(name)
                found.append(NewFile(name, feed, file))
            elif (file.path, file.size, file.mtime_ns) not in known:
                lake.ledger.record_copy(file.path, file.size, file.mtime_ns, file.digest, name)
    return found, failures


def ingest(lake: Lake, progress: Progress = silent) -> Ingest:
    """Take every new file of every feed into bronze.

    A file that cannot be read is left out whole and told in `failures`; all others are taken.
    """
    progress("Looking for new files", 0.0)
    by_source: dict[str, list[NewFile]] = defaultdict(list)
    result = Ingest()
    news, result.failures = new_files(lake)
    for new in news:
        by_source[new.feed.source].append(new)
    total, done = sum(new.file.size for new in news) or 1, 0
    for source, files in by_source.items():
        progress(f"Reading {source}: {len(files)} new file{'s' * (len(files) > 1)}", done / total)
        _ingest_source(lake, BRONZE[source], files, result)
        done += sum(new.file.size for new in files)
    progress("Bronze is up to date", 1.0)
    return result


def _ingest_source(lake: Lake, table: Table, news: list[NewFile], result: Ingest) -> None:
    try:
        _take(lake, table, news, result)
    except Exception as failure:
        if len(news) == 1:
            result.failures.append(_cause(news[0], failure))
            return
        # The commit is all or nothing: find the bad file, and take the others one by one.
        for new in news:
            _ingest_source(lake, table, [new], result)


def _take(lake: Lake, table: Table, news: list[NewFile], result: Ingest) -> None:
    name = f"bronze.{table.name}"
    # A load is one partition and comes in one commit: what is there is there whole, whatever the ledger knows of it.
    there = lake.rows_by_load(name)
    parts = {new.load_id: split(new.file, new.feed) for new in news}
    tasks = [(load, task) for load, found in parts.items() if load not in there for task in found]
    if tasks:
        lake.append(name, _parsed(lake, table, tasks))
    boundary(f"{name}:before-ledger")
    counts = lake.rows_by_load(name)
    loads = [
        Load(
            new.load_id, table.name, new.feed.name, new.file.path, new.file.size, new.file.mtime_ns, new.file.digest,
            counts.get(new.load_id, 0), parts[new.load_id][0].notes if parts[new.load_id] else "empty",
        )
        for new in news
    ]  # fmt: skip
    lake.ledger.record_loads(loads)
    boundary(f"{name}:in-ledger")
    result.files += len(news)
    result.rows[table.name] = result.rows.get(table.name, 0) + sum(load.rows_read for load in loads)


def _parsed(lake: Lake, table: Table, tasks: list[tuple[str, ParseTask]]) -> DataFrame:
    def parse_tasks(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                load, task = tasks[number]
                for rows in parse(task):
                    yield rows.append_column("_load_id", pa.repeat(pa.scalar(load), rows.num_rows))

    # The contract's order, less what is added here.
    parsed = ", ".join(f"`{c.name}` {c.type}" for c in table.columns if c.name not in ("_loaded_at", "_load_id"))
    at = F.lit(datetime.now(UTC).isoformat()).cast("timestamp")
    numbers = lake.session.range(0, len(tasks), 1, len(tasks))
    return numbers.mapInArrow(parse_tasks, f"{parsed}, `_load_id` string").withColumn("_loaded_at", at)


def _cause(new: NewFile, failure: Exception) -> SourceError:
    if isinstance(failure, SourceError):
        return failure
    try:
        for task in split(new.file, new.feed):
            for _ in parse(task):
                pass
    except SourceError as e:
        return e
    raise failure
