"""What every table is: its columns, types, units, meaning, key and lineage. No session here.

Public: `Table`, `Column`, `SOURCES`, `SILVER`, `GOLD`, `GRAPHS`, `SCORES`, `LIVE`, `LAYERS`, `source` and `find`.
"""

from emberlake.tables.definition import Column, Table
from emberlake.tables.registry import (
    BRONZE,
    GOLD,
    GRAPHS,
    LAYERS,
    LIVE,
    QUARANTINE,
    SCORES,
    SILVER,
    SOURCES,
    find,
    source,
)

__all__ = [
    "BRONZE",
    "GOLD",
    "GRAPHS",
    "LAYERS",
    "LIVE",
    "QUARANTINE",
    "SCORES",
    "SILVER",
    "SOURCES",
    "Column",
    "Table",
    "find",
    "source",
]
