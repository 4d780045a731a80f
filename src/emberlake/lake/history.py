"""Slowly changing dimensions of type 2: every version of a row, with the time in which it holds.

After R. Kimball and M. Ross, The Data Warehouse Toolkit, 3rd edition, chapter 5. A change that arrives late cuts the
version that it falls into; the result does not depend on the order of arrival.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from emberlake.lake.rules import takes_back
from emberlake.tables import SILVER, Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.lake.lake import Lake


def with_validity(changes: DataFrame, table: Table) -> DataFrame:
    """Each change with `valid_from` (its own time), `valid_to` (the next change's, null for the last) and `is_current`.

    Args:
        changes: rows of a source whose key is (entity, time of change), each key once.
        table: that source.
    """
    entity, at = table.key
    following = F.lead(at).over(Window.partitionBy(entity).orderBy(at))
    return (
        changes.withColumn("valid_from", F.col(at))
        .withColumn("valid_to", following)
        .withColumn("is_current", F.col("valid_to").isNull())
    )


def merge_history(lake: Lake, table: Table, changes: DataFrame, token: str) -> None:
    """Add changes to a history table and mend the validity of the versions around them.

    Args:
        lake: the lake.
        table: the source; `silver.<name>` is its history.
        changes: new changes: the source's columns, `_op` (delete: there was no such change) and `_load_id`.
        token: name of the write.
    """
    name, target, entity = f"silver.{table.name}", SILVER[table.name], table.key[0]
    there = lake.read(name)
    touched = there.join(changes.select(entity).distinct(), entity, "left_semi").select(*table.names, "_load_id")
    # A key that comes again with other content replaces the version it had.
    kept = touched.join(changes.select(*table.key), list(table.key), "left_anti")
    came = changes.where(~takes_back()).select(*kept.columns)
    stays = with_validity(kept.unionByName(came), table).select(*target.names, F.lit(False).alias("_gone"))
    # Its own row of silver, so that it has all that the table's constraints ask for.
    gone = there.join(changes.where(takes_back()).select(*table.key), list(table.key), "left_semi")
    rows = stays.unionByName(gone.select(*target.names, F.lit(True).alias("_gone")))
    changed = "NOT (t.valid_to <=> s.valid_to AND t.`_load_id` <=> s.`_load_id`)"
    lake.merge(name, rows, table.key, when=changed, delete="s.`_gone`", token=token)
