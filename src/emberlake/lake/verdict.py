"""Which new rows of a source silver takes, and which rule refuses the others."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from emberlake.lake.rules import Reference, first_broken, reasons, references_of, sound
from emberlake.tables import QUARANTINE, SOURCES, Table

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from emberlake.lake.lake import Lake


class Verdict:
    """The judgement of one batch of bronze rows.

    Each new row meets the keys that its references name by a left join that only adds a mark; the marks and the rules
    over single rows give `_rule`. Only rows of keys that come more than once are ranked, so that no window runs over
    the whole table.

    Args:
        lake: where the referenced tables and silver are.
        table: the source.
        new: bronze rows of the batch.
        first: whether silver is empty, so that there is nothing to compare with.
    """

    def __init__(self, lake: Lake, table: Table, new: DataFrame, first: bool) -> None:
        self._lake, self._table, self._first = lake, table, first
        keys = list(table.key)
        self._repeated = new.groupBy(*keys).agg(F.count("*").alias("_n")).where("_n > 1").select(*keys)
        self._repeats = bool(self._repeated.limit(1).collect())
        rows, orphan = new, F.lit(None).cast("string")
        # From the last reference to the first, so that the first one is the outermost and wins.
        for number, reference in reversed(list(enumerate(references_of(table.name)))):
            mark = f"_parent_{number}"
            parents = self._keys_of(reference, mark)
            if parents is not None:
                rows = rows.join(parents, rows[reference.column] == parents[mark], "left")
                lost = F.col(reference.column).isNotNull() & F.col(mark).isNull()
                orphan = F.when(lost, F.lit(reference.name)).otherwise(orphan)
        rule = F.when(~sound(table), first_broken(table)).otherwise(orphan)
        self._judged = rows.withColumn("_rule", rule).select(*new.columns, "_rule")

    def _keys_of(self, reference: Reference, name: str) -> DataFrame | None:
        parent = f"silver.{reference.parent}"
        if self._lake.rows(parent) == 0:
            return None  # a shop without that source: nothing to refer to
        return self._lake.read(parent).select(F.col(SOURCES[reference.parent].key[0]).alias(name))

    def _ranked(self) -> DataFrame:
        """Good rows whose key comes more than once, `_place` 1 for the one that stays; `_rule` for the others."""
        keys, version = list(self._table.key), self._table.version
        several = self._judged.where(F.col("_rule").isNull()).join(self._repeated, keys, "left_semi")
        latest = [F.col(version).desc_nulls_last()] if version else []
        order = Window.partitionBy(*keys).orderBy(*latest, F.col("_source_file").desc(), F.col("_row").desc())
        ranked = several.withColumn("_place", F.row_number().over(order))
        older: Column = F.lit(False)
        if version:
            ranked = ranked.withColumn("_best", F.first(version).over(order))
            # A row without a version is older than any row that has one.
            undated = F.col(version).isNull() & F.col("_best").isNotNull()
            older = F.coalesce(F.col(version) < F.col("_best"), undated)
        lost = F.when(older, F.lit("superseded")).otherwise(F.lit("duplicate"))
        return ranked.withColumn("_rule", F.when(F.col("_place") > 1, lost)).drop("_best")

    def _winners(self) -> DataFrame:
        good = self._judged.where(F.col("_rule").isNull())
        if not self._repeats:
            return good
        once = good.join(self._repeated, list(self._table.key), "left_anti")
        return once.select(*good.columns).unionByName(self._ranked().where("_place = 1").drop("_place"))

    def _against_silver(self) -> DataFrame:
        """Winners beside the silver row of their key, `_rule` set where silver's row stays."""
        table, keys = self._table, list(self._table.key)
        silver = self._lake.read(f"silver.{table.name}")
        has = silver.select(*[F.col(name).alias(f"_has_{name}") for name in table.names])
        winners = self._winners()
        pairs = winners.join(has, reduce(and_, [winners[key] == has[f"_has_{key}"] for key in keys]), "left")
        content = [F.col(c).eqNullSafe(F.col(f"_has_{c}")) for c in table.names if c not in keys]
        same = reduce(and_, content, F.lit(True))
        rule: Column = F.when(same, F.lit("duplicate"))
        if table.version:
            mine, there = F.col(table.version), F.col(f"_has_{table.version}")
            rule = F.when(mine < there, F.lit("superseded")).when(same | (mine == there), F.lit("duplicate"))
        known, deleting = F.col(f"_has_{keys[0]}").isNotNull(), F.col("_op").eqNullSafe("delete")
        stays = F.when(~known & deleting, F.lit("unknown_key")).when(known & ~deleting, rule)
        return pairs.withColumn("_rule", stays).drop(*has.columns)

    def accepted(self) -> DataFrame:
        """Rows that silver takes: bronze's columns, `_op` telling which of them take a row back."""
        if self._first:
            return self._winners().where(~F.col("_op").eqNullSafe("delete"))
        return self._against_silver().where(F.col("_rule").isNull())

    def refused(self, deletes: bool) -> DataFrame:
        """Rows for quarantine, with `_rule` and `_reason`.

        Args:
            deletes: whether a new row may take something back, which a first load cannot do.
        """
        parts = [self._judged.where(F.col("_rule").isNotNull())]
        if self._repeats:
            parts.append(self._ranked().where("_place > 1").drop("_place"))
        if not self._first:
            parts.append(self._against_silver().where(F.col("_rule").isNotNull()))
        elif deletes:
            parts.append(self._winners().where("_op = 'delete'").withColumn("_rule", F.lit("unknown_key")))
        rows = reduce(lambda a, b: a.unionByName(b), parts)
        return rows.withColumn("_reason", reasons(self._table)).select(*QUARANTINE[self._table.name].names)
