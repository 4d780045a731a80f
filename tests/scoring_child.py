"""The stream `scores` in a process of its own, to be killed: ROOT BOOTSTRAP ORDERS SCORES STATE.

It says the pid of its JVM, and begins when it is given a line: the next one can start while its forerunner is killed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from emberlake.engine import committing_process, open_engine
from emberlake.engine.kafka import Connection
from emberlake.settings import read_settings
from emberlake.streams.scoring import STREAM
from emberlake.streams.stream import Running


def main(root: str, bootstrap: str, orders: str, scores: str, state: str) -> None:
    settings = read_settings(root=root, master="local[4]")
    with open_engine(settings, "spark") as engine:
        print(committing_process(engine.session), flush=True)
        sys.stdin.readline()
        options = {"orders": orders, "scores": scores, "as_of": "2025-11-29"}
        place = Running(engine.session, settings, Connection(bootstrap), Path(state) / "checkpoint", options)
        query = STREAM.start(place)
        print("started", flush=True)
        query.awaitTermination()


if __name__ == "__main__":
    main(*sys.argv[1:])
