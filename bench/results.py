"""`bench/results/latest.json`: a list of rows, each with the machine and the versions that it was measured on."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

LATEST = Path(__file__).parent / "results" / "latest.json"
_PACKAGES = {
    "pyspark": "pyspark", "pysail": "pysail", "delta": "delta-spark", "deltalake": "deltalake", "duckdb": "duckdb",
    "tpchgen_cli": "tpchgen-cli", "emberlake": "emberlake",
}  # fmt: skip


def machine() -> dict[str, Any]:
    """What stands beside each row: versions, cores, memory, date."""
    versions = {"python": platform.python_version()}
    for name, package in _PACKAGES.items():
        try:
            versions[name] = version(package)
        except PackageNotFoundError:
            versions[name] = "none"
    return {
        "versions": versions,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "date": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }


def read_results(path: Path = LATEST) -> list[dict[str, Any]]:
    """The rows, or none if nothing was measured yet."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def merge(
    known: Iterable[dict[str, Any]], fresh: Iterable[dict[str, Any]], order: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Fresh rows in place of those of the same name; in the order of `order`, and others after them as they come.

    Rows that this program does not know stay: later work adds to the same file.
    """
    rows = {row["name"]: row for row in known} | {row["name"]: row for row in fresh}
    place = {name: number for number, name in enumerate(order)}
    return sorted(rows.values(), key=lambda row: place.get(row["name"], len(place)))


def keep(fresh: Sequence[dict[str, Any]], order: Sequence[str], path: Path = LATEST) -> list[dict[str, Any]]:
    """Merge rows into the file, written whole or not at all; returns all rows."""
    rows = merge(read_results(path), fresh, order)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".tmp")
    draft.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(path)
    return rows
