"""A process that lands orders and clicks, to be killed: `python -m tests.stream.landing_driver ROOT BOOTSTRAP HOW`.

HOW is `run` (until it is killed) or `once` (all there is). It says the pid of its JVM, and begins when it is given a
line: so the next one can start while its forerunner is killed.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from pathlib import Path

from emberlake.engine import committing_process, open_engine
from emberlake.engine.kafka import Connection
from emberlake.lake.folding import fold_all
from emberlake.settings import read_settings
from emberlake.streams.landing import STREAMS, attendant
from emberlake.streams.stream import Running


def main(root: str, bootstrap: str, how: str) -> int:
    settings = read_settings(root=Path(root), driver_memory="1g")
    # Folders of few micro-batches: kills are to meet folds, too.
    attendant.fold_all = partial(fold_all, least=3)
    options = {"trigger": "fast" if how == "run" else "once", "limit": "300", "refine": "3 seconds", "fold": "1 second"}
    with open_engine(settings, "spark") as engine:
        print(committing_process(engine.session), flush=True)
        sys.stdin.readline()
        queries = []
        for stream in STREAMS:
            checkpoint = settings.streams / stream.name / "checkpoint"
            queries.append(stream.start(Running(engine.session, settings, Connection(bootstrap), checkpoint, options)))
        print("started", flush=True)
        while any(query.isActive for query in queries):
            time.sleep(0.1)
        for query in queries:
            if failure := query.exception():
                print(failure, file=sys.stderr)
                return 3
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
