"""Reports on customers."""

# ruff: noqa: E501 - a table that is wrapped cannot be read

from tests.report_cases.case import Case

COHORTS = """
    month       cohort_month  months_since  customers  orders  revenue
    2025-01-01  2025-01-01    0             10         10      100.00
    2025-03-01  2025-01-01    2             4          5       50.00
    2025-02-01  2025-02-01    0             5          5       50.00
    2025-03-01  2025-02-01    1             1          1       10.00
    2025-03-01  2025-03-01    0             2          2       20.00
"""

CASES = [
    Case(
        "top_customers",
        "Equals share a rank; people without orders and other countries do not count.",
        {
            "customer_360": """
                user_id  country  segment    orders  revenue  last_ordered_at
                1        DE       loyal      2       60.00    2025-03-01 10:00
                2        DE       lost       1       60.00    2024-03-01 23:59
                3        DE       new        1       30.00    2025-03-01 10:00
                4        FR       champions  9       900.00   2025-03-01 10:00
                5        DE       no orders  0       0.00     -
            """
        },
        """
            rank  user_id  country  segment  orders  revenue  average_order_value  last_order  share
            1     1        DE       loyal    2       60.00    30                   2025-03-01  0.4
            1     2        DE       lost     1       60.00    60                   2024-03-01  0.4
        """,
        {"country": "DE", "top": 2},
    ),
    Case(
        "cohort_retention",
        "A month in which nobody came back is nought; a month still to come has no row.",
        {"cohorts": COHORTS},
        """
            cohort_month  months_since  cohort_customers  customers  retention
            2025-01-01    0             10                10         1
            2025-01-01    1             10                0          0
            2025-01-01    2             10                4          0.4
            2025-02-01    0             5                 5          1
            2025-02-01    1             5                 1          0.2
            2025-03-01    0             2                 2          1
        """,
    ),
    Case(
        "lifetime_value",
        "Revenue piles up and is shared by all of the cohort, also by those who stayed away.",
        {"cohorts": COHORTS},
        """
            cohort_month  months_since  cohort_customers  revenue  revenue_to_date  value
            2025-01-01    0             10                100.00   100.00           10
            2025-01-01    1             10                0.00     100.00           10
            2025-01-01    2             10                50.00    150.00           15
        """,
        {"since": "2025-01-20", "until": "2025-01-31"},
    ),
    Case(
        "lifetime_value_by_source",
        "A sign-up that never ordered is in the denominator; older accounts are not.",
        {
            "customer_360": """
                user_id  acquired_by  orders  revenue  refunds  signed_up_at
                1        search       2       100.00   20.00    2025-01-01 00:00
                2        search       0       0.00     0.00     2025-01-02 10:00
                3        mail         1       30.00    0.00     2025-01-02 10:00
                4        -            1       5.00     0.00     2025-01-02 10:00
                5        mail         9       999.00   0.00     2024-12-31 23:59
            """
        },
        """
            acquired_by  users  buyers  orders  revenue  refunds  buyer_rate  orders_per_buyer  net_value_per_user
            search       2      1       2       100.00   20.00    0.5         2                 40
            mail         1      1       1       30.00    0.00     1           1                 30
            unknown      1      1       1       5.00     0.00     1           1                 5
        """,
        {"signed_up_since": "2025-01-01"},
    ),
    Case(
        "rfm_segments",
        "People without orders are no customers.",
        {
            "customer_360": """
                user_id  country  segment    orders  revenue  recency_days
                1        DE       champions  3       90.00    2
                2        DE       champions  1       30.00    4
                3        DE       lost       1       40.00    300
                4        DE       no orders  0       0.00     -
            """
        },
        """
            segment    customers  share  orders  revenue  revenue_share  average_recency  revenue_per_customer
            champions  2          2/3    4       120.00   0.75           3                60
            lost       1          1/3    1       40.00    0.25           300              40
        """,
    ),
    Case(
        "rfm_matrix",
        "Only customers with both scores are placed.",
        {
            "customer_360": """
                user_id  country  recency_score  frequency_score  revenue
                1        DE       5              5                90.00
                2        DE       5              5                30.00
                3        DE       1              2                40.00
                4        DE       -              -                0.00
            """
        },
        """
            recency_score  frequency_score  customers  share  revenue_per_customer
            1              2                1          1/3    40
            5              5                2          2/3    60
        """,
    ),
    Case(
        "repeat_rate",
        "Days between orders are averaged over gaps, so that a customer with three orders counts two.",
        {
            "customer_360": """
                user_id  country  orders  first_ordered_at  last_ordered_at
                1        DE       3       2025-01-01 23:00  2025-01-11 01:00
                2        DE       1       2025-01-31 23:59  2025-01-31 23:59
                3        DE       2       2025-02-01 00:00  2025-02-05 10:00
                4        DE       0       -                 -
            """
        },
        """
            month       customers  came_back  repeat_rate  orders_per_customer  days_between_orders
            2025-01-01  2          1          0.5          2                    5
            2025-02-01  1          1          1            2                    4
        """,
    ),
    Case(
        "time_between_orders",
        "First orders have no gap; long gaps share the last bucket; the last day counts to its end.",
        {
            "order_features": """
                order_id  ordered_at        days_since_previous
                1         2025-01-01 10:00  -
                2         2025-01-01 10:00  0
                3         2025-01-01 10:00  6
                4         2025-01-01 10:00  7
                5         2025-01-01 10:00  20
                6         2025-01-31 23:59  400
                7         2025-02-01 00:00  3
            """
        },
        """
            from_days  orders  share  cumulative_share
            0          2       0.4    0.4
            7          1       0.2    0.6
            14         2       0.4    1
        """,
        {"most_days": 14, "until": "2025-01-31"},
    ),
    Case(
        "revenue_by_city",
        "Two cities of one name in two countries are two; a customer without a city has no place here.",
        {
            "customer_360": """
                user_id  city  country  orders  revenue
                1        Rome  IT       2       40.00
                2        Rome  IT       1       20.00
                3        Rome  US       1       30.00
                4        -     DE       1       99.00
                5        Lyon  -        1       10.00
                6        Rome  IT       0       0.00
            """
        },
        """
            city  country  customers  orders  revenue  share  revenue_per_customer
            Rome  IT       2          3       60.00    0.6    30
            Rome  US       1          1       30.00    0.3    30
            Lyon  unknown  1          1       10.00    0.1    10
        """,
    ),
    Case(
        "win_back",
        "Only the asked segment, the dearest first.",
        {
            "customer_360": """
                user_id  country  segment  last_ordered_at   recency_days  mean_gap_days  orders  revenue
                1        DE       asleep   2025-01-01 23:59  90            12.5           3       30.00
                2        DE       asleep   2025-01-02 00:00  89            -              1       70.00
                3        DE       at risk  2025-01-02 00:00  89            -              1       99.00
                4        FR       asleep   2025-01-02 00:00  89            -              1       99.00
            """
        },
        """
            user_id  country  segment  last_order  recency_days  mean_gap_days  orders  revenue
            2        DE       asleep   2025-01-02  89            -              1       70.00
            1        DE       asleep   2025-01-01  90            12.5           3       30.00
        """,
        {"segment": "asleep", "country": "DE"},
    ),
    Case(
        "loyalty_tiers",
        "A tier without orders has no order to average.",
        {
            "customer_360": """
                user_id  country  loyalty  orders  orders_90d  revenue  coupon_orders  discount
                1        DE       gold     3       1           100.00   1              8.00
                2        DE       gold     1       0           20.00    0              0.00
                3        DE       none     0       0           0.00     0              0.00
            """
        },
        """
            loyalty  customers  buyers_90d  active_rate  orders_per_customer  revenue_per_customer  average_order_value  coupon_rate  discount_per_order
            gold     2          1           0.5          2                    60                    30                   0.25         2
            none     1          0           0            0                    0                     -                    -            -
        """,
    ),
    Case(
        "activation",
        "An order two hours later may be on the next day; accounts from before the first order in the data are left out.",
        {
            "customer_360": """
                user_id  country  signed_up_at      first_ordered_at
                1        DE       2025-01-31 23:00  2025-02-01 01:00
                2        DE       2025-01-01 10:00  2025-01-05 10:00
                3        DE       2025-01-02 10:00  -
                4        DE       -                 2025-01-05 10:00
                5        DE       2024-12-31 23:59  2025-02-01 01:00
            """
        },
        """
            month       sign_ups  ordered  ordered_at_once  activation  activation_at_once
            2025-01-01  3         2        1                2/3         1/3
        """,
        {"days": 1},
    ),
]
