"""The lake: the only door to its tables. Reads, and writes that check the contract and survive a kill.

A write holds the table's lock, records its intent with the table's version, lets the engine commit, and records the
end. Whoever takes the lock next settles intents left open: if the version moved, the commit happened; if not, it did
not.
The Delta commit is the only step that changes a table, so nothing is ever half-written.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from emberlake.engine import committing_process, plain_path
from emberlake.errors import LakeError, SchemaDrift
from emberlake.lake.boundary import boundary
from emberlake.lake.creation import create_table, require_contract
from emberlake.lake.intents import intent, settle
from emberlake.lake.ledger import Ledger
from emberlake.lake.locks import hold
from emberlake.lake.merging import merge_statement, upsert
from emberlake.settings import Settings
from emberlake.tables import LAYERS, Table, find

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


class Lake:
    """Delta tables under one root, through one engine's session.

    Args:
        session: a session of either engine, or None for what needs none (versions, the ledger, `create`).
        settings: where the root is.
    """

    def __init__(self, session: SparkSession | None, settings: Settings) -> None:
        self.settings = settings
        self.ledger = Ledger(settings.state / "ledger.sqlite")
        self._session = session
        self._staged: list[Path] = []

    def __enter__(self) -> Lake:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the ledger and drop what was only for this process."""
        self.ledger.close()
        for folder in self._staged:
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def session(self) -> SparkSession:
        """The engine's session."""
        if self._session is None:
            raise LakeError("This lake was opened without an engine.", "Open an engine first.")
        return self._session

    @property
    def embedded(self) -> bool:
        """Whether the session is the embedded engine's."""
        return "connect" in type(self.session).__module__ and not self.settings.master.startswith("sc://")

    @cached_property
    def committer(self) -> int:
        """The pid of the process that commits this lake's writes."""
        return os.getpid() if self._session is None else committing_process(self._session)

    # Where tables are
    def path(self, name: str) -> Path:
        """The folder of a table, given as `layer.name`."""
        layer, _, plain = name.partition(".")
        return self.settings.lake / layer / plain

    def engine_path(self, name: str) -> str:
        """The folder of a table as the engine has to be told it."""
        root = self.settings.lake
        layer, _, plain = name.partition(".")
        return str((plain_path(root) if self.embedded else root) / layer / plain)

    def delta(self, name: str) -> DeltaTable:
        """The table through delta-rs, without an engine.

        Raises:
            LakeError: if it does not exist yet.
        """
        try:
            return DeltaTable(self.path(name))
        except TableNotFoundError as e:
            raise LakeError(f"Table {name} does not exist yet.", "Build it first: emberlake build.") from e

    def version(self, name: str) -> int:
        """The table's newest version; -1 while it does not exist."""
        try:
            return DeltaTable(self.path(name)).version()
        except TableNotFoundError:
            return -1

    def exists(self, name: str) -> bool:
        """Whether the table was ever written."""
        return self.version(name) >= 0

    def versions(self) -> dict[str, int]:
        """Versions of all silver and gold tables that exist, by `layer.name`."""
        names = [f"{layer}.{name}" for layer in ("silver", "gold") for name in LAYERS[layer]]
        return {name: version for name in names if (version := self.version(name)) >= 0}

    def rows_by_file(self, name: str) -> list[dict[str, object]]:
        """What the log says of each live file: its rows, size, partition values and null counts. No data is read."""
        if not self.exists(name):
            return []
        actions = self.delta(name).get_add_actions(flatten=True)
        columns = {column: actions[column].to_pylist() for column in actions.schema.names}
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]

    def rows(self, name: str) -> int:
        """Rows in the table, from its log."""
        return sum(int(str(file["num_records"])) for file in self.rows_by_file(name))

    def rows_by_load(self, name: str) -> dict[str, int]:
        """Rows of each load in a bronze or quarantine table, from its log."""
        counts: dict[str, int] = {}
        for file in self.rows_by_file(name):
            load = str(file["partition._load_id"])
            counts[load] = counts.get(load, 0) + int(str(file["num_records"]))
        return counts

    # Reading
    def read(self, name: str, version: int | None = None, as_of: str | None = None) -> DataFrame:
        """The table as a DataFrame with the contract's columns; one that does not exist reads as empty.

        Args:
            name: `layer.name`, or a plain name (gold first, then silver).
            version: a version of this table.
            as_of: a date or time, UTC: the table as the newest build up to then left it.
        """
        table = find(name)
        full = f"{table.layer}.{table.name}"
        if as_of is not None:
            version = self.versions_as_of(as_of).get(full, -1)
        if version == -1 or not self.exists(full):
            return self.session.createDataFrame([], table.ddl)
        reader = self.session.read.format("delta")
        if version is not None:
            reader = reader.option("versionAsOf", version)
        return reader.load(self.engine_path(full))

    def versions_as_of(self, when: str) -> dict[str, int]:
        """Versions of silver and gold tables that the newest build up to `when` left.

        Raises:
            LakeError: if there was no build by then, or `when` is not a date or time.
        """
        return self.ledger.versions_as_of(when)

    def stage(self, rows: DataFrame) -> DataFrame | None:
        """Rows computed once and kept in a scratch folder until the lake is closed; None when there are none.

        For rows that several plans need: the embedded engine cannot cache, and its scratch files tell it how few
        they are.
        """
        folder = (plain_path(self.settings.scratch) if self.embedded else self.settings.scratch) / uuid.uuid4().hex
        self._staged.append(folder)
        rows.write.parquet(str(folder))
        # Sail writes no file for no rows, Spark an empty one.
        if not folder.exists():
            return None
        staged = self.session.read.schema(rows.schema).parquet(str(folder))
        return staged if staged.limit(1).collect() else None

    # Writing
    def overwrite(self, name: str, rows: DataFrame, token: str | None = None) -> None:
        """Replace all rows."""
        self._write(name, rows, lambda df, path: df.write.format("delta").mode("overwrite").save(path), token)

    def append(self, name: str, rows: DataFrame, token: str | None = None) -> None:
        """Add rows. With a token the same append is done once only, however often it is tried."""
        self._write(name, rows, lambda df, path: df.write.format("delta").mode("append").save(path), token)

    def replace_where(self, name: str, rows: DataFrame, predicate: str, token: str | None = None) -> None:
        """Replace the rows for which `predicate` holds; all of `rows` must fulfil it."""

        def write(df: DataFrame, path: str) -> None:
            df.write.format("delta").mode("overwrite").option("replaceWhere", predicate).save(path)

        self._write(name, rows, write, token)

    def merge(
        self, name: str, rows: DataFrame, on: tuple[str, ...], when: str = "", delete: str = "", insert: bool = True,
        token: str | None = None,
    ) -> None:  # fmt: skip
        """Update the rows with the same key, insert the others.

        Args:
            name: the table.
            rows: at most one row a key, with the table's columns.
            on: the key's columns.
            when: update only where this holds, over `t` (the table) and `s` (the rows); empty: always.
            delete: delete instead where this holds, over `t` and `s`; empty: never.
            insert: whether rows without a match are added.
            token: see `append`.
        """
        table = find(name)
        # Beside the table's columns, those that a clause asks of the rows; any other has drifted.
        asked = set(re.findall(r"\bs\.`?(\w+)", f"{when} {delete}"))
        extra = tuple(column for column in rows.columns if column in asked and column not in table.names)

        def write(df: DataFrame, path: str) -> None:
            # Sail 0.7.2 writes every file anew in a MERGE, and takes three times as long over it as an overwrite does.
            if self.embedded and insert and not when and "t." not in delete:
                if (news := self.stage(df)) is not None:
                    upsert(self.session.read.format("delta").load(path), path, news, table, on, delete)
                return
            df.createOrReplaceTempView("_merge_rows")
            self.session.sql(merge_statement(path, "_merge_rows", table, on, when, delete, insert)).collect()

        self._write(name, rows, write, token, extra=extra)

    def create(self, name: str) -> None:
        """Make the empty table from its contract, with its constraints; one that exists stays as it is."""
        with self.locked(name):
            create_table(self.path(name), find(name))

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Hold the table's lock, with what a killed writer left open settled."""
        with hold(self.settings.state / "locks" / f"{name}.lock", f"Table {name}"):
            settle(self, name)
            yield

    def _write(
        self,
        name: str,
        rows: DataFrame,
        action: Callable[[DataFrame, str], object],
        token: str | None,
        extra: tuple[str, ...] = (),
    ) -> None:
        table = find(name)
        chosen = _checked(table, rows, extra)
        with self.locked(name):
            if token is not None and self.ledger.written(name, token) is not None:
                return
            create_table(self.path(name), table)
            require_contract(self.path(name), table)
            if self.embedded and (table.layer == "silver" or table.partition):
                # Sail 0.7.2 checks constraints before the filters of the rows' own plan and so raises on rows that are
                # not written; its optimiser does not move them through a repartition (0.1 s for 10 M rows). And of a
                # join's many small batches it makes many small files in each folder: 24 a month for 5,000 orders.
                chosen = chosen.repartition(os.cpu_count() or 1)
            with intent(self, name, token or ""):
                action(chosen, self.engine_path(name))
        boundary(f"{name}:recorded")


def _checked(table: Table, rows: DataFrame, extra: tuple[str, ...]) -> DataFrame:
    # The embedded engine drops a column it does not know and fills a missing one with null, both without a word.
    given = {field.name: field.dataType.simpleString() for field in rows.schema.fields}
    expected = {c.name: {"long": "bigint"}.get(c.type, c.type) for c in table.columns}
    missing = [name for name in expected if name not in given]
    unknown = [name for name in given if name not in expected and name not in extra]
    twice = [name for name in given if rows.columns.count(name) > 1]
    retyped = [f"{n} is {given[n]}, not {t}" for n, t in expected.items() if n in given and given[n] != t]
    if missing or unknown or twice or retyped:
        faults = (
            [f"missing {', '.join(missing)}"] * bool(missing)
            + [f"unknown {', '.join(unknown)}"] * bool(unknown)
            + [f"twice {', '.join(twice)}"] * bool(twice)
            + retyped
        )
        raise SchemaDrift(
            f"Rows for {table.layer}.{table.name} do not have its columns: {'; '.join(faults)}.",
            "Nothing was written. Its columns are listed by `emberlake lake catalog`.",
        )
    return rows.select(*table.names, *extra)


def token_of(*parts: str) -> str:
    """A short name for a write, the same whenever it is tried again."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
