"""Bronze to gold without the gates: what `gates` is compared with.

The same engine, parser, tables, deduplication, marts and processes as the lake's, but no digest of files, ledger, lock,
record of intents, contract check, CHECK constraint, rule, reference, quarantine or account. Rows without a key or
another required value are dropped: no build can use them.

python -m bench.ungated ROOT
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.sql import Window
from pyspark.sql import functions as F

from emberlake.lake import Lake
from emberlake.lake.bronze import _parsed, load_id
from emberlake.lake.creation import create_table
from emberlake.lake.feeds import SourceFile, list_feeds, split
from emberlake.lake.gold import build_all
from emberlake.lake.history import with_validity
from emberlake.progress import silent
from emberlake.settings import read_settings
from emberlake.steps import build
from emberlake.steps.plan import Step
from emberlake.steps.work import Tools
from emberlake.tables import BRONZE, GOLD, SILVER, SOURCES, Table, find

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class OpenLake(Lake):
    """A lake whose writes go straight to the engine."""

    def _write(
        self,
        name: str,
        rows: DataFrame,
        action: Callable[[DataFrame, str], object],
        token: str | None,
        extra: tuple[str, ...] = (),
    ) -> None:
        # The same folders, and no constraints.
        create_table(self.path(name), replace(find(name), layer="ungated"))
        action(rows, self.engine_path(name))


def take_in(tools: Tools) -> dict[str, Any]:
    """Bronze, in the lake's own layout: one partition a file."""
    with _lake(tools) as lake:
        for feed in list_feeds(tools.settings):
            tasks = [
                (load_id(feed.source, file.path), task) for file in _files(feed.paths) for task in split(file, feed)
            ]
            if tasks:
                rows = _parsed(lake, BRONZE[feed.source], tasks).select(*BRONZE[feed.source].names)
                writer = rows.write.format("delta").mode("append").partitionBy("_load_id")
                writer.save(lake.engine_path(f"bronze.{feed.source}"))
    return {}


def refine(tools: Tools) -> dict[str, Any]:
    """Silver: one row a key, the same as the lake's for clean data."""
    with _lake(tools) as lake:
        for name, table in SOURCES.items():
            if not lake.exists(f"bronze.{name}"):
                continue
            required = " AND ".join(f"`{c.name}` IS NOT NULL" for c in table.columns if c.required)
            rows = latest(lake, lake.read(f"bronze.{name}").where(required), table)
            if table.history:
                rows = with_validity(rows, table)
            if name == "orders":
                rows = rows.withColumn("is_late", F.expr("received_at > ordered_at + INTERVAL 48 HOURS"))
                rows = rows.withColumn("month", F.trunc(F.to_date("ordered_at"), "month"))
            lake.append(f"silver.{name}", rows.select(*SILVER[name].names))
    return {}


def latest(lake: Lake, rows: DataFrame, table: Table) -> DataFrame:
    """One row a key: the highest version, then the later row. Only keys that come more than once are ranked."""
    keys = list(table.key)
    # Staged as the lake does it, or the engine takes the wide side of the joins below for their hash tables.
    repeated = lake.stage(rows.groupBy(*keys).agg(F.count("*").alias("_n")).where("_n > 1").select(*keys))
    if repeated is None:
        return rows
    version = [F.col(table.version).desc_nulls_last()] if table.version else []
    order = Window.partitionBy(*keys).orderBy(*version, F.col("_source_file").desc(), F.col("_row").desc())
    several = rows.join(repeated, keys, "left_semi").withColumn("_place", F.row_number().over(order))
    best = several.where("_place = 1").drop("_place").select(*rows.columns)
    return rows.join(repeated, keys, "left_anti").select(*rows.columns).unionByName(best)


def build_gold(tools: Tools) -> dict[str, Any]:
    """Gold, by the lake's own marts."""
    with _lake(tools) as lake:
        build_all(lake, silent)
        return {"rows": {name: lake.rows(f"gold.{name}") for name in GOLD}}


def _lake(tools: Tools) -> OpenLake:
    return OpenLake(tools.engine.session, tools.settings)


def _files(patterns: tuple[str, ...]) -> list[SourceFile]:
    paths = [path for pattern in patterns for path in sorted(Path(pattern).parent.glob(Path(pattern).name))]
    return [SourceFile(str(path), os.stat(path).st_size, os.stat(path).st_mtime_ns, "") for path in paths]


STEPS = (
    Step("bronze", "Take in files", "lake", take_in),
    Step("silver", "Deduplicate", "lake", refine),
    Step("gold", "Build the marts", "lake", build_gold),
)


def main(root: Path) -> None:
    """Run the three steps in a child process, as the lake's own are."""
    # Not by this module's own STEPS: run as a program, it is called __main__.
    import bench.ungated as module

    run = build(read_settings(root=root), module.STEPS, lambda event: None, plan="bench.ungated:STEPS")
    steps = [{"step": step.name, "seconds": step.seconds, "figures": step.figures} for step in run.did]
    print(json.dumps({"steps": steps, "seconds": run.seconds}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
