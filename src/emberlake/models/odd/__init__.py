"""Odd orders: no labels, only what is unlikely, given what was known of the customer and the shop before the order.

Public: `ODD_ORDERS`, the recipe.
"""

from emberlake.models.odd.recipe import ODD_ORDERS

__all__ = ["ODD_ORDERS"]
