"""Rows that wait in bronze until another topic has landed (`landings.py`), read beside whoever writes the ledger."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from emberlake.settings import Settings

_TABLES = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('waits', 'loads')"
_WAITING = """
SELECT l.feed, w.topic, count(*), sum(l.rows_read), min(l.loaded_at)
FROM waits w JOIN loads l USING (load_id) GROUP BY l.feed, w.topic ORDER BY l.feed, w.topic
"""


@dataclass(frozen=True)
class Waiting:
    """Rows of one feed that silver may not see yet.

    Attributes:
        feed: whose they are, such as `kafka:emberlake.clicks`.
        topic: what has to land first.
        loads, rows: how many.
        since: when the oldest of them landed, ISO 8601, UTC.
    """

    feed: str
    topic: str
    loads: int
    rows: int
    since: str

    def seconds(self, now: datetime | None = None) -> float:
        """How long the oldest has waited by now."""
        return max(((now or datetime.now(UTC)) - datetime.fromisoformat(self.since)).total_seconds(), 0.0)


def waiting(settings: Settings) -> list[Waiting]:
    """What waits now, by feed; nothing where nothing ever landed."""
    path = settings.state / "ledger.sqlite"
    if not path.exists():
        return []
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)) as db:
        (tables,) = db.execute(_TABLES).fetchone()
        return [Waiting(*row) for row in db.execute(_WAITING)] if tables == 2 else []
