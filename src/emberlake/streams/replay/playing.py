"""Plays the lake's orders and clicks into Kafka."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from emberlake.errors import StreamError
from emberlake.progress import Progress, silent
from emberlake.settings import Settings
from emberlake.streams.replay.faults import MALFORMED, Emission, plant, with_faults
from emberlake.streams.replay.pace import Pace
from emberlake.streams.replay.plan import Plan
from emberlake.streams.replay.record import Record
from emberlake.streams.replay.sending import Sender, stamped
from emberlake.streams.replay.shop import Shop
from emberlake.streams.topics import CLICKS, ORDERS

if TYPE_CHECKING:
    from emberlake.engine.kafka import Connection

TOPICS = (ORDERS.name, CLICKS.name)
# Up to this rate each message goes out at once; above it, batches form by themselves anyway.
_PROMPT = 10_000.0
_SAVE_SECONDS = 5.0
_TELL_EVERY = 256


@dataclass
class Replayed:
    """What a replay did.

    Attributes:
        sent: messages of this run that Kafka acknowledged, by topic; planted copies count.
        skipped: messages that an earlier run had sent.
        unknown: messages that were not acknowledged.
        behind: the most seconds by which an event was later than its schedule.
        record: the file with what was planted.
    """

    sent: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TOPICS, 0))
    skipped: int = 0
    unknown: int = 0
    seconds: float = 0.0
    behind: float = 0.0
    stopped: bool = False
    faults: dict[str, int] = field(default_factory=dict)
    record: str = ""


def replay(
    settings: Settings, connection: Connection, plan: Plan, *, progress: Progress = silent, resume: bool = False,
    record: Path | None = None, topics: tuple[str, str] = TOPICS,
) -> Replayed:  # fmt: skip
    """Play silver's orders with their lines, and clicks, into Kafka in the order of their times.

    Ctrl-C ends it: what was handed over is acknowledged first, and counted.

    Args:
        resume: go on behind what an earlier run of the same plan sent. After Ctrl-C nothing is sent twice; after a
            kill at most the last five seconds are.
        record: where the planted faults and the position are kept; None: under the state folder.
        topics: the topics of orders and clicks.

    Raises:
        StreamError: if there is nothing to play, too little for the faults, or Kafka does not take a message.
    """
    shop = Shop(settings, plan)
    book = Record(record or settings.streams / "replay" / "replay.json", plan.told(), shop.versions)
    result = Replayed(skipped=book.position() if resume else 0, record=str(book.path))
    book.sent = result.skipped
    paced = plan.speed is not None or plan.rate is not None
    run = _Run(plan, shop, book, Sender(connection, paced and (plan.rate or 0) <= _PROMPT), result, topics)
    began = time.monotonic()
    try:
        run.play(progress)
        book.finished = True
    except KeyboardInterrupt:
        result.stopped = True
    finally:
        result.seconds = time.monotonic() - began
        run.end()
    if result.unknown:
        raise StreamError(
            f"Kafka did not acknowledge {result.unknown:,} of {run.handed:,} messages.",
            "Go on with --resume when it answers: emberlake kafka status.",
        )
    return result


class _Run:
    def __init__(
        self, plan: Plan, shop: Shop, book: Record, sender: Sender, result: Replayed, topics: tuple[str, str]
    ) -> None:
        self.plan, self.shop, self.book, self.sender, self.result = plan, shop, book, sender, result
        self.topics = topics
        self.pace = Pace(plan.speed, plan.rate)
        self.handed = 0
        self.by_topic = [0, 0]

    def play(self, progress: Progress) -> None:
        total = (self.shop.events * self.plan.loops + self._copies()) or 0
        saved, skipped = time.monotonic(), self.result.skipped
        for number, emission in enumerate(self._emissions()):
            if emission.fault:
                self._note(emission)
            if number < skipped:
                continue
            self._send(emission)
            if number % _TELL_EVERY == 0:
                progress(f"{self.handed:,} messages", min(1.0, number / total) if self.plan.loops else 0.0)
                if time.monotonic() - saved > _SAVE_SECONDS:
                    self._save()
                    saved = time.monotonic()

    def end(self) -> None:
        """Wait for what is under way, and keep how far it came."""
        result = self.result
        result.unknown = self.sender.settle()
        result.behind = self.pace.behind
        result.sent = dict(zip(self.topics, self.by_topic, strict=True))
        if not result.unknown:
            self.book.sent = result.skipped + self.handed
        self.book.save()
        for fault in self.book.faults:
            result.faults[fault["kind"]] = result.faults.get(fault["kind"], 0) + 1

    def _send(self, emission: Emission) -> None:
        micros, topic, _, key, text = emission.row
        ahead = self.pace.wait(micros)
        if ahead:
            # Kafka's own thread sends on meanwhile; a long wait still hears of failures.
            self._wait(ahead)
        self.sender.send(self.topics[topic], key, stamped(text) if emission.body is None else emission.body)
        self.handed += 1
        self.by_topic[topic] += 1

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        self.sender.rest(0.0)
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.5))
            if left > 0.5:
                self.sender.rest(0.0)

    def _emissions(self) -> Iterator[Emission]:
        faults = self.plan.faults
        for loop in range(self.plan.loops) if self.plan.loops else count():
            rows = self.shop.rows(loop)
            if loop == 0 and faults.total:
                yield from with_faults(rows, plant(self.shop.positions(), faults, self.plan.seed), faults.late_by)
            else:
                yield from map(Emission, rows)

    def _copies(self) -> int:
        return self.plan.faults.duplicate + self.plan.faults.malformed

    def _note(self, emission: Emission) -> None:
        fault = {"kind": emission.fault, "topic": self.topics[emission.row[1]], "id": emission.row[2]}
        if emission.fault in MALFORMED:
            fault |= {"kind": "malformed", "how": emission.fault}
        self.book.faults.append(fault)

    def _save(self) -> None:
        # Only what is acknowledged whole is a position: partitions do not fail together.
        if not self.sender.settle():
            self.book.sent = self.result.skipped + self.handed
            self.book.save()
