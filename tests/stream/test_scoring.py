"""Orders scored as they come: features equal to the batch's, a score a message, and no score twice or lost."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import functions as F
from tests.scoring_tools import Till, as_messages, body, enthrone, fit, wait_for

from emberlake.errors import StreamError
from emberlake.lake import Lake
from emberlake.models.value import checkout_features
from emberlake.models.value.features import NAMES, NUMBERS
from emberlake.settings import Settings, read_settings
from emberlake.streams import position
from emberlake.streams.scoring import STREAM, features, live_features, scored, take_snapshot
from emberlake.streams.scoring.reading import read_orders
from emberlake.streams.scoring.snapshot import READS
from emberlake.streams.sinks import kafka as kafka_sink
from emberlake.streams.stream import Running

# The busiest days of the made shop: a promotion ran on the day before.
DAY = dt.datetime(2025, 11, 29, tzinfo=dt.UTC)
NOON = DAY + dt.timedelta(hours=12)


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Settings:
    root = tmp_path_factory.mktemp("shop")
    given = ["--to", "silver", "--root", str(root), "--scale", "0.2", "--engine", "sail"]
    subprocess.run([sys.executable, "-m", "emberlake.cli", "build", *given], check=True, capture_output=True)
    return read_settings(root=root, scale=0.2)


@pytest.fixture(scope="module")
def tables(spark, shop):
    with Lake(spark, shop) as lake:
        yield {name: lake.read(name) for name in READS}


@pytest.fixture(scope="module")
def batch(tables):
    """The features of every order as training has them."""
    rows = checkout_features(tables).persist()
    yield rows
    rows.unpersist()


@pytest.fixture(scope="module")
def model(batch):
    return fit(batch.where(F.col("ordered_at") < F.lit(DAY)), 400.0)


@pytest.fixture(scope="module")
def champion(shop, model, batch, tmp_path_factory) -> int:
    return enthrone(shop, model, batch, tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="module")
def snapshot(spark, tables):
    return take_snapshot(tables, DAY).kept(spark)


@pytest.fixture(scope="module")
def sent(tables) -> list[dict]:
    """The day's orders as messages."""
    day = tables["silver.orders"].where(F.to_date("ordered_at") == F.lit(DAY.date()))
    return as_messages(day, tables["silver.order_items"])


def read_as(spark, messages: list[str]):
    rows = [("k", text.encode() if text is not None else None, "t", 0, n, DAY) for n, text in enumerate(messages)]
    kind = "key string, value binary, topic string, partition int, offset long, timestamp timestamp"
    return read_orders(spark.createDataFrame(rows, kind))


def first_orders(messages: list[dict], since: dt.datetime) -> list[dict]:
    seen: set[int] = set()
    later = [m for m in messages if m["ordered_at"].replace(tzinfo=dt.UTC) >= since]
    return [m for m in later if m["user_id"] not in seen and not seen.add(m["user_id"])]


@pytest.mark.parametrize(
    ("moment", "written_out"), [(DAY, features.WRITTEN_OUT), pytest.param(NOON, 2, marks=pytest.mark.long)]
)
def test_live_features_are_those_of_the_checkout(spark, tables, batch, sent, moment, written_out, monkeypatch):
    # Lines behind those that are written out go another way, and no basket of the made shop is that long.
    monkeypatch.setattr(features, "WRITTEN_OUT", written_out)
    first = first_orders(sent, moment)
    assert max(len(m["lines"]) for m in first) > 2
    assert len(first) > 20
    told = live_features(read_as(spark, [body(m) for m in first]), take_snapshot(tables, moment).kept(spark))
    columns = ["order_id", *NUMBERS, *NAMES]
    ours = told.select(*columns).toPandas().set_index("order_id").sort_index()
    theirs = batch.where(F.col("order_id").isin([m["order_id"] for m in first])).select(*columns)
    theirs = theirs.toPandas().set_index("order_id").sort_index()
    pd.testing.assert_frame_equal(ours, theirs, rtol=1e-9, atol=1e-9)
    # Equal because something is known, not because nothing is.
    assert (theirs["promotion"] > 0).any()
    assert (theirs["orders_before"] > 0).any()


def test_what_is_known_after_the_checkout_alone_changes_no_score(spark, sent, model, snapshot):
    plain = sent[:20]
    changed = [
        m | {"amount": 1.0, "items_amount": 9.0, "discount": 3.0, "shipping": 0.0, "coupon": "X", "status": "returned",
             "lines": [line | {"quantity": 9, "discount": 1.0} for line in m["lines"]]}
        for m in plain
    ]  # fmt: skip
    said, again = (
        scored(read_as(spark, [body(m) for m in each]), model, 1, snapshot).select("offset", "prediction").toPandas()
        for each in (plain, changed)
    )
    assert len(said) == 20
    pd.testing.assert_frame_equal(said, again)


def test_hostile_values_stop_nothing(spark, sent, model, snapshot):
    order = sent[0]
    line = {"line": 1, "product_id": 1, "quantity": 1, "unit_price": 9.99, "discount": 0}
    baskets = [
        [line | {"line": -2147483648}], [line | {"unit_price": 9999999999.99}], [line | {"unit_price": 0}],
        [line | {"product_id": -9223372036854775808}], [line | {"product_id": None}], [line | {"unit_price": -5}],
        [None, line], [], [line] * 500,
    ]  # fmt: skip
    texts = [body(order | {"lines": lines, "user_id": -1, "channel": None}) for lines in baskets]
    texts += [body(order | {"ordered_at": dt.datetime(9999, 12, 31)}), body(order | {"country": "x" * 10_000})]
    rows = scored(read_as(spark, texts), model, 1, snapshot).orderBy("offset").collect()
    assert len(rows) == len(texts)
    assert all(row["prediction"] is not None and row["problem"] is None for row in rows)


def test_what_cannot_be_read_is_told_and_not_scored(spark, model, snapshot):
    texts = ["{", "", "[]", "null", '{"order_id": 1}', '{"order_id": "x", "ordered_at": "2025-11-29T10:00:00Z"}', None]
    rows = scored(read_as(spark, texts), model, 1, snapshot).collect()
    assert len(rows) == len(texts)
    assert all(row["prediction"] is None and row["problem"] for row in rows)


@pytest.fixture
def till(connection, champion) -> Till:
    return Till(connection)


@pytest.fixture
def running(spark, shop, connection, till, tmp_path) -> Running:
    return Running(spark, shop, connection, tmp_path / "state" / "checkpoint", {**till.options, "as_of": "2025-11-29"})


def once_each(scores: list[dict], till: Till) -> None:
    assert sorted((s["partition"], s["offset"]) for s in scores) == sorted(
        (number % till.partitions, number // till.partitions) for number in range(till.sent)
    )
    assert all(s["_into"] == s["partition"] and s["topic"] == till.orders for s in scores)


def test_every_message_has_one_score_whatever_happens_to_the_query(spark, running, till, sent, batch, model, champion):
    texts = [body(m) for m in first_orders(sent, DAY)]
    third = len(texts) // 3
    till.send(*texts[:third], "poison")
    query = STREAM.start(running)
    till.read()
    # Stopped in good order, in the middle of a batch: Spark's checkpoint knows nothing of it.
    till.send(*texts[third : 2 * third])
    query.stop()
    till.send(*texts[2 * third :])
    query = STREAM.start(running)
    till.read()
    query.stop()
    # The checkpoint is gone, and what was noted beside it.
    shutil.rmtree(running.checkpoint.parent)
    till.send(texts[0])
    query = STREAM.start(running)
    scores = till.read()
    query.stop()
    once_each(scores, till)
    once_each(till.now(), till)
    (poison,) = [s for s in scores if "problem" in s]
    assert "prediction" not in poison
    assert (poison["partition"], poison["offset"]) == (third % 2, third // 2)
    said = {s["order_id"]: s["prediction"] for s in scores if "order_id" in s}
    expected = model.transform(batch.where(F.col("order_id").isin(list(said)))).select("order_id", "prediction")
    for row in expected.collect():
        assert said[row["order_id"]] == pytest.approx(row["prediction"], rel=1e-9)
    assert {(s["model"], s["version"]) for s in scores} == {("order_value", champion)}
    assert all(s["_key"] == str(s["order_id"]) for s in scores if "order_id" in s)


def test_without_the_look_at_the_output_scores_are_doubled(running, till, sent, monkeypatch):
    """The control of the test above."""
    monkeypatch.setattr(
        "emberlake.streams.scoring.query.find_sink", lambda _: replace(kafka_sink.KAFKA, tail=lambda *_: {})
    )
    till.send(*(body(m) for m in sent[:10]))
    for starts in (1, 2):
        query = STREAM.start(running)
        assert len(till.read(starts * 10)) == starts * 10
        query.stop()


def test_a_new_champion_takes_over_and_no_order_is_lost_or_scored_twice(
    running, till, sent, batch, champion, shop, tmp_path
):
    stop = threading.Event()

    def sell() -> None:
        while not stop.wait(0.005):
            till.send(body(sent[till.sent % len(sent)]))

    query, token = STREAM.start(running), STREAM.changed(running)
    assert token == str(champion)
    seller = threading.Thread(target=sell)
    seller.start()
    try:
        wait_for(lambda: len(till.now()) > 100)
        assert STREAM.changed(running) == token
        number = enthrone(shop, fit(batch, 50.0), batch, tmp_path)
        assert STREAM.changed(running) == str(number) != token
        query.stop()
        query = STREAM.start(running)
        wait_for(lambda: any(s["version"] == number for s in till.now()))
    finally:
        stop.set()
        seller.join()
    scores = till.read()
    query.stop()
    once_each(till.now(), till)
    assert {s["version"] for s in scores} == {champion, number}
    for part in range(till.partitions):
        versions = [s["version"] for s in scores if s["partition"] == part]
        assert versions == sorted(versions)


def test_an_output_that_knows_more_than_the_input_is_refused(running, till):
    till._producer.produce(
        till.scores, value=json.dumps({"topic": till.orders, "partition": 1, "offset": 41}), partition=1
    )
    till._producer.flush()
    with pytest.raises(StreamError, match="offset 41 of .* made anew"):
        STREAM.start(running)


def test_the_tail_is_found_behind_foreign_records_and_rubbish(connection, till):
    mine = {"topic": till.orders, "partition": 0}
    for value in (mine | {"offset": 7}, *({"topic": "another", "partition": 0, "offset": n} for n in range(200)), "x"):
        till._producer.produce(till.scores, value=json.dumps(value), partition=0)
    till._producer.flush()
    assert position.kafka_tail(connection, till.scores, till.orders) == {0: 7}


def test_options_are_read_or_refused(running, tmp_path: Path):
    for options, said in (
        ({"sonk": "kafka"}, "no option 'sonk'"),
        ({"sink": "paper"}, "no sink 'paper'"),
        ({"starting": "noon"}, "starting='noon'"),
        ({"as_of": "yesterday"}, "no date or time"),
    ):
        with pytest.raises(StreamError, match=said):
            STREAM.start(replace(running, options=options))


def test_partitions_that_would_find_no_slot_are_refused(running, connection):
    many = Till(connection, partitions=7)
    with pytest.raises(StreamError, match=r"each of the 7 partitions, and this Spark has 6"):
        STREAM.start(replace(running, options=running.options | many.options))
