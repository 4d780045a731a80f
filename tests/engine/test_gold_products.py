"""Products, baskets and stock."""

from __future__ import annotations

import datetime as dt

from tests.gold_tables import assert_mart, build_mart

from emberlake.lake.gold import Scope

FEATURES = """
    order_id  ordered_at        lines
    1         2026-03-01 23:59  3
    2         2026-03-01 10:00  2
    3         2026-03-02 10:00  1
"""
LINES = """
    order_id  line  product_id  quantity  unit_price  discount
    1         1     5           2         10.00       1.00
    1         2     5           1         10.00       -
    1         3     6           1         4.99        0.00
    2         1     6           3         5.00        0.00
    2         2     5           1         9.00        0.00
    3         1     8           1         7.00        0.00
    9         1     5           9         9.00        0.00
"""
PRODUCTS = """
    product_id  name  category  supplier  list_price  cost  opening_stock
    5           Lamp  Home      Acme      11.00       6.00  4
    6           Tea   Grocery   Oltre     5.00        -     10
    7           Book  Books     Acme      8.00        2.00  -
"""


def test_a_product_on_two_lines_is_one_order_and_lines_of_cancelled_orders_do_not_count(engine):
    rows = build_mart(
        engine.session,
        "product_daily",
        order_features=FEATURES,
        order_items=LINES,
        products=PRODUCTS,
        returns="""
            return_id  order_id  product_id  quantity  refund  returned_at
            1          1         5           1         10.00   2026-03-04 08:00
            2          1         5           1         -       2026-03-04 09:00
            3          9         5           9         81.00   2026-03-04 09:00
            4          2         6           1         5.00    2026-03-01 23:00
        """,
    )
    # Order 9 was cancelled: neither its line nor its return counts. Product 8 stands in no catalogue.
    assert_mart(
        rows,
        "product_daily",
        """
        day         product_id  category  orders  units  gross  discount  revenue  cost   returned_units  refunds
        2026-03-01  5           Home      2       4      39.00  1.00      38.00    24.00  0               0.00
        2026-03-01  6           Grocery   2       4      19.99  0.00      19.99    -      1               5.00
        2026-03-02  8           -         1       1      7.00   0.00      7.00     -      0               0.00
        2026-03-04  5           Home      0       0      0.00   0.00      0.00     0.00   2               10.00
        """,
    )


def test_certain_days_of_products_can_be_asked_alone(engine):
    scope = Scope.of_days([dt.date(2026, 3, 2)])
    rows = build_mart(engine.session, "product_daily", scope, order_features=FEATURES, order_items=LINES)
    assert_mart(rows, "product_daily", "day  product_id  units\n2026-03-02  8  1")


DAILY = """
    day         product_id  orders  units  revenue  cost   returned_units
    2026-03-01  1           2       4      60.00    24.00  0
    2026-03-05  1           0       0      0.00     0.00   1
    2026-03-01  2           1       1      20.00    -      0
    2026-03-02  3           1       1      10.00    1.00   0
    2026-03-03  4           1       1      10.00    1.00   0
"""


def test_performance_of_the_catalogue_and_of_what_is_not_in_it(engine):
    rows = build_mart(
        engine.session,
        "product_performance",
        products="""
            product_id  name  category  list_price
            1           Lamp  Home      11.00
            2           Tea   Grocery   5.00
            3           Book  Books     8.00
            7           Sofa  Home      99.00
        """,
        prices="""
            product_id  price  changed_at        is_current
            1           12.00  2026-01-01 00:00  yes
            1           10.00  2025-01-01 00:00  no
        """,
        ratings="""
            user_id  product_id  rating
            1        1           5
            2        1           2
        """,
        product_daily=DAILY,
    )
    # A until the products before make 80 of 100: 1 and 2. Then B until 95: both tens start at 80 and 90.
    assert_mart(
        rows,
        "product_performance",
        """
        product_id  name  price  orders  units  revenue  margin  returned_units  return_rate  ratings  rating
        1           Lamp  12.00  2       4      60.00    36.00   1               1/4          2        7/2
        2           Tea   5.00   1       1      20.00    -       0               0            0        -
        3           Book  8.00   1       1      10.00    9.00    0               0            0        -
        4           -     -      1       1      10.00    9.00    0               0            0        -
        7           Sofa  99.00  0       0      0.00     0.00    0               -            0        -
        """,
    )
    assert_mart(
        rows,
        "product_performance",
        """
        product_id  revenue_rank  abc_class  first_sold  last_sold
        1           1             A          2026-03-01  2026-03-01
        2           2             A          2026-03-01  2026-03-01
        3           3             B          2026-03-02  2026-03-02
        4           4             B          2026-03-03  2026-03-03
        7           5             C          -           -
        """,
    )


def test_stock_runs_through_the_days_and_may_be_negative(engine):
    rows = build_mart(
        engine.session,
        "stock_daily",
        products=PRODUCTS,
        inventory="""
            movement_id  product_id  moved_at          quantity
            1            5           2026-03-03 10:00  10
            2            5           2026-03-03 11:00  -3
            3            9           2026-03-01 00:00  2
        """,
        product_daily="""
            day         product_id  units  returned_units
            2026-03-01  5           6      0
            2026-03-04  5           0      1
        """,
    )
    assert_mart(
        rows,
        "stock_daily",
        """
        product_id  day         received  sold  returned  on_hand
        5           2026-03-01  0         6     0         -2
        5           2026-03-03  7         0     0         5
        5           2026-03-04  0         0     1         6
        9           2026-03-01  2         0     0         2
        """,
    )


def test_cover_at_the_pace_of_the_last_28_days(engine):
    rows = build_mart(
        engine.session,
        "inventory_cover",
        products="""
            product_id  name   opening_stock
            1           Lamp   5
            2           Tea    5
            3           Book   5
            4           Sofa   5
            5           Cup    -
        """,
        stock_daily="""
            product_id  day         sold  on_hand
            1           2026-03-01  50    100
            1           2026-03-02  7     7
            1           2026-03-29  7     0
            2           2026-03-02  14    14
            3           2026-03-30  14    7
            4           2026-03-20  1     300
            6           2026-03-20  1     20
        """,
        order_features="order_id  ordered_at\n1  2026-03-30 12:00",
    )
    # The 28 days up to 30 March begin on 3 March. Product 5 has no stock that anyone knows.
    assert_mart(
        rows,
        "inventory_cover",
        """
        product_id  name  as_of       on_hand  units_28d  cover_days  stock_out_days  state
        1           Lamp  2026-03-30  0        7          0           1               out
        2           Tea   2026-03-30  14       0          -           0               slow
        3           Book  2026-03-30  7        14         14          0               fine
        4           Sofa  2026-03-30  300      1          8400        0               slow
        6           -     2026-03-30  20       1          560         0               slow
        """,
    )


def test_low_stock_is_under_14_days(engine):
    stock = "product_id  day  sold  on_hand\n1  2026-03-30  28  13"
    rows = build_mart(engine.session, "inventory_cover", stock_daily=stock)
    assert_mart(rows, "inventory_cover", "product_id  cover_days  state\n1  13  low")


def test_baskets_by_month(engine):
    rows = build_mart(
        engine.session,
        "basket_products",
        product_daily="""
            day         product_id  orders
            2026-03-01  5           2
            2026-03-31  5           1
            2026-03-04  6           0
            2026-04-01  5           1
        """,
        order_features="""
            order_id  ordered_at        lines
            1         2026-03-01 23:59  3
            2         2026-03-31 23:59  1
            3         2026-03-02 10:00  -
            4         2026-04-01 00:00  1
        """,
    )
    # Order 3 has no lines; product 6 only came back in March.
    assert_mart(
        rows,
        "basket_products",
        """
        month       product_id  baskets  baskets_total
        2026-03-01  5           3        2
        2026-04-01  5           1        1
        """,
    )


def test_pairs_count_baskets_and_not_lines(engine):
    rows = build_mart(engine.session, "basket_pairs", order_features=FEATURES, order_items=LINES)
    # Product 5 stands on two lines of order 1, which is one basket of 5 and 6 all the same.
    assert_mart(rows, "basket_pairs", "month  product_a  product_b  baskets\n2026-03-01  5  6  2")


def test_a_shop_without_lines_has_no_products(engine):
    features = "order_id  user_id  ordered_at        amount\n1  7  2026-03-01 10:00  5.00"
    for mart in ("product_daily", "basket_products", "basket_pairs", "inventory_cover"):
        assert build_mart(engine.session, mart, order_features=features).toArrow().num_rows == 0
    assert build_mart(engine.session, "product_performance").toArrow().num_rows == 0
    assert build_mart(engine.session, "stock_daily").toArrow().num_rows == 0
