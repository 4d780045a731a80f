"""The shop as a notebook gets it: one CSV file a table, and the app's JSON lines as they are.

python -m bench.exports LANDING FOLDER
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import duckdb

from emberlake.tables import SOURCES


def main(landing: Path, folder: Path) -> None:
    """Write the exports; the sloppier CSV file of the orders' table keeps its own name."""
    making = folder.with_name(folder.name + ".making")
    shutil.rmtree(making, ignore_errors=True)
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        for name in SOURCES:
            if not (landing / name).is_dir():
                continue
            to = making / name
            to.mkdir(parents=True)
            con.execute(f"copy (from read_parquet('{landing / name}/*.parquet')) to '{to}/part.csv' (header)")
            for other in (*(landing / name).glob("*.csv"), *(landing / name).glob("*.jsonl")):
                shutil.copy(other, to / other.name)
    making.replace(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
