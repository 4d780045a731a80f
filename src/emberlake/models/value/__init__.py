"""The shop's order value at check-out.

Public: `ORDER_VALUE`, `checkout_features`.
"""

from emberlake.models.value.features import checkout_features
from emberlake.models.value.training import ORDER_VALUE

__all__ = ["ORDER_VALUE", "checkout_features"]
