"""What later files change: updates, deletes and histories, whatever the order in which they come and are refined."""

from __future__ import annotations

import pytest
from tests.lake_tools import HandShop

from emberlake.lake import ingest, refine
from emberlake.settings import read_settings

USERS = "user_id,name,signed_up_at,updated_at\n"
ORDERS = "order_id,user_id,ordered_at,received_at,status,amount\n"
TAKEN_BACK = "order_id,user_id,ordered_at,received_at,status,amount,_op\n"
PRICES = "product_id,price,changed_at\n"
ADDRESSES = "user_id,street,changed_at\n"


# A build of the smallest shop is half a minute on Spark: there a test for each way to write, and the rest with --all.
LONG = pytest.mark.long("spark")


@pytest.fixture
def shop(engine, tmp_path):
    return HandShop(read_settings(root=tmp_path), engine.session)


def refused(shop: HandShop, source: str) -> list[tuple[str | None, ...]]:
    """File's name, line and rule of each refused row."""
    rows = shop.rows(f"quarantine.{source}", "_source_file _row _rule")
    return [(str(file).rpartition("/")[2], row, rule) for file, row, rule in rows]


def balanced(shop: HandShop, source: str) -> bool:
    return all(load["read"] == load["accepted"] + load["deleted"] + load["refused"] for load in shop.loads(source))


def test_the_last_event_wins_across_loads(shop):
    shop.put("users/a.csv", USERS + "1,Ada,2024-01-01,2024-01-05\n2,Bo,2024-01-01,2024-01-05\n3,Cy,2024-01-01,\n")
    shop.take()
    shop.put(
        "users/b.csv",
        USERS
        + "1,Ada L,2024-01-01,2024-01-09\n"  # newer: taken
        + "2,Bo old,2024-01-01,2024-01-01\n"  # older
        + "3,Cy D,2024-01-01,2024-01-01\n"  # dated, where silver's is not: taken
        + "4,Di,2024-01-01,2024-01-01\n",
    )
    shop.take()
    shop.put(
        "users/c.csv",
        USERS
        + "1,Ada L,2024-01-01,2024-01-09\n"  # the same again
        + "2,Bo X,2024-01-01,2024-01-05\n"  # same version, other content: the first stays
        + "4,Di X,2024-01-01,\n",  # without a version: older than any that has one
    )
    shop.take()
    assert shop.rows("silver.users", "user_id name updated_at") == [
        ("1", "Ada L", "2024-01-09 00:00:00"),
        ("2", "Bo", "2024-01-05 00:00:00"),
        ("3", "Cy D", "2024-01-01 00:00:00"),
        ("4", "Di", "2024-01-01 00:00:00"),
    ]
    assert refused(shop, "users") == [
        ("b.csv", "3", "superseded"), ("c.csv", "2", "duplicate"), ("c.csv", "3", "duplicate"),
        ("c.csv", "4", "superseded"),
    ]  # fmt: skip
    assert balanced(shop, "users")


@LONG
def test_files_refined_together_end_as_files_refined_one_by_one(shop, engine, tmp_path):
    other = HandShop(read_settings(root=tmp_path / "other"), engine.session)
    first = ORDERS + "1,7,2025-01-01,2025-01-02,paid,10\n2,7,2025-01-01,2025-01-02,paid,20\n"
    # The export is written anew under its old name: one row is known, one has moved on, one is new.
    second = first.replace("2025-01-02,paid,20", "2025-01-05,shipped,20") + "3,7,2025-01-04,2025-01-05,paid,30\n"
    for content in (first, second):
        shop.put("orders/export.csv", content)
        other.put("orders/export.csv", content)
        with shop.lake() as lake:
            ingest(lake)
        other.take()
    with shop.lake() as lake:
        refine(lake)
    assert shop.rows("silver.orders", "order_id status amount") == [
        ("1", "paid", "10.00"), ("2", "shipped", "20.00"), ("3", "paid", "30.00"),
    ]  # fmt: skip
    assert shop.rows("silver.orders", "order_id status") == other.rows("silver.orders", "order_id status")
    assert balanced(shop, "orders") and balanced(other, "orders")


@LONG
def test_a_late_order_is_taken_and_marked(shop):
    shop.put(
        "orders/a.csv",
        ORDERS
        + "1,7,2025-01-01 12:00,2025-01-03 12:00,paid,10\n"  # 48 hours: not late yet
        + "2,7,2025-01-01 12:00,2025-01-03 12:01,paid,10\n",
    )
    shop.take()
    assert shop.rows("silver.orders", "order_id is_late") == [("1", "false"), ("2", "true")]


@LONG
def test_a_change_writes_only_the_months_that_it_touches_anew(shop):
    months = ("2025-01-31 23:59", "2025-02-01 00:00", "2025-03-15 12:00", "2025-04-01 00:00")
    shop.put("orders/a.csv", ORDERS + "".join(f"{n},7,{at},2025-05-01,paid,10\n" for n, at in enumerate(months, 1)))
    shop.take()
    before = shop.files("silver.orders")
    assert sorted(before) == ["2025-01-01", "2025-02-01", "2025-03-01", "2025-04-01"]
    shop.put(
        "orders/b.csv",
        TAKEN_BACK
        + "1,7,2025-02-03,2025-05-02,paid,11,\n"  # was dated wrongly, and goes to another month
        + "4,,,,,,delete\n"  # the last of its month
        + "5,7,2025-06-01,2025-06-02,paid,50,\n",
    )
    shop.take()
    assert shop.rows("silver.orders", "order_id month amount") == [
        ("1", "2025-02-01", "11.00"), ("2", "2025-02-01", "10.00"), ("3", "2025-03-01", "10.00"),
        ("5", "2025-06-01", "50.00"),
    ]  # fmt: skip
    after = shop.files("silver.orders")
    assert sorted(after) == ["2025-02-01", "2025-03-01", "2025-06-01"]
    assert after["2025-03-01"] == before["2025-03-01"]
    assert balanced(shop, "orders")


def test_rows_are_taken_back_by_their_key_alone(shop):
    shop.put("users/a.csv", USERS + "7,Gu,2024-01-01,2024-01-01\n")
    shop.put("orders/a.csv", ORDERS + "".join(f"{n},7,2025-01-01,2025-01-02,paid,10\n" for n in range(1, 5)))
    shop.take()
    shop.put(
        "orders/b.csv",
        TAKEN_BACK
        + "1,,,,,,delete\n"
        + "2,7,2025-01-01,2025-01-09,cancelled,10,upsert\n"
        + "3,7,2025-01-01,2025-01-01,paid,10,delete\n"  # older than what is there
        + "99,,,,,,delete\n"
        + "4,7,2025-01-01,2025-01-09,paid,10,burn\n",  # who knows what that means
    )
    _, refined = shop.take()
    assert shop.rows("silver.orders", "order_id status") == [("2", "cancelled"), ("3", "paid"), ("4", "paid")]
    assert refused(shop, "orders") == [
        ("b.csv", "4", "superseded"), ("b.csv", "5", "unknown_key"), ("b.csv", "6", "operation_known"),
    ]  # fmt: skip
    assert refined.deleted == {"orders": 1} and refined.accepted["orders"] == 1
    assert [(load["accepted"], load["deleted"], load["refused"]) for load in shop.loads("orders")] == [
        (4, 0, 0), (1, 1, 3),
    ]  # fmt: skip


@LONG
def test_within_one_file_a_row_taken_back_is_gone_and_may_come_again(shop):
    shop.put(
        "orders/a.csv",
        TAKEN_BACK
        + "1,7,2025-01-01,2025-01-02,paid,10,\n"
        + "1,,,,,,delete\n"
        + "2,7,2025-01-01,2025-01-02,paid,10,\n"
        + "2,,,,,,delete\n"
        + "2,7,2025-01-01,2025-01-01,paid,30,\n",
    )
    shop.take()
    assert shop.rows("silver.orders", "order_id amount") == [("2", "30.00")]
    assert refused(shop, "orders") == [
        ("a.csv", "2", "superseded"), ("a.csv", "3", "unknown_key"), ("a.csv", "4", "superseded"),
        ("a.csv", "5", "superseded"),
    ]  # fmt: skip
    assert balanced(shop, "orders")


@LONG
def test_a_row_taken_back_and_given_again_in_one_load_is_the_given_one(shop):
    shop.put("follows/a.csv", "follower_id,followee_id,followed_at\n1,2,2025-01-01\n1,3,2025-01-01\n")
    shop.take()
    shop.put("follows/b.csv", "follower_id,followee_id,followed_at,_op\n1,2,,delete\n1,2,2025-02-02,\n1,3,,delete\n")
    shop.take()
    assert shop.rows("silver.follows", "follower_id followee_id followed_at") == [("1", "2", "2025-02-02 00:00:00")]
    assert balanced(shop, "follows")


@LONG
def test_prices_keep_every_version_with_its_time(shop):
    shop.put("prices/a.csv", PRICES + "1,10.00,2025-01-01\n1,12.00,2025-03-01\n2,5.00,2025-01-01\n")
    shop.take()
    shop.put("prices/b.csv", PRICES + "1,14.00,2025-06-01\n3,7.00,2025-06-01\n")
    shop.take()
    assert shop.rows("silver.prices", "product_id price valid_from valid_to is_current") == [
        ("1", "10.00", "2025-01-01 00:00:00", "2025-03-01 00:00:00", "false"),
        ("1", "12.00", "2025-03-01 00:00:00", "2025-06-01 00:00:00", "false"),
        ("1", "14.00", "2025-06-01 00:00:00", None, "true"),
        ("2", "5.00", "2025-01-01 00:00:00", None, "true"),
        ("3", "7.00", "2025-06-01 00:00:00", None, "true"),
    ]
    assert balanced(shop, "prices")


@LONG
def test_a_change_that_comes_late_cuts_the_version_it_falls_into(shop):
    shop.put("addresses/a.csv", ADDRESSES + "1,First,2025-01-01\n1,Third,2025-05-01\n")
    shop.take()
    shop.put("addresses/b.csv", ADDRESSES + "1,Second,2025-03-01\n1,Before,2024-06-01\n")
    shop.take()
    assert shop.rows("silver.addresses", "valid_from street valid_to is_current") == [
        ("2024-06-01 00:00:00", "Before", "2025-01-01 00:00:00", "false"),
        ("2025-01-01 00:00:00", "First", "2025-03-01 00:00:00", "false"),
        ("2025-03-01 00:00:00", "Second", "2025-05-01 00:00:00", "false"),
        ("2025-05-01 00:00:00", "Third", None, "true"),
    ]
    assert balanced(shop, "addresses")


@LONG
def test_the_same_time_again_replaces_that_version_or_is_a_duplicate(shop):
    shop.put("prices/a.csv", PRICES + "1,10.00,2025-01-01\n1,12.00,2025-03-01\n")
    shop.take()
    shop.put("prices/b.csv", PRICES + "1,11.00,2025-01-01\n1,12.00,2025-03-01\n")
    shop.take()
    assert shop.rows("silver.prices", "price valid_from valid_to") == [
        ("11.00", "2025-01-01 00:00:00", "2025-03-01 00:00:00"), ("12.00", "2025-03-01 00:00:00", None),
    ]  # fmt: skip
    assert refused(shop, "prices") == [("b.csv", "3", "duplicate")]


@LONG
def test_a_change_of_price_that_is_taken_back_leaves_the_version_before_it_in_force(shop):
    shop.put("prices/a.csv", PRICES + "1,10.00,2025-01-01\n1,99.00,2025-03-01\n1,12.00,2025-05-01\n2,5.00,2025-01-01\n")
    shop.take()
    shop.put(
        "prices/b.csv",
        "product_id,price,changed_at,_op\n1,,2025-03-01,delete\n1,,2025-05-01,delete\n1,13.00,2025-07-01,\n"
        "2,,2025-01-01,delete\n9,,2025-01-01,delete\n",
    )
    shop.take()
    assert shop.rows("silver.prices", "product_id price valid_from valid_to is_current") == [
        ("1", "10.00", "2025-01-01 00:00:00", "2025-07-01 00:00:00", "false"),
        ("1", "13.00", "2025-07-01 00:00:00", None, "true"),
    ]
    assert refused(shop, "prices") == [("b.csv", "6", "unknown_key")]
    assert [(load["accepted"], load["deleted"], load["refused"]) for load in shop.loads("prices")] == [
        (4, 0, 0), (1, 3, 1),
    ]  # fmt: skip


@LONG
def test_a_shop_without_users_has_orders_all_the_same(shop):
    shop.put("orders/a.csv", ORDERS + "1,7,2025-01-01,2025-01-02,paid,10\n")
    shop.take()
    assert shop.rows("silver.orders", "order_id user_id") == [("1", "7")]
    assert refused(shop, "orders") == []


@LONG
def test_rows_of_one_load_may_refer_to_rows_of_another(shop):
    shop.put("users/a.csv", USERS + "1,Ada,2024-01-01,2024-01-01\n")
    shop.put("orders/a.csv", ORDERS + "1,1,2025-01-01,2025-01-02,paid,10\n")
    shop.take()
    shop.put("users/b.csv", USERS + "2,Bo,2024-01-01,2024-01-01\n")
    shop.put("orders/b.csv", ORDERS + "2,1,2025-01-01,2025-01-02,paid,10\n3,2,2025-01-01,2025-01-02,paid,10\n"
             "4,3,2025-01-01,2025-01-02,paid,10\n")  # fmt: skip
    shop.take()
    assert shop.rows("silver.orders", "order_id") == [("1",), ("2",), ("3",)]
    assert refused(shop, "orders") == [("b.csv", "4", "user_known")]
