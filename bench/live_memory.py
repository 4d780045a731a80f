"""Memory of live windows over an hour: orders and clicks replayed at a steady rate, the door and the windows behind it.

python -m bench.live_memory LAKE WORK MINUTES EVENTS_A_SECOND STREAM…
"""

from __future__ import annotations

import json
import shutil
import sys
import threading
import time
from pathlib import Path

from emberlake.engine.kafka import open_connection, start_broker, stop_broker
from emberlake.settings import Settings, read_settings
from emberlake.steps.child import tree_memory
from emberlake.streams.monitor import History
from emberlake.streams.replay import Plan, replay
from emberlake.streams.running import Book, start_streams, stop_streams, survey
from emberlake.streams.topics import ensure_topics

_SAMPLE_SECONDS = 1.0
# A heap that an hour can fill: with a larger one, what leaks would not be seen yet.
HEAP = "1g"
LANDED_WITHIN_S = 180


def main(lake: Path, work: Path, minutes: float, rate: float, names: list[str]) -> None:
    """Say the peak of each quarter in bytes, and what was done meanwhile."""
    shutil.copytree(lake, work, dirs_exist_ok=True)
    settings = read_settings(root=work, driver_memory=HEAP, metrics_port=0)
    start_broker(settings)
    try:
        connection = open_connection(settings)
        ensure_topics(connection)
        doors = [name for name in names if name.startswith("land_")]
        start_streams(settings, doors)
        play = Plan(rate=rate, loops=0, fresh=True)
        threading.Thread(target=replay, args=(settings, connection, play), daemon=True).start()
        wait_until_landed(settings)
        # Windows begin on what has landed; all are one process then, which is what is measured.
        stop_streams(settings, doors)
        (entry, *_) = start_streams(settings, names)
        begun = time.monotonic()
        samples = sampled(entry.pid, minutes * 60)
        seconds = time.monotonic() - begun
        print(json.dumps({"seconds": seconds, "peaks": quarters(samples), **figures(settings, names)}))
    finally:
        stop_streams(settings, names)
        stop_broker(settings)


def wait_until_landed(settings: Settings) -> None:
    """Wait for the first load of live orders."""
    log, late = settings.root / "lake" / "silver" / "live_orders" / "_delta_log", time.monotonic() + LANDED_WITHIN_S
    while not any(log.glob("*.json")):
        if time.monotonic() > late:
            raise SystemExit(f"no order has landed within {LANDED_WITHIN_S} s")
        time.sleep(_SAMPLE_SECONDS)


def sampled(pid: int, seconds: float) -> list[int]:
    """Resident memory of the streams' process tree, once a second."""
    samples, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        samples.append(tree_memory(pid))
        time.sleep(_SAMPLE_SECONDS)
    return samples


def quarters(samples: list[int]) -> list[int]:
    """The highest sample of each quarter of the time."""
    return [max(samples[n * len(samples) // 4 : (n + 1) * len(samples) // 4]) for n in range(4)]


def figures(settings: Settings, names: list[str]) -> dict[str, object]:
    """What the streams say of themselves; raises if one of them does not run any more."""
    states = {name: found.state for name, found in survey(settings).items()}
    ended = [name for name in names if states[name] != "running"]
    if ended:
        raise SystemExit(f"{ended[0]} is {states[ended[0]]}")
    looks = History(Book(settings)).looks()
    return {
        "rows": {name: looks[name]["rows"] for name in names},
        "state_rows": {name: looks[name]["state_rows"] for name in names},
        "lag": {name: looks[name]["lag"] for name in names},
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]), sys.argv[5:])
