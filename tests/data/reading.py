"""Reading literal files back, for the tests of feeds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from emberlake.lake.feeds import Feed, Mapping, find_files, parse, split

ORDERS = "order_id,user_id,ordered_at,received_at,status,amount"


def feed(*paths: Path, source: str = "orders", format: str = "auto", **mapping: Any) -> Feed:
    """A feed over some files; `mapping` as in mapping.yaml."""
    return Feed(
        name="test", source=source, format=format, paths=tuple(map(str, paths)), mapping=Mapping.model_validate(mapping)
    )


def read(path: Path, source: str = "orders", format: str = "auto", **mapping: Any) -> list[dict[str, Any]]:
    """All rows of a file in the order of their row numbers; `_rescued` as a dict, {} where there is none."""
    given = feed(path, source=source, format=format, **mapping)
    rows = [
        row
        for file in find_files(given)
        for task in split(file, given)
        for batch in parse(task)
        for row in batch.to_pylist()
    ]
    for row in rows:
        row["_rescued"] = json.loads(row["_rescued"] or "{}")
    return sorted(rows, key=lambda row: row["_row"])


def rescued(rows: list[dict[str, Any]]) -> dict[int, dict[str, str]]:
    """Line → what could not be read on it, without the good lines."""
    return {row["_row"]: row["_rescued"] for row in rows if row["_rescued"]}


def lines(rows: list[dict[str, Any]]) -> list[int]:
    """The line of each row."""
    return [row["_row"] for row in rows]
