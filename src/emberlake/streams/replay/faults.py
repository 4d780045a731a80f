"""Faults at exact counts: which events they are planted in, and what a reader then meets."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from emberlake.errors import StreamError
from emberlake.streams.replay.plan import Faults
from emberlake.streams.replay.shop import Row

_KEYS, _TIMES = ("order_id", "event_id"), ("ordered_at", "occurred_at")
_NUMBERS, _PLAIN = ("amount", "session_id"), ("status", "device")


class Emission(NamedTuple):
    """One message: its event, and the fault that it carries. `body` is there where the text is not the event's."""

    row: Row
    fault: str = ""
    body: str | None = None


@dataclass(frozen=True)
class Planting:
    """Where faults lie: positions in the first loop.

    Attributes:
        malformed: the kind of each.
        overtaken: the position after which each is sent.
    """

    late: frozenset[int] = frozenset()
    duplicate: frozenset[int] = frozenset()
    malformed: dict[int, str] | None = None
    overtaken: dict[int, int] | None = None


def _with(change: Callable[[dict[str, Any], int], object]) -> Callable[[str, int], str]:
    def broken(text: str, topic: int) -> str:
        event = json.loads(text + "}")
        change(event, topic)
        return json.dumps(event, separators=(",", ":"))

    return broken


MALFORMED: dict[str, Callable[[str, int], str]] = {
    "truncated": lambda text, topic: text[: len(text) // 2],
    "not_json": lambda text, topic: "one order, please",
    "array": lambda text, topic: f"[{text}}}]",
    "two_objects": lambda text, topic: f"{text}}}{text}}}",
    "empty": lambda text, topic: "",
    "wrong_type": _with(lambda event, topic: event.update({_NUMBERS[topic]: "many"})),
    "overflow": _with(lambda event, topic: event.update({_NUMBERS[topic]: 10**30})),
    "epoch_time": _with(lambda event, topic: event.update({_TIMES[topic]: 1_772_359_200})),
    "no_key": _with(lambda event, topic: event.pop(_KEYS[topic])),
    "no_time": _with(lambda event, topic: event.update({_TIMES[topic]: None})),
    "column_gone": _with(lambda event, topic: event.pop(_PLAIN[topic])),
}


def plant(positions: pa.Table, faults: Faults, seed: int) -> Planting:
    """Choose where the faults lie; an event has one fault at most.

    Args:
        positions: position, topic, micros and last, by position.

    Raises:
        StreamError: if there are not enough events for one of them.
    """
    at, topic = positions["micros"].to_numpy(), positions["topic"].to_numpy()
    order = np.random.default_rng(seed).permutation(len(at))
    follower = np.full(len(at), -1)
    for one in (0, 1):
        own = np.flatnonzero(topic == one)
        follower[own[:-1]] = own[1:]
    ahead = np.where(follower >= 0, at[follower] - at, -1)
    swapped = order[((ahead > 0) & (ahead <= faults.disorder * 1_000_000))[order]]
    taken: set[int] = set()
    overtaken: dict[int, int] = {}
    for here in swapped.tolist():
        if len(overtaken) == faults.out_of_order:
            break
        after = int(follower[here])
        if here not in taken and after not in taken:
            overtaken[here] = after
            taken |= {here, after}
    _require("out-of-order", faults.out_of_order, len(overtaken), "a larger --disorder")
    old = order[(at <= positions["last"].to_numpy() - faults.late_by * 1_000_000)[order]]
    late = _take("late", old, faults.late, taken)
    duplicate = _take("duplicate", order, faults.duplicate, taken)
    malformed = _take("malformed", order, faults.malformed, taken)
    kinds = list(MALFORMED)
    return Planting(
        frozenset(late), frozenset(duplicate), {p: kinds[n % len(kinds)] for n, p in enumerate(malformed)}, overtaken
    )


def _take(name: str, order: np.ndarray, wanted: int, taken: set[int]) -> list[int]:
    chosen: list[int] = []
    for position in order.tolist():
        if len(chosen) == wanted:
            break
        if position not in taken:
            chosen.append(position)
            taken.add(position)
    _require(name, wanted, len(chosen), "more days")
    return chosen


def _require(name: str, wanted: int, found: int, way: str) -> None:
    if found < wanted:
        raise StreamError(
            f"Only {found:,} events can be {name}, not {wanted:,}.", f"Ask for fewer, or play with {way}."
        )


def with_faults(rows: Iterable[Row], planting: Planting, late_by: int) -> Iterator[Emission]:
    """The first loop's messages, faults planted.

    Args:
        rows: events by time.
        late_by: seconds of event time.
    """
    malformed, overtaken = planting.malformed or {}, planting.overtaken or {}
    held: dict[int, list[tuple[int, int, Row]]] = defaultdict(list)
    waiting: dict[int, Row] = {}
    for position, row in enumerate(rows):
        if position in planting.late:
            heappush(held[row[1]], (row[0] + late_by * 1_000_000, position, row))
            continue
        if position in overtaken:
            waiting[overtaken[position]] = row
            continue
        yield Emission(row)
        if position in planting.duplicate:
            yield Emission(row, "duplicate")
        elif position in malformed:
            kind = malformed[position]
            yield Emission(row, kind, MALFORMED[kind](row[4], row[1]))
        if position in waiting:
            yield Emission(waiting.pop(position), "out_of_order")
        own = held[row[1]]
        while own and own[0][0] <= row[0]:
            yield Emission(heappop(own)[2], "late")
