"""All reports on the engine that `auto` means, timed from the first question to the last answer.

python -m bench.all_reports ROOT
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from bench.part import Part
from emberlake.engine import open_engine, resolve_engine
from emberlake.lake import Lake
from emberlake.reports import answer, list_reports
from emberlake.settings import read_settings


def main(root: Path) -> None:
    """Ask every report but TPC-H's, whose tables the made shop does not have."""
    settings = read_settings(root=root)
    begun = time.perf_counter()
    with open_engine(settings, resolve_engine(settings)) as engine, Lake(engine.session, settings) as lake:
        engine.session.range(1).count()  # a start is over when the first query was answered
        start = time.perf_counter() - begun
        rows, seconds = {}, {}
        with Part() as part:
            for report in list_reports():
                if report.topic == "tpch":
                    continue
                asked = time.perf_counter()
                rows[report.name] = answer(engine.session, lake, report.name).rows.num_rows
                seconds[report.name] = time.perf_counter() - asked
    slowest = dict(sorted(seconds.items(), key=lambda item: -item[1])[:5])
    print(json.dumps({**part.figures, "start": start, "rows": rows, "slowest": slowest}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
