"""What happened to the lake: loads, refusals, writes, builds. SQLite in WAL mode, append-only where it is a record.

A write is recorded twice: as an intent before it (with the table's version then) and as done after it. A table has one
writer at a time, so after a kill the table's version tells whether an open intent was carried out.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from emberlake.errors import LakeError
from emberlake.records import open_records, transaction

_SCHEMA = """
CREATE TABLE IF NOT EXISTS loads (
  load_id TEXT PRIMARY KEY, source TEXT NOT NULL, feed TEXT NOT NULL, path TEXT NOT NULL, size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL, digest TEXT NOT NULL, rows_read INTEGER NOT NULL, notes TEXT NOT NULL,
  loaded_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS copies (
  path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, digest TEXT NOT NULL, load_id TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS outcomes (
  load_id TEXT PRIMARY KEY, accepted INTEGER NOT NULL, deleted INTEGER NOT NULL, refined_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS batches (
  id INTEGER PRIMARY KEY, source TEXT NOT NULL, load_ids TEXT NOT NULL, begun_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS refusals (
  load_id TEXT NOT NULL, rule TEXT NOT NULL, rows INTEGER NOT NULL, PRIMARY KEY (load_id, rule)
) STRICT;
CREATE TABLE IF NOT EXISTS writes (
  id INTEGER PRIMARY KEY, table_name TEXT NOT NULL, token TEXT NOT NULL, base_version INTEGER NOT NULL,
  begun_at TEXT NOT NULL, version INTEGER, ended_at TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS writes_by_table ON writes (table_name, token);
CREATE TABLE IF NOT EXISTS waits (load_id TEXT PRIMARY KEY, topic TEXT NOT NULL, past TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS builds (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, sequence INTEGER NOT NULL, versions TEXT NOT NULL, built_at TEXT NOT NULL
) STRICT;
"""


@dataclass(frozen=True)
class Load:
    """One file taken into bronze."""

    load_id: str
    source: str
    feed: str
    path: str
    size: int
    mtime_ns: int
    digest: str
    rows_read: int
    notes: str = ""
    loaded_at: str = ""


@dataclass(frozen=True)
class Build:
    """One build: the last outcome it took up, the tables' versions after it, and when."""

    sequence: int
    versions: dict[str, int]
    built_at: str


def now() -> str:
    """The time of a record, UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def now_ms() -> int:
    """The time of a commit, in milliseconds since 1970, UTC."""
    return int(datetime.now(UTC).timestamp() * 1000)


class Ledger:
    """The ledger under one root; safe to open from several processes."""

    def __init__(self, path: Path) -> None:
        try:
            self._db = open_records(path, _SCHEMA)
            self._db.execute("PRAGMA synchronous=FULL")
        except (sqlite3.Error, OSError) as e:
            raise LakeError(
                f"The ledger {path} cannot be opened: {e}.", "Check the disk and the rights on the root."
            ) from e
        self._db.row_factory = sqlite3.Row

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # Loads
    def known_files(self) -> dict[tuple[str, int, int], str]:
        """Digests by (path, size, mtime_ns), so that a known file is not read again to hash it."""
        rows = self._db.execute(
            "SELECT path, size, mtime_ns, digest FROM loads UNION SELECT path, size, mtime_ns, digest FROM copies"
        )
        return {(row[0], row[1], row[2]): row[3] for row in rows}

    def load_ids(self, source: str | None = None) -> set[str]:
        """The ids of the loads in bronze."""
        rows = self._db.execute("SELECT load_id FROM loads WHERE ?1 IS NULL OR source = ?1", (source,))
        return {row[0] for row in rows}

    def record_loads(self, loads: Iterable[Load]) -> None:
        """Record loads whose rows are in bronze; one recorded before stays as it is."""
        at = now()
        rows = [
            (x.load_id, x.source, x.feed, x.path, x.size, x.mtime_ns, x.digest, x.rows_read, x.notes, at) for x in loads
        ]
        with transaction(self._db):
            self._db.executemany("INSERT OR IGNORE INTO loads VALUES (?,?,?,?,?,?,?,?,?,?)", rows)

    def record_copy(self, path: str, size: int, mtime_ns: int, digest: str, load_id: str) -> None:
        """Record that a file has the content of a load, so that it is not hashed again."""
        self._db.execute("INSERT OR REPLACE INTO copies VALUES (?,?,?,?,?)", (path, size, mtime_ns, digest, load_id))

    def unrefined(self, source: str) -> list[str]:
        """Loads in bronze that silver has not seen and that wait for nothing (see `landings.py`), oldest first."""
        rows = self._db.execute(
            "SELECT load_id FROM loads l WHERE source = ?"
            " AND NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.load_id = l.load_id)"
            " AND NOT EXISTS (SELECT 1 FROM waits w WHERE w.load_id = l.load_id)"
            " ORDER BY loaded_at, path",
            (source,),
        )
        return [row[0] for row in rows]

    def begin_batch(self, source: str, load_ids: list[str]) -> None:
        """Record which loads are refined together, so that a run after a kill takes up the same ones."""
        self._db.execute(
            "INSERT INTO batches (source, load_ids, begun_at) VALUES (?,?,?)", (source, json.dumps(load_ids), now())
        )

    def open_batch(self) -> tuple[str, list[str]] | None:
        """The source and loads of the last batch, if it has no outcome yet."""
        row = self._db.execute("SELECT source, load_ids FROM batches ORDER BY id DESC LIMIT 1").fetchone()
        if row is None:
            return None
        loads = json.loads(row["load_ids"])
        done = self._db.execute("SELECT 1 FROM outcomes WHERE load_id = ?", (loads[0],)).fetchone()
        return None if done else (row["source"], loads)

    def record_outcomes(
        self, outcomes: Iterable[tuple[str, int, int]], refusals: Iterable[tuple[str, str, int]]
    ) -> None:
        """Record (load_id, accepted, deleted) and (load_id, rule, rows), replacing what stood there for these loads."""
        at, kept = now(), list(outcomes)
        with transaction(self._db):
            self._db.executemany("DELETE FROM refusals WHERE load_id = ?", [(load_id,) for load_id, *_ in kept])
            self._db.executemany(
                "INSERT OR REPLACE INTO outcomes VALUES (?,?,?,?)", [(*outcome, at) for outcome in kept]
            )
            self._db.executemany("INSERT INTO refusals VALUES (?,?,?)", list(refusals))

    def loads(self) -> list[dict[str, object]]:
        """Every load: rows read, accepted (None before silver has run), deleted, and refused by rule."""
        refused: dict[str, dict[str, int]] = {}
        for load_id, rule, rows in self._db.execute(
            "SELECT load_id, rule, rows FROM refusals ORDER BY rows DESC, rule"
        ):
            refused.setdefault(load_id, {})[rule] = rows
        found = self._db.execute(
            "SELECT l.*, o.accepted, o.deleted FROM loads l LEFT JOIN outcomes o USING (load_id)"
            " ORDER BY loaded_at, source, path"
        )
        return [
            {
                "load_id": row["load_id"], "source": row["source"], "file": row["path"], "read": row["rows_read"],
                "accepted": row["accepted"], "deleted": row["deleted"],
                "refused": sum(refused.get(row["load_id"], {}).values()),
                "refused_by_rule": refused.get(row["load_id"], {}),
                "notes": row["notes"], "loaded_at": row["loaded_at"],
            }
            for row in found
        ]  # fmt: skip

    def rows_read(self, load_ids: Iterable[str]) -> dict[str, int]:
        """Rows in bronze by load."""
        wanted = json.dumps(list(load_ids))
        rows = self._db.execute(
            "SELECT load_id, rows_read FROM loads WHERE load_id IN (SELECT value FROM json_each(?))", (wanted,)
        )
        return {row[0]: row[1] for row in rows}

    # Writes
    def begin_write(self, table: str, token: str, base_version: int) -> int:
        """Record the intent to write `table`, which is at `base_version`."""
        cursor = self._db.execute(
            "INSERT INTO writes (table_name, token, base_version, begun_at) VALUES (?,?,?,?)",
            (table, token, base_version, now()),
        )
        return int(cursor.lastrowid or 0)

    def end_write(self, write: int, version: int) -> None:
        """Record that the write is in the table, at `version`."""
        self._db.execute("UPDATE writes SET version = ?, ended_at = ? WHERE id = ?", (version, now(), write))

    def drop_write(self, write: int) -> None:
        """Forget an intent that was never carried out."""
        self._db.execute("DELETE FROM writes WHERE id = ?", (write,))

    def open_writes(self, table: str) -> list[tuple[int, int]]:
        """Intents on `table` with no end, as (write, base_version)."""
        rows = self._db.execute(
            "SELECT id, base_version FROM writes WHERE table_name = ? AND version IS NULL ORDER BY id", (table,)
        )
        return [(row[0], row[1]) for row in rows]

    def written(self, table: str, token: str) -> int | None:
        """The version of the table that the write called `token` made; None while it is not in the table."""
        row = self._db.execute(
            "SELECT version FROM writes WHERE table_name = ? AND token = ? AND version IS NOT NULL", (table, token)
        ).fetchone()
        return int(row[0]) if row else None

    # Builds
    def record_build(self, name: str, versions: dict[str, int]) -> None:
        """Record that `name` was built from all loads refined so far, and at which versions the tables are now."""
        self._db.execute(
            "INSERT INTO builds (name, sequence, versions, built_at)"
            " SELECT ?, coalesce(max(rowid), 0), ?, ? FROM outcomes",
            (name, json.dumps(versions, sort_keys=True), now()),
        )

    def renew_build(self, name: str, versions: dict[str, int]) -> None:
        """Record that upkeep moved the tables of the newest build to other versions without changing a row."""
        last = self.last_build(name)
        if last is not None:
            self._db.execute(
                "INSERT INTO builds (name, sequence, versions, built_at) VALUES (?,?,?,?)",
                (name, last.sequence, json.dumps(versions, sort_keys=True), now()),
            )

    def last_build(self, name: str) -> Build | None:
        """The newest build of `name`."""
        row = self._db.execute("SELECT * FROM builds WHERE name = ? ORDER BY id DESC LIMIT 1", (name,)).fetchone()
        return Build(row["sequence"], json.loads(row["versions"]), row["built_at"]) if row else None

    def refined_since(self, sequence: int) -> tuple[dict[str, list[str]], bool]:
        """Loads refined after a build, by source, and whether any of them deleted rows."""
        loads: dict[str, list[str]] = {}
        rows = self._db.execute(
            "SELECT l.source, o.load_id, o.deleted FROM outcomes o JOIN loads l USING (load_id)"
            " WHERE o.rowid > ? ORDER BY o.rowid",
            (sequence,),
        ).fetchall()
        for source, load, _ in rows:
            loads.setdefault(source, []).append(load)
        return loads, any(deleted for *_, deleted in rows)

    def versions_as_of(self, when: str) -> dict[str, int]:
        """Table versions that the newest gold build up to `when` left.

        Args:
            when: ISO 8601 date or time, UTC; a date means its end.

        Raises:
            LakeError: if `when` is no date or time, or nothing was built by then.
        """
        try:
            moment = datetime.fromisoformat(when)
        except ValueError as e:
            raise LakeError(
                f"{when!r} is not a date or time.", "Write it as 2026-03-01 or 2026-03-01T12:00:00 (UTC)."
            ) from e
        if len(when) <= 10:
            moment = moment.replace(hour=23, minute=59, second=59, microsecond=999999)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        rows = self._db.execute("SELECT versions, built_at FROM builds WHERE name = 'gold' ORDER BY id").fetchall()
        fitting = [row for row in rows if datetime.fromisoformat(row["built_at"]) <= moment]
        if not fitting:
            first = (
                f"The first build was at {rows[0]['built_at']}." if rows else "Nothing was built yet: emberlake build."
            )
            raise LakeError(f"There is no build up to {when}.", first)
        return {name: int(version) for name, version in json.loads(fitting[-1]["versions"]).items()}
