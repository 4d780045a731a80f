"""A broker, the stream `scores`, a producer and a consumer on this machine, and how long each order took.

python -m bench.live_run ROOT steady real-time RATE SECONDS [PARTITIONS]
python -m bench.live_run ROOT steady '1 second' RATE SECONDS [PARTITIONS]
python -m bench.live_run ROOT rising LIMIT_MS SECONDS PARTITIONS…

The time of an order goes from the producer's clock before it is sent to the consumer's after it has come, which is
this machine's in both: producer, broker, scoring, broker and consumer are all in it.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PARTITIONS = 4
# Two cores compile for a minute or more at 1,000 orders/s, and work off what came meanwhile: that is a start, which
# is told apart. It is over when a piece's 99th percentile is within the limit.
WARM_SECONDS, WARM_PIECES, SETTLED_MS = 20, 12, 100
# Micro-batches never are within it.
MICRO_WARM_PIECES = 3
RISE = 1.25
FIRST_RATE = 4_000
# A rate is borne if one of so many pieces was: what is compiled at a new rate, or a neighbour, is not its fault.
TRIES = 3
# For how many ms broker and producers wait for company where the rate counts.
LINGER_MS = 5
# A run is behind for good when its last scores are this late.
PATIENCE_S = 20.0


def main(root: Path, kind: str, *rest: str) -> None:
    """Say what was measured."""
    if kind == "steady":
        trigger, rate, seconds, *partitions = rest
        with scoring(root, int(partitions[0]) if partitions else PARTITIONS, trigger) as till:
            start = settle(till, int(rate), WARM_PIECES if trigger == "real-time" else MICRO_WARM_PIECES)
            print(json.dumps(till.play(int(rate), float(seconds)) | {"start_s": start}))
        return
    limit, seconds, *partitions = rest
    rates, steps = {}, {}
    for number in partitions:
        with scoring(root, int(number), "real-time", LINGER_MS) as till:
            settle(till, FIRST_RATE)
            rates[number], steps[number] = rising(till, float(limit), float(seconds))
    print(json.dumps({"rates": rates, "steps": steps, "limit_ms": float(limit), "linger_ms": LINGER_MS}))


def settle(till: Till, rate: int, most: int = WARM_PIECES) -> int:
    """Send until the start is worked off, and say for how many seconds."""
    pieces = 1
    while till.play(rate, WARM_SECONDS)["p99"] > SETTLED_MS and pieces < most:
        pieces += 1
    return pieces * WARM_SECONDS


def rising(till: Till, limit: float, seconds: float) -> tuple[int, list[dict[str, Any]]]:
    """The highest rate whose 99th percentile is within the limit, and all that were tried."""
    rate, best, steps = FIRST_RATE, 0, []
    while True:
        for _ in range(TRIES):
            figures = till.play(rate, seconds)
            steps.append(figures)
            borne = figures["p99"] <= limit and figures["scored"] == figures["sent"] and figures["rate"] >= 0.97 * rate
            if borne:
                break
        if not borne:
            return best, steps
        best, rate = rate, int(rate * RISE)


@contextlib.contextmanager
def scoring(root: Path, partitions: int, trigger: str, linger: int = 0) -> Iterator[Till]:
    """Everything started, and ended again."""
    from emberlake.engine import open_engine
    from emberlake.engine.kafka import ensure_partitions, open_connection, start_broker, stop_broker
    from emberlake.settings import read_settings
    from emberlake.streams.scoring import STREAM
    from emberlake.streams.stream import Running

    settings = read_settings(root=root, master=f"local[{partitions + 2}]")
    start_broker(settings)
    try:
        connection, mark = open_connection(settings), uuid.uuid4().hex[:8]
        orders, scores = f"bench-orders-{mark}", f"bench-scores-{mark}"
        ensure_partitions(connection, {orders: partitions, scores: partitions})
        with open_engine(settings, "spark") as engine:
            options = {"orders": orders, "scores": scores, "trigger": trigger, "linger": str(linger)}
            place = settings.scratch / f"bench-{mark}"
            query = STREAM.start(Running(engine.session, settings, connection, place / "checkpoint", options))
            till = Till(connection.bootstrap, orders, scores, partitions, root, linger)
            try:
                yield till
            finally:
                till.close()
                query.stop()
                shutil.rmtree(place, ignore_errors=True)
    finally:
        stop_broker(settings)


class Till:
    """Orders sent by a process of its own, and scores counted in this one."""

    def __init__(self, bootstrap: str, orders: str, scores: str, partitions: int, root: Path, linger: int) -> None:
        from confluent_kafka import Consumer, TopicPartition

        self.bootstrap, self.orders, self.partitions, self.root = bootstrap, orders, partitions, root
        self.linger = linger
        self._consumer = Consumer(
            {"bootstrap.servers": bootstrap, "group.id": "bench", "enable.auto.commit": False,
             "fetch.wait.max.ms": 100, "auto.offset.reset": "earliest"}
        )  # fmt: skip
        self._consumer.assign([TopicPartition(scores, number, 0) for number in range(partitions)])

    def close(self) -> None:
        """Count no more."""
        self._consumer.close()

    def play(self, rate: int, seconds: float) -> dict[str, Any]:
        """Send at a rate, and give percentiles in ms, how many were sent and scored, and the rate that was reached."""
        command = [sys.executable, "-m", "bench.live_orders", str(self.root), self.bootstrap, self.orders]
        sender = subprocess.Popen(
            [*command, str(self.partitions), str(rate), str(seconds), str(self.linger)],
            stdout=subprocess.PIPE,
            text=True,
        )
        seen: list[tuple[float, int, bytes]] = []
        sent: dict[str, Any] | None = None
        late = time.monotonic() + seconds + 120
        while (sent is None or len(seen) < sent["sent"]) and time.monotonic() < late:
            # Back with the first message: asked for many, it would wait for them, and that is not the scoring's time.
            messages = self._consumer.consume(1, 0.05)
            now = time.time()
            messages += self._consumer.consume(2_000, 0)
            seen += [(now, m.timestamp()[1], m.value()) for m in messages if m.error() is None]
            if sent is None and sender.poll() is not None:
                assert sender.stdout is not None
                sent = json.loads(sender.stdout.read())
                late = time.monotonic() + PATIENCE_S
        if sent is None:
            sender.kill()
            raise RuntimeError("the producer did not end")
        return sent | {"scored": len(seen)} | figures(seen)


def figures(seen: list[tuple[float, int, bytes]]) -> dict[str, float]:
    """Percentiles of the time from sent to come, in ms; `broker_…` is up to the broker's mark, which has whole ms."""
    begun = [sent_at(value) for _, _, value in seen]
    said: dict[str, float] = {}
    for name, ends in (("", [each[0] for each in seen]), ("broker_", [each[1] / 1e3 for each in seen])):
        times = sorted((end - begin) * 1e3 for end, begin in zip(ends, begun, strict=True))
        for percent in (50, 90, 99, 99.9):
            place = min(int(len(times) * percent / 100), len(times) - 1)
            said[f"{name}p{percent:g}"] = round(times[place], 3) if times else float("inf")
    return said


def sent_at(value: bytes) -> float:
    """When the order was sent, from its score."""
    from datetime import datetime

    return datetime.fromisoformat(json.loads(value)["sent_at"]).timestamp()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
