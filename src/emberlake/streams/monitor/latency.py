"""How long results take, measured on a sample of the messages themselves.

Micro-batches: from the moment a message was sent to the end of the batch that read it; some messages of each
partition, spread over the batch's offsets. Real time: from the moment a message was sent to the moment its result was
sent to the output topic; the newest results of each partition, which say where their message stood.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field

from emberlake.streams.monitor.broker import Broker, moment, value_of
from emberlake.streams.monitor.progress import Place, Progress

_WINDOW_SECONDS = 300.0
_SPOTS, _RESULTS = 4, 50
# Where a result says which message it belongs to.
PARTITION, OFFSET = "partition", "offset"


@dataclass
class Latencies:
    """The sample of the last five minutes of one stream."""

    _seen: deque[tuple[float, float]] = field(default_factory=deque)

    def add(self, seconds: float) -> None:
        """Take in one message; clocks that disagree make no negative latency."""
        self._seen.append((time.monotonic(), max(seconds, 0.0)))

    def quantile(self, share: float) -> float | None:
        """The quantile of the sample, None without one."""
        oldest = time.monotonic() - _WINDOW_SECONDS
        while self._seen and self._seen[0][0] < oldest:
            self._seen.popleft()
        values = sorted(seconds for _, seconds in self._seen)
        return values[min(int(share * len(values)), len(values) - 1)] if values else None


def sample_batch(broker: Broker, progress: Progress, latencies: Latencies) -> None:
    """Take in some messages of a micro-batch."""
    ended = progress.at + progress.seconds
    for spot in range(_SPOTS):
        begins = {
            place: begin + (end - begin - 1) * spot // max(_SPOTS - 1, 1)
            for place, end in progress.ends.items()
            if (begin := progress.begins.get(place, 0)) < end
        }
        for messages in broker.messages(begins, dict.fromkeys(begins, 1)).values():
            for message in messages:
                if (sent := moment(message)) is not None:
                    latencies.add(ended - sent)


def sample_results(broker: Broker, source: str, output: str, latencies: Latencies) -> dict[Place, int]:
    """Take in the newest results of a real-time stream.

    Args:
        source: the topic that it reads; output: the topic that it writes.

    Returns:
        The offset of the message after the last one that has a result, by partition of the source.
    """
    ends = broker.ends([output])
    begins = {place: max(end - _RESULTS, 0) for place, end in ends.items()}
    results = broker.messages(begins, {place: ends[place] - begins[place] for place in begins})
    sent: dict[tuple[int, int], float] = {}
    for messages in results.values():
        for message in messages:
            told, at = value_of(message), moment(message)
            if PARTITION in told and OFFSET in told and at is not None:
                sent[int(told[PARTITION]), int(told[OFFSET])] = at
    positions: dict[Place, int] = {}
    firsts: dict[Place, int] = {}
    for number, offset in sent:
        place = (source, number)
        positions[place] = max(positions.get(place, 0), offset + 1)
        firsts[place] = min(firsts.get(place, offset), offset)
    for messages in broker.messages(firsts, {place: positions[place] - firsts[place] for place in firsts}).values():
        for message in messages:
            at, begun = sent.get((message.partition(), message.offset())), moment(message)
            if at is not None and begun is not None:
                latencies.add(at - begun)
    return positions
