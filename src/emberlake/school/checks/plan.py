"""Checks of how an answer was computed: each one a function of the plan and of what came to the driver."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from emberlake.school.checks.evidence import Evidence
from emberlake.school.checks.finding import Finding
from emberlake.school.plans import Plan
from emberlake.school.plans.facts import (
    Scan,
    broadcasts,
    caches,
    partition_columns,
    pushed_columns,
    python_nodes,
    scans,
    shuffles,
)
from emberlake.school.plans.words import movements

Check = Callable[..., Finding | None]
_DRIVER = 'Look at explain_plan(df), or df.explain(mode="formatted")'


def broadcast(evidence: Evidence, side: str = "") -> Finding | None:
    """A join sends `side` (a table) to every task instead of shuffling both sides; any side where none is named."""
    found = broadcasts(evidence.known_plan)
    if any(not side or side in each.tables for each in found):
        return None
    others = sorted({table for each in found for table in each.tables})
    came = f"{', '.join(others)} is broadcast" if others else "no side is broadcast"
    return Finding(
        "broadcast", "The join is not the one asked for.", f"{side or 'one side'} is broadcast", came,
        f"{_DRIVER}: BroadcastExchange stands above the side that is sent.",
    )  # fmt: skip


def at_most_shuffles(evidence: Evidence, most: int) -> Finding | None:
    """Rows are shuffled at most so often; exchanges that are used again do not count."""
    found = shuffles(evidence.known_plan)
    if len(found) <= most:
        return None
    moved = [
        each.what.removeprefix("Shuffle: ")
        for each in movements(evidence.known_plan)
        if each.what.startswith("Shuffle")
    ]
    return Finding(
        "at_most_shuffles", "Rows move more often than they need to.", f"at most {most} shuffle{'s' * (most != 1)}",
        f"{len(found)}: {'; '.join(moved)}", f"{_DRIVER}: each Exchange is a shuffle.",
    )  # fmt: skip


def at_most_reads(evidence: Evidence, table: str, most: int = 1) -> Finding | None:
    """The table is read at most so often; an exchange that is used again reads nothing."""
    found = _of(evidence.known_plan, table)
    if len(found) <= most:
        return None
    times = ("not at all", "once")[most] if most < 2 else f"at most {most} times"
    return Finding(
        "at_most_reads", f"{table} is read more often than it needs to be.", times,
        "once" if len(found) == 1 else f"{len(found)} times",
        f"{_DRIVER}: each Scan reads the files anew.",
    )  # fmt: skip


def filters_pushed(evidence: Evidence, table: str, column: str) -> Finding | None:
    """The files' reader of `table` is handed a filter on `column`."""
    found = _of(evidence.known_plan, table)
    if found and all(column in pushed_columns(scan) | partition_columns(scan) for scan in found):
        return None
    came = "; ".join(", ".join(scan.pushed) or "none" for scan in found) or f"{table} is not read"
    return Finding(
        "filters_pushed", f"The reader of {table} is not told of the filter on {column}.",
        f"PushedFilters with a comparison of {column}", f"PushedFilters: {came}",
        f"{_DRIVER}: compare PushedFilters with the Filter above the scan.",
    )  # fmt: skip


def partitions_pruned(evidence: Evidence, table: str, column: str) -> Finding | None:
    """Folders of `table` are chosen by a filter on its partition column."""
    found = _of(evidence.known_plan, table)
    if found and all(column in partition_columns(scan) for scan in found):
        return None
    files = sum(scan.node.metrics.get("numFiles", 0) for scan in found)
    came = f"none{f', and {files:,.0f} files were read' if files else ''}"
    return Finding(
        "partitions_pruned", f"Every folder of {table} is opened.", f"PartitionFilters with {column}",
        f"PartitionFilters: {came}", f"{_DRIVER}: PartitionFilters stand at the scan.",
    )  # fmt: skip


def columns_read(evidence: Evidence, table: str, only: Sequence[str]) -> Finding | None:
    """Of the files of `table` no other columns than these are read."""
    more = sorted({column for scan in _of(evidence.known_plan, table) for column in scan.columns} - set(only))
    if not more:
        return None
    return Finding(
        "columns_read", f"More columns of {table} are read than are used.", ", ".join(only),
        f"also {', '.join(more)}", f"{_DRIVER}: ReadSchema lists what is read.",
    )  # fmt: skip


def no_python(evidence: Evidence) -> Finding | None:
    """No row goes through a Python process."""
    found = python_nodes(evidence.known_plan)
    if not found:
        return None
    return Finding(
        "no_python", "Rows go through Python one after the other.", "functions of Spark only",
        ", ".join(dict.fromkeys(node.kind for node in found)),
        "Look for the same in pyspark.sql.functions: when, coalesce, regexp_extract, transform, …",
    )  # fmt: skip


def rows_to_driver(evidence: Evidence, most: int = 0) -> Finding | None:
    """The function itself fetches at most so many rows."""
    if evidence.rows_to_driver <= most:
        return None
    return Finding(
        "rows_to_driver", "Rows came to the driver that could have stayed where they are.", f"at most {most:,} rows",
        f"{evidence.rows_to_driver:,} rows", "Look for collect, toPandas, take and loops over rows.",
    )  # fmt: skip


def cache_used(evidence: Evidence, times: int = 2) -> Finding | None:
    """What was cached is read at least so often."""
    found = caches(evidence.known_plan)
    if len(found) >= times:
        return None
    return Finding(
        "cache_used", "The cache is not used as often as it could be.", f"InMemoryTableScan {times} times",
        f"{len(found)} times", f"{_DRIVER}: a cache is found again only for the very same expressions.",
    )  # fmt: skip


def _of(plan: Plan, table: str) -> list[Scan]:
    return [scan for scan in scans(plan) if scan.table == table]


OF_PLANS: dict[str, Check] = {
    each.__name__: each
    for each in (
        broadcast, at_most_shuffles, at_most_reads, filters_pushed, partitions_pruned, columns_read, no_python,
        cache_used,
    )
}  # fmt: skip
