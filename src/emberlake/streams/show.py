"""Live scoring, shown: the last days' orders played through a broker of its own, scored as they come, and measured.

All of it lies under the scratch folder and is gone afterwards: neither the topics nor the checkpoints of the shop's own
streams are touched, whether they run or not.
"""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emberlake.errors import ModelError, StreamError
from emberlake.progress import Progress, silent
from emberlake.settings import Settings
from emberlake.streams.topics import ORDERS, SCORES

if TYPE_CHECKING:
    from emberlake.engine.kafka import Connection
    from emberlake.streams.monitor.progress import Place

MODEL = "order_value"
RATE, SECONDS = 300, 12
# The JIT compiler's and the first fetches' seconds are not what a running stream has.
WARM_SECONDS = 3.0
FIRST = 100
_PATIENCE, _READY_PATIENCE = 30.0, 180.0


@dataclass(frozen=True)
class Shown:
    """What was seen.

    Attributes:
        why_not: why nothing was shown; the figures are then 0.
        orders: sent; `scored`: of them, with a prediction.
        rate: orders a second, on average.
        p50_ms: from the broker's having the order to its having the score, after the first seconds; `p99_ms` alike.
        off_by: mean absolute difference of prediction and amount, EUR.
        since: first day that was played.
    """

    why_not: str = ""
    orders: int = 0
    scored: int = 0
    rate: float = 0.0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    off_by: float = 0.0
    since: str = ""


def show_scoring(settings: Settings, progress: Progress = silent) -> Shown:
    """Play and score; some half a minute.

    Raises:
        StreamError: if the broker or the query does not start, or a score is missing at the end.
    """
    if why_not := _why_not(settings):
        return Shown(why_not)
    since = _first_day(settings, RATE * SECONDS)
    from emberlake.streams.running import start_streams, stop_streams

    with _stage(settings, progress) as (own, connection):
        progress("starting the stream", 0.2)
        start_streams(own, ["scores"], {"as_of": since.isoformat()}, detached=False)
        try:
            # A real-time query runs before its tasks do: the first scores say that it is ready.
            progress("the first orders", 0.4)
            _play(own, connection, since, FIRST)
            begins = _all_scored(connection, _READY_PATIENCE)
            progress("orders come in", 0.5)
            _play(own, connection, since, RATE * SECONDS)
            progress("reading the scores", 0.9)
            orders, scores = _results(connection, begins, _all_scored(connection, _PATIENCE))
        finally:
            stop_streams(own, ["scores"])
    return _measured(orders, scores, since)


def _why_not(settings: Settings) -> str:
    from emberlake.models.champion import require_champion
    from emberlake.models.recipes import recipe
    from emberlake.models.store import open_store

    if not settings.models.exists():
        return f"there is no model yet (emberlake models train {MODEL})."
    try:
        require_champion(open_store(settings), recipe(MODEL))
    except ModelError as error:
        return f"{error.problem[:1].lower()}{error.problem[1:]}"
    return ""


def _first_day(settings: Settings, wanted: int) -> dt.date:
    """The last day from which on there are so many orders, or the first day of the last two months with orders."""
    import duckdb
    from deltalake import DeltaTable

    table = DeltaTable(settings.lake / "silver" / "orders")
    months = sorted({str(partition["month"]) for partition in table.partitions()})[-2:]
    orders = table.to_pyarrow_table(columns=["ordered_at"], partitions=[("month", "in", months)])
    days = duckdb.from_arrow(orders).aggregate("ordered_at::date as day, count(*) as n").order("day desc").fetchall()
    total = 0
    for day, n in days:
        total += n
        if total >= wanted:
            return day
    return days[-1][0]


@contextmanager
def _stage(settings: Settings, progress: Progress) -> Iterator[tuple[Settings, Connection]]:
    """A root with the shop's tables and models, but with state and a broker of its own."""
    from emberlake.engine.kafka import open_connection, start_broker, stop_broker
    from emberlake.streams.topics import ensure_topics

    home = settings.scratch / "live"
    own = settings.model_copy(update={"root": home, "kafka_bootstrap": "", "kafka_config": None, "metrics_port": 0})
    if home.exists():
        # Left by a run that was killed.
        stop_broker(own)
        shutil.rmtree(home)
    home.mkdir(parents=True)
    for name in ("lake", "models", "logs"):
        (home / name).symlink_to(settings.root / name, target_is_directory=True)
    try:
        progress("starting the broker", 0.0)
        start_broker(own)
        connection = open_connection(own)
        ensure_topics(connection, (ORDERS, SCORES))
        yield own, connection
    finally:
        stop_broker(own)
        shutil.rmtree(home, ignore_errors=True)


def _play(settings: Settings, connection: Connection, since: dt.date, limit: int) -> None:
    from emberlake.streams.replay import Plan, replay

    replay(settings, connection, Plan(start=since, topics=("orders",), rate=RATE, limit=limit))


def _all_scored(connection: Connection, patience: float) -> dict[Place, int]:
    """Wait until each order has its score; where the partitions of both topics end then."""
    from emberlake.streams.monitor.broker import Broker

    broker, deadline = Broker(connection), time.monotonic() + patience
    try:
        while True:
            sent, scored = broker.ends([ORDERS.name]), broker.ends([SCORES.name])
            if sum(scored.values()) >= sum(sent.values()):
                return sent | scored
            if time.monotonic() > deadline:
                raise StreamError(
                    f"Of {sum(sent.values()):,} orders only {sum(scored.values()):,} were scored.",
                    "Look into stream-scores.log under the logs.",
                )
            time.sleep(0.1)
    finally:
        broker.close()


def _results(connection: Connection, begins: dict[Place, int], ends: dict[Place, int]) -> tuple[list[Any], list[Any]]:
    """The messages between two moments: orders and scores."""
    from emberlake.streams.monitor.broker import Broker

    broker = Broker(connection)
    try:
        counts = {place: end - begins[place] for place, end in ends.items()}
        found = broker.messages(begins, counts, _PATIENCE)
    finally:
        broker.close()
    orders, scores = (
        [message for place, messages in found.items() if place[0] == topic.name for message in messages]
        for topic in (ORDERS, SCORES)
    )
    return orders, scores


def _measured(orders: list[Any], scores: list[Any], since: dt.date) -> Shown:
    from emberlake.streams.monitor.broker import moment, value_of

    sent = {(message.partition(), message.offset()): message for message in orders}
    times = sorted(moment(message) or 0.0 for message in orders)
    # A small shop's orders are all played in less.
    warm = times[0] + min(WARM_SECONDS, (times[-1] - times[0]) / 4)
    latencies, differences, seen = [], [], set()
    for score in scores:
        told = value_of(score)
        place = (told["partition"], told["offset"])
        order, at, came = sent[place], moment(score) or 0.0, moment(sent[place]) or 0.0
        if came >= warm:
            latencies.append((at - came) * 1000)
        amount = value_of(order).get("amount")
        if told.get("prediction") is not None and amount is not None and place not in seen:
            differences.append(abs(float(told["prediction"]) - float(amount)))
        seen.add(place)
    latencies.sort()
    return Shown(
        orders=len(orders), scored=len(differences), rate=len(orders) / max(times[-1] - times[0], 1e-3),
        p50_ms=_quantile(latencies, 0.5), p99_ms=_quantile(latencies, 0.99),
        off_by=sum(differences) / max(len(differences), 1), since=since.isoformat(),
    )  # fmt: skip


def _quantile(values: list[float], share: float) -> float:
    return round(values[min(int(share * len(values)), len(values) - 1)], 3) if values else 0.0
