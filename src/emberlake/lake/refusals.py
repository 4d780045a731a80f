"""How much of what came in lately was refused, read beside whoever writes the ledger."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from emberlake.settings import Settings

_SHARE = """
SELECT sum(rows_read), sum((SELECT coalesce(sum(rows), 0) FROM refusals r WHERE r.load_id = l.load_id))
FROM loads l JOIN outcomes USING (load_id) WHERE l.feed = ? AND l.loaded_at >= ?
"""


def refused_share(settings: Settings, feed: str, since: str) -> float | None:
    """The share of rows of a feed that went to quarantine.

    Args:
        feed: as the loads name it, such as `kafka:emberlake.orders`.
        since: only loads from this moment on, ISO 8601, UTC.

    Returns:
        0 to 1; None where nothing was refined since then.
    """
    path = settings.state / "ledger.sqlite"
    if not path.exists():
        return None
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)) as db:
        read, refused = db.execute(_SHARE, (feed, since)).fetchone()
    return refused / read if read else None
