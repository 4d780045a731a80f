"""The record of folds: which load lies in which folder by now (see `folding.py`)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from emberlake.records import open_records, transaction

if TYPE_CHECKING:
    from emberlake.settings import Settings

_SCHEMA = """
CREATE TABLE IF NOT EXISTS folds (
  table_name TEXT NOT NULL, load_id TEXT NOT NULL, into_id TEXT NOT NULL, path TEXT NOT NULL,
  PRIMARY KEY (table_name, load_id, into_id)
) STRICT;
CREATE INDEX IF NOT EXISTS folds_by_name ON folds (into_id);
"""


class Folds:
    """The folds of a root, in the lake's ledger. One counts when the write of its name is in the table."""

    def __init__(self, settings: Settings) -> None:
        self._db = open_records(settings.state / "ledger.sqlite", _SCHEMA)
        self._db.execute("PRAGMA synchronous=FULL")

    def __enter__(self) -> Folds:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def due(self, folders: Iterable[str]) -> list[tuple[str, str]]:
        """Which of these folders silver will not ask for again, as (load or fold, its feed's path), oldest first."""
        rows = self._db.execute(
            "SELECT folder, way FROM (SELECT f.value AS folder, l.rowid AS place, coalesce(l.path,"
            " (SELECT path FROM folds WHERE into_id = f.value LIMIT 1)) AS way"
            " FROM json_each(?) f LEFT JOIN loads l ON l.load_id = f.value AND l.feed LIKE 'kafka:%'"
            " AND EXISTS (SELECT 1 FROM outcomes o WHERE o.load_id = l.load_id))"
            " WHERE way IS NOT NULL ORDER BY place, folder",
            (json.dumps(list(folders)),),
        )
        return [(row[0], row[1]) for row in rows]

    def record(self, table: str, into: str, path: str, loads: Iterable[str]) -> None:
        """Record which folders a write called `into` makes one of."""
        with transaction(self._db):
            self._db.executemany(
                "INSERT OR IGNORE INTO folds VALUES (?,?,?,?)", [(table, load, into, path) for load in loads]
            )

    def folders(self, table: str) -> dict[str, str]:
        """Load to the folder of a table that its rows lie in by now; loads that were not folded are left out."""
        into = dict(
            self._db.execute(
                "SELECT load_id, into_id FROM folds f WHERE table_name = ? AND EXISTS (SELECT 1 FROM writes w"
                " WHERE w.table_name = f.table_name AND w.token = f.into_id AND w.version IS NOT NULL)",
                (table,),
            ).fetchall()
        )
        found = {}
        for load in into:
            folder = into[load]
            while folder in into:
                folder = into[folder]
            found[load] = folder
        return found
