"""Reports on TPC-H."""

from tests.report_cases.case import Case

ORDERS = """
    o_orderkey  o_custkey  o_orderstatus  o_totalprice  o_orderdate  o_orderpriority
    1           1          F              100.00        1995-01-01   1-URGENT
    2           1          F              50.00         1995-12-31   1-URGENT
    3           2          O              250.00        1995-06-01   5-LOW
    4           2          O              999.00        1996-01-01   5-LOW
"""
CUSTOMERS = """
    c_custkey  c_nationkey  c_acctbal  c_mktsegment
    1          6            10.00      BUILDING
    2          7            20.00      BUILDING
    3          6            -5.00      MACHINERY
"""
NATIONS = """
    n_nationkey  n_name   n_regionkey
    6            FRANCE   3
    7            GERMANY  3
"""

CASES = [
    Case(
        "tpch_orders_by_status",
        "Orders after the window do not count, those on its last day do.",
        {"tpch_orders": ORDERS},
        """
            status  priority  orders  share  total_price  average_price
            F       1-URGENT  2       2/3    150.00       75
            O       5-LOW     1       1/3    250.00       250
        """,
        {"until": "1995-12-31"},
    ),
    Case(
        "tpch_customer_segments",
        "Customers without orders count in their segment; only the asked nation's do.",
        {"tpch_orders": ORDERS, "tpch_customer": CUSTOMERS, "tpch_nation": NATIONS},
        """
            segment    customers  buyers  orders  total_price  price_per_customer  balance
            BUILDING   1          1       2       150.00       150                 10.00
            MACHINERY  1          0       0       0.00         0                   -5.00
        """,
        {"nation": "FRANCE"},
    ),
    Case(
        "tpch_revenue_by_nation",
        "Nations by the money that they bring.",
        {
            "tpch_orders": ORDERS,
            "tpch_customer": CUSTOMERS,
            "tpch_nation": NATIONS,
            "tpch_region": """
                r_regionkey  r_name
                3            EUROPE
            """,
        },
        """
            region  nation   buyers  orders  total_price  share
            EUROPE  GERMANY  1       1       250.00       0.625
            EUROPE  FRANCE   1       2       150.00       0.375
        """,
        {"until": "1995-12-31"},
    ),
]
