"""What every table is: its columns, types, units, meaning, key and lineage. No session here.

Public: `Table`, `Column`, `SOURCES`, `SILVER`, `GOLD`, `SCORES`, `LIVE`, `LAYERS`, `source` and `find`.
"""

from emberlake.tables.definition import Column, Table
from emberlake.tables.registry import BRONZE, GOLD, LAYERS, LIVE, QUARANTINE, SCORES, SILVER, SOURCES, find, source

__all__ = [
    "BRONZE",
    "GOLD",
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
