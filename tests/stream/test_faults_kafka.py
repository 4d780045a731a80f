"""A broker that forgets: groups reset, messages deleted, topics made anew. Nothing is lost or doubled in silence."""

from __future__ import annotations

import json
import logging
import shutil
import uuid
from decimal import Decimal
from pathlib import Path

import pytest
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient
from tests.landed import click, consumed, order
from tests.landing_site import Landed, later

from emberlake.engine.kafka import Connection, ensure_partitions
from emberlake.errors import StreamError
from emberlake.streams.events import CLICK, ORDER
from emberlake.streams.landing.query import land
from emberlake.streams.online import learning
from emberlake.streams.online.diary import GAP, entries
from emberlake.streams.online.queries import _ORDER
from emberlake.streams.online.state import load
from emberlake.streams.online.value import ValueLearner
from emberlake.streams.stream import Running


@pytest.fixture
def clicks(spark, connection, tmp_path) -> Landed:
    return Landed(spark, connection, tmp_path / "root", CLICK)


@pytest.fixture
def orders(spark, connection, tmp_path) -> Landed:
    return Landed(spark, connection, tmp_path / "root", ORDER)


def make_anew(landed: Landed) -> None:
    """Delete the topic and make it again, at once."""
    admin = AdminClient(landed.connection.client())
    admin.delete_topics([landed.topic], operation_timeout=30)[landed.topic].result(60)
    while landed.topic in admin.list_topics(timeout=30).topics:
        continue
    ensure_partitions(landed.connection, {landed.topic: 2})


def delete_before(landed: Landed, before: dict[int, int]) -> None:
    """Delete messages as retention does."""
    asked = [TopicPartition(landed.topic, partition, offset) for partition, offset in before.items()]
    admin = AdminClient(landed.connection.client())
    for answer in admin.delete_records(asked).values():
        answer.result(60)


def ends(landed: Landed) -> dict[int, int]:
    sent = consumed(landed.connection, landed.topic)
    return {p: 1 + max(m.offset for m in sent if m.partition == p) for p in (0, 1)}


# Consumer groups


def read_of_group(connection: Connection, topic: str, group: str, count: int) -> int:
    """How many messages a plain consumer of a group is given, which then notes how far it came."""
    client = Consumer(connection.client(group_id=group, auto_offset_reset="earliest", enable_auto_commit=False))
    client.subscribe([topic])
    try:
        found = client.consume(count, 60 if count else 1)
        client.commit(asynchronous=False)
    finally:
        client.close()
    return len(found)


def reset_groups(landed: Landed) -> set[str]:
    """Set the offsets of every group of the broker, and of those that we name to Kafka, to the beginning."""
    admin = AdminClient(landed.connection.client())
    names = {group.group_id for group in admin.list_consumer_groups().result(60).valid}
    begin = [TopicPartition(landed.topic, partition, 0) for partition in (0, 1)]
    for name in names | {"emberlake-position", "spark-kafka-source"}:
        asked = [ConsumerGroupTopicPartitions(name, begin)]
        for answer in admin.alter_consumer_group_offsets(asked).values():
            answer.result(60)
    return names


def test_a_reset_of_every_consumer_group_changes_nothing(clicks):
    group = f"plain-{uuid.uuid4().hex[:8]}"
    clicks.write(*[click(n, later(n)) for n in range(30)])
    assert read_of_group(clicks.connection, clicks.topic, group, 30) == 30
    query = land(clicks.running(trigger="1 second"), clicks.event)
    try:
        query.processAllAvailable()
        assert group in reset_groups(clicks)
        clicks.write(*[click(n, later(n)) for n in range(30, 50)])
        query.processAllAvailable()
    finally:
        query.stop()
    # The control: who relies on a group reads again what it had read.
    assert read_of_group(clicks.connection, clicks.topic, group, 50) == 50
    reset_groups(clicks)
    clicks.write(*[click(n, later(n)) for n in range(50, 70)])
    clicks.land()
    clicks.check()


# Retention


@pytest.mark.long
def test_orders_that_were_deleted_before_they_landed_are_told_and_the_rest_lands_once(orders, caplog):
    orders.write(*[order(n, later(n)) for n in range(40)])
    orders.land()
    old = ends(orders)
    orders.write(*[order(n, later(n)) for n in range(40, 80)])
    gone = {p: offset + 3 + p for p, offset in old.items()}
    delete_before(orders, gone)
    with pytest.raises(StreamError, match="deleted messages of .* before they landed") as refusal:
        orders.land()
    assert "from=now" in refusal.value.hint
    assert len(orders.table("bronze.orders")) == 40
    shutil.rmtree(orders.checkpoint)
    with caplog.at_level(logging.WARNING, "emberlake.streams"):
        orders.land(**{"from": "now"})
    assert "7 messages were deleted before they landed" in caplog.text
    orders.refine()
    left = [json.loads(m.text)["order_id"] for m in consumed(orders.connection, orders.topic)]
    assert len(left) == 33
    ids = sorted(row["order_id"] for row in orders.table("silver.orders"))
    assert ids == sorted([*range(40), *left])
    assert len(orders.table("bronze.orders")) == len(ids)


# Topics


@pytest.mark.parametrize("without", [pytest.param(False, id="protected"), pytest.param(True, id="unprotected")])
def test_a_topic_that_is_made_anew_under_a_running_query_is_seen(clicks, monkeypatch, without):
    # The new one is longer than the old, so that no offset goes backwards; the start's look comes too early.
    monkeypatch.setattr("emberlake.streams.landing.start._require_same_topic", lambda *_: None)
    if without:
        monkeypatch.setattr("emberlake.streams.landing.query.require_topic", lambda *_: None)
    clicks.write(*[click(n, later(n)) for n in range(20)])
    clicks.land()
    # Spark says that nothing is left only when it has looked again.
    first = clicks.running(trigger="1 second")
    with monkeypatch.context() as patch:
        _another_topic_before_the_first_batch(patch, clicks)
        if without:
            query = land(first, clicks.event)
            query.processAllAvailable()
            query.stop()
        else:
            with pytest.raises(Exception, match="deleted and made anew"):
                land(first, clicks.event).processAllAvailable()
    ids = sorted(row["event_id"] for row in clicks.table("bronze.events"))
    if without:
        # The first of the new topic were skipped, and nobody was told.
        assert len(ids) < 80
    else:
        assert ids == list(range(20))
        shutil.rmtree(clicks.checkpoint)
        clicks.land(**{"from": "now"})
        assert sorted(row["event_id"] for row in clicks.table("bronze.events")) == [*range(20), *range(100, 160)]


def _another_topic_before_the_first_batch(patch: pytest.MonkeyPatch, clicks: Landed) -> None:
    """Behind the look at the topic and before Spark asks for it."""
    from emberlake.streams.landing import query

    whole = query.messages

    def later_messages(*args, **kwargs):
        make_anew(clicks)
        clicks.write(*[click(n, later(n)) for n in range(100, 160)])
        return whole(*args, **kwargs)

    patch.setattr(query, "messages", later_messages)


# Learners


class Learned:
    """A learner of an orders' topic."""

    def __init__(self, orders: Landed) -> None:
        self.orders = orders
        self.checkpoint = orders.settings.streams / "learn_value" / "checkpoint"

    def learn(self, **options: str) -> None:
        place: Path = self.checkpoint
        given = Running(
            self.orders.session, self.orders.settings, self.orders.connection, place, {"trigger": "once"} | options
        )
        assert learning.learn(given, self.orders.event, _ORDER, ValueLearner).awaitTermination(400)

    @property
    def events(self) -> int:
        return load(self.checkpoint.parent / "learner").learner.summary().events


def of_lines(message: dict, **changed) -> dict:
    return message | {"lines": [line | changed for line in message["lines"]]}


@pytest.mark.long
def test_orders_whose_columns_change_are_taken_or_kept_with_their_text_by_all_who_read_them(orders):
    plain = [order(n, later(n)) for n in range(10)]
    more = [order(10, later(10), gift=True, amount_usd="9.99"), of_lines(order(11, later(11)), colour="red")]
    fewer = {k: v for k, v in order(12, later(12)).items() if k != "channel"}
    short = order(13, later(13))
    short["lines"] = [{k: v for k, v in line.items() if k != "quantity"} for line in short["lines"]]
    retyped = [order(14, later(14), amount={"value": "1.00"}), of_lines(order(15, later(15)), quantity="two")]
    orders.write(*plain, *more, fewer, short, *retyped)
    orders.land()
    orders.refine()
    rows = orders.table("silver.orders")
    assert sorted(row["order_id"] for row in rows) == list(range(12))
    assert sum(row["amount"] for row in rows) == sum(Decimal(m["amount"]) for m in [*plain, *more])
    assert len(orders.table("silver.order_items")) == 24
    kept = [json.loads(json.loads(r["_rescued"])["_line"]) for r in orders.table("quarantine.orders")]
    assert sorted(kept, key=lambda m: m["order_id"]) == [fewer, short, *retyped]
    learned = Learned(orders)
    learned.learn()
    assert learned.events == 12


@pytest.mark.long
def test_orders_that_were_deleted_before_they_were_learned_are_told_and_noted(orders):
    learned = Learned(orders)
    orders.write(*[order(n, later(n)) for n in range(40)])
    learned.learn()
    old = ends(orders)
    orders.write(*[order(n, later(n)) for n in range(40, 80)])
    delete_before(orders, {p: offset + 3 + p for p, offset in old.items()})
    with pytest.raises(StreamError, match="were deleted before they were learned"):
        learned.learn()
    assert learned.events == 40
    shutil.rmtree(learned.checkpoint)
    learned.learn(go_on="now")
    assert learned.events == 73
    (gap,) = entries(orders.settings, "learn_value")
    assert (gap.what, gap.event, gap.why) == (GAP, 40, "7 messages were deleted before they were learned")
    # A topic that was made anew, longer than the old one.
    make_anew(orders)
    orders.write(*[order(n, later(n)) for n in range(200, 300)])
    with pytest.raises(StreamError, match="made anew"):
        learned.learn()
    shutil.rmtree(learned.checkpoint)
    learned.learn(go_on="now")
    assert learned.events == 173
    learned.learn()
    assert learned.events == 173
