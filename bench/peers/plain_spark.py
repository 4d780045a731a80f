"""One report on a plain SparkSession, from nothing to its rows as CSV.

python -m bench.peers.plain_spark REPORT LAKE HOME      (HOME: an empty folder for what Spark drops)
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bench.peers.session import plain_session


def main(name: str, lake: Path, home: Path) -> None:
    os.chdir(home)
    spark = plain_session("report")

    from bench.peers.literals import with_values
    from emberlake.reports import find_report

    report = find_report(name)
    for table in report.tables:
        spark.read.format("delta").load(str(lake / table.layer / table.name)).createOrReplaceTempView(table.name)
    print(spark.sql(with_values(report)).toPandas().to_csv(index=False))
    spark.stop()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
