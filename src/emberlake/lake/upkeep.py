"""Upkeep of tables with delta-rs, without an engine: compaction, clustering, vacuum, history, restore; and a diff.

Each holds the table's lock, as a write does. What changes no row leaves gold's builds valid.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from emberlake.errors import LakeError
from emberlake.lake.lake import Lake
from emberlake.tables import find

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

# What each large table is looked up by; the others are small enough to read whole.
CLUSTERING: dict[str, tuple[str, ...]] = {
    "silver.orders": ("ordered_at", "user_id"),
    "silver.order_items": ("order_id",),
    "silver.payments": ("order_id",),
    "silver.events": ("occurred_at", "session_id"),
    "gold.order_features": ("user_id", "ordered_at"),
    "gold.product_daily": ("day",),
}
RETENTION_HOURS = 168


@dataclass(frozen=True)
class Optimized:
    """Files and bytes before and after."""

    table: str
    files_before: int
    files_after: int
    bytes_before: int
    bytes_after: int
    clustered_by: tuple[str, ...]


def full_name(name: str) -> str:
    """`layer.name` of a table given in full or by its plain name."""
    table = find(name)
    return f"{table.layer}.{table.name}"


def optimize(lake: Lake, name: str, cluster_by: tuple[str, ...] | None = None) -> Optimized:
    """Write many small files as few large ones, rows that are looked up together beside each other (Z-order).

    Args:
        lake: the lake.
        name: the table.
        cluster_by: columns; None: the table's own (`CLUSTERING`); empty: only compact.

    Raises:
        LakeError: if the table does not exist or has no such column.
    """
    name = full_name(name)
    columns = CLUSTERING.get(name, ()) if cluster_by is None else cluster_by
    unknown = [column for column in columns if column not in find(name).names]
    if unknown:
        raise LakeError(f"Table {name} has no column {unknown[0]!r}.", f"It has: {', '.join(find(name).names)}.")
    before = _size(lake, name)
    valid = _gold_is_valid(lake)
    with lake.locked(name):
        table = lake.delta(name)
        if columns:
            table.optimize.z_order(list(columns))
        else:
            table.optimize.compact()
    if valid:
        lake.ledger.renew_build("gold", lake.versions())
    after = _size(lake, name)
    return Optimized(name, before[0], after[0], before[1], after[1], tuple(columns))


def vacuum(lake: Lake, name: str, hours: int = RETENTION_HOURS, dry_run: bool = True) -> list[str]:
    """Files that no version of the last `hours` needs; removed unless `dry_run`. Older versions are gone after that.

    Raises:
        LakeError: if the table does not exist, or `hours` is negative.
    """
    if hours < 0:
        raise LakeError(f"{hours} hours cannot be kept.", f"Keep 0 or more; {RETENTION_HOURS} is a week.")
    name = full_name(name)
    with lake.locked(name):
        return lake.delta(name).vacuum(hours, dry_run=dry_run, enforce_retention_duration=False)


def history(lake: Lake, name: str, limit: int | None = None) -> list[dict[str, Any]]:
    """Commits of a table, newest first: version, time (UTC), operation, what it changed, and by which engine."""
    told = []
    for commit in lake.delta(full_name(name)).history(limit):
        metrics = commit.get("operationMetrics") or {}
        told.append(
            {
                "version": commit["version"],
                "at": datetime.fromtimestamp(commit["timestamp"] / 1000, UTC).isoformat(timespec="seconds"),
                "operation": commit.get("operation", ""),
                "rows": metrics.get("numOutputRows", metrics.get("num_added_rows")),
                "files": metrics.get("numOutputFiles", metrics.get("numFiles", metrics.get("num_added_files"))),
                "engine": commit.get("engineInfo", ""),
            }
        )
    return told


def restore(lake: Lake, name: str, version: int, dry_run: bool = False) -> dict[str, Any]:
    """Make an earlier version the newest one; the versions between stay in the history, so this can be undone.

    Raises:
        LakeError: if there is no such version, or its files were vacuumed.
    """
    name = full_name(name)
    newest = lake.delta(name).version()
    if not 0 <= version <= newest:
        raise LakeError(
            f"Table {name} has no version {version}.", f"It has 0 to {newest}: emberlake lake history {name}."
        )
    if dry_run:
        return {"table": name, "from_version": newest, "to_version": version, "new_version": newest + 1}
    with lake.locked(name):
        try:
            lake.delta(name).restore(version)
        except Exception as e:
            raise LakeError(
                f"Version {version} of {name} cannot be restored: {e}.",
                "Its files may have been vacuumed; choose a newer one.",
            ) from e
    return {"table": name, "from_version": newest, "to_version": version, "new_version": lake.version(name)}


def diff(lake: Lake, name: str, old: int, new: int | None = None) -> DataFrame:
    """Rows that only one of two versions has: the table's columns and `_change` (`added` or `removed`).

    A row that changed is there twice, removed as it was and added as it is.
    """
    name = full_name(name)
    before, after = lake.read(name, version=old), lake.read(name, version=new)
    from pyspark.sql import functions as F

    added = after.exceptAll(before).withColumn("_change", F.lit("added"))
    return added.unionByName(before.exceptAll(after).withColumn("_change", F.lit("removed")))


def age(lake: Lake, name: str) -> timedelta:
    """Time since the table's last commit."""
    at = lake.delta(full_name(name)).history(1)[0]["timestamp"]
    return datetime.now(UTC) - datetime.fromtimestamp(at / 1000, UTC)


def _size(lake: Lake, name: str) -> tuple[int, int]:
    files = lake.rows_by_file(name)
    return len(files), sum(int(str(file["size_bytes"])) for file in files)


def _gold_is_valid(lake: Lake) -> bool:
    last = lake.ledger.last_build("gold")
    return last is not None and last.versions == lake.versions()
