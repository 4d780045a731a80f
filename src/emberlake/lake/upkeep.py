"""Upkeep of tables with delta-rs, without an engine: compaction, clustering, vacuum, history, restore; and a diff.

Each holds the table's lock, as a write does. What changes no row leaves gold's builds valid.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import duckdb
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from emberlake.errors import LakeError
from emberlake.lake.folding import TABLES as FOLDED
from emberlake.lake.folding import fold
from emberlake.lake.lake import Lake
from emberlake.progress import Progress, silent
from emberlake.tables import LAYERS, find

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


def optimize(
    lake: Lake, names: Sequence[str] | None = None, zorder: Sequence[str] = (), progress: Progress = silent
) -> list[dict[str, Any]]:
    """Write many small files as few large ones, rows that are looked up together beside each other (Z-order).

    Live loads that silver has judged, each a folder of its own, become one folder a partition (`folding.py`).

    Args:
        lake: the lake.
        names: tables; None: all that exist.
        zorder: columns to cluster by; empty: each table's own (`CLUSTERING`), or none.
        progress: told which table is at work.

    Returns:
        A row a table: table, files and bytes before and after, clustered_by.

    Raises:
        LakeError: if a table does not exist or has no such column.
    """
    valid = _gold_is_valid(lake)
    done = []
    for name in _each(lake, names, "Optimizing", progress):
        columns = list(zorder) or list(CLUSTERING.get(name, ()))
        unknown = [column for column in columns if column not in find(name).names]
        if unknown:
            raise LakeError(f"Table {name} has no column {unknown[0]!r}.", f"It has: {', '.join(find(name).names)}.")
        before = _size(lake, name)
        if name in FOLDED:
            fold(lake, name, least=2)
        with lake.locked(name):
            table = lake.delta(name)
            if columns:
                table.optimize.z_order(columns)
            else:
                table.optimize.compact()
        after = _size(lake, name)
        done.append(
            {
                "table": name, "files_before": before[0], "files_after": after[0],
                "bytes_before": before[1], "bytes_after": after[1], "clustered_by": columns,
            }
        )  # fmt: skip
    if valid:
        lake.ledger.renew_build("gold", lake.versions())
    return done


def vacuum(
    lake: Lake,
    names: Sequence[str] | None = None,
    hours: float = RETENTION_HOURS,
    dry_run: bool = True,
    progress: Progress = silent,
) -> list[dict[str, Any]]:
    """Remove files that no version of the last `hours` needs; older versions can then not be read any more.

    Returns:
        A row a table: table, files, bytes, removed.

    Raises:
        LakeError: if a table does not exist, or `hours` is negative.
    """
    if hours < 0:
        raise LakeError(f"{hours} hours cannot be kept.", f"Keep 0 or more; {RETENTION_HOURS} is a week.")
    valid = _gold_is_valid(lake)
    done = []
    for name in _each(lake, names, "Vacuuming", progress):
        with lake.locked(name):
            table = lake.delta(name)
            gone = table.vacuum(int(hours), dry_run=True, enforce_retention_duration=False)
            paths = [lake.path(name) / path for path in gone]
            size = sum(path.stat().st_size for path in paths if path.exists())
            if not dry_run:
                table.vacuum(int(hours), dry_run=False, enforce_retention_duration=False)
                _sweep(lake, name)
        done.append({"table": name, "files": len(gone), "bytes": size, "removed": not dry_run})
    if valid and not dry_run:
        # delta-rs records a vacuum as a version of its own.
        lake.ledger.renew_build("gold", lake.versions())
    return done


def history(lake: Lake, name: str, limit: int | None = None) -> list[dict[str, Any]]:
    """Commits of a table, newest first: version, at (UTC), operation, rows and files written, engine."""
    told = []
    for commit in lake.delta(_full(name)).history(limit):
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


def restore(lake: Lake, name: str, version: int | None = None, as_of: str | None = None) -> dict[str, Any]:
    """Make an earlier version the newest one; the versions between stay in the history, so this can be undone.

    Args:
        lake: the lake.
        name: the table.
        version: the version to go back to.
        as_of: or: the version that the newest build up to this date or time (UTC) left.

    Raises:
        LakeError: if there is no such version, or its files were vacuumed.
    """
    name = _full(name)
    newest = lake.delta(name).version()
    if as_of is not None:
        version = lake.versions_as_of(as_of).get(name, -1)
    if version is None or not 0 <= version <= newest:
        raise LakeError(
            f"Table {name} has no version {version}.", f"It has 0 to {newest}: emberlake lake history {name}."
        )
    if version == newest:
        return {"table": name, "from": newest, "to": newest, "version_now": newest}
    with lake.locked(name):
        try:
            lake.delta(name).restore(version)
        except DeltaError as e:
            raise LakeError(
                f"Version {version} of {name} cannot be restored: {e}.",
                "Its files may have been vacuumed; choose a newer one.",
            ) from e
    return {"table": name, "from": newest, "to": version, "version_now": lake.version(name)}


def diff(lake: Lake, name: str, before: int, after: int | None = None, limit: int = 20) -> dict[str, Any]:
    """What changed between two versions, by the table's key.

    Returns:
        table, from, to, counts of rows added, removed and changed, and `rows`: up to `limit` of each kind, with
        `_change` (added, removed, before, after).

    Raises:
        LakeError: if a version does not exist or was vacuumed.
    """
    name = _full(name)
    table = find(name)
    newest = lake.delta(name).version()
    after = newest if after is None else after
    for version in (before, after):
        if not 0 <= version <= newest:
            raise LakeError(f"Table {name} has no version {version}.", f"It has 0 to {newest}.")
    try:
        with duckdb.connect() as db:
            db.register("old", DeltaTable(lake.path(name), version=before).to_pyarrow_dataset())
            db.register("new", DeltaTable(lake.path(name), version=after).to_pyarrow_dataset())
            old, new = db.table("old"), db.table("new")
            # Each kept once as a table of its own: both sides are asked for counts and for rows.
            new.except_(old).create("came")
            old.except_(new).create("went")
            same_key = " AND ".join(f'came."{key}" IS NOT DISTINCT FROM went."{key}"' for key in table.key)
            kinds = {
                "added": db.table("came").join(db.table("went"), same_key, how="anti"),
                "removed": db.table("went").join(db.table("came"), same_key, how="anti"),
                "before": db.table("went").join(db.table("came"), same_key, how="semi"),
                "after": db.table("came").join(db.table("went"), same_key, how="semi"),
            }
            counts = {kind: _number(found) for kind, found in kinds.items()}
            order = ", ".join(f'"{key}"' for key in table.key)
            rows = [
                {"_change": kind, **row}
                for kind, found in kinds.items()
                for row in found.order(order).limit(limit).to_arrow_table().to_pylist()
            ]
    except (OSError, DeltaError, duckdb.Error) as e:
        raise LakeError(
            f"Versions {before} and {after} of {name} cannot be compared: {e}.", "One may be vacuumed."
        ) from e
    return {
        "table": name, "from": before, "to": after,
        "added": counts["added"], "removed": counts["removed"], "changed": counts["after"], "rows": rows,
    }  # fmt: skip


def _number(found: duckdb.DuckDBPyRelation) -> int:
    row = found.aggregate("count(*)").fetchall()
    return int(row[0][0])


def _full(name: str) -> str:
    table = find(name)
    return f"{table.layer}.{table.name}"


def _each(lake: Lake, names: Sequence[str] | None, doing: str, progress: Progress) -> Iterator[str]:
    chosen = [_full(name) for name in names or ()]
    if not chosen:
        every = [f"{layer}.{name}" for layer, tables in LAYERS.items() for name in tables]
        chosen = [name for name in every if lake.exists(name)]
    missing = [name for name in chosen if not lake.exists(name)]
    if missing:
        raise LakeError(f"Table {missing[0]} does not exist yet.", "Build it first: emberlake build.")

    for number, name in enumerate(chosen):
        progress(f"{doing} {name}", number / len(chosen))
        yield name
    progress(f"{doing} is done", 1.0)


def _sweep(lake: Lake, name: str) -> None:
    """Remove the folders of loads that vacuum left empty; the table's lock is held, so nobody is about to fill one."""
    for folder in lake.path(name).glob("_load_id=*"):
        # One that holds a file stays.
        with suppress(OSError):
            folder.rmdir()


def _size(lake: Lake, name: str) -> tuple[int, int]:
    files = lake.rows_by_file(name)
    return len(files), sum(int(str(file["size_bytes"])) for file in files)


def _gold_is_valid(lake: Lake) -> bool:
    last = lake.ledger.last_build("gold")
    return last is not None and last.versions == lake.versions()
