"""Order features: numbering, what was known before, and shops that know little."""

from __future__ import annotations

from pyspark.sql import functions as F
from tests.gold_tables import assert_mart, build_mart

from emberlake.lake.gold import MARTS, Scope
from emberlake.tables import find


def test_orders_are_numbered_in_time_with_what_was_known_before(engine):
    rows = build_mart(
        engine.session,
        "order_features",
        orders="""
            order_id  user_id  ordered_at           status     amount  coupon
            3         7        2026-03-05 09:00     paid       5.50    SAVE
            1         7        2026-03-01 10:00     delivered  10.00   -
            2         7        2026-03-03 09:59:59  returned   20.00   -
            4         8        2026-03-02 23:59     paid       1.00    -
        """,
        order_items="""
            order_id  line  product_id  quantity
            1         1     5           2
            1         2     6           3
            3         1     5           1
        """,
    )
    # From 10:00 to 09:59:59 two days later is one whole day; 1 March 2026 is a Sunday.
    assert_mart(
        rows,
        "order_features",
        """
        order_id  order_number  days_since_previous  previous_revenue  has_coupon  lines  units  hour  weekday
        1         1             -                    0.00              no          2      5      10    7
        2         2             1                    10.00             no          -      -      9     2
        3         3             1                    30.00             yes         1      1      9     4
        4         1             -                    0.00              no          -      -      23    1
        """,
    )
    assert_mart(
        rows,
        "order_features",
        """
        order_id  previous_ordered_at        first_ordered_at
        1         -                          2026-03-01 10:00:00+00:00
        2         2026-03-01 10:00:00+00:00  2026-03-01 10:00:00+00:00
        3         2026-03-03 09:59:59+00:00  2026-03-01 10:00:00+00:00
        4         -                          2026-03-02 23:59:00+00:00
        """,
    )


def test_cancelled_orders_are_not_there_and_number_nothing(engine):
    rows = build_mart(
        engine.session,
        "order_features",
        orders="""
            order_id  user_id  ordered_at        status     amount
            1         7        2026-03-01 10:00  cancelled  10.00
            2         7        2026-03-02 10:00  paid       20.00
        """,
    )
    assert_mart(rows, "order_features", "order_id  order_number  previous_revenue\n2  1  0.00")


def test_orders_of_the_same_moment_go_by_their_number(engine):
    rows = build_mart(
        engine.session,
        "order_features",
        orders="""
            order_id  user_id  ordered_at        amount
            12        7        2026-03-01 10:00  2.00
            11        7        2026-03-01 10:00  1.00
            10        7        2026-03-01 10:00  4.00
        """,
    )
    assert_mart(
        rows,
        "order_features",
        """
        order_id  order_number  days_since_previous  previous_revenue
        10        1             -                    0.00
        11        2             0                    4.00
        12        3             0                    5.00
        """,
    )


def test_an_order_log_without_anything_else_is_enough(engine):
    rows = build_mart(
        engine.session,
        "order_features",
        orders="""
            order_id  user_id  ordered_at        amount
            1         7        2026-03-01 10:00  10.00
        """,
    )
    assert_mart(
        rows,
        "order_features",
        """
        order_id  status  country  channel  items_amount  lines  units  has_coupon  amount
        1         -       -        -        -             -      -      no          10.00
        """,
    )


def test_certain_users_can_be_asked_alone(engine):
    tables = {
        "orders": """
            order_id  user_id  ordered_at        amount
            1         7        2026-03-01 10:00  10.00
            2         8        2026-03-01 10:00  20.00
            3         8        2026-03-02 10:00  30.00
        """
    }
    users = engine.rows("user_id long", (8,), (99,))
    rows = build_mart(engine.session, "order_features", Scope(users=users), **tables)
    assert_mart(rows, "order_features", "order_id  order_number  previous_revenue\n2  1  0.00\n3  2  20.00")


def test_customers_stay_whole_in_many_partitions(engine):
    """The numbering sees whole customers only if the engine brings their rows together: 20,000 rows prove it."""
    given = engine.session.range(20_000).selectExpr(
        "id AS order_id",
        "id % 97 AS user_id",
        "timestamp'2026-01-01 00:00:00' + make_dt_interval(0, 0, CAST(id * 7919 % 20000 AS INT), 0) AS ordered_at",
        "CAST(1.25 AS DECIMAL(12,2)) AS amount",
    )
    columns = find("silver.orders").columns
    orders = given.select(
        *[c.name if c.name in given.columns else F.lit(None).cast(c.type).alias(c.name) for c in columns]
    )
    items = engine.session.createDataFrame([], find("silver.order_items").ddl)
    rows = MARTS[0].build({"silver.orders": orders, "silver.order_items": items})
    rows.createOrReplaceTempView("numbered")
    counted = "count(*) n, min(order_number) lowest, max(order_number) highest, count(distinct order_number) numbers"
    by_user = f"SELECT user_id, {counted}, sum(previous_revenue) before FROM numbered GROUP BY user_id"
    bad = "lowest <> 1 OR highest <> n OR numbers <> n OR before <> 1.25 * n * (n - 1) / 2"
    wrong = engine.session.sql(f"SELECT * FROM ({by_user}) WHERE {bad}")
    assert wrong.toArrow().to_pylist() == []
    assert engine.session.sql("SELECT count(*) AS n FROM numbered").collect()[0]["n"] == 20_000


def test_no_orders_give_no_rows(engine):
    assert build_mart(engine.session, "order_features").toArrow().num_rows == 0
