"""Reports on products."""

from tests.report_cases.case import Case

CASES = [
    Case(
        "top_products",
        "Equals share a rank; a product that was only sent back was not sold; shares are of what counts.",
        {
            "product_daily": """
                day         product_id  category  units  revenue  cost
                2025-01-01  1           Toys      3      30.00    10.00
                2025-01-02  1           Toys      2      20.00    5.00
                2025-01-02  2           Toys      5      10.00    9.00
                2025-01-02  3           Toys      1      40.00    1.00
                2025-01-02  4           Books     9      90.00    1.00
                2025-01-03  5           Toys      0      0.00     0.00
            """,
            "product_performance": """
                product_id  name
                1           Bear
            """,
        },
        """
            rank  product_id  name  category  units  revenue  margin  share
            1     1           Bear  Toys      5      50.00    35.00   0.5
            1     2           -     Toys      5      10.00    1.00    0.1
        """,
        {"rank_by": "units", "category": "Toys", "top": 2},
    ),
    Case(
        "top_products",
        "By margin, the small seller with the high margin comes first.",
        {
            "product_daily": """
                day         product_id  category  units  revenue  cost
                2025-01-02  2           Toys      5      10.00    9.00
                2025-01-02  3           Toys      1      40.00    1.00
            """,
        },
        """
            rank  product_id  name  category  units  revenue  margin  share
            1     3           -     Toys      1      40.00    39.00   0.8
            2     2           -     Toys      5      10.00    1.00    0.2
        """,
        {"rank_by": "margin"},
    ),
    Case(
        "basket_affinity",
        "Months add up; the number of all baskets stands in every row of a month and counts once.",
        {
            "basket_products": """
                month       product_id  baskets  baskets_total
                2025-01-01  1           4        10
                2025-01-01  2           5        10
                2025-01-01  3           1        10
                2025-02-01  1           1        10
                2025-02-01  2           5        10
            """,
            "basket_pairs": """
                month       product_a  product_b  baskets
                2025-01-01  1          2          3
                2025-01-01  1          3          1
                2025-02-01  1          2          1
            """,
            "product_performance": """
                product_id  name
                1           Tea
                2           Pot
            """,
        },
        """
            pair       product_a  product_b  baskets  support  confidence_a_to_b  confidence_b_to_a  lift
            Tea + Pot  1          2          4        0.2      0.8                0.4                1.6
        """,
        {"min_baskets": 2},
    ),
    Case(
        "returns_by_category",
        "What was sent back but not sold in the window has no rate, and stands last.",
        {
            "product_daily": """
                day         product_id  category  units  returned_units  revenue  refunds
                2025-01-01  1           Toys      4      1               40.00    10.00
                2025-01-01  2           Books     0      1               0.00     5.00
            """
        },
        """
            category  units  returned_units  return_rate  revenue  refunds  refund_rate
            Toys      4      1               0.25         40.00    10.00    0.25
            Books     0      1               -            0.00     5.00     -
        """,
    ),
    Case(
        "return_reasons",
        "Returns count on the day of arrival; a product without a category and a return without a reason are unknown.",
        {
            "returns": """
                return_id  order_id  product_id  quantity  reason  refund  returned_at
                1          1         1           2         size    10.00   2025-01-31 23:59
                2          1         1           1         size    5.00    2025-01-15 10:00
                3          1         2           1         late    -       2025-01-15 10:00
                4          1         9           1         -       7.00    2025-01-15 10:00
                5          1         1           1         late    99.00   2025-02-01 00:00
            """,
            "products": """
                product_id  category
                1           Toys
                2           Toys
            """,
        },
        """
            category  reason   returns  pieces  refunds  share
            Toys      late     1        1       0.00     1/3
            Toys      size     2        3       15.00    2/3
            unknown   unknown  1        1       7.00     1
        """,
        {"until": "2025-01-31"},
    ),
    Case(
        "pareto_products",
        "A product is in the class in which its revenue begins.",
        {
            "product_daily": """
                day         product_id  category  units  revenue
                2025-01-01  1           Toys      3      50.00
                2025-01-02  1           Toys      3      30.00
                2025-01-02  2           Toys      3      15.00
                2025-01-02  3           Toys      3      5.00
                2025-01-02  4           Toys      0      0.00
            """
        },
        """
            rank  product_id  category  revenue  product_share  revenue_share  abc_class
            1     1           Toys      80.00    1/3            0.8            A
            2     2           Toys      15.00    2/3            0.95           B
            3     3           Toys      5.00     1              1              C
        """,
    ),
    Case(
        "abc_classes",
        "A product that never sold is in class C.",
        {
            "product_performance": """
                product_id  category  abc_class  units  revenue  margin
                1           Toys      A          8      80.00    40.00
                2           Toys      C          1      20.00    5.00
                3           Toys      -          0      0.00     0.00
                4           Books     A          9      99.00    9.00
            """
        },
        """
            abc_class  products  product_share  units  revenue  revenue_share  margin
            A          1         1/3            8      80.00    0.8            40.00
            C          2         2/3            1      20.00    0.2            5.00
        """,
        {"category": "Toys"},
    ),
    Case(
        "price_elasticity",
        "Twice the price, a quarter of the sales: -2. The day of the change does not count, one price is no slope.",
        {
            "product_daily": """
                day         product_id  category  units
                2025-01-01  1           Toys      5
                2025-01-02  1           Toys      3
                2025-01-03  1           Toys      100
                2025-01-04  1           Toys      1
                2025-01-06  1           Toys      2
                2025-01-01  2           Toys      7
                2025-01-01  3           Books     2
                2025-01-05  3           Books     3
            """,
            "prices": """
                product_id  price  valid_from        valid_to
                1           10.00  2024-06-01 00:00  2025-01-03 12:00
                1           20.00  2025-01-03 12:00  -
                2           10.00  2024-06-01 00:00  -
                3           5.00   2024-06-01 00:00  2025-01-03 12:00
                3           5.00   2025-01-03 12:00  -
            """,
        },
        """
            category  products  points  elasticity  r_squared  reading
            Books     1         2       -           -          unclear
            Toys      1         2       -2          1          elastic
        """,
        {"min_days": 2},
    ),
    Case(
        "suppliers",
        "Stars are averaged over ratings, not over products.",
        {
            "product_performance": """
                product_id  supplier  units  revenue  margin  returned_units  ratings  rating
                1           Acme      10     100.00   40.00   1               3        4
                2           Acme      0      0.00     0.00    0               1        2
                3           -         5      50.00    50.00   0               0        -
            """,
            "inventory_cover": """
                product_id  state
                1           fine
                2           out
            """,
        },
        """
            supplier  products  units  revenue  margin  margin_rate  return_rate  rating  out_of_stock
            unknown   1         5      50.00    50.00   1            0            -       0
            Acme      2         10     100.00   40.00   0.4          0.1          3.5     1
        """,
    ),
    Case(
        "ratings_by_category",
        "Shares are of the category; the mean stands beside each of its rows.",
        {
            "ratings": """
                user_id  product_id  rating  rated_at
                1        1           5       2025-01-01 10:00
                2        1           5       2025-01-01 10:00
                3        2           1       2025-01-01 10:00
                1        9           3       2025-01-01 10:00
            """,
            "products": """
                product_id  category
                1           Toys
                2           Toys
            """,
        },
        """
            category  stars  ratings  share  mean
            Toys      1      1        1/3    11/3
            Toys      5      2        2/3    11/3
            unknown   3      1        1      3
        """,
    ),
]
