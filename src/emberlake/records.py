"""Records in SQLite that several processes keep together: the ledger of the lake, the diary of the trials."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUSY_SECONDS = 60.0
_AGAIN_SECONDS = 0.01


def open_records(path: Path, schema: str, busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    """Open the records at `path` in WAL mode, made with `schema` where they do not exist yet.

    Args:
        path: the file; its folder is made when it is missing.
        schema: statements that may be run at each opening (`CREATE TABLE IF NOT EXISTS ...`).
        busy_seconds: how long to wait for another process, here and in each later statement.

    Returns:
        A connection without implicit transactions.

    Raises:
        OSError: if the folder cannot be made.
        sqlite3.Error: if the file cannot be opened, is no database, or is held for longer than `busy_seconds`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
    try:
        deadline = time.monotonic() + busy_seconds
        while True:
            try:
                db.execute("PRAGMA journal_mode=WAL")
                break
            except sqlite3.OperationalError as e:
                # SQLite does not wait when two processes turn one new file to WAL: one of them fails at once.
                if e.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(_AGAIN_SECONDS)
        db.executescript(schema)
    except BaseException:
        db.close()
        raise
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """What the block writes comes whole or not at all; other writers wait from its begin on."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
