"""Reports on stock."""

from tests.report_cases.case import Case

CASES = [
    Case(
        "stock_cover",
        "What is out comes first, back orders before empty shelves; what does not sell comes last.",
        {
            "inventory_cover": """
                product_id  name  category  supplier  state  on_hand  units_28d  cover_days
                1           Bear  Toys      Acme      fine   50       28         50
                2           Car   Toys      Acme      out    0        14         0
                3           Doll  Toys      Acme      slow   9        0          -
                4           Kite  Toys      Acme      low    5        14         10
                5           Lamp  Home      Acme      out    0        1          0
                6           Yoyo  Toys      Acme      out    -3       28         -3
            """
        },
        """
            product_id  name  category  supplier  state  on_hand  units_28d  cover_days
            6           Yoyo  Toys      Acme      out    -3       28         -3
            2           Car   Toys      Acme      out    0        14         0
            4           Kite  Toys      Acme      low    5        14         10
            1           Bear  Toys      Acme      fine   50       28         50
            3           Doll  Toys      Acme      slow   9        0          -
        """,
        {"category": "Toys"},
    ),
    Case(
        "stock_by_category",
        "Back orders are no stock and do not lower the value of the rest.",
        {
            "inventory_cover": """
                product_id  category  state  on_hand
                1           Toys      fine   10
                2           Toys      out    -4
                3           -         slow   5
            """,
            "products": """
                product_id  cost
                1           3.00
                2           7.00
                3           2.00
            """,
        },
        """
            category  state  products  on_hand  value  share
            Toys      out    1         0        0.00   0
            Toys      fine   1         10       30.00  0.75
            unknown   slow   1         5        10.00  0.25
        """,
    ),
    Case(
        "stock_outs",
        "Stock stays as a day left it; two empty days in a row are one stock-out; the last one lasts to the end.",
        {
            "stock_daily": """
                product_id  day         on_hand
                1           2025-03-01  0
                1           2025-03-04  0
                1           2025-03-06  5
                1           2025-03-09  0
                2           2025-03-02  3
                3           2025-03-05  -2
                3           2025-03-07  4
            """,
            "inventory_cover": """
                product_id  name  category  as_of
                1           Bear  Toys      2025-03-10
                2           Car   Toys      2025-03-10
                3           Doll  Toys      2025-03-10
            """,
            "product_performance": """
                product_id  revenue  first_sold
                1           40.00    2025-02-25
            """,
        },
        """
            product_id  name  category  stock_outs  days_out  last_out    out_now  lost_revenue
            1           Bear  Toys      2           7         2025-03-10  yes      40
            3           Doll  Toys      1           2         2025-03-06  no       -
        """,
    ),
]
