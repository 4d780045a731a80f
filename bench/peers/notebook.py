"""The lakehouse as a notebook tutorial writes it, on Spark's defaults: bronze, silver, gold, then the questions.

As fair as it could be made: it is given the data as CSV files, which our own build has to make first; Delta's JARs are
on the class path, so that no Ivy runs; it refuses the same rows by the same rules, keeps the same one of several
versions, makes the same gold tables and answers the same reports (the bench compares the rows of each gold table). What
makes it a tutorial: schemas are inferred, each table is written as it is read, the next cell reads it again, and every
step ends with a count() to look at. Nothing is incremental, accounted for or protected against a kill.

python -m bench.peers.notebook EXPORTS HOME      (HOME: the folder for all that is written)
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from bench.peers.literals import with_values
from bench.peers.notebook_gold import GOLD_CELLS
from bench.peers.notebook_silver import silver_cells
from bench.peers.session import plain_session
from emberlake.reports import list_reports


class Notebook:
    """A session and the folder of its tables, with what every cell does: save, read again, count."""

    def __init__(self, spark: SparkSession, lake: Path) -> None:
        self.spark, self.lake = spark, lake
        self.counts: dict[str, int] = {}

    def save(self, name: str, rows: DataFrame) -> DataFrame:
        """Write a table (`layer.name`), and look at how many rows it has."""
        path = str(self.lake / name.replace(".", "/"))
        rows.write.format("delta").mode("overwrite").option("overwriteSchema", "true").save(path)
        self.counts[name] = self.table(name).count()
        return self.table(name)

    def table(self, name: str) -> DataFrame:
        return self.spark.read.format("delta").load(str(self.lake / name.replace(".", "/")))


def bronze(notebook: Notebook, exports: Path) -> list[str]:
    """Every export as it came, with an inferred schema."""
    names = sorted(folder.name for folder in exports.iterdir())
    for name in names:
        rows = notebook.spark.read.csv(f"{exports / name}/*.csv", header=True, inferSchema=True)
        if list((exports / name).glob("*.jsonl")):
            lines = notebook.spark.read.json(f"{exports / name}/*.jsonl")
            # As texts, or the two would not go together.
            rows = as_text(rows).unionByName(as_text(lines), allowMissingColumns=True)
        rows.count()
        notebook.save(f"bronze.{name}", rows)
    return names


def as_text(rows: DataFrame) -> DataFrame:
    return rows.selectExpr(*[f"cast(`{name}` as string) as `{name}`" for name in rows.columns])


def questions(notebook: Notebook, folder: Path) -> int:
    """Every report, into a CSV file by way of pandas."""
    folder.mkdir()
    asked = [report for report in list_reports() if report.topic != "tpch"]
    for report in asked:
        for table in report.tables:
            notebook.table(f"{table.layer}.{table.name}").createOrReplaceTempView(table.name)
        notebook.spark.sql(with_values(report)).toPandas().to_csv(folder / f"{report.name}.csv", index=False)
    return len(asked)


def main(exports: Path, home: Path) -> None:
    home.mkdir(parents=True)
    os.chdir(home)
    begun = time.perf_counter()
    seconds = {}

    def done(step: str) -> None:
        seconds[step] = time.perf_counter() - begun - sum(seconds.values())

    spark = plain_session("shop")
    notebook = Notebook(spark, home / "lake")
    done("start")
    names = bronze(notebook, exports)
    done("bronze")
    silver_cells(notebook, names)
    done("silver")
    for name, cell in GOLD_CELLS.items():
        notebook.save(f"gold.{name}", cell(notebook))
    done("gold")
    asked = questions(notebook, home / "reports")
    done("reports")
    spark.stop()
    gold = {name.removeprefix("gold."): rows for name, rows in notebook.counts.items() if name.startswith("gold.")}
    print(json.dumps({"gold": gold, "counts": notebook.counts, "reports": asked, "step_seconds": seconds}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
