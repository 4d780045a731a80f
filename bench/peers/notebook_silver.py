"""The notebook's silver cells: cast, refuse by rule, keep the latest, throw out orphans; counts after each."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

# The contract and the rules are facts of the shop; a tutorial would write the same ones out by hand.
from emberlake.lake.rules import REFERENCES, RULES
from emberlake.tables import SOURCES, Table

if TYPE_CHECKING:
    from bench.peers.notebook import Notebook


def silver_cells(notebook: Notebook, names: list[str]) -> None:
    """A cell a table, in the order of references."""
    for name in (name for name in SOURCES if name in names):
        table = SOURCES[name]
        raw = notebook.table(f"bronze.{name}")
        typed = cast(raw, table)
        judged = typed.withColumn("_reason", reason(table))
        good, bad = judged.where("_reason is null").drop("_reason"), judged.where("_reason is not null")
        good, orphans = references(notebook, good, name)
        clean = latest(good, table)
        if table.history:
            clean = history(clean, table)
        if name == "orders":
            clean = clean.withColumn("is_late", F.expr("received_at > ordered_at + INTERVAL 48 HOURS"))
        saved = notebook.save(f"silver.{name}", clean)
        refused = bad.unionByName(orphans) if orphans is not None else bad
        notebook.save(f"quarantine.{name}", refused)
        print(name, raw.count(), saved.count(), refused.count(), file=sys.stderr)


def cast(raw: DataFrame, table: Table) -> DataFrame:
    """Every column of the table in its type; null where the text is none of that type."""
    columns = []
    for column in table.columns:
        if column.name in raw.columns:
            columns.append(F.expr(f"try_cast(`{column.name}` as {column.type})").alias(column.name))
        else:
            columns.append(F.lit(None).cast(column.type).alias(column.name))
    return raw.select(*columns)


def reason(table: Table) -> Column:
    """Why a row is refused, or null."""
    said = F.lit(None).cast("string")
    for rule in reversed([rule for rule in RULES if rule.source == table.name]):
        said = F.when(~F.expr(rule.check), rule.name).otherwise(said)
    for column in reversed([column for column in table.columns if column.required]):
        said = F.when(F.col(column.name).isNull(), f"{column.name} is missing").otherwise(said)
    return said


def references(notebook: Notebook, rows: DataFrame, name: str) -> tuple[DataFrame, DataFrame | None]:
    """Rows whose parents exist, and the orphans."""
    orphans = None
    for reference in (reference for reference in REFERENCES if reference.source == name):
        key = SOURCES[reference.parent].key[0]
        parents = notebook.table(f"silver.{reference.parent}").select(F.col(key).alias(reference.column))
        lost = rows.where(F.col(reference.column).isNotNull()).join(parents, reference.column, "left_anti")
        lost = lost.withColumn("_reason", F.lit(reference.name))
        orphans = lost if orphans is None else orphans.unionByName(lost)
        # An event without an order refers to nothing.
        known = rows.join(parents, reference.column, "left_semi")
        rows = known.unionByName(rows.where(F.col(reference.column).isNull()))
    return rows, orphans


def latest(rows: DataFrame, table: Table) -> DataFrame:
    """One row a key, by the window of every tutorial."""
    order = F.col(table.version).desc() if table.version else F.lit(1)
    place = F.row_number().over(Window.partitionBy(*table.key).orderBy(order))
    return rows.withColumn("place", place).where("place = 1").drop("place")


def history(rows: DataFrame, table: Table) -> DataFrame:
    entity, at = table.key
    following = F.lead(at).over(Window.partitionBy(entity).orderBy(at))
    rows = rows.withColumn("valid_from", F.col(at)).withColumn("valid_to", following)
    return rows.withColumn("is_current", F.col("valid_to").isNull())
