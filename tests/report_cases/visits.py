"""Reports on visits."""

from tests.report_cases.case import Case

CASES = [
    Case(
        "funnel",
        "Each step is compared with the one before it and with all visits.",
        {
            "funnel_daily": """
                day         device   sessions  viewed  carted  checked_out  purchased
                2025-01-01  mobile   10        8       4       2            1
                2025-01-02  mobile   10        2       1       0            0
                2025-01-02  desktop  99        99      99      99           99
            """
        },
        """
            step  stage               visits  share_of_visits  conversion  drop_off
            1     visited             20      1                -           -
            2     looked at products  10      0.5              0.5         0.5
            3     filled a cart       5       0.25             0.5         0.5
            4     began to check out  2       0.1              0.4         0.6
            5     bought              1       0.05             0.5         0.5
        """,
        {"device": "mobile"},
    ),
    Case(
        "conversion_by_device",
        "Without a filled cart there is none to abandon.",
        {
            "funnel_daily": """
                day         device   sessions  viewed  carted  checked_out  purchased
                2025-01-01  mobile   15        8       4       2            1
                2025-01-31  mobile   5         2       1       0            0
                2025-01-02  desktop  4         1       0       0            0
            """
        },
        """
            month       device   visits  purchases  conversion  cart_rate  abandonment
            2025-01-01  desktop  4       0          0           0          -
            2025-01-01  mobile   20      1          0.05        0.25       0.8
        """,
    ),
    Case(
        "top_searches",
        "Case does not matter; a visit that searches twice is one visit.",
        {
            "events": """
                event_id  session_id  event        occurred_at       query
                1         1           search       2025-01-01 10:00  Shoes
                2         1           search       2025-01-01 10:01  SHOES
                3         1           add_to_cart  2025-01-01 10:02  -
                4         1           purchase     2025-01-01 10:03  -
                5         2           search       2025-01-01 10:00  shoes
                6         3           search       2025-01-01 10:00  lamp
                7         3           page_view    2025-01-01 10:00  -
                8         4           search       2024-12-31 23:59  lamp
            """
        },
        """
            search  searches  visits  carted  bought  cart_rate  conversion
            shoes   3         2       1       1       0.5        0.5
            lamp    1         1       0       0       0          0
        """,
        {"since": "2025-01-01"},
    ),
]
