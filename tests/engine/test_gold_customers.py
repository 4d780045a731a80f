"""Customers in one row, their scores and segments; visits."""

from __future__ import annotations

import datetime as dt

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from tests.gold_tables import assert_mart, build_mart

from emberlake.lake.gold import Scope
from emberlake.lake.gold.rfm import segment, with_scores

FEATURES = """
    order_id  user_id  ordered_at        country  amount  discount  has_coupon  order_number  previous_ordered_at  previous_revenue
    1         7        2026-01-01 00:00  DE       10.00   1.00      yes         1             -                    0.00
    2         7        2026-03-30 12:00  FR       20.00   -         no          2             2026-01-01 00:00     10.00
    3         7        2026-06-29 00:00  IT       30.00   0.50      yes         3             2026-03-30 12:00     30.00
    4         8        2026-04-01 00:00  NL       5.00    0.00      no          1             -                    0.00
    5         8        2026-06-30 23:59  ES       7.00    0.00      no          2             2026-04-01 00:00     5.00
"""  # noqa: E501


def test_one_row_a_customer_as_of_the_last_day_with_an_order(engine):
    rows = build_mart(
        engine.session,
        "customer_360",
        order_features=FEATURES,
        users="""
            user_id  country  city    channel  loyalty  birth_year  signed_up_at
            7        DE       Berlin  search   gold     1980        2025-12-01 00:00
            9        GB       Leeds   ad       none     -           2026-01-05 00:00
        """,
        addresses="""
            user_id  city  country  changed_at        is_current
            7        Lyon  FR       2026-02-01 00:00  yes
            7        Bonn  DE       2026-01-01 00:00  no
        """,
        returns="""
            return_id  order_id  refund
            1          1         2.50
            2          1         -
            3          99        9.00
        """,
        events="""
            event_id  session_id  user_id  occurred_at
            1         1           7        2026-06-30 10:00
            2         1           7        2026-06-30 10:01
            3         2           7        2026-04-02 00:00
            4         3           7        2026-04-01 23:59
            5         4           7        2026-07-01 00:00
            6         5           -        2026-06-30 10:00
        """,
    )
    # The 90 days up to 30 June begin on 2 April, the 90 before on 2 January.
    assert_mart(
        rows,
        "customer_360",
        """
        user_id  country  city   acquired_by  loyalty  birth_year  as_of       returns  refunds  sessions_90d
        7        FR       Lyon   search       gold     1980        2026-06-30  2        2.50     2
        8        ES       -      -            -        -           2026-06-30  0        0.00     0
        9        GB       Leeds  ad           none     -           2026-06-30  0        0.00     0
        """,
    )
    assert_mart(
        rows,
        "customer_360",
        """
        user_id  average_order_value  recency_days  mean_gap_days  orders_90d  orders_before_90d  revenue_90d
        7        20                   1             179/2          1           1                  30.00
        8        6                    0             131039/1440    1           1                  7.00
        9        -                    -             -              0           0                  0.00
        """,
    )
    assert_mart(
        rows,
        "customer_360",
        """
        user_id  orders  revenue  coupon_orders  discount
        7        3       60.00    2              1.50
        8        2       12.00    0              0.00
        9        0       0.00     0              0.00
        """,
    )
    assert_mart(
        rows,
        "customer_360",
        """
        user_id  recency_score  frequency_score  monetary_score  segment
        7        2              4                4               at risk
        8        4              2                2               promising
        9        -              -                -               no orders
        """,
    )


def test_without_users_customers_come_from_their_orders(engine):
    rows = build_mart(engine.session, "customer_360", order_features=FEATURES)
    assert_mart(rows, "customer_360", "user_id  country  orders  signed_up_at\n7  IT  3  -\n8  ES  2  -")


def test_users_without_any_order_in_the_shop_have_no_day_to_count_from(engine):
    assert build_mart(engine.session, "customer_360", users="user_id  country\n1  DE").toArrow().num_rows == 0


@pytest.mark.parametrize(
    ("orders", "recency", "frequency", "money", "wanted"),
    [
        (9, 5, 5, 4, "champions"),
        (9, 4, 4, 3, "loyal"),
        (1, 5, 1, 5, "new"),
        (2, 4, 2, 5, "promising"),
        (3, 3, 3, 1, "loyal"),
        (1, 3, 1, 1, "promising"),
        (9, 1, 4, 1, "at risk"),
        (9, 2, 3, 5, "asleep"),
        (9, 1, 3, 5, "lost"),
        (0, None, None, None, "no orders"),
    ],
)
def test_segments(engine, orders, recency, frequency, money, wanted):
    ddl = "orders long, recency_score int, frequency_score int, monetary_score int"
    row = engine.rows(ddl, (orders, recency, frequency, money))
    assert [each["segment"] for each in row.select(segment().alias("segment")).collect()] == [wanted]


def test_scores_of_many_customers_are_those_of_duckdb(engine):
    """The scores come from differences of counts over orders; DuckDB ranks the customers themselves."""
    rng = np.random.default_rng(3)
    count = 4000
    days, users = rng.integers(0, 500, count), rng.integers(0, 700, count) ** 2 // 700
    cents = rng.integers(100, 30000, count)
    duckdb.register("raw", pa.table({"order_id": np.arange(count), "user_id": users, "day": days, "cents": cents}))
    orders = duckdb.sql("""
        SELECT *, row_number() OVER w AS order_number, lag(placed) OVER w AS previous,
          coalesce(sum(cents) OVER w, 0) - cents AS before
        FROM (SELECT *, TIMESTAMP '2025-01-01' + to_days(day::INT) AS placed FROM raw)
        WINDOW w AS (PARTITION BY user_id ORDER BY placed, order_id)
    """)
    customers = duckdb.sql("""
        SELECT user_id, count(*)::BIGINT AS orders, max(placed) AS last, sum(cents)::BIGINT AS cents
        FROM orders GROUP BY 1
    """)

    def middle(by: str) -> str:
        # (below + same / 2) / all, as fifths
        below = f"(rank() OVER (ORDER BY {by}) - 1)"
        same = f"count(*) OVER (PARTITION BY {by})"
        return f"1 + ((2 * {below} + {same}) * 5) // (2 * count(*) OVER ())"

    wanted = duckdb.sql(f"""
        SELECT user_id, {middle("last")}, {middle("orders")}, {middle("(cents // 100)")} FROM customers ORDER BY 1
    """).fetchall()
    features = engine.session.createDataFrame(orders.to_arrow_table()).selectExpr(
        "CAST(placed AS TIMESTAMP) AS ordered_at", "CAST(previous AS TIMESTAMP) AS previous_ordered_at",
        "CAST(order_number AS INT) AS order_number", "CAST(cents / 100 AS DECIMAL(12,2)) AS amount",
        "CAST(before / 100 AS DECIMAL(22,2)) AS previous_revenue",
    )  # fmt: skip
    people = engine.session.createDataFrame(customers.to_arrow_table()).selectExpr(
        "user_id",
        "orders",
        "CAST(last AS TIMESTAMP) AS last_ordered_at",
        "CAST(cents / 100 AS DECIMAL(22,2)) AS revenue",
    )
    names = ("user_id", "recency_score", "frequency_score", "monetary_score")
    got = with_scores(people, features).select(*names).orderBy("user_id").collect()
    assert [tuple(row) for row in got] == wanted
    assert {row[1] for row in wanted} == {1, 2, 3, 4, 5}


EVENTS = """
    event_id  session_id  event          occurred_at       device
    1         1           session_start  2026-03-01 23:58  mobile
    2         1           page_view      2026-03-01 23:59  -
    3         1           add_to_cart    2026-03-02 00:01  mobile
    4         1           checkout       2026-03-02 00:02  mobile
    5         1           purchase       2026-03-02 00:03  mobile
    6         2           search         2026-03-02 10:00  -
    7         3           session_start  2026-03-02 11:00  tablet
    8         3           add_to_cart    2026-03-02 11:05  desktop
"""


def test_a_visit_counts_on_the_day_it_began(engine):
    assert_mart(
        build_mart(engine.session, "funnel_daily", events=EVENTS),
        "funnel_daily",
        """
        day         device   sessions  viewed  carted  checked_out  purchased
        2026-03-01  mobile   1         1       1       1            1
        2026-03-02  desktop  1         0       1       0            0
        2026-03-02  unknown  1         1       0       0            0
        """,
    )


def test_the_second_day_alone_leaves_out_what_began_before_midnight(engine):
    scope = Scope.of_days([dt.date(2026, 3, 2)])
    rows = build_mart(engine.session, "funnel_daily", scope, events=EVENTS)
    assert_mart(rows, "funnel_daily", "device  sessions  carted\ndesktop  1  1\nunknown  1  0")
