"""Silver: new bronze rows, typed, checked and one row a key; what a rule refuses goes to quarantine.

For each source, in the order of references: rules over single rows, references, duplicates within the new rows, then
comparison with what silver has. Refused rows are written first, accepted ones second; each write is done once, and a
load is recorded only when rows read = accepted + deleted + refused, counted from three tables.

Time: linear in the new rows, plus one narrow scan of silver's keys; the first load needs no comparison. Memory: the keys
of the new rows.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from emberlake.errors import LedgerMismatch
from emberlake.lake.boundary import boundary
from emberlake.lake.history import merge_history, with_validity
from emberlake.lake.lake import Lake, token_of
from emberlake.lake.rules import Reference, first_broken, reasons, references_of, sound
from emberlake.progress import Progress, silent
from emberlake.tables import QUARANTINE, SILVER, SOURCES, Table

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_LATE = "received_at > ordered_at + INTERVAL 48 HOURS"


@dataclass
class Refinement:
    """What a run refined: rows accepted, deleted and refused, by source; refusals by source and rule."""

    accepted: dict[str, int] = field(default_factory=dict)
    deleted: dict[str, int] = field(default_factory=dict)
    refused: dict[str, dict[str, int]] = field(default_factory=dict)


def refine(lake: Lake, progress: Progress = silent) -> Refinement:
    """Take the loads that silver has not seen from bronze to silver and quarantine.

    Raises:
        LedgerMismatch: when rows read are not rows accepted plus rows refused; nothing is recorded then.
    """
    result = Refinement()
    # What a kill interrupted is finished first, with the same loads and the same parents as when it began.
    begun = lake.ledger.open_batch()
    if begun:
        progress(f"Checking {begun[0]}", 0.0)
        _refine_source(lake, SOURCES[begun[0]], begun[1], result)
    work = [(source, loads) for source in SOURCES if (loads := lake.ledger.unrefined(source))]
    for number, (source, loads) in enumerate(work):
        progress(f"Checking {source}", number / len(work))
        lake.ledger.begin_batch(source, loads)
        _refine_source(lake, SOURCES[source], loads, result)
    progress("Silver is up to date", 1.0)
    return result


def _refine_source(lake: Lake, table: Table, loads: list[str], result: Refinement) -> None:
    token = token_of(*loads)
    silver, quarantine = f"silver.{table.name}", f"quarantine.{table.name}"
    new = lake.read(f"bronze.{table.name}").where(F.col("_load_id").isin(loads))
    first = lake.rows(silver) == 0
    deletes = _has_deletes(lake, table, loads)
    if not lake.ledger.written(silver, token):
        verdict = Verdict(lake, table, new, first)
        lake.append(quarantine, verdict.refused(), token)
        boundary(f"{quarantine}:before-silver")
        _apply(lake, table, verdict.accepted(), first, deletes, token)
    boundary(f"{silver}:before-ledger")
    _account(lake, table, loads, deletes, result)
    boundary(f"{silver}:in-ledger")


def _apply(lake: Lake, table: Table, accepted: DataFrame, first: bool, deletes: bool, token: str) -> None:
    name, target = f"silver.{table.name}", SILVER[table.name]
    if table.history:
        if first:
            lake.append(name, with_validity(accepted, table).select(*target.names), token)
        else:
            merge_history(lake, table, accepted.select(*table.names, "_load_id"), token)
        return
    rows = accepted
    if table.name == "orders":
        rows = rows.withColumn("is_late", F.expr(_LATE))
    if first and not deletes:
        lake.append(name, rows.select(*target.names), token)
    elif (
        not deletes
        and not rows.join(lake.read(name).select(*table.key), list(table.key), "left_semi").limit(1).collect()
    ):
        # Merging would read and match all of silver to find nothing.
        lake.append(name, rows.select(*target.names), token)
    else:
        gone = F.coalesce(F.col("_op") == "delete", F.lit(False)).alias("_gone")
        lake.merge(name, rows.select(*target.names, gone), table.key, delete="s.`_gone`", token=token)


class Verdict:
    """Which of the new rows of one source are accepted, and why the others are not.

    Attributes:
        whole: rows that break no rule over single rows and whose references exist.
    """

    def __init__(self, lake: Lake, table: Table, new: DataFrame, first: bool) -> None:
        self._lake, self._table, self._first = lake, table, first
        self._judged = new.withColumn("_rule", first_broken(table))
        self._parents = [(r, p) for r in references_of(table.name) if (p := self._keys_of(r)) is not None]
        clean = new.where(sound(table)).withColumn("_rule", F.lit(None).cast("string"))
        self.whole = reduce(lambda rows, rp: self._join(rows, *rp, "left_semi"), self._parents, clean)
        self._orphans = self._find_orphans(clean)
        keys = list(table.key)
        # Keys that come more than once, from all rows: a superset, found in one narrow pass without joins.
        self._repeated = new.groupBy(*keys).agg(F.count("*").alias("_n")).where("_n > 1").select(*keys)
        self._repeats = bool(self._repeated.limit(1).collect())

    def _keys_of(self, reference: Reference) -> DataFrame | None:
        parent = f"silver.{reference.parent}"
        if self._lake.rows(parent) == 0:
            return None  # a shop without that source: nothing to refer to
        column = SOURCES[reference.parent].key[0]
        return self._lake.read(parent).select(F.col(column).alias("_parent"))

    @staticmethod
    def _join(rows: DataFrame, reference: Reference, parents: DataFrame, how: str) -> DataFrame:
        matched = rows[reference.column] == parents["_parent"]
        if how == "left_semi" and reference.optional:
            kept = rows.where(F.col(reference.column).isNotNull()).join(
                parents, F.col(reference.column) == F.col("_parent"), how
            )
            return kept.unionByName(rows.where(F.col(reference.column).isNull()))
        return rows.join(parents, matched, how)

    def _find_orphans(self, clean: DataFrame) -> list[DataFrame]:
        orphans, rest = [], clean
        for number, (reference, parents) in enumerate(self._parents):
            asked = rest.where(F.col(reference.column).isNotNull())
            orphans.append(
                self._join(asked, reference, parents, "left_anti").withColumn("_rule", F.lit(reference.name))
            )
            if number < len(self._parents) - 1:
                rest = self._join(rest, reference, parents, "left_semi")
        return orphans

    def _ranked(self) -> DataFrame:
        """Rows whose key comes more than once, `_place` 1 for the one that stays."""
        keys, version = list(self._table.key), self._table.version
        several = self.whole.join(self._repeated, keys, "left_semi")
        latest = [F.col(version).desc_nulls_last()] if version else []
        order = Window.partitionBy(*keys).orderBy(*latest, F.col("_source_file").desc(), F.col("_row").desc())
        best = F.first(version).over(order) if version else F.lit(None)
        older = F.coalesce(F.col(version) < F.col("_best"), F.col("_best").isNotNull()) if version else F.lit(False)
        ranked = several.withColumn("_place", F.row_number().over(order)).withColumn("_best", best)
        return ranked.withColumn(
            "_rule", F.when(F.col("_place") > 1, F.when(older, F.lit("superseded")).otherwise(F.lit("duplicate")))
        )

    def _winners(self) -> DataFrame:
        if not self._repeats:
            return self.whole
        once = self.whole.join(self._repeated, list(self._table.key), "left_anti")
        return once.unionByName(self._ranked().where("_place = 1").drop("_place", "_best"))

    def _against_silver(self) -> DataFrame:
        """Winners beside the silver row of their key, `_rule` set where silver's row stays."""
        table, keys = self._table, list(self._table.key)
        content = [c for c in table.names if c not in keys]
        has = self._lake.read(f"silver.{table.name}").select(*[F.col(k).alias(f"_has_{k}") for k in table.names])
        winners = self._winners()
        matched = reduce(lambda a, b: a & b, [winners[k] == has[f"_has_{k}"] for k in keys])
        pairs = winners.join(has, matched, "left")
        same = reduce(lambda a, b: a & b, [F.col(c).eqNullSafe(F.col(f"_has_{c}")) for c in content], F.lit(True))
        rule: Column = F.when(same, F.lit("duplicate"))
        if table.version:
            mine, there = F.col(table.version), F.col(f"_has_{table.version}")
            rule = F.when(mine < there, F.lit("superseded")).when(same | (mine == there), F.lit("duplicate"))
        known = F.col(f"_has_{keys[0]}").isNotNull()
        deleting = F.coalesce(F.col("_op") == "delete", F.lit(False))
        stays = F.when(~known & deleting, F.lit("unknown_key")).when(known & ~deleting, rule)
        return pairs.withColumn("_rule", stays).drop(*has.columns)

    def accepted(self) -> DataFrame:
        """Rows that silver takes: the contract's columns, `_op`, `_load_id`."""
        if self._first:
            return self._winners().where(F.coalesce(F.col("_op") != "delete", F.lit(True)))
        return self._against_silver().where(F.col("_rule").isNull())

    def refused(self) -> DataFrame:
        """Rows for quarantine, with `_rule` and `_reason`."""
        parts = [self._judged.where(F.col("_rule").isNotNull()), *self._orphans]
        if self._repeats:
            parts.append(self._ranked().where("_place > 1").drop("_place", "_best"))
        if self._first:
            parts.append(self._winners().where(F.col("_op") == "delete").withColumn("_rule", F.lit("unknown_key")))
        else:
            parts.append(self._against_silver().where(F.col("_rule").isNotNull()))
        rows = reduce(lambda a, b: a.unionByName(b), parts)
        return rows.withColumn("_reason", reasons(self._table)).select(*QUARANTINE[self._table.name].names)


def _has_deletes(lake: Lake, table: Table, loads: list[str]) -> bool:
    """Whether a new row takes something back, from the log's null counts where it has them."""
    files = [f for f in lake.rows_by_file(f"bronze.{table.name}") if f["partition._load_id"] in loads]
    return any(f.get("null_count._op") != f["num_records"] for f in files)


def _account(lake: Lake, table: Table, loads: list[str], deletes: bool, result: Refinement) -> None:
    read = lake.ledger.rows_read(loads)
    inside = F.col("_load_id").isin(loads)
    by_load = lake.read(f"silver.{table.name}").where(inside).groupBy("_load_id").agg(F.count("*").alias("rows"))
    accepted = {row["_load_id"]: row["rows"] for row in by_load.collect()}
    by_rule = (
        lake.read(f"quarantine.{table.name}").where(inside).groupBy("_load_id", "_rule").agg(F.count("*").alias("rows"))
    )
    refusals = [(row["_load_id"], row["_rule"], row["rows"]) for row in by_rule.collect()]
    refused: dict[str, int] = defaultdict(int)
    for load, _, rows in refusals:
        refused[load] += rows
    deleted: dict[str, int] = dict.fromkeys(loads, 0)
    if deletes:
        bronze = lake.read(f"bronze.{table.name}").where(inside & (F.col("_op") == "delete"))
        gone = bronze.join(
            lake.read(f"quarantine.{table.name}").where(inside).select("_load_id", "_row"),
            ["_load_id", "_row"],
            "left_anti",
        )
        deleted |= {
            row["_load_id"]: row["rows"] for row in gone.groupBy("_load_id").agg(F.count("*").alias("rows")).collect()
        }
    for load in loads:
        if read[load] != accepted.get(load, 0) + deleted[load] + refused[load]:
            raise LedgerMismatch(
                f"Load {load} of {table.name}: {read[load]} rows read, but {accepted.get(load, 0)} accepted,"
                f" {deleted[load]} deleted and {refused[load]} refused.",
                "Nothing was recorded for it. Please report this with `emberlake lake loads --json`.",
            )
    lake.ledger.record_outcomes([(load, accepted.get(load, 0), deleted[load]) for load in loads], refusals)
    result.accepted[table.name] = result.accepted.get(table.name, 0) + sum(accepted.get(load, 0) for load in loads)
    result.deleted[table.name] = result.deleted.get(table.name, 0) + sum(deleted.values())
    totals = result.refused.setdefault(table.name, defaultdict(int))
    for _, rule, rows in refusals:
        totals[rule] += rows
