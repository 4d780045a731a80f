"""Empty tables from their contract, with constraints, in one commit.

The commit is written here, after the Delta transaction protocol, because no library on hand makes it whole: the
embedded engine cannot add CHECK constraints, and delta-rs 1.6 rewrites their text into its own dialect and loses
brackets on the way (docs/decisions/0060-tables-are-created-by-us.md).
"""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path

from deltalake import DeltaTable

from emberlake.errors import SchemaDrift
from emberlake.lake.ledger import now_ms
from emberlake.lake.rules import constraints
from emberlake.tables import Table

_DELTA_TYPES = {"int": "integer", "bigint": "long"}


def create_table(path: Path, table: Table) -> None:
    """Make the empty Delta table at `path`; one that exists stays as it is.

    Raises:
        OSError: if the folder cannot be written.
    """
    log = path / "_delta_log"
    first = log / f"{0:020}.json"
    if log.exists() and any(log.glob("*.json")):
        return
    log.mkdir(parents=True, exist_ok=True)
    draft = log / f".{uuid.uuid4()}.tmp"
    actions = _first_commit(table)
    draft.write_text("".join(json.dumps(action) + "\n" for action in actions), encoding="utf-8")
    try:
        os.link(draft, first)  # fails when another process was first: that one's table is as good
        # A hint to readers: a kill before it costs them time and nothing else.
        checksum = draft.with_suffix(".crc.tmp")
        checksum.write_text(json.dumps(_checksum(actions)), encoding="utf-8")
        checksum.rename(log / f"{0:020}.crc")
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def require_contract(path: Path, table: Table) -> None:
    """Refuse a table that another version of the contract made.

    The embedded engine would write it all the same, and leave out the columns that it does not know.

    Raises:
        SchemaDrift: naming what differs.
    """
    there = DeltaTable(path)
    names = [field.name for field in there.schema().fields]
    folders = there.metadata().partition_columns
    if names == table.names and folders == list(table.partition):
        return
    told = [f"it lacks {name}" for name in table.names if name not in names]
    told += [f"it has {name}" for name in names if name not in table.names]
    told = told or ["its columns or its folders are in another order"]
    raise SchemaDrift(
        f"Table {table.layer}.{table.name} was made by another version of Emberlake: {', '.join(told)}.",
        "Nothing was written. Build it again from your files: emberlake clean, then emberlake up;"
        " or give another --root.",
    )


def _first_commit(table: Table) -> list[dict[str, object]]:
    checks = constraints(table)
    fields = [
        {"name": c.name, "type": _DELTA_TYPES.get(c.type, c.type), "nullable": True, "metadata": {"comment": c.meaning}}
        for c in table.columns
    ]
    at = now_ms()
    metadata = {
        "id": str(uuid.uuid4()),
        "name": table.name,
        "description": table.meaning,
        "format": {"provider": "parquet", "options": {}},
        "schemaString": json.dumps({"type": "struct", "fields": fields}),
        "partitionColumns": list(table.partition),
        "createdTime": at,
        "configuration": {f"delta.constraints.{name}": check for name, check in checks.items()},
    }
    info = {"timestamp": at, "operation": "CREATE TABLE", "operationParameters": {}, "engineInfo": "emberlake"}
    # Writer version 3 is the one that obliges writers to honour CHECK constraints.
    return [{"commitInfo": info}, {"protocol": {"minReaderVersion": 1, "minWriterVersion": 3}}, {"metaData": metadata}]


def _checksum(actions: list[dict[str, object]]) -> dict[str, object]:
    """What the protocol calls a version checksum: with it, Spark need not count an empty table with jobs of its own."""
    of_kind = {kind: action for each in actions for kind, action in each.items()}
    return {
        "tableSizeBytes": 0, "numFiles": 0, "numMetadata": 1, "numProtocol": 1, "setTransactions": [],
        "domainMetadata": [], "metadata": of_kind["metaData"], "protocol": of_kind["protocol"], "allFiles": [],
    }  # fmt: skip
