"""All reports by DuckDB: the same SQL put into its dialect, on the same files as the lake's tables have now.

The files of each table are listed before the clock starts, and so is the SQL transpiled: both would be done by hand.

python -m bench.peers.duckdb_reports ROOT
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb
import sqlglot
from deltalake import DeltaTable

from bench.part import Part
from emberlake.reports import Report, bind, list_reports
from emberlake.settings import read_settings
from emberlake.tables import Table


def main(root: Path) -> None:
    """Ask every report but TPC-H's, whose tables the made shop does not have."""
    lake = read_settings(root=root).lake
    reports = [report for report in list_reports() if report.topic != "tpch"]
    views = {table.name: view(lake, table) for report in reports for table in report.tables}
    queries = [(report, transpiled(report)) for report in reports]
    rows = {}
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        with Part() as part:
            for report, sql in queries:
                for table in report.tables:
                    con.execute(views[table.name])
                used = {name: value for name, value in bind(report).items() if f"${name}" in sql}
                rows[report.name] = con.execute(sql, used).to_arrow_table().num_rows
    print(json.dumps({**part.figures, "rows": rows}))


def transpiled(report: Report) -> str:
    [sql] = sqlglot.transpile(report.sql, read="spark", write="duckdb")
    return sql


def view(lake: Path, table: Table) -> str:
    """A view on the table's live files; times lose their zone, which is UTC everywhere."""
    files = DeltaTable(str(lake / table.layer / table.name)).file_uris()
    columns = ", ".join(
        f'make_timestamp(epoch_us("{c.name}")) as "{c.name}"' if c.type == "timestamp" else f'"{c.name}"'
        for c in table.columns
    )
    return f'create or replace view "{table.name}" as select {columns} from read_parquet({files})'


if __name__ == "__main__":
    main(Path(sys.argv[1]))
