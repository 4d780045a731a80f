"""Every rule of every source refuses the row that breaks it, with its name and reason, and nothing else is refused.

One shop with one bad row a rule, written by hand as CSV and JSON lines; it is built once, and read without the engine.
"""

from __future__ import annotations

import pytest
from tests.lake_tools import HandShop

from emberlake.lake.rules import BETWEEN_ROWS, REFERENCES, RULES, rules_of
from emberlake.settings import read_settings
from emberlake.tables import SOURCES

# Two minutes there; the shop of test_lake_engines.py has planted rows of most kinds, and refuses the same on a cluster.
pytestmark = pytest.mark.long("spark")

# A header, then a line a row: what it is refused for before the bar, "-" for a row that is accepted.
SHOP = {
    "users": """
        -                        | user_id,name,birth_year,signed_up_at,updated_at,referred_by
        -                        | 1,Ada,1990,2024-01-01,2024-01-01,
        -                        | 2,Bo,,2024-01-01,2024-01-02,1
        duplicate                | 3,Cy,1990,2024-01-01,2024-01-01,77
        -                        | 3,Cy,1990,2024-01-01,2024-01-01,77
        superseded               | 4,Di,1990,2024-01-01,2024-01-01,
        -                        | 4,Di K,1990,2024-01-01,2024-01-05,
        superseded               | 4,Di J,1990,2024-01-01,2024-01-02,
        superseded               | 4,Di H,1990,2024-01-01,,
        birth_year_plausible     | 5,Ed,1804,2024-01-01,2024-01-01,
        signed_up_at_plausible   | 6,Fi,1990,1024-01-01,2024-01-01,
        user_id_present          | ,Gu,1990,2024-01-01,2024-01-01,
        user_id_readable         | 7 a,Hi,1990,2024-01-01,2024-01-01,
        birth_year_readable      | 8,Io,ninety,2024-01-01,2024-01-01,
        row_readable             | 9,Jo,1990
        row_readable             | 9,Jo,1990,2024-01-01,2024-01-01,,extra
        not_referred_by_oneself  | 10,Ki,1990,2024-01-01,2024-01-01,10
        referred_by_readable     | 11,Lu,1990,2024-01-01,2024-01-01,a friend
    """,
    "addresses": """
        -                        | user_id,street,changed_at
        -                        | 1,Here 1,2024-01-01
        duplicate                | 1,Here 2,2024-02-01
        -                        | 1,Here 3,2024-02-01
        user_known               | 77,Gone,2024-01-01
        changed_at_plausible     | 1,Far,2124-01-01
        changed_at_present       | 1,Never,
        changed_at_readable      | 1,Impossible,31/02/2026
    """,
    "products": """
        -                        | product_id,name,list_price,cost
        -                        | 1,Lamp,10.00,4.00
        -                        | 2,Book,0,0
        list_price_not_negative  | 3,Cup,-0.01,1.00
        cost_not_negative        | 4,Cup,1.00,-1
        cost_readable            | 5,Cup,1.00,"1.000,5"
        cost_readable            | 6,Cup,1.00,NaN
    """,
    "prices": """
        -                        | product_id,price,changed_at
        -                        | 1,10.00,2024-01-01
        price_not_negative       | 1,-5,2024-02-01
        price_present            | 1,,2024-03-01
        product_known            | 9,5.00,2024-01-01
        changed_at_plausible     | 1,5.00,1924-01-01
    """,
    "orders": """
        -                        | order_id,user_id,ordered_at,received_at,status,amount,discount,shipping
        -                        | 1,1,2025-03-01 23:59,2025-03-02 00:00,paid,10.00,0,0
        user_id_present          | 2,,2025-03-01,2025-03-01,paid,10.00,0,0
        user_known               | 3,99,2025-03-01,2025-03-01,paid,10.00,0,0
        amount_not_negative      | 4,1,2025-03-01,2025-03-01,paid,-10.00,0,0
        amount_present           | 5,1,2025-03-01,2025-03-01,paid,,0,0
        amount_readable          | 6,1,2025-03-01,2025-03-01,paid,"1.299,00",0,0
        discount_not_negative    | 7,1,2025-03-01,2025-03-01,paid,10.00,-1,0
        shipping_not_negative    | 8,1,2025-03-01,2025-03-01,paid,10.00,0,-1
        ordered_at_plausible     | 9,1,1925-03-01,2025-03-01,paid,10.00,0,0
        received_after_ordered   | 10,1,2025-03-05,2025-03-01,paid,10.00,0,0
        -                        | 11,1,2025-03-02,2025-03-01,paid,10.00,0,0
        status_known             | 12,1,2025-03-01,2025-03-01,lost,10.00,0,0
        ordered_at_readable      | 13,1,2026-02-31,2025-03-01,paid,10.00,0,0
        amount_present           | 14,99,2025-03-01,2025-03-01,lost,,-1,-1
    """,
    "order_items": """
        -                        | order_id,line,product_id,quantity,unit_price
        -                        | 1,1,1,2,5.00
        line_positive            | 1,0,1,2,5.00
        quantity_positive        | 1,2,1,0,5.00
        unit_price_not_negative  | 1,3,1,1,-5.00
        order_known              | 4,1,1,1,5.00
        product_known            | 1,4,99,1,5.00
        order_known              | 99,1,99,1,5.00
        quantity_readable        | 1,5,1,2.5,5.00
        line_readable            | 1,first,1,1,5.00
        row_readable             | 1;6;1;1;5.00
    """,
    "payments": """
        -                        | payment_id,order_id,status,amount,paid_at
        -                        | 1,1,captured,10.00,2025-03-01
        amount_not_negative      | 2,1,captured,-10.00,2025-03-01
        status_known             | 3,1,promised,10.00,2025-03-01
        paid_at_plausible        | 4,1,captured,10.00,2925-03-01
        order_known              | 5,99,captured,10.00,2025-03-01
    """,
    "returns": """
        -                        | return_id,order_id,product_id,quantity,refund,returned_at
        -                        | 1,1,1,1,5.00,2025-03-09
        quantity_positive        | 2,1,1,-1,5.00,2025-03-09
        refund_not_negative      | 3,1,1,1,-5.00,2025-03-09
        returned_at_plausible    | 4,1,1,1,5.00,1925-03-09
        order_known              | 5,99,1,1,5.00,2025-03-09
    """,
    "inventory": """
        -                        | movement_id,product_id,moved_at,kind,quantity
        -                        | 1,1,2025-01-01,receipt,10
        -                        | 2,1,2025-01-02,write_off,-1
        kind_known               | 3,1,2025-01-01,stolen,-1
        moved_at_plausible       | 4,1,2095-01-01,receipt,1
        product_known            | 5,99,2025-01-01,receipt,1
    """,
    "events": """
        row_readable         | not JSON
        -                    | {"event_id":1,"session_id":1,"event":"page_view","occurred_at":"2025-03-01"}
        -                    | {"event_id":2,"session_id":1,"event":"purchase","occurred_at":"2025-03-01","order_id":1}
        event_known          | {"event_id":3,"session_id":1,"event":"yawn","occurred_at":"2025-03-01"}
        occurred_at_plausible| {"event_id":4,"session_id":1,"event":"search","occurred_at":"1925-03-01"}
        order_known          | {"event_id":5,"session_id":1,"event":"purchase","occurred_at":"2025-03-01","order_id":99}
        row_readable         | ["a", "list"]
        session_id_readable  | {"event_id":6,"session_id":{"a":1},"event":"search","occurred_at":"2025-03-01"}
        event_present        | {"event_id":7,"session_id":1,"occurred_at":"2025-03-01"}
    """,
    "follows": """
        -                        | follower_id,followee_id,followed_at
        -                        | 1,2,2025-01-01
        not_oneself              | 1,1,2025-01-01
        follower_known           | 99,1,2025-01-01
        followee_known           | 1,99,2025-01-01
    """,
    "ratings": """
        -                        | user_id,product_id,rating,rated_at
        -                        | 1,1,5,2025-01-01
        rating_in_range          | 2,1,6,2025-01-01
        user_known               | 99,1,5,2025-01-01
        product_known            | 1,99,5,2025-01-01
    """,
    "tpch_orders": """
        -                        | o_orderkey,o_custkey,o_totalprice
        -                        | 1,1,5.00
        totalprice_not_negative  | 2,1,-5.00
    """,
    "tpch_lineitem": """
        -                        | l_orderkey,l_linenumber,l_quantity
        -                        | 1,1,5.00
        quantity_positive        | 1,2,0
    """,
}  # fmt: skip

SENTENCES = [
    ("users", "birth_year_plausible", "A user was born between 1900 and 2025."),
    ("users", "user_id_present", "user_id is given."),
    ("users", "row_readable", "The line can be split into columns."),
    ("users", "duplicate", "No other row has the same key and version; of equal ones the last is kept."),
    ("users", "superseded", "No other row of the same key has a later version."),
    ("order_items", "row_readable", "The line can be split into columns."),
    ("order_items", "line_readable", "line can be read as int."),
    ("orders", "amount_readable", "amount can be read as decimal(12,2)."),
    ("orders", "user_known", "The user exists."),
    ("order_items", "order_known", "The order exists and was accepted."),
]

# Spark takes ten times as long for a source; these have every kind of rule and both kinds of text.
ON_SPARK = ("users", "products", "orders", "order_items", "events")


def sources(engine) -> list[str]:
    return [source for source in SHOP if engine.name == "sail" or source in ON_SPARK]


def lines(source: str) -> list[tuple[str, str]]:
    """(rule or "-", text) of each line of a source's file."""
    cut = (line.partition("|") for line in SHOP[source].strip().splitlines())
    return [(rule.strip(), text.strip()) for rule, _, text in cut]


@pytest.fixture(scope="module")
def shop(engine, tmp_path_factory):
    made = HandShop(read_settings(root=tmp_path_factory.mktemp("refusals")), engine.session)
    for source in sources(engine):
        suffix = "jsonl" if source == "events" else "csv"
        made.put(f"{source}/a.{suffix}", "".join(f"{text}\n" for _, text in lines(source)))
    ingested, _ = made.take()
    assert ingested.failures == []
    return made


@pytest.mark.parametrize("source", SHOP)
def test_each_bad_row_is_refused_by_its_rule_and_no_good_row_is(engine, shop, source):
    if source not in sources(engine):
        pytest.skip("the embedded engine tries it")
    header = 0 if source == "events" else 1
    marked = [(number, rule) for number, (rule, _) in enumerate(lines(source), 1) if number > header]
    refused = [(int(row), rule) for row, rule in shop.rows(f"quarantine.{source}", "_row _rule")]
    assert sorted(refused) == [(row, rule) for row, rule in marked if rule != "-"]
    keys = " ".join(SOURCES[source].key)
    assert len(shop.rows(f"silver.{source}", keys)) == sum(rule == "-" for _, rule in marked)


def test_the_table_above_leaves_no_rule_out():
    broken = {(source, rule) for source in SHOP for rule, _ in lines(source)}
    named = {(r.source, r.name) for r in (*RULES, *REFERENCES)}
    assert named - broken == set()
    known = {(source, r.name) for source in SHOP for r in rules_of(SOURCES[source])}
    assert {pair for pair in broken if pair[1] != "-"} <= known | named | {
        (source, rule) for source in SHOP for rule in BETWEEN_ROWS
    }


@pytest.mark.parametrize(("source", "rule", "sentence"), SENTENCES)
def test_the_reason_is_a_sentence(shop, source, rule, sentence):
    told = shop.rows(f"quarantine.{source}", "_reason", f"_rule = '{rule}'")
    assert set(told) == {(sentence,)}


def test_what_could_not_be_read_is_kept_beside_the_row(shop):
    kept = shop.rows("quarantine.orders", "_row order_id amount ordered_at _rescued", "_rescued IS NOT NULL")
    assert kept == [
        ("14", "13", "10.00", None, '{"ordered_at": "2026-02-31"}'),
        ("7", "6", None, "2025-03-01 00:00:00", '{"amount": "1.299,00"}'),
    ]
    assert ("15", None, '{"_line": "9,Jo,1990"}') in shop.rows("quarantine.users", "_row user_id _rescued")


def test_read_is_accepted_plus_refused_for_every_load(engine, shop):
    for source in sources(engine):
        marks = [rule for rule, _ in lines(source)][0 if source == "events" else 1 :]
        (load,) = shop.loads(source)
        good = marks.count("-")
        told = {name: load[name] for name in ("read", "accepted", "deleted", "refused")}
        assert told == {"read": len(marks), "accepted": good, "deleted": 0, "refused": len(marks) - good}
        assert sum(load["refused_by_rule"].values()) == load["refused"]
    assert shop.loads("users")[0]["refused_by_rule"] == {
        "superseded": 3, "row_readable": 2, "birth_year_plausible": 1, "birth_year_readable": 1, "duplicate": 1,
        "not_referred_by_oneself": 1, "referred_by_readable": 1, "signed_up_at_plausible": 1, "user_id_present": 1,
        "user_id_readable": 1,
    }  # fmt: skip


def test_bronze_has_every_row_as_it_came(engine, shop):
    for source in sources(engine):
        (load,) = shop.loads(source)
        assert len(shop.rows(f"bronze.{source}", "_row")) == load["read"]
