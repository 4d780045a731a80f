"""Rows that are in memory already, appended without an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deltalake import DeltaTable, write_deltalake

from emberlake.errors import SchemaDrift
from emberlake.lake.creation import create_table, require_contract
from emberlake.lake.intents import intent
from emberlake.tables import find

if TYPE_CHECKING:
    import pyarrow as pa

    from emberlake.lake.lake import Lake


def append_arrow(lake: Lake, name: str, rows: pa.Table, token: str) -> None:
    """Add rows to a table; the same token is written once only, however often it is tried.

    Args:
        lake: a lake, with or without an engine.
        name: `layer.name`.
        rows: the table's columns, in any order.
        token: what is written, in a text that nothing else has.

    Raises:
        SchemaDrift: if they are not the table's columns.
    """
    table = find(name)
    if sorted(rows.column_names) != sorted(table.names):
        raise SchemaDrift(f"Rows for {name} do not have its columns.", f"They are {', '.join(table.names)}.")
    with lake.locked(name):
        if lake.ledger.written(name, token):
            return
        create_table(lake.path(name), table)
        require_contract(lake.path(name), table)
        with intent(lake, name, token):
            write_deltalake(DeltaTable(lake.path(name)), rows.select(table.names), mode="append")
