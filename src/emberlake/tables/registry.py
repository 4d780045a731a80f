"""Every table by layer and name. Bronze, silver and quarantine follow from the sources."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches

from emberlake.errors import LakeError
from emberlake.tables.definition import Column, Table, need
from emberlake.tables.gold import GOLD_TABLES
from emberlake.tables.graphs import GRAPH_TABLES
from emberlake.tables.live import LIVE_TABLES
from emberlake.tables.scores import SCORE_TABLES
from emberlake.tables.shop import SHOP
from emberlake.tables.tpch import TPCH

_LOAD = need("_load_id", "string", "Which load brought the row: see `emberlake lake loads`.")
_LINEAGE = (
    need("_source_file", "string", "The file it came from."),
    need("_row", "long", "Its line in a text file, its row number in Parquet, from 1."),
)
_RAW = Column(
    "_rescued", "string", "JSON of the texts that could not be read as their columns' types; null when all could."
)
_OP = Column("_op", "string", "delete where the source takes the row back; null or upsert else.")
_LOADED_AT = need("_loaded_at", "timestamp", "When the load began.", "UTC")

# Columns that silver adds by a rule of its own, by table.
_DERIVED = {
    "orders": (
        Column("is_late", "boolean", "Received more than 48 hours after it was placed."),
        need("month", "date", "First day of the month of the order."),
    )
}
# Old orders change for some weeks: only the months with a change are written anew then.
_FOLDERS = {"orders": ("month",)}

_HISTORY = (
    need("valid_from", "timestamp", "From when this version holds.", "UTC"),
    Column("valid_to", "timestamp", "Until when (exclusive); null while it holds.", "UTC"),
    need("is_current", "boolean", "Whether it holds now."),
)


def _bronze(table: Table) -> Table:
    loose = tuple(replace(column, required=False) for column in table.columns)
    return replace(
        table, layer="bronze", meaning=f"{table.meaning} As they came, append-only.",
        key=("_load_id", "_row"), partition=("_load_id",),
        columns=(*loose, _RAW, _OP, *_LINEAGE, _LOADED_AT, _LOAD), version=None, history=False,
        reads=(f"source.{table.name}",),
    )  # fmt: skip


def _silver(table: Table) -> Table:
    extra = (*_DERIVED.get(table.name, ()), *(_HISTORY if table.history else ()), _LOAD)
    return replace(
        table, layer="silver", meaning=f"{table.meaning} Typed, checked, one row a key.",
        columns=(*table.columns, *extra), reads=(f"bronze.{table.name}",),
        partition=_FOLDERS.get(table.name, ()),
    )  # fmt: skip


def _quarantine(table: Table) -> Table:
    loose = tuple(replace(column, required=False) for column in table.columns)
    why = (
        need(
            "_rule", "string", "The rule that refused the row: the first one, in the order of `emberlake lake rules`."
        ),
        need("_reason", "string", "That rule in a sentence."),
    )
    return replace(
        table, layer="quarantine", meaning=f"{table.meaning} Rows that a rule refused.", key=("_load_id", "_row"),
        columns=(*loose, _RAW, _OP, *_LINEAGE, _LOADED_AT, *why, _LOAD), version=None, history=False,
        reads=(f"bronze.{table.name}",), partition=("_load_id",),
    )  # fmt: skip


SOURCES: dict[str, Table] = {table.name: table for table in (*SHOP, *TPCH)}
BRONZE: dict[str, Table] = {name: _bronze(table) for name, table in SOURCES.items()}
SILVER: dict[str, Table] = {name: _silver(table) for name, table in SOURCES.items()}
QUARANTINE: dict[str, Table] = {name: _quarantine(table) for name, table in SOURCES.items()}
GOLD: dict[str, Table] = {table.name: table for table in GOLD_TABLES}
# What the step `graphs` writes, too.
GRAPHS: dict[str, Table] = {table.name: table for table in GRAPH_TABLES}
# What models write lies in gold too, but no build of the marts makes it.
SCORES: dict[str, Table] = {table.name: table for table in SCORE_TABLES}
# What streams write, in whatever layer it belongs to.
LIVE: dict[str, Table] = {table.name: table for table in LIVE_TABLES}


def _live(layer: str) -> dict[str, Table]:
    return {name: table for name, table in LIVE.items() if table.layer == layer}


LAYERS: dict[str, dict[str, Table]] = {
    "bronze": {**BRONZE, **_live("bronze")},
    "silver": {**SILVER, **_live("silver")},
    "quarantine": {**QUARANTINE, **_live("quarantine")},
    "gold": {**GOLD, **GRAPHS, **SCORES, **_live("gold")},
}  # fmt: skip


def source(name: str) -> Table:
    """The source table of that name.

    Raises:
        LakeError: if there is none; the message lists those there are.
    """
    return _pick(SOURCES, name, "source")


def find(name: str) -> Table:
    """A table by `layer.name`, or by a plain name: gold first, then silver.

    Raises:
        LakeError: if there is none.
    """
    layer, _, plain = name.rpartition(".")
    if layer:
        if layer not in LAYERS:
            raise LakeError(f"There is no layer {layer!r}.", f"The layers are {', '.join(LAYERS)}.")
        return _pick(LAYERS[layer], plain, f"{layer} table")
    gold = LAYERS["gold"]
    return gold[plain] if plain in gold else _pick(SILVER, plain, "table")


def _pick(tables: dict[str, Table], name: str, kind: str) -> Table:
    if name in tables:
        return tables[name]
    close = get_close_matches(name, tables, 1)
    hint = f"Did you mean {close[0]!r}? " if close else ""
    raise LakeError(f"There is no {kind} {name!r}.", f"{hint}There are: {', '.join(tables)}.")
