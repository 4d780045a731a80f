"""A Delta log over a folder of Parquet files that are there already: the landing tables are Delta tables, too."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from emberlake.errors import EmberlakeError
from emberlake.synth.columns import schema
from emberlake.synth.files import Written


def commit(landing: Path, table: str, written: Iterable[Written], append: bool = False) -> None:
    """Make these Parquet files of a table the table's content, or add them to it; twice is as good as once.

    Raises:
        EmberlakeError: if the log cannot be written.
    """
    # Not needed when the shop is only read, and its import is not free.
    from deltalake import DeltaTable, Schema
    from deltalake.exceptions import DeltaError
    from deltalake.transaction import create_table_with_add_actions

    folder = landing / table
    wanted = {Path(file.path).name: file for file in written if file.path.endswith(".parquet")}
    contract = Schema.from_arrow(schema(table))
    try:
        have = set(DeltaTable(folder).file_uris()) if DeltaTable.is_deltatable(str(folder)) else None
        names = None if have is None else {Path(uri).name for uri in have}
        if names is not None and set(wanted) <= names:
            return
        if append and names is not None:
            actions = [_action(folder, name, wanted[name].rows) for name in sorted(set(wanted) - names)]
            DeltaTable(folder).create_write_transaction(actions, mode="append", schema=contract)
            return
        # A log that names other files was left by a killed run.
        shutil.rmtree(folder / "_delta_log", ignore_errors=True)
        actions = [_action(folder, name, file.rows) for name, file in sorted(wanted.items())]
        create_table_with_add_actions(str(folder), contract, actions, mode="error", name=table)
    except (DeltaError, OSError) as e:
        raise EmberlakeError(
            f"The Delta log of {folder} cannot be written: {e}.", "Look at that folder's rights."
        ) from e


def _action(folder: Path, name: str, rows: int):  # type: ignore[no-untyped-def]
    from deltalake.transaction import AddAction

    stat = (folder / name).stat()
    stats = json.dumps({"numRecords": rows})
    return AddAction(name, stat.st_size, {}, int(stat.st_mtime * 1000), True, stats)
