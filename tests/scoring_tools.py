"""Orders as messages, champions that are fitted in seconds, and the scores that come out."""

from __future__ import annotations

import datetime as dt
import json
import time
import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from emberlake.engine.kafka import Connection
from emberlake.models.recipe import Fitted
from emberlake.models.saving import save_model
from emberlake.models.store import open_store
from emberlake.models.value import ORDER_VALUE
from emberlake.models.value.features import NAMES, NUMBERS
from emberlake.models.value.training import pipeline
from emberlake.models.versions import CHAMPION, move, register
from emberlake.settings import Settings

PATIENCE_S = 300.0


def fit(features: DataFrame, cap: float) -> PipelineModel:
    """The shop's own pipeline, on few bins; no amount above `cap` is learnt."""
    return pipeline(7, bins=32).fit(features.withColumn("value", F.least("amount", F.lit(cap))))


def enthrone(settings: Settings, model: PipelineModel, features: DataFrame, folder: Path) -> int:
    """Make a model champion, in the registry and by its record of changes."""
    store = open_store(settings, make=True)
    sample = features.select(*NUMBERS, *NAMES).limit(5)
    fitted = Fitted(model, {}, {}, {}, None, 1, 1, sample=sample)
    run = store.client.create_run(store.experiment_id).info.run_id
    kept = folder / run
    save_model(ORDER_VALUE, fitted, kept / "model", run)
    store.keep(run, kept)
    number = register(store, ORDER_VALUE, run, {})
    move(store, ORDER_VALUE, CHAMPION, number, "promote", "a test")
    return number


def as_messages(
    orders: DataFrame, items: DataFrame, leave_out: tuple[str, ...] = ("source_key",)
) -> list[dict[str, Any]]:
    """Silver's orders as the shop sends them, in the order of their time."""
    names = [
        n for n in orders.columns if n not in leave_out and not n.startswith("_") and n not in ("is_late", "month")
    ]
    line = F.struct("line", "product_id", "quantity", "unit_price", "discount")
    lines = items.groupBy("order_id").agg(F.array_sort(F.collect_list(line)).alias("lines"))
    rows = orders.select(*names).join(lines, "order_id", "left").orderBy("ordered_at", "order_id").collect()
    return [row.asDict(recursive=True) | {"lines": row.asDict(recursive=True)["lines"] or []} for row in rows]


def body(message: dict[str, Any]) -> str:
    """A message as it travels."""
    sent = dt.datetime.now(dt.UTC).isoformat(timespec="microseconds")
    return json.dumps(message | {"sent_at": sent}, default=_plain)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value.replace(tzinfo=dt.UTC).isoformat()


class Till:
    """A topic of orders and one of scores, of a test alone."""

    def __init__(self, connection: Connection, partitions: int = 2) -> None:
        from confluent_kafka import Producer

        from emberlake.engine.kafka import ensure_partitions

        mark = uuid.uuid4().hex[:8]
        self.orders, self.scores = f"orders-{mark}", f"scores-{mark}"
        self.connection, self.partitions, self.sent = connection, partitions, 0
        ensure_partitions(connection, {self.orders: partitions, self.scores: partitions})
        self._producer = Producer(connection.client(linger_ms=0))  # type: ignore[arg-type]

    @property
    def options(self) -> dict[str, str]:
        return {"orders": self.orders, "scores": self.scores}

    def send(self, *bodies: str) -> None:
        """Send texts, in turns to the partitions."""
        for text in bodies:
            self._producer.produce(self.orders, value=text, key=str(self.sent), partition=self.sent % self.partitions)
            self.sent += 1
        self._producer.flush()

    def read(self, expected: int | None = None) -> list[dict[str, Any]]:
        """The scores that are there, once there are as many as expected: as many as messages were sent."""
        wanted = self.sent if expected is None else expected
        scores: list[dict[str, Any]] = []
        wait_for(
            lambda: len(scores) >= wanted or (scores.__setitem__(slice(None), self.now()) or len(scores) >= wanted)
        )
        return scores

    def now(self) -> list[dict[str, Any]]:
        from confluent_kafka import Consumer, TopicPartition

        consumer = Consumer(self.connection.client(group_id="t", enable_auto_commit=False))  # type: ignore[arg-type]
        found = []
        try:
            for number in range(self.partitions):
                part = TopicPartition(self.scores, number, 0)
                _, end = consumer.get_watermark_offsets(part)
                consumer.assign([part])
                seen = 0
                while seen < end and (message := consumer.poll(10)) is not None:
                    assert message.error() is None
                    seen = message.offset() + 1
                    found.append(json.loads(message.value()) | {"_into": number, "_key": message.key().decode()})
        finally:
            consumer.close()
        return found


def wait_for(holds: Callable[[], object], patience: float = PATIENCE_S) -> None:
    """Wait until something holds; looks ten times a second."""
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
