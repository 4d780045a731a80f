"""Messages in, rows out: whatever a message is, it becomes a row, and nothing is lost without a word."""

import json
from decimal import Decimal

import pytest
from pyspark.sql import functions as F

from emberlake.streams.events import CLICK, ORDER, parse
from emberlake.streams.replay import MALFORMED
from emberlake.streams.sources import SEGMENTS, simulated_orders

GOOD = {
    "order_id": 12, "user_id": 7, "ordered_at": "2026-03-01T10:00:00.123456Z", "received_at": "2026-03-01T11:00:00Z",
    "status": "paid", "channel": "web", "country": "DE", "currency": "EUR", "items_amount": 20.00, "discount": 1.50,
    "shipping": 4.90, "amount": 23.40, "coupon": None,
    "lines": [{"line": 1, "product_id": 3, "quantity": 2, "unit_price": 10.00, "discount": None}],
    "sent_at": "2026-03-01T10:00:01Z",
}  # fmt: skip
ONE = GOOD["lines"][0]


def order(**changed):
    return json.dumps({**GOOD, **changed}, separators=(",", ":"))


def without(name):
    return json.dumps({key: value for key, value in GOOD.items() if key != name})


def line(**changed):
    return order(lines=[{**ONE, **changed}])


READABLE = {
    "as it should be": order(),
    "with spaces and line breaks": json.dumps(GOOD, indent=2),
    "a number written as a text": order(order_id="12", amount="23.40"),
    "a new column": order(gift=True, notes={"order_id": None}),
    "no line": order(lines=[]),
    "a customer who is not known is the rules' business": order(user_id=None),
    "not from a replay": without("sent_at"),
    "quotes and braces in a text": order(channel='a "coupon":null }{ b'),
    "a number of a line as a text": line(product_id="3"),
    "a column's name in a text": order(coupon='"amount":null'),
}
PROBLEMS = [
    (None, "the message is empty"),
    ("", "the message is empty"),
    ("one order, please", "the message is not one JSON object"),
    (order()[:90], "the message is not one JSON object"),
    (f"[{order()}]", "the message is not one JSON object"),
    (order() + order(), "the message is not one JSON object"),
    (order() + "," + order(), "the message is not one JSON object"),
    (order() + "\n" + order(), "the message is not one JSON object"),
    (order() + " and more", "the message is not one JSON object"),
    ("17", "the message is not one JSON object"),
    (without("order_id"), "order_id is missing"),
    (order(order_id=None), "order_id is missing"),
    (order(order_id="twelve"), "order_id cannot be read as long: twelve"),
    (order(order_id=1.5), "order_id cannot be read as long: 1.5"),
    (order(order_id=10**20), "order_id cannot be read as long: 100000000000000000000"),
    (without("ordered_at"), "ordered_at is missing"),
    (order(ordered_at=1772359200), "ordered_at cannot be read as timestamp: 1772359200"),
    (order(ordered_at=1772359200000), "ordered_at cannot be read as timestamp: 1772359200000"),
    (order(ordered_at=2026), "ordered_at cannot be read as timestamp: 2026"),
    (order(ordered_at="T10:00:00.000"), "ordered_at cannot be read as timestamp: T10:00:00.000"),
    (order(ordered_at="2026-13-01T00:00:00Z"), "ordered_at cannot be read as timestamp: 2026-13-01T00:00:00Z"),
    (order(amount=True), "amount cannot be read as decimal(12,2): true"),
    (order(amount=12345678901.5), "amount cannot be read as decimal(12,2): 1.23456789015E10"),
    (order(amount="a lot"), "amount cannot be read as decimal(12,2): a lot"),
    (without("amount"), "amount is missing"),
    (without("coupon"), "coupon is missing"),
    (without("discount"), "discount is missing"),
    (without("lines"), "lines is missing"),
    (order(lines=None), "lines is missing"),
    (order(lines={"line": 1}), 'lines cannot be read as a list of lines: {"line":1}'),
    (order(lines=[1, 2]), "lines cannot be read as a list of lines: [1,2]"),
    (line(quantity="many"), "lines.quantity cannot be read as int: many"),
    (line(unit_price=10**12), "lines.unit_price cannot be read as decimal(12,2): 1000000000000"),
    (order(lines=[{k: v for k, v in ONE.items() if k != "discount"}]), "lines.discount is missing"),
    (order(order_id="x", amount="y"), "order_id cannot be read as long: x; amount cannot be read as decimal(12,2): y"),
]


def parsed(spark, texts, event=ORDER):
    rows = [(number, None if text is None else text.encode()) for number, text in enumerate(texts)]
    messages = spark.createDataFrame(rows, "offset long, value binary").select(
        F.lit(b"7").alias("key"), "value", F.lit("t").alias("topic"), F.lit(3).alias("partition"), "offset",
        F.lit("2026-03-01 12:00:00").cast("timestamp").alias("timestamp"),
    )  # fmt: skip
    return sorted(parse(messages, event).collect(), key=lambda row: row["_offset"])


def test_messages_that_can_be_read_have_no_problem_and_lose_nothing(spark):
    rows = parsed(spark, READABLE.values())
    assert [(name, row["_problem"]) for name, row in zip(READABLE, rows, strict=True)] == [(n, None) for n in READABLE]
    assert {(row["order_id"], row["amount"]) for row in rows} == {(12, Decimal("23.40"))}
    assert rows[0]["lines"][0].asDict() == {
        "line": 1, "product_id": 3, "quantity": 2, "unit_price": Decimal("10.00"), "discount": None,
    }  # fmt: skip
    assert (rows[0]["_topic"], rows[0]["_partition"], rows[3]["_offset"]) == ("t", 3, 3)
    assert '"gift":true' in rows[3]["_raw"]


def test_what_cannot_be_read_is_named(spark):
    rows = parsed(spark, [text for text, _ in PROBLEMS])
    assert [row["_problem"] for row in rows] == [problem for _, problem in PROBLEMS]
    assert [row["_raw"] for row in rows] == [text for text, _ in PROBLEMS]


def test_times_have_an_offset_or_are_utc(spark):
    given = ["2026-03-01T10:00:00Z", "2026-03-01T12:00:00+02:00", "2026-03-01T10:00:00", "2026-03-01 10:00:00"]
    rows = parsed(spark, [order(ordered_at=text) for text in [*given, "2026-03-01"]])
    assert len({row["ordered_at"] for row in rows[:4]}) == 1
    assert (rows[0]["ordered_at"] - rows[4]["ordered_at"]).total_seconds() == 36_000
    assert {row["_problem"] for row in rows} == {None}


def test_clicks_are_read_with_their_nulls(spark):
    click = {
        "event_id": 1, "session_id": 2, "user_id": None, "event": "search", "occurred_at": "2026-03-01T10:00:00Z",
        "device": "mobile", "product_id": None, "query": "lamp", "order_id": None, "sent_at": "2026-03-01T10:00:00Z",
    }  # fmt: skip
    gone = {key: value for key, value in click.items() if key != "query"}
    rows = parsed(spark, [json.dumps(click), json.dumps(gone), json.dumps({**click, "session_id": "two"})], CLICK)
    wanted = [None, "query is missing", "session_id cannot be read as long: two"]
    assert [row["_problem"] for row in rows] == wanted
    assert (rows[0]["event_id"], rows[0]["user_id"], rows[0]["query"]) == (1, None, "lamp")


@pytest.mark.parametrize("kind", MALFORMED)
def test_every_planted_malformed_message_has_a_problem(spark, kind):
    (row,) = parsed(spark, [MALFORMED[kind](order()[:-1], 0)])
    assert row["_problem"]


def test_a_restart_simulates_the_same_orders(spark):
    ticks = spark.range(2_000).select(
        F.lit("2026-03-01").cast("timestamp").alias("timestamp"), F.col("id").alias("value")
    )
    once, again, other = (simulated_orders(ticks.repartition(n), s).collect() for n, s in ((1, 42), (3, 42), (1, 43)))
    assert sorted(once) == sorted(again) != sorted(other)
    assert {row["month"] for row in once} == set(range(1, 13))
    assert {row["c_mktsegment"] for row in once} == set(SEGMENTS)
    assert min(r["c_acctbal"] for r in once) >= -1_000 and max(r["c_acctbal"] for r in once) < 99_000
    assert 45_000 < sum(r["c_acctbal"] for r in once) / 2_000 < 53_000
