"""Silver: new bronze rows, typed, checked and one row a key; what a rule refuses goes to quarantine.

For each source, in the order of references: judge the new rows, write the refused ones, then the accepted ones; each
write is done once, and a load is recorded only when rows read = accepted + deleted + refused, counted from three
tables.

Time: linear in the new rows, plus a narrow scan of silver's keys. Memory: the keys of the new rows, and those of the
tables that they refer to.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.errors import LedgerMismatch
from emberlake.lake.boundary import boundary
from emberlake.lake.history import merge_history, with_validity
from emberlake.lake.lake import Lake, token_of
from emberlake.lake.locks import REFINING_SECONDS, refining
from emberlake.lake.verdict import Verdict
from emberlake.progress import Progress, silent
from emberlake.tables import SILVER, SOURCES, Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_LATE = "received_at > ordered_at + INTERVAL 48 HOURS"


@dataclass
class Refinement:
    """What a run refined: rows accepted, deleted and refused, by source; refusals by source and rule."""

    accepted: dict[str, int] = field(default_factory=dict)
    deleted: dict[str, int] = field(default_factory=dict)
    refused: dict[str, dict[str, int]] = field(default_factory=dict)


def refine(lake: Lake, progress: Progress = silent, wait: float = REFINING_SECONDS) -> Refinement:
    """Take the loads that silver has not seen from bronze to silver and quarantine.

    Args:
        lake: the lake.
        progress: told which source is at work.
        wait: seconds to wait for another process that refines or builds gold.

    Raises:
        LedgerMismatch: when rows read are not rows accepted plus rows refused; nothing is recorded then.
        LakeBusy: if another process refines, or builds gold, for longer than `wait`.
    """
    with refining(lake, wait):
        return _refine(lake, progress)


def _refine(lake: Lake, progress: Progress) -> Refinement:
    result = Refinement()
    # What a kill interrupted is finished first, with the same loads and the same parents as when it began.
    begun = lake.ledger.open_batch()
    if begun:
        progress(f"Checking {begun[0]}", 0.0)
        _refine_source(lake, SOURCES[begun[0]], begun[1], result)
    # Asked for the other way round: whatever a load refers to is then at least as new as the load.
    work = [(source, loads) for source in reversed(SOURCES) if (loads := lake.ledger.unrefined(source))][::-1]
    for number, (source, loads) in enumerate(work):
        progress(f"Checking {source}", number / len(work))
        lake.ledger.begin_batch(source, loads)
        _refine_source(lake, SOURCES[source], loads, result)
    progress("Silver is up to date", 1.0)
    return result


def _refine_source(lake: Lake, table: Table, loads: list[str], result: Refinement) -> None:
    token = token_of(*loads)
    silver, quarantine = f"silver.{table.name}", f"quarantine.{table.name}"
    deletes = _has_deletes(lake, table, loads)
    if lake.ledger.written(silver, token) is None:
        new = lake.read(f"bronze.{table.name}").where(F.col("_load_id").isin(loads))
        verdict = Verdict(lake, table, new, deletes)
        lake.append(quarantine, verdict.refused(), token)
        boundary(f"{quarantine}:before-silver")
        _apply(lake, table, verdict, token)
    boundary(f"{silver}:before-ledger")
    _account(lake, table, loads, deletes, result)
    boundary(f"{silver}:in-ledger")


def _apply(lake: Lake, table: Table, verdict: Verdict, token: str) -> None:
    name, target, accepted = f"silver.{table.name}", SILVER[table.name], verdict.accepted()
    if table.history and lake.rows(name) > 0:
        merge_history(lake, table, accepted.select(*table.names, "_op", "_load_id"), token)
        return
    rows = with_validity(accepted, table) if table.history else accepted
    if table.name == "orders":
        rows = rows.withColumn("is_late", F.expr(_LATE)).withColumn("month", F.trunc(F.to_date("ordered_at"), "month"))
    if not verdict.meets:
        # A merge would read and match all of silver to find nothing.
        lake.append(name, rows.select(*target.names), token)
    else:
        gone = F.col("_op").eqNullSafe("delete").alias("_gone")
        lake.merge(name, rows.select(*target.names, gone), table.key, delete="s.`_gone`", token=token)


def _has_deletes(lake: Lake, table: Table, loads: list[str]) -> bool:
    """Whether a new row may take something back, from the log's null counts."""
    files = [f for f in lake.rows_by_file(f"bronze.{table.name}") if f["partition._load_id"] in loads]
    return any(f.get("null_count._op") != f["num_records"] for f in files)


def _account(lake: Lake, table: Table, loads: list[str], deletes: bool, result: Refinement) -> None:
    read = lake.ledger.rows_read(loads)
    inside = F.col("_load_id").isin(loads)
    quarantine = lake.read(f"quarantine.{table.name}").where(inside)
    silver = lake.read(f"silver.{table.name}").where(inside).withColumn("_rule", F.lit(None).cast("string"))
    # One query for both: most loads are small, and a query has its price.
    counts = _count(silver, "_load_id", "_rule").unionByName(_count(quarantine, "_load_id", "_rule")).collect()
    accepted = {row["_load_id"]: row["rows"] for row in counts if row["_rule"] is None}
    refusals = [(row["_load_id"], row["_rule"], row["rows"]) for row in counts if row["_rule"] is not None]
    refused: dict[str, int] = defaultdict(int)
    for load, _, rows in refusals:
        refused[load] += rows
    deleted: dict[str, int] = dict.fromkeys(loads, 0)
    if deletes:
        asked = lake.read(f"bronze.{table.name}").where(inside & (F.col("_op") == "delete"))
        gone = asked.join(quarantine.select("_load_id", "_row"), ["_load_id", "_row"], "left_anti")
        deleted |= {row["_load_id"]: row["rows"] for row in _count(gone, "_load_id").collect()}
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
    totals = result.refused.setdefault(table.name, {})
    for _, rule, rows in refusals:
        totals[rule] = totals.get(rule, 0) + rows


def _count(rows: DataFrame, *by: str) -> DataFrame:
    return rows.groupBy(*by).agg(F.count("*").alias("rows"))
