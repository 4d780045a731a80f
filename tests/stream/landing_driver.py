"""A process that lands orders and clicks, to be killed: `python -m tests.stream.landing_driver ROOT BOOTSTRAP HOW`.

HOW is `run` (until it is killed) or `once` (all there is, silver too). `EMBERLAKE_TEST_WITHOUT=ledger` takes the
protection out: what is written already is written again.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from emberlake.engine import open_engine
from emberlake.engine.kafka import Connection
from emberlake.lake import Lake, refine
from emberlake.lake.ledger import Ledger
from emberlake.settings import read_settings
from emberlake.streams.landing import STREAMS
from emberlake.streams.stream import Running


def main(root: str, bootstrap: str, how: str) -> int:
    settings = read_settings(root=Path(root), driver_memory="1g")
    if os.environ.get("EMBERLAKE_TEST_WITHOUT") == "ledger":
        known = Ledger.written
        Ledger.written = lambda self, name, token: known(self, name, token) if _asked_for_commit() else None
    options = {"trigger": "fast" if how == "run" else "once", "limit": "300", "refine": "3 seconds"}
    if how == "once":
        options |= {"refine": "never", "limit": "100000"}
    with open_engine(settings, "spark") as engine:
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
        # Doubled rows of bronze are what the control is to show; silver's rules would take them for doubled messages.
        if not os.environ.get("EMBERLAKE_TEST_WITHOUT"):
            with Lake(engine.session, settings) as lake:
                refine(lake)
    return 0


def _asked_for_commit() -> bool:
    # The count of what a write added is no protection.
    return sys._getframe(2).f_code.co_name == "added"


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
