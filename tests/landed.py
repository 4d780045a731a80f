"""Live events made by hand, and what a lake must hold of a topic: counted from Kafka's own log, without an engine."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from deltalake import DeltaTable

from emberlake.engine.kafka import Connection
from emberlake.lake import Lake
from emberlake.settings import Settings

BEGIN = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
# Far behind any watermark, and far ahead of any clock.
LATE, AHEAD = BEGIN - dt.timedelta(days=30), dt.datetime(2080, 1, 1, tzinfo=dt.UTC)
DELAY = dt.timedelta(minutes=10)


def order(number: int, at: dt.datetime, amount: str | None = None, **changed: Any) -> dict[str, Any]:
    """A message of an order with two lines, of what `amount` says in all."""
    amount = amount or f"{10 + number % 90}.50"
    lines = [
        {"line": n, "product_id": 1 + number % 7, "quantity": n, "unit_price": "1.00", "discount": "0.00"}
        for n in (1, 2)
    ]
    return {
        "order_id": number, "user_id": 1 + number % 50, "ordered_at": at.isoformat(), "received_at": at.isoformat(),
        "status": "paid", "channel": "web", "country": "DE", "currency": "EUR", "items_amount": amount,
        "discount": "0.00", "shipping": "0.00", "amount": amount, "coupon": None, "lines": lines,
        "sent_at": at.isoformat(),
    } | changed  # fmt: skip


def click(number: int, at: dt.datetime, **changed: Any) -> dict[str, Any]:
    """A message of a page view."""
    return {
        "event_id": number, "session_id": number // 5, "user_id": None, "event": "page_view",
        "occurred_at": at.isoformat(), "device": "mobile", "product_id": 1 + number % 7, "query": None,
        "order_id": None, "sent_at": at.isoformat(),
    } | changed  # fmt: skip


@dataclass
class Tap:
    """Writes to topics, and waits until the broker has confirmed all of it.

    Attributes:
        confirmed: messages by topic that the broker has.
    """

    connection: Connection
    confirmed: Counter[str] = field(default_factory=Counter)

    def write(self, topic: str, messages: list[dict[str, Any] | str]) -> None:
        """Write messages; texts go as they are."""
        # Idempotent: a broker that dies under it gets nothing twice.
        producer = Producer(self.connection.client(enable_idempotence=True, linger_ms=5, message_timeout_ms=120_000))

        def confirm(error: Any, message: Any) -> None:
            assert error is None, error
            self.confirmed[topic] += 1

        for number, message in enumerate(messages):
            text = message if isinstance(message, str) else json.dumps(message)
            producer.produce(topic, text, str(number % 13), on_delivery=confirm)
        assert producer.flush(120) == 0


@dataclass(frozen=True)
class Sent:
    """A message as the broker has it."""

    partition: int
    offset: int
    text: str

    def value(self, key: str) -> dict[str, Any] | None:
        """The event; None for a poison message."""
        try:
            told = json.loads(self.text)
        except ValueError:
            return None
        return told if isinstance(told, dict) and told.get(key) is not None else None


def consumed(connection: Connection, topic: str) -> list[Sent]:
    """All messages of a topic, by a plain client."""
    client = Consumer(connection.client(group_id="count", enable_auto_commit=False, enable_partition_eof=False))
    try:
        parts = client.list_topics(topic, 30).topics[topic].partitions
        # Some at the beginning may be deleted.
        kept = [high - low for low, high in (client.get_watermark_offsets(TopicPartition(topic, p), 30) for p in parts)]
        client.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in parts])
        found: list[Sent] = []
        while len(found) < sum(kept):
            message = client.poll(30)
            assert message is not None and message.error() is None, message
            found.append(Sent(message.partition(), message.offset(), message.value().decode()))
        return found
    finally:
        client.close()


def table(settings: Settings, name: str) -> list[dict[str, Any]]:
    """Rows of a table; none where it does not exist."""
    path = settings.lake / name.replace(".", "/")
    return DeltaTable(path).to_pyarrow_table().to_pylist() if (path / "_delta_log").exists() else []


def places(rows: list[dict[str, Any]]) -> Counter[tuple[str, int]]:
    """How often each message is among rows of bronze or quarantine."""
    return Counter((row["_source_file"].rpartition("/")[2], row["_row"]) for row in rows)


def check_landed(settings: Settings, connection: Connection, topic: str, source: str, key: str, time: str) -> None:
    """Every message is in bronze once, each event in silver once, the rest in quarantine, and late ones apart.

    Raises:
        AssertionError: saying what is lost and what is doubled.
    """
    sent = consumed(connection, topic)
    bronze = table(settings, f"bronze.{source}")
    there, wanted = places(bronze), Counter((str(m.partition), m.offset) for m in sent)
    assert not wanted - there, f"{topic}: lost in bronze: {dict(list((wanted - there).items())[:5])}"
    assert not there - wanted, f"{topic}: twice in bronze: {dict(list((there - wanted).items())[:5])}"
    events = [(m, value) for m in sent if (value := m.value(key))]
    ids = Counter(row[key] for row in table(settings, f"silver.{source}"))
    assert ids == Counter({value[key] for _, value in events}), f"{topic}: other ids in silver"
    refused = table(settings, f"quarantine.{source}")
    assert len(ids) + len(refused) == len(sent)
    poison = {(str(m.partition), m.offset) for m in sent if m.value(key) is None}
    found = {(r["_source_file"].rpartition("/")[2], r["_row"]) for r in refused if r["_rule"] == "row_readable"}
    assert found == poison
    _check_ledger(settings, source)
    _check_late(settings, topic, source, events, time)


def check_amounts(settings: Settings, connection: Connection, topic: str) -> None:
    """Sums of silver's orders and lines are those of the messages."""
    events = {v["order_id"]: v for m in consumed(connection, topic) if (v := m.value("order_id"))}
    orders, items = table(settings, "silver.orders"), table(settings, "silver.order_items")
    assert sum(row["amount"] for row in orders) == sum(Decimal(v["amount"]) for v in events.values())
    assert Counter((r["order_id"], r["line"]) for r in items) == Counter(
        (v["order_id"], line["line"]) for v in events.values() for line in v["lines"]
    )


def _check_ledger(settings: Settings, source: str) -> None:
    with Lake(None, settings) as lake:
        loads = [load for load in lake.ledger.loads() if load["source"] == source]
    for load in loads:
        assert load["read"] == load["accepted"] + load["deleted"] + load["refused"], load


def _check_late(settings: Settings, topic: str, source: str, events: list[tuple[Sent, dict]], time: str) -> None:
    """What the door called late is what lies behind the greatest time of earlier landings, told from the ranges."""
    import sqlite3

    db = sqlite3.connect(settings.state / "ledger.sqlite")
    ranges = db.execute("SELECT first, past FROM landings WHERE topic = ? ORDER BY id", (topic,)).fetchall()
    db.close()
    off, on, greatest = Counter(), Counter(), None
    for first, past in ((json.loads(f), json.loads(p)) for f, p in ranges):
        times = []
        for message, value in events:
            p = str(message.partition)
            if p in past and first[p] <= message.offset < past[p]:
                at = dt.datetime.fromisoformat(value[time])
                is_off = at > BEGIN + dt.timedelta(days=3650) or (greatest is not None and at < greatest - DELAY)
                (off if is_off else on)[(p, message.offset)] += 1
                times += [] if is_off else [at]
        greatest = max([*times, *([greatest] if greatest else [])], default=None)
    late = Counter(
        (row["topic"].rpartition("/")[2], row["offset"])
        for row in table(settings, "quarantine.live_late") if row["source"] == source
    )  # fmt: skip
    assert late == off, f"{topic}: {sum(late.values())} off-time events, {sum(off.values())} expected"
    if source == "orders":
        door = Counter(row["order_id"] for row in table(settings, "silver.live_orders"))
        by_place = {(str(m.partition), m.offset): v["order_id"] for m, v in events}
        assert door == Counter(by_place[place] for place in on.elements())


def some_messages(chance: random.Random, make: Any, begin: int, count: int) -> list[dict[str, Any] | str]:
    """Messages with ids from `begin`, a second apart; some doubled, late, ahead, poison, or out of order."""
    found: list[dict[str, Any] | str] = []
    for number in range(begin, begin + count):
        at = BEGIN + dt.timedelta(seconds=number)
        dice = chance.random()
        if dice < 0.02:
            found.append(chance.choice(["", "{", "[1]", "null", '{"other": 1}', "nonsense"]))
        elif dice < 0.04:
            at = chance.choice([LATE, LATE, AHEAD])
        message = make(number, at)
        found += [message] * (2 if 0.04 <= dice < 0.08 else 1)
        if 0.08 <= dice < 0.12:
            found.insert(chance.randrange(len(found)), found.pop())
    return found
