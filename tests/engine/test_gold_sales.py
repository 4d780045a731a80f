"""Daily and hourly sales, cohorts: what counts where, and on which day."""

from __future__ import annotations

import datetime as dt

from tests.gold_tables import assert_mart, build_mart

from emberlake.lake.gold import Scope

ORDERS = """
    order_id  user_id  ordered_at        country  channel  amount  discount  shipping  order_number  hour  weekday
    1         7        2026-03-01 08:00  DE       web      10.00   1.00      3.90      1             8     7
    2         7        2026-03-01 23:59  DE       web      5.50    -         -         2             23    7
    3         8        2026-03-01 09:00  DE       web      20.00   0.00      3.90      4             9     7
    4         8        2026-03-02 09:00  -        -        1.00    0.00      0.00      5             9     1
"""


def test_sales_by_day_country_and_channel(engine):
    rows = build_mart(engine.session, "daily_sales", order_features=ORDERS)
    assert_mart(
        rows,
        "daily_sales",
        """
        day         country  channel  orders  buyers  new_buyers  revenue  new_revenue  discount  shipping  refunds
        2026-03-01  DE       web      3       2       1           35.50    10.00        1.00      7.80      0.00
        2026-03-02  unknown  unknown  1       1       0           1.00     0.00         0.00      0.00      0.00
        """,
    )


def test_refunds_count_on_the_day_of_the_return_and_not_for_cancelled_orders(engine):
    rows = build_mart(
        engine.session,
        "daily_sales",
        order_features=ORDERS,
        returns="""
            return_id  order_id  refund  returned_at
            1          1         4.00    2026-03-09 00:00
            2          3         2.00    2026-03-09 23:59
            3          4         1.00    2026-03-02 12:00
            4          99        50.00   2026-03-09 12:00
            5          2         -       2026-03-02 12:00
        """,
    )
    # Return 4 is of an order that was cancelled: it is not among the features.
    assert_mart(
        rows,
        "daily_sales",
        """
        day         country  channel  orders  buyers  revenue  refunds
        2026-03-01  DE       web      3       2       35.50    0.00
        2026-03-02  DE       web      0       0       0.00     0.00
        2026-03-02  unknown  unknown  1       1       1.00     1.00
        2026-03-09  DE       web      0       0       0.00     6.00
        """,
    )


def test_certain_days_can_be_asked_alone(engine):
    returns = """
        return_id  order_id  refund  returned_at
        1          1         4.00    2026-03-09 00:00
        2          1         3.00    2026-03-10 00:00
    """
    scope = Scope.of_days([dt.date(2026, 3, 9), dt.date(2026, 3, 2), dt.date(2026, 3, 8)])
    rows = build_mart(engine.session, "daily_sales", scope, order_features=ORDERS, returns=returns)
    assert_mart(
        rows,
        "daily_sales",
        """
        day         country  channel  orders  refunds
        2026-03-02  unknown  unknown  1       0.00
        2026-03-09  DE       web      0       4.00
        """,
    )
    assert scope.predicate("day") == (
        "(day >= date'2026-03-02' AND day < date'2026-03-03') OR (day >= date'2026-03-08' AND day < date'2026-03-10')"
    )


def test_sales_by_hour(engine):
    assert_mart(
        build_mart(engine.session, "hourly_sales", order_features=ORDERS),
        "hourly_sales",
        """
        day         hour  weekday  orders  revenue
        2026-03-01  8     7        1       10.00
        2026-03-01  9     7        1       20.00
        2026-03-01  23    7        1       5.50
        2026-03-02  9     1        1       1.00
        """,
    )


COHORT = """
    order_id  user_id  ordered_at        previous_ordered_at  first_ordered_at  amount
    1         7        2025-12-31 23:59  -                    2025-12-31 23:59  10.00
    2         7        2026-02-01 00:00  2025-12-31 23:59     2025-12-31 23:59  20.00
    3         7        2026-02-28 23:59  2026-02-01 00:00     2025-12-31 23:59  5.00
    4         8        2025-12-02 12:00  -                    2025-12-02 12:00  1.00
    5         8        2026-02-03 12:00  2025-12-02 12:00     2025-12-02 12:00  2.00
    6         9        2026-02-03 12:00  -                    2026-02-03 12:00  3.00
"""


def test_a_cohort_counts_each_customer_once_a_month(engine):
    assert_mart(
        build_mart(engine.session, "cohorts", order_features=COHORT),
        "cohorts",
        """
        month       cohort_month  months_since  customers  orders  revenue
        2025-12-01  2025-12-01    0             2          2       11.00
        2026-02-01  2025-12-01    2             2          3       27.00
        2026-02-01  2026-02-01    0             1          1       3.00
        """,
    )


def test_certain_months_of_cohorts_can_be_asked_alone(engine):
    scope = Scope.of_months([dt.date(2025, 12, 5), dt.date(2025, 12, 31)])
    rows = build_mart(engine.session, "cohorts", scope, order_features=COHORT)
    assert_mart(rows, "cohorts", "month  cohort_month  customers\n2025-12-01  2025-12-01  2")
    assert scope.predicate("month") == "(month >= date'2025-12-01' AND month < date'2026-01-01')"


def test_nothing_gives_nothing(engine):
    for mart in ("daily_sales", "hourly_sales", "cohorts"):
        assert build_mart(engine.session, mart).toArrow().num_rows == 0
