"""Reports on sales and payments."""

# ruff: noqa: E501 - a table that is wrapped cannot be read

from tests.report_cases.case import Case

CASES = [
    Case(
        "revenue_by_day",
        "The week before is seven days back, not seven rows; the average needs seven days of data.",
        {
            "daily_sales": """
                day         country  channel  orders  revenue  refunds
                2026-03-01  DE       web      1       70.00    0.00
                2026-03-02  DE       web      2       30.00    5.00
                2026-03-08  DE       web      3       105.00   0.00
                2026-03-08  FR       web      1       35.00    0.00
                2026-03-08  DE       app      9       999.00   0.00
            """
        },
        """
            day         orders  revenue  refunds  net_revenue  average_7d  growth_week
            2026-03-01  1       70.00    0.00     70.00        -           -
            2026-03-02  2       30.00    5.00     25.00        -           -
            2026-03-08  4       140.00   0.00     140.00       170/7       1
        """,
        {"channel": "web"},
    ),
    Case(
        "revenue_by_day",
        "A window cuts what is shown, not what is compared with.",
        {
            "daily_sales": """
                day         country  channel  orders  revenue  refunds
                2026-03-01  DE       web      1       50.00    0.00
                2026-03-08  DE       web      1       40.00    0.00
                2026-03-09  DE       web      1       40.00    0.00
            """
        },
        """
            day         orders  revenue  refunds  net_revenue  average_7d  growth_week
            2026-03-08  1       40.00    0.00     40.00        40/7        -0.2
        """,
        {"since": "2026-03-02", "until": "2026-03-08"},
    ),
    Case(
        "revenue_by_month",
        "April is not compared with February because March sold nothing; any day of a month names it.",
        {
            "daily_sales": """
                day         country  channel  orders  revenue  refunds
                2024-02-10  DE       web      1       50.00    0.00
                2025-01-31  DE       web      1       80.00    0.00
                2025-02-01  DE       web      1       60.00    10.00
                2025-02-28  FR       app      1       40.00    0.00
                2025-04-01  DE       web      2       10.00    0.00
            """
        },
        """
            month       orders  revenue  refunds  net_revenue  growth_month  growth_year
            2025-02-01  2       100.00   10.00    90.00        0.25          1
            2025-04-01  2       10.00    0.00     10.00        -             -
        """,
        {"since": "2025-02-15"},
    ),
    Case(
        "revenue_by_category",
        "Products that the catalogue does not know are a category of their own.",
        {
            "product_daily": """
                day         product_id  category  units  revenue
                2025-01-05  1           Toys      2      20.00
                2025-01-06  2           Books     1      60.00
                2025-02-05  1           Toys      1      30.00
                2025-02-06  3           -         1      10.00
            """
        },
        """
            month       category  units  revenue  share  growth_month
            2025-01-01  Books     1      60.00    0.75   -
            2025-01-01  Toys      2      20.00    0.25   -
            2025-02-01  Toys      1      30.00    0.75   0.5
            2025-02-01  unknown   1      10.00    0.25   -
        """,
    ),
    Case(
        "margin_by_category",
        "A category may lose money; days after the window do not count.",
        {
            "product_daily": """
                day         product_id  category  units  gross  discount  revenue  cost
                2025-01-05  1           Toys      2      25.00  5.00      20.00    8.00
                2025-01-31  2           Books     1      10.00  0.00      10.00    11.00
                2025-02-01  1           Toys      9      90.00  0.00      90.00    9.00
            """
        },
        """
            category  units  gross  discount  revenue  cost   margin  margin_rate
            Toys      2      25.00  5.00      20.00    8.00   12.00   0.6
            Books     1      10.00  0.00      10.00    11.00  -1.00   -0.1
        """,
        {"until": "2025-01-31"},
    ),
    Case(
        "average_order_value",
        "A day with refunds only has no order to average; other countries do not count.",
        {
            "daily_sales": """
                day         country  channel  orders  revenue  discount
                2025-01-05  DE       web      3       90.00    10.00
                2025-01-06  DE       web      1       10.00    0.00
                2025-01-06  DE       app      0       0.00     0.00
                2025-01-07  FR       web      5       500.00   0.00
            """
        },
        """
            month       channel  orders  revenue  average_order_value  discount_rate
            2025-01-01  web      4       100.00   25                   1/11
        """,
        {"country": "DE"},
    ),
    Case(
        "new_versus_returning",
        "What is not a first order is a return.",
        {
            "daily_sales": """
                day         country  channel  orders  new_buyers  revenue  new_revenue
                2025-01-01  DE       web      5       2           100.00   25.00
                2025-01-02  FR       web      7       7           700.00   700.00
                2025-02-02  DE       web      1       0           10.00    0.00
            """
        },
        """
            month       new_orders  returning_orders  new_revenue  returning_revenue  returning_share
            2025-01-01  2           3                 25.00        75.00              0.75
            2025-02-01  0           1                 0.00         10.00              1
        """,
        {"country": "DE"},
    ),
    Case(
        "revenue_by_country",
        "The last two days against the two before; a day with refunds only does not end the data.",
        {
            "daily_sales": """
                day         country  channel  orders  revenue  refunds
                2024-12-31  FR       web      1       30.00    0.00
                2025-01-01  FR       web      1       10.00    0.00
                2025-01-02  DE       web      1       40.00    0.00
                2025-01-03  DE       web      1       20.00    0.00
                2025-01-04  DE       app      2       60.00    0.00
                2025-01-05  FR       web      0       0.00     4.00
            """
        },
        """
            country  orders  revenue  share  average_order_value  refund_rate  revenue_lately  revenue_before  growth
            DE       4       120.00   0.75   30                   0            80.00           40.00           1
            FR       2       40.00    0.25   20                   0.1          0.00            10.00           -1
        """,
        {"days": 2},
    ),
    Case(
        "hour_of_week",
        "An hour is averaged over all such weekdays, also those on which nobody ordered in it.",
        {
            "hourly_sales": """
                day         hour  weekday  orders  revenue
                2025-01-06  9     1        3       30.00
                2025-01-12  9     7        2       20.00
                2025-01-13  9     1        1       10.00
                2025-01-13  10    1        2       5.00
            """
        },
        """
            weekday  weekday_name  hour  orders  revenue  orders_per_hour  share
            1        Mon           9     4       40.00    2                0.5
            1        Mon           10    2       5.00     1                0.25
            7        Sun           9     2       20.00    2                0.25
        """,
    ),
    Case(
        "discount_effect",
        "Bands close at 5, 10 and 20 percent; no discount and none said are the same; units only where there are lines.",
        {
            "order_features": """
                order_id  ordered_at        amount  items_amount  discount  has_coupon  units  order_number
                1         2025-01-01 10:00  100.00  100.00        0.00      no          2      1
                2         2025-01-01 10:00  105.00  100.00        -         no          -      2
                3         2025-01-01 10:00  95.00   100.00        5.00      yes         3      2
                4         2025-01-01 10:00  90.00   100.00        10.00     yes         1      1
                5         2025-01-01 10:00  70.00   100.00        30.00     yes         1      1
                6         2025-01-31 23:59  80.00   100.00        20.00     no          4      3
                7         2025-02-01 00:00  80.00   100.00        20.00     no          4      3
                8         2025-01-01 10:00  80.00   -             20.00     no          4      3
            """
        },
        """
            depth       orders  share  coupon_rate  average_basket  average_paid  units_per_order  new_customer_rate  discount
            none        2       1/3    0            100             102.5         2                0.5                0.00
            up to 5 %   1       1/6    1            100             95            3                0                  5.00
            5 to 10 %   1       1/6    1            100             90            1                1                  10.00
            10 to 20 %  1       1/6    0            100             80            4                0                  20.00
            over 20 %   1       1/6    1            100             70            1                1                  30.00
        """,
        {"until": "2025-01-31"},
    ),
    Case(
        "basket_size",
        "Large baskets share the last row; orders without lines have no size.",
        {
            "order_features": """
                order_id  ordered_at        amount  units
                1         2025-01-01 10:00  10.00   1
                2         2025-01-01 10:00  20.00   3
                3         2025-01-01 10:00  70.00   7
                4         2025-01-01 10:00  99.00   -
                5         2024-12-31 23:59  99.00   1
            """
        },
        """
            units  orders  share  revenue  revenue_share  average_order_value
            1      1       1/3    10.00    0.1            10
            3      2       2/3    90.00    0.9            45
        """,
        {"most_units": 3, "since": "2025-01-01"},
    ),
    Case(
        "order_outcomes",
        "Shares are of the month; a status that the source does not say is unknown.",
        {
            "orders": """
                order_id  user_id  ordered_at        status     amount
                1         1        2025-01-31 23:59  delivered  10.00
                2         1        2025-01-01 00:00  delivered  20.00
                3         1        2025-01-05 10:00  cancelled  30.00
                4         1        2025-01-05 10:00  -          40.00
                5         1        2025-02-01 00:00  paid       50.00
            """
        },
        """
            month       status     orders  share  amount
            2025-01-01  cancelled  1       0.25   30.00
            2025-01-01  delivered  2       0.5    30.00
            2025-01-01  unknown    1       0.25   40.00
            2025-02-01  paid       1       1      50.00
        """,
    ),
    Case(
        "payment_failures",
        "An order that fails twice is hit once, and another method may save it; older attempts do not count.",
        {
            "payments": """
                payment_id  order_id  method  status    amount  paid_at
                1           1         card    failed    10.00   2025-01-05 10:00
                2           1         paypal  captured  10.00   2025-01-06 10:00
                3           2         card    failed    20.00   2025-01-05 10:00
                4           2         card    failed    20.00   2025-01-05 10:05
                5           3         card    captured  5.00    2025-01-05 10:00
                6           4         -       captured  5.00    2025-01-01 00:00
                7           5         card    failed    9.00    2024-12-31 23:59
            """
        },
        """
            method   attempts  failed  failure_rate  failed_amount  orders_hit  orders_saved  saved_rate
            card     4         3       0.75          50.00          2           1             0.5
            paypal   1         0       0             0.00           0           0             -
            unknown  1         0       0             0.00           0           0             -
        """,
        {"since": "2025-01-01"},
    ),
]
