"""Updates by key: as MERGE, or as a table written anew where that is cheaper."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.tables import Table


def merge_statement(
    path: str, source: str, table: Table, on: tuple[str, ...], when: str, delete: str, insert: bool
) -> str:
    """MERGE of the view `source` (as `s`) into the Delta table at `path` (as `t`); see `Lake.merge`."""
    names = ", ".join(f"`{column}`" for column in table.names)
    clauses = [
        f"MERGE INTO delta.`{path.replace('`', '``')}` AS t USING {source} AS s",
        "ON " + " AND ".join(f"t.`{column}` = s.`{column}`" for column in on),
        f"WHEN MATCHED AND ({delete}) THEN DELETE" if delete else "",
        "WHEN MATCHED" + (f" AND ({when})" if when else "") + " THEN UPDATE SET "
        + ", ".join(f"t.`{column}` = s.`{column}`" for column in table.names),
    ]  # fmt: skip
    if insert:
        values = ", ".join(f"s.`{column}`" for column in table.names)
        unless = f" AND NOT ({delete.replace('t.', 's.')})" if delete and "t." not in delete else ""
        clauses.append(f"WHEN NOT MATCHED{unless} THEN INSERT ({names}) VALUES ({values})")
    return "\n".join(clauses)


def upsert(there: DataFrame, path: str, rows: DataFrame, table: Table, on: tuple[str, ...], delete: str) -> None:
    """Write what a table holds after a merge in which the rows always win: all of it, or the folders that change.

    Args:
        there: the table at `path`.
        rows: at most one row a key, with the table's columns; asked several times, so they should be staged.
        on: the key's columns.
        delete: which rows take the table's one away, over `s`; empty: none.
    """
    folder = next(iter(table.partition), None)
    touched = _folders(there, rows, folder, on) if folder else "true"
    if touched is None:
        return
    stays = there.where(touched).join(rows.select(*on), list(on), "left_anti").select(*table.names)
    came = rows.alias("s").where(f"NOT ({delete})") if delete else rows
    # A repartition, because Sail 0.7.2 checks constraints on rows that a filter before the write takes out.
    after = stays.unionByName(came.select(*table.names)).repartition(os.cpu_count() or 1)
    writer = after.write.format("delta").mode("overwrite")
    (writer.option("replaceWhere", touched) if folder else writer).save(path)


def _folders(there: DataFrame, rows: DataFrame, folder: str, on: tuple[str, ...]) -> str | None:
    """A predicate over a column of dates: the folders in which a merge changes a row; None where it changes none."""
    met = there.join(rows.select(*on), list(on), "left_semi").select(folder)
    # A row that only takes another one away may have no folder.
    found = met.unionByName(rows.select(folder)).where(F.col(folder).isNotNull()).distinct().collect()
    dates = ", ".join(f"date'{day}'" for day in sorted(row[folder] for row in found))
    return f"{folder} IN ({dates})" if dates else None
