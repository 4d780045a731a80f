"""One report on a Spark that runs already: a client of its Connect server, from nothing to its rows as CSV.

The report's values are written into its SQL: over Connect, Delta's parser (4.4) loses named parameters.

python -m bench.warm_report ROOT REPORT ADDRESS
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.peers.literals import with_values
from emberlake.engine import open_engine
from emberlake.lake import Lake
from emberlake.reports import find_report
from emberlake.settings import read_settings


def main(root: Path, name: str, address: str) -> None:
    report, settings = find_report(name), read_settings(root=root, master=address)
    with open_engine(settings, "spark", short=True) as engine, Lake(engine.session, settings) as lake:
        for table in report.tables:
            lake.read(f"{table.layer}.{table.name}").createOrReplaceTempView(table.name)
        print(engine.session.sql(with_values(report)).toPandas().to_csv(index=False))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
