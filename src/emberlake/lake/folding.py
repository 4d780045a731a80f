"""Folding: the folders of many small live loads become one, so that there are few, however often a stream writes.

Loads that silver has judged are never read by name again; a hundred of one partition become one folder of level 1, a
hundred of these one of level 2 (the tiers of a log-structured merge tree, O'Neil and others 1996), so each row is
written anew twice for a year at one micro-batch in five seconds. The commit says that no data changed: streams that
read the table pass over it. The ledger keeps every load as it was, and which folder it lies in.

Time: linear in the rows that are folded. Memory: one fold, at most `MOST_BYTES` of Parquet.
"""

from __future__ import annotations

import json
import re
import shutil
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emberlake.lake.boundary import boundary
from emberlake.lake.commits import write_commit
from emberlake.lake.folds import Folds
from emberlake.lake.intents import intent
from emberlake.lake.lake import Lake, token_of
from emberlake.lake.ledger import now_ms

# So many folders of a partition become one; a folder that is large is left alone.
LEAST, LARGE_BYTES, MOST_BYTES = 100, 128 * 2**20, 256 * 2**20
TABLES = (
    "bronze.orders", "bronze.order_items", "bronze.events",
    "quarantine.orders", "quarantine.order_items", "quarantine.events", "quarantine.live_late",
)  # fmt: skip
# Written live, too, and not in folders.
PLAIN = ("silver.live_orders",)
_LEVEL = re.compile(r"^(?P<prefix>[a-z]+-)(?:fold(?P<level>\d+)-)?[0-9a-f]+$")


@dataclass(frozen=True)
class Fold:
    """Folders that become one.

    Attributes:
        path: the feed's partition that all of them came from.
        into: the name of the new one; the same folders always have the same.
        loads: the old ones.
    """

    path: str
    into: str
    loads: tuple[str, ...]


def fold(lake: Lake, name: str, least: int = LEAST) -> list[Fold]:
    """Fold a table's small live loads; a table that has none that are due stays as it is.

    Args:
        lake: the lake; no session is needed.
        name: one of `TABLES`.
        least: so many folders of one partition and level are needed.

    Returns:
        What was folded.
    """
    done: list[Fold] = []
    # What was folded may be enough for the next level.
    while now := [each for each in list(_due(lake, name, least)) if _carry_out(lake, name, each)]:
        done += now
    return done


def _due(lake: Lake, name: str, least: int) -> Iterator[Fold]:
    sizes: dict[str, int] = defaultdict(int)
    for file in lake.rows_by_file(name):
        sizes[str(file["partition._load_id"])] += int(str(file["size_bytes"]))
    groups: dict[tuple[str, str, int], list[str]] = defaultdict(list)
    with Folds(lake.settings) as folds:
        due = folds.due(sizes)
    for load, path in due:
        told = _LEVEL.match(load)
        if told and sizes[load] < LARGE_BYTES:
            groups[path, told["prefix"], int(told["level"] or 0)].append(load)
    for (path, prefix, level), loads in groups.items():
        for members in _cut(loads, sizes, max(least, 2)):
            into = f"{prefix}fold{level + 1}-{token_of(name, *members)[:16]}"
            yield Fold(path, into, tuple(members))


def _cut(loads: list[str], sizes: dict[str, int], least: int) -> Iterator[list[str]]:
    """Groups of at least `least` loads and at most so many bytes, in their order; the rest waits for more."""
    members: list[str] = []
    for load in loads:
        members.append(load)
        full = sum(sizes[one] for one in members) >= MOST_BYTES
        if len(members) == LEAST or (full and len(members) > 1):
            yield members
            members = []
    if len(members) >= least:
        yield members


def _carry_out(lake: Lake, name: str, fold: Fold) -> bool:
    """Whether it was done; not where another process was quicker."""
    adds = list(_written(lake, name, fold))
    boundary(f"{name}:fold-written")
    with lake.locked(name):
        there = [file for file in lake.rows_by_file(name) if file["partition._load_id"] in fold.loads]
        if {str(file["partition._load_id"]) for file in there} != set(fold.loads):
            return False
        with Folds(lake.settings) as folds:
            folds.record(name, fold.into, fold.path, fold.loads)
        with intent(lake, name, fold.into):
            actions = [_info(fold, len(there), len(adds)), *map(_removed, there), *adds]
            write_commit(lake.path(name), lake.version(name) + 1, actions)
    boundary(f"{name}:folded")
    return True


def _written(lake: Lake, name: str, fold: Fold) -> Iterator[dict[str, Any]]:
    """Write the new folder beside the table's log, and give what a commit says of its files."""
    import pyarrow as pa
    from deltalake import WriterProperties, write_deltalake

    table = lake.delta(name)
    rows = table.to_pyarrow_table(filters=[("_load_id", "in", list(fold.loads))])
    place = rows.schema.get_field_index("_load_id")
    rows = rows.sort_by("_row" if "_row" in rows.schema.names else "offset")
    rows = rows.set_column(place, "_load_id", pa.array([fold.into] * rows.num_rows, pa.string()))
    scratch = lake.settings.scratch / uuid.uuid4().hex
    try:
        zstd = WriterProperties(compression="ZSTD")
        write_deltalake(scratch, rows, partition_by=["_load_id"], writer_properties=zstd)
        for line in (scratch / "_delta_log" / f"{0:020}.json").read_text(encoding="utf-8").splitlines():
            if add := json.loads(line).get("add"):
                _move(scratch / add["path"], lake.path(name) / add["path"])
                yield {"add": {**add, "dataChange": False}}
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(source, target)


def _removed(file: dict[str, object]) -> dict[str, Any]:
    load = str(file["partition._load_id"])
    return {
        "remove": {
            "path": file["path"], "deletionTimestamp": now_ms(), "dataChange": False, "extendedFileMetadata": True,
            "partitionValues": {"_load_id": load}, "size": file["size_bytes"],
        }
    }  # fmt: skip


def _info(fold: Fold, removed: int, added: int) -> dict[str, Any]:
    return {
        "commitInfo": {
            "timestamp": now_ms(), "operation": "OPTIMIZE", "engineInfo": "emberlake",
            "operationParameters": {"fold": fold.into, "feed": fold.path},
            "operationMetrics": {"numRemovedFiles": str(removed), "numAddedFiles": str(added)},
        }
    }  # fmt: skip


def fold_all(lake: Lake, names: Iterable[str] = (*TABLES, *PLAIN), least: int = LEAST) -> dict[str, int]:
    """Fold the live loads of several tables, and compact those whose loads are files.

    Returns:
        Folders or files that became others, by table; those without any are left out.
    """
    done = {}
    for name in names:
        if name in PLAIN:
            done[name] = _compact(lake, name, least)
        else:
            done[name] = sum(len(each.loads) for each in fold(lake, name, least))
    return {name: count for name, count in done.items() if count}


def _compact(lake: Lake, name: str, least: int) -> int:
    small = [file for file in lake.rows_by_file(name) if int(str(file["size_bytes"])) < LARGE_BYTES]
    if len(small) < max(least, 2):
        return 0
    with lake.locked(name):
        told = lake.delta(name).optimize.compact(target_size=LARGE_BYTES)
    return int(told["numFilesRemoved"])


def loads_by_folder(lake: Lake) -> list[dict[str, object]]:
    """The ledger's loads as bronze has them: those that lie in one folder are one row, with their sums."""
    with Folds(lake.settings) as folds:
        bronze = [folds.folders(name) for name in TABLES if name.startswith("bronze.")]
    folders = {load: into for each in bronze for load, into in each.items()}
    found: dict[str, dict[str, Any]] = {}
    members: dict[str, int] = defaultdict(int)
    for load in lake.ledger.loads():
        name = folders.get(str(load["load_id"]), str(load["load_id"]))
        members[name] += 1
        found[name] = _added(found[name], load) if name in found else {**load, "load_id": name}
    for name, count in members.items():
        if count > 1:
            found[name]["notes"] = f"{count:,} loads"
    return list(found.values())


def _added(so_far: dict[str, Any], load: dict[str, Any]) -> dict[str, Any]:
    rules = {**so_far["refused_by_rule"]}
    for rule, rows in load["refused_by_rule"].items():
        rules[rule] = rules.get(rule, 0) + rows
    sums = {key: so_far[key] + load[key] for key in ("read", "accepted", "deleted", "refused")}
    return {**so_far, **sums, "refused_by_rule": rules}
