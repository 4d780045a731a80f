"""The workshop's order values: TPC-H's, without and with what the lines say.

Public: `TPCH_ORDER_VALUE`, `TPCH_ORDER_VALUE_LINES`.
"""

from emberlake.models.workshop.training import TPCH_ORDER_VALUE, TPCH_ORDER_VALUE_LINES

__all__ = ["TPCH_ORDER_VALUE", "TPCH_ORDER_VALUE_LINES"]
