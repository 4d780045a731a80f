"""Which new rows of a source silver takes, and which rule refuses the others."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from emberlake.lake.rules import Reference, first_broken, reasons, references_of, sound, takes_back
from emberlake.tables import QUARANTINE, SOURCES, Table

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from emberlake.lake.lake import Lake


class Verdict:
    """The judgement of one batch of bronze rows.

    A row is judged by itself and by the keys that its references name. Then rows of one key are ranked. Nearly all rows
    are good, so that the few exceptions are found first, by keys alone, and staged: references to nothing, and keys
    that come more than once. Only rows of the latter are sorted; those that lose are staged, too. What is left for the
    whole rows are joins with a few, and not with all of another table (docs/decisions/0064-exceptions-first.md).

    Silver is compared with only where it has a key of the batch: its rows with those keys are staged, too.

    Args:
        lake: where the referenced tables and silver are.
        table: the source.
        new: bronze rows of the batch.
        deletes: whether any of them may take another row back.

    Attributes:
        meets: whether silver has a key of the batch; if not, all accepted rows are additions.
    """

    def __init__(self, lake: Lake, table: Table, new: DataFrame, deletes: bool) -> None:
        self._lake, self._table, self._new, self._deletes = lake, table, new, deletes
        keys = list(table.key)
        lost = [(number, r, self._lost(r)) for number, r in enumerate(references_of(table.name))]
        self._orphans = [(number, r, values) for number, r, values in lost if values is not None]
        self._there = self._find_there()
        self.meets = self._there is not None
        repeated = lake.stage(new.groupBy(*keys).agg(F.count("*").alias("_n")).where("_n > 1").select(*keys))
        self._losers = None if repeated is None else lake.stage(self._rank(new.join(repeated, keys, "left_semi")))

    def _judge(self, rows: DataFrame) -> DataFrame:
        """Rows with `_rule`: what they break by themselves or by a reference; null for good ones."""
        columns, orphan = rows.columns, F.lit(None).cast("string")
        # From the last reference to the first, so that the first one is the outermost and wins.
        for number, reference, lost in reversed(self._orphans):
            mark = f"_lost_{number}"
            rows = rows.join(
                lost.withColumnRenamed(reference.column, mark), F.col(reference.column) == F.col(mark), "left"
            )
            orphan = F.when(F.col(mark).isNotNull() & ~takes_back(), F.lit(reference.name)).otherwise(orphan)
        rule = F.when(~sound(self._table), first_broken(self._table)).otherwise(orphan)
        return rows.withColumn("_rule", rule).select(*columns, "_rule")

    def _lost(self, reference: Reference) -> DataFrame | None:
        """Values of a reference's column that name nothing, each once."""
        parent, column = f"silver.{reference.parent}", reference.column
        if self._lake.rows(parent) == 0:
            return None  # a shop without that source: nothing to refer to
        there = self._lake.read(parent).select(F.col(SOURCES[reference.parent].key[0]).alias(column))
        asked = self._new.where(F.col(column).isNotNull() & ~takes_back()).select(column)
        return self._lake.stage(asked.join(there, column, "left_anti").distinct())

    def _rank(self, several: DataFrame) -> DataFrame:
        """Of good rows with the same key, those that lose to a later version or, of equal ones, to a later arrival."""
        keys, version = list(self._table.key), self._table.version
        arrival = [F.col(name) for name in ("_loaded_at", "_source_file", "_row", "_load_id")]
        ranked = self._judge(several).where(F.col("_rule").isNull()).withColumn("_past", F.lit(False))
        if version and self._deletes:
            # A row is taken back without a time of its own: what came before is over, whatever its version.
            of_key = Window.partitionBy(*keys)
            ranked = ranked.withColumn("_arrival", F.row_number().over(of_key.orderBy(*arrival)))
            cut = F.max(F.when(takes_back() & F.col(version).isNull(), F.col("_arrival"))).over(of_key)
            ranked = ranked.withColumn("_past", F.coalesce(F.col("_arrival") < cut, F.lit(False)))
        latest = [F.col("_past").asc(), *([F.col(version).desc_nulls_last()] if version else [])]
        order = Window.partitionBy(*keys).orderBy(*latest, *[column.desc() for column in arrival])
        ranked = ranked.withColumn("_place", F.row_number().over(order))
        older = F.col("_past")
        if version:
            ranked = ranked.withColumn("_best", F.first(version).over(order))
            older = older | _older(F.col(version), F.col("_best"))
        lost = F.when(older, F.lit("superseded")).otherwise(F.lit("duplicate"))
        return ranked.where("_place > 1").withColumn("_rule", lost).select(*several.columns, "_rule")

    def _winners(self) -> DataFrame:
        good = self._judge(self._new).where(F.col("_rule").isNull())
        if self._losers is None:
            return good
        return good.join(self._losers.select("_load_id", "_row"), ["_load_id", "_row"], "left_anti")

    def _find_there(self) -> DataFrame | None:
        """Silver's rows with keys of the batch."""
        table, keys = self._table, list(self._table.key)
        name = f"silver.{table.name}"
        if self._lake.rows(name) == 0:
            return None
        silver, asked = self._lake.read(name), self._new.select(*keys).distinct()
        # By keys alone first: nearly all batches only add, and reading silver whole would be most of the work.
        if not asked.join(silver.select(*keys), keys, "left_semi").limit(1).collect():
            return None
        return self._lake.stage(silver.select(*table.names).join(asked, keys, "left_semi"))

    def _against_silver(self, there: DataFrame) -> DataFrame:
        """Winners beside the silver row of their key, `_rule` set where silver's row stays."""
        table, keys = self._table, list(self._table.key)
        has = there.select(*[F.col(name).alias(f"_has_{name}") for name in table.names])
        winners = self._winners()
        pairs = winners.join(has, reduce(and_, [winners[key] == has[f"_has_{key}"] for key in keys]), "left")
        content = [F.col(c).eqNullSafe(F.col(f"_has_{c}")) for c in table.names if c not in keys]
        same = reduce(and_, content, F.lit(True))
        known, deleting = F.col(f"_has_{keys[0]}").isNotNull(), takes_back()
        stays = F.when(~known & deleting, F.lit("unknown_key"))
        if table.version:
            mine, its = F.col(table.version), F.col(f"_has_{table.version}")
            # A row that is taken back without a time is taken back now.
            older = _older(mine, its) & ~(deleting & mine.isNull())
            stays = stays.when(known & older, F.lit("superseded"))
            same = same | (mine == its)
        stays = stays.when(known & ~deleting & same, F.lit("duplicate"))
        return pairs.withColumn("_rule", stays).drop(*has.columns)

    def accepted(self) -> DataFrame:
        """Rows that silver takes: bronze's columns, `_op` telling which of them take a row back."""
        if self._there is None:
            return self._winners().where(~takes_back())
        return self._against_silver(self._there).where(F.col("_rule").isNull())

    def refused(self) -> DataFrame:
        """Rows for quarantine, with `_rule` and `_reason`."""
        parts = [self._judge(self._new).where(F.col("_rule").isNotNull())]
        if self._losers is not None:
            parts.append(self._losers)
        if self._there is not None:
            parts.append(self._against_silver(self._there).where(F.col("_rule").isNotNull()))
        elif self._deletes:
            parts.append(self._winners().where(takes_back()).withColumn("_rule", F.lit("unknown_key")))
        rows = reduce(lambda a, b: a.unionByName(b), parts)
        return rows.withColumn("_reason", reasons(self._table)).select(*QUARANTINE[self._table.name].names)


def _older(mine: Column, there: Column) -> Column:
    """Whether a version is behind another; a row without one is behind any row that has one. Never null."""
    return F.coalesce(mine < there, mine.isNull() & there.isNotNull())
