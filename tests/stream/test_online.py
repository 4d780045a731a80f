"""Learners on a real topic: each order learned once, in its order, whatever happens to the query between."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka import Producer
from tests.landed import consumed

from emberlake.errors import StreamError
from emberlake.settings import Settings, read_settings
from emberlake.streams.events import CLICK, ORDER
from emberlake.streams.online import learning
from emberlake.streams.online.clicks import ClickLearner
from emberlake.streams.online.diary import entries
from emberlake.streams.online.learner import Summary
from emberlake.streams.online.queries import _CLICK, _ORDER
from emberlake.streams.online.segments import SegmentLearner
from emberlake.streams.online.state import load
from emberlake.streams.online.value import ValueLearner
from emberlake.streams.stream import Running
from emberlake.streams.topics import Topic

ORDERS, COPIES, POISON = 600, 20, 3


def message(number: int) -> str:
    draw = random.Random(number)
    price = draw.randrange(500, 5000) / 100
    at = f"2026-03-01 10:{number // 60:02}:{number % 60:02}"
    order = dict.fromkeys(ORDER.names) | {
        "order_id": number, "user_id": number % 37 + 1, "ordered_at": at,
        "channel": "web", "country": "DE", "amount": round(price * 2 * draw.uniform(0.8, 1.2), 2),
        "lines": [{"line": 1, "product_id": number % 9 + 1, "quantity": 2, "unit_price": price, "discount": 0}],
        "sent_at": "2026-03-01T12:00:00Z",
    }  # fmt: skip
    return json.dumps(order)


def fill(connection, topic: str) -> None:
    """Orders into two partitions, with copies and messages that are none."""
    producer = Producer(connection.client())
    texts = [message(number) for number in range(ORDERS)]
    texts[300:300] = [message(number) for number in range(COPIES)]
    for number, text in enumerate(texts):
        producer.produce(topic, text, partition=number % 2)
    for number in range(POISON):
        producer.produce(topic, "{", partition=number % 2)
    assert producer.flush(30) == 0


def running(spark, connection, root: Path, **options: str) -> Running:
    settings = read_settings(root=root)
    checkpoint = settings.streams / "learn_value" / "checkpoint"
    return Running(spark, settings, connection, checkpoint, {"trigger": "once", "at_most": "250"} | options)


def learn(given: Running, topic: str) -> None:
    event = replace(ORDER, topic=Topic(topic, "", "user_id", 2))
    query = learning.learn(given, event, _ORDER, ValueLearner)
    try:
        assert query.awaitTermination(400)
    finally:
        query.stop()


def as_after(calm: Running, spark, connection, root: Path) -> Running:
    """Checkpoint and state of the undisturbed learner under another root."""
    given = running(spark, connection, root)
    shutil.copytree(calm.checkpoint.parent, given.checkpoint.parent)
    return given


def learned(given: Running):
    saved = load(given.checkpoint.parent / "learner")
    assert saved is not None
    return saved


def table(given: Running) -> list[tuple]:
    rows = given.session.read.format("delta").load(str(given.settings.lake / "gold" / "live_learning")).collect()
    return sorted(tuple(row.asDict().items())[2:] for row in rows)


@pytest.fixture(scope="module")
def shop(spark, broker, tmp_path_factory):
    """A filled topic, and a learner that went over it undisturbed."""
    from emberlake.engine.kafka import ensure_partitions, open_connection

    connection, topic = open_connection(broker), f"learned-{os.getpid()}"
    ensure_partitions(connection, {topic: 2})
    fill(connection, topic)
    calm = running(spark, connection, tmp_path_factory.mktemp("calm"))
    learn(calm, topic)
    return connection, topic, calm


def test_each_order_is_learned_once_and_nothing_else(shop):
    _, _, calm = shop
    saved = learned(calm)
    assert saved.learner.summary() == Summary(ORDERS, COPIES, 0, 1_772_359_799.0)
    # 310 readable messages in each partition, and the broken ones behind them.
    assert saved.offsets == {0: 310, 1: 310}


def test_the_live_table_says_what_the_state_says(shop):
    _, _, calm = shop
    saved = learned(calm)
    rows = [row for row in table(calm) if dict(row)["batch"] == saved.batch]
    told = {(dict(row)["model"], dict(row)["measure"]): dict(row)["so_far"] for row in rows}
    assert told == {(row.model, row.measure.name): row.measure.so_far for row in saved.learner.rows()}
    assert {dict(row)["events"] for row in rows} == {ORDERS}


@pytest.mark.long  # the driver killed below brings a batch again too
@pytest.mark.parametrize("where", ["before the table", "before it is saved"])
def test_a_batch_that_fails_and_is_brought_again_is_learned_once(shop, spark, tmp_path, monkeypatch, where):
    connection, topic, calm = shop
    given = running(spark, connection, tmp_path)
    place = {
        "before it is saved": "emberlake.streams.online.once.save",
        "before the table": "emberlake.streams.online.learning.tell",
    }[where]
    module, _, name = place.rpartition(".")
    whole, calls = getattr(sys.modules[module], name), []

    def failing(*args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("the light went out")
        return whole(*args, **kwargs)

    monkeypatch.setattr(place, failing)
    with pytest.raises(Exception, match="the light went out"):
        learn(given, topic)
    learn(given, topic)
    assert learned(given).learner.rows() == learned(calm).learner.rows()
    assert table(given) == table(calm)


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from emberlake.engine import open_engine
from emberlake.engine.kafka import open_connection
from emberlake.settings import read_settings
from tests.stream.test_online import learn, running
with open_engine(read_settings(root=sys.argv[1]), "spark") as engine:
    connection = open_connection(read_settings(root=sys.argv[4], kafka_bootstrap=""))
    print("ready", flush=True)
    learn(running(engine.session, connection, Path(sys.argv[1])), sys.argv[2])
"""


@pytest.mark.long
def test_a_killed_driver_leaves_a_state_that_is_gone_on_from(shop, broker: Settings, spark, tmp_path):
    connection, topic, calm = shop
    repository = str(Path(__file__).parents[2])
    driver = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path), topic, repository, str(broker.root)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    given, deadline = running(spark, connection, tmp_path), time.monotonic() + 180
    folder, whole = given.checkpoint.parent / "learner", learned(calm)
    try:
        while (load(folder) or whole).batch not in (0, 1):
            assert time.monotonic() < deadline and driver.poll() is None
            time.sleep(0.05)
    finally:
        os.killpg(driver.pid, signal.SIGKILL)
        driver.communicate()
    assert load(folder).learner.summary().events < ORDERS
    learn(given, topic)
    assert learned(given).learner.rows() == learned(calm).learner.rows()
    assert table(given) == table(calm)


@pytest.mark.long
def test_a_checkpoint_that_is_gone_is_refused_and_can_be_gone_on_without(shop, spark, tmp_path):
    connection, topic, calm = shop
    given = as_after(calm, spark, connection, tmp_path)
    given.checkpoint.rename(tmp_path / "gone")
    with pytest.raises(StreamError, match="no checkpoint") as refused:
        learn(given, topic)
    assert "go_on=yes" in refused.value.hint
    producer = Producer(connection.client())
    producer.produce(topic, message(ORDERS), partition=1)
    assert producer.flush(30) == 0
    learn(running(spark, connection, tmp_path, go_on="yes"), topic)
    assert learned(given).learner.summary().events == ORDERS + 1
    assert learned(given).learner.summary().copies == COPIES


def test_a_state_that_is_gone_is_refused(shop, spark, tmp_path):
    connection, topic, calm = shop
    given = as_after(calm, spark, connection, tmp_path)
    (given.checkpoint.parent / "learner").rename(tmp_path / "gone")
    with pytest.raises(StreamError, match="what was learned up to it is gone"):
        learn(given, topic)


def test_nothing_happened_so_the_diary_is_empty(shop):
    assert entries(shop[2].settings, "learn_value") == []


# The other two learners


def visit(number: int) -> list[dict]:
    """A view every minute, each of a visit of its own; every third fills its cart five minutes later."""
    begin = dt.datetime(2026, 3, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=number)
    events = [("page_view", begin)] + [("add_to_cart", begin + dt.timedelta(minutes=5))] * (number % 3 == 0)
    return [
        dict.fromkeys(CLICK.names) | {
            "event_id": 10 * number + place, "session_id": number, "event": event, "occurred_at": at.isoformat(),
            "device": "mobile", "product_id": 1, "sent_at": at.isoformat(),
        }
        for place, (event, at) in enumerate(events)
    ]  # fmt: skip


def learn_visits(given: Running, topic: str) -> ClickLearner:
    event = replace(CLICK, topic=Topic(topic, "", "session_id", 2))
    assert learning.learn(given, event, _CLICK, ClickLearner).awaitTermination(400)
    return load(given.checkpoint.parent / "learner").learner


def test_clicks_are_learned_once_with_the_outcome_that_came(spark, connection, topic, tmp_path):
    settings = read_settings(root=tmp_path)
    given = Running(spark, settings, connection, settings.streams / "learn_clicks" / "checkpoint", {"trigger": "once"})
    producer = Producer(connection.client())

    def send(*events: dict) -> None:
        for event in events:
            producer.produce(topic, json.dumps(event), partition=event["session_id"] % 2)
        assert producer.flush(30) == 0

    # Ten hours at once, in two partitions: the second begins where the first begins, not where it ends.
    visits = range(600)
    sent = sorted((e for number in visits for e in visit(number)), key=lambda e: e["occurred_at"])
    send(*sent, *visit(0))
    learner = learn_visits(given, topic)
    assert (learner.carts, learner.copies) == (200, 2)
    # The last event is a cart of minute 602.
    still = [number for number in visits if number >= 602 - 40 and number % 3]
    assert learner.learned == 600 - len(still)
    # A day later nothing waits any more, but the new view itself.
    send(*visit(600 + 24 * 60 + 1))
    learner = learn_visits(given, topic)
    assert (learner.learned, learner.carts, learner.copies) == (600, 200, 2)
    saved = learned(given)
    rows = [dict(row) for row in table(given) if dict(row)["batch"] == saved.batch]
    assert {row["events"] for row in rows} == {600} and {row["stream"] for row in rows_of(given)} == {"learn_clicks"}


def rows_of(given: Running) -> list[dict]:
    path = str(given.settings.lake / "gold" / "live_learning")
    return [row.asDict() for row in given.session.read.format("delta").load(path).collect()]


@pytest.mark.long
def test_groups_of_customers_follow_each_order_once(shop, spark, tmp_path):
    connection, topic, _ = shop
    settings = read_settings(root=tmp_path)
    place = settings.streams / "live_segments" / "checkpoint"
    event = replace(ORDER, topic=Topic(topic, "", "user_id", 2))
    for _ in range(2):
        given = Running(spark, settings, connection, place, {"trigger": "once", "at_most": "250"})
        assert learning.learn(given, event, _ORDER, SegmentLearner).awaitTermination(400)
    learner = learned(given).learner
    told = learner.summary()
    # Another test may have added orders to the topic meanwhile.
    assert told.events >= ORDERS and (told.copies, told.unusable) == (COPIES, 0)
    readable = [m for m in consumed(connection, topic) if m.value("order_id")]
    assert len(readable) == told.events + COPIES
    assert learned(given).offsets == {p: 1 + max(m.offset for m in readable if m.partition == p) for p in (0, 1)}
    # From their second order on customers are placed.
    counts = Counter(number % 37 + 1 for number in range(told.events))
    assert {user: customer.orders for user, customer in learner.past.customers.items()} == counts
    assert all(learner.group_of(user) is not None for user in counts)
    assert {row["stream"] for row in rows_of(given)} == {"live_segments"}
