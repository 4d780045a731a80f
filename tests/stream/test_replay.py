"""What a replay puts into a real topic: the lake's orders and clicks, whole, in order, with its faults, once."""

import json
import subprocess
import sys
from collections import Counter, defaultdict
from decimal import Decimal

import duckdb
import pytest
from confluent_kafka import Consumer, TopicPartition
from deltalake import DeltaTable

from emberlake.engine.kafka import ensure_partitions
from emberlake.settings import read_settings
from emberlake.streams.replay import Faults, Plan, replay


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """Settings of a built shop of scale 0.1: 5,000 orders."""
    root = tmp_path_factory.mktemp("replayed")
    given = ["--to", "silver", "--root", str(root), "--scale", "0.1", "--engine", "sail"]
    subprocess.run([sys.executable, "-m", "emberlake.cli", "build", *given], check=True, capture_output=True)
    return read_settings(root=root)


@pytest.fixture
def topics(connection, topic):
    ensure_partitions(connection, {f"{topic}-orders": 4, f"{topic}-clicks": 4})
    return f"{topic}-orders", f"{topic}-clicks"


def everything(connection, topic):
    """All messages of a topic, by partition in the order of offsets: (key, text)."""
    consumer = Consumer(connection.client(group_id="reader", enable_auto_commit=False))
    partitions = list(consumer.list_topics(topic, 10).topics[topic].partitions)
    found = {}
    for partition in partitions:
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), 10)
        consumer.assign([TopicPartition(topic, partition, low)])
        found[partition] = []
        while len(found[partition]) < high - low:
            message = consumer.poll(10)
            assert message is not None and not message.error()
            found[partition].append((message.key().decode(), message.value().decode()))
    consumer.close()
    return found


def read_as_event(text, key):
    try:
        event = json.loads(text, parse_float=Decimal)
    except ValueError:
        return None
    whole = isinstance(event, dict) and event.get(key) is not None and "sent_at" in event
    return event if whole else None


def test_a_topic_has_silvers_orders_and_lines_in_the_order_of_each_customer(lake, connection, topics):
    done = replay(lake, connection, Plan(topics=("orders",)), topics=topics)
    found = everything(connection, topics[0])
    orders = [json.loads(text, parse_float=Decimal) for messages in found.values() for _, text in messages]
    silver = {
        name: DeltaTable(lake.lake / "silver" / name).to_pyarrow_dataset() for name in ("orders", "order_items")
    }  # fmt: skip
    db = duckdb.connect()
    for name, rows in silver.items():
        db.register(name, rows)
    sums = db.sql("SELECT count(*), count(DISTINCT order_id), sum(amount) FROM orders").fetchall()[0]
    of_lines = db.sql("SELECT count(*), sum(quantity * unit_price) FROM order_items").fetchall()[0]
    assert (len(orders), len({o["order_id"] for o in orders}), sum(o["amount"] for o in orders)) == sums
    lines = [line for o in orders for line in o["lines"]]
    assert (len(lines), sum(line["quantity"] * line["unit_price"] for line in lines)) == of_lines
    assert done.sent == {topics[0]: sums[0], topics[1]: 0} and done.unknown == 0
    homes = defaultdict(set)
    for partition, messages in found.items():
        latest = {}
        for key, text in messages:
            order = json.loads(text)
            assert key == str(order["user_id"]) and latest.get(key, "") <= order["ordered_at"]
            latest[key] = order["ordered_at"]
            homes[key].add(partition)
    assert {len(partitions) for partitions in homes.values()} == {1} and len(found) == 4


def test_planted_faults_are_in_the_topic_at_their_counts(lake, connection, topics, tmp_path):
    faults = Faults(late=7, duplicate=9, malformed=11, out_of_order=0)
    plan = Plan(topics=("orders",), faults=faults)
    done = replay(lake, connection, plan, topics=topics, record=tmp_path / "truth.json")
    assert done.faults == {"late": 7, "duplicate": 9, "malformed": 11}
    found = [item for messages in everything(connection, topics[0]).values() for item in messages]
    truth = json.loads((tmp_path / "truth.json").read_text())
    duplicates = {fault["id"] for fault in truth["faults"] if fault["kind"] == "duplicate"}
    orders = [event for _, text in found if (event := read_as_event(text, "order_id"))]
    # Copies with a wrong type, a time as a number or none, or a column less are JSON with a key nonetheless.
    kept = [o for o in orders if isinstance(o["amount"], Decimal) and o["ordered_at"] and "status" in o]
    kept = [o for o in kept if isinstance(o["ordered_at"], str)]
    twice = {number for number, times in Counter(o["order_id"] for o in kept).items() if times == 2}
    assert twice == duplicates and len(twice) == 9
    assert len(found) == len({o["order_id"] for o in kept}) + 9 + 11


def test_a_replay_that_was_stopped_goes_on_and_sends_nothing_twice(lake, connection, topics, tmp_path):
    plan = Plan(limit=900, faults=Faults(duplicate=3, out_of_order=2, disorder=40_000))
    stops = iter(range(10_000))

    def stop(doing, fraction):
        if next(stops) == 2:
            raise KeyboardInterrupt

    record = tmp_path / "truth.json"
    first = replay(lake, connection, plan, topics=topics, record=record, progress=stop)
    assert first.stopped and 0 < sum(first.sent.values()) < 900
    second = replay(lake, connection, plan, topics=topics, record=record, resume=True)
    assert second.skipped == sum(first.sent.values())
    texts = [text for topic in topics for messages in everything(connection, topic).values() for _, text in messages]
    ids = Counter((("o", e["order_id"]) if "lines" in e else ("c", e["event_id"])) for e in map(json.loads, texts))
    assert len(ids) == 900 and sum(ids.values()) == 903
    assert json.loads(record.read_text())["counts"]["duplicate"] == 3


def test_each_loop_has_numbers_and_times_of_its_own(lake, connection, topics):
    replay(lake, connection, Plan(limit=400, loops=3, fresh=True), topics=topics)
    orders = [json.loads(t) for m in everything(connection, topics[0]).values() for _, t in m]
    clicks = [json.loads(t) for m in everything(connection, topics[1]).values() for _, t in m]
    assert len({o["order_id"] for o in orders}) + len({c["event_id"] for c in clicks}) == 1_200
    last = DeltaTable(lake.lake / "silver" / "orders").to_pyarrow_table(columns=["ordered_at"])["ordered_at"]
    assert min(o["ordered_at"] for o in orders) > max(last.to_pylist()).isoformat()
