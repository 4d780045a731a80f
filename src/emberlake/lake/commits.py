"""Commits as files: what one write added, told by its commit alone, and a commit that we write ourselves."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emberlake.errors import LakeError

if TYPE_CHECKING:
    from emberlake.lake.lake import Lake


@dataclass(frozen=True)
class Added:
    """The rows of one load in one commit.

    Attributes:
        rows: how many.
        greatest: the greatest value of the column asked for, to the millisecond below; None where it has none.
    """

    rows: int
    greatest: datetime | None


def added(lake: Lake, name: str, token: str, column: str | None = None) -> dict[str, Added]:
    """What the write called `token` added to a table in folders of loads, by load.

    Args:
        lake: the lake.
        name: the table, as `layer.name`.
        token: the write's.
        column: a column of times to tell the greatest of.

    Raises:
        LakeError: if the table does not have that write, or its commit is no longer in the log.
    """
    version = lake.ledger.written(name, token)
    path = lake.path(name) / "_delta_log" / f"{version or 0:020}.json"
    if version is None or not path.exists():
        raise LakeError(f"The commit of a write to {name} is not in its log.", f"It should be {path}.")
    found: dict[str, Added] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if '"add"' in line and (add := json.loads(line).get("add")):
            load, more = add["partitionValues"]["_load_id"], _of_file(add, column)
            found[load] = _both(found[load], more) if load in found else more
    return found


def write_commit(path: Path, version: int, actions: Iterable[Mapping[str, Any]]) -> None:
    """Commit actions to a table as one version, after the Delta transaction protocol; the table's lock is held.

    Raises:
        FileExistsError: if there is that version.
        OSError: if the folder cannot be written.
    """
    log = path / "_delta_log"
    draft = log / f".{uuid.uuid4()}.tmp"
    try:
        draft.write_text("".join(json.dumps(action) + "\n" for action in actions), encoding="utf-8")
        os.link(draft, log / f"{version:020}.json")
    finally:
        draft.unlink(missing_ok=True)


def _of_file(add: dict[str, Any], column: str | None) -> Added:
    stats = json.loads(add["stats"])
    text = stats.get("maxValues", {}).get(column) if column else None
    return Added(int(stats["numRecords"]), datetime.fromisoformat(text) if text else None)


def _both(one: Added, other: Added) -> Added:
    times = [each.greatest for each in (one, other) if each.greatest is not None]
    return Added(one.rows + other.rows, max(times, default=None))
