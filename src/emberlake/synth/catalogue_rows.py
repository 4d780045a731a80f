"""The catalogue as the tables `products` and `prices`."""

from __future__ import annotations

import numpy as np

from emberlake.synth import calendar, words
from emberlake.synth.catalogue import PRODUCTS, Catalogue
from emberlake.synth.columns import Rows


def product_rows(stock: Catalogue) -> Rows:
    """Columns of `products`."""
    kinds = len(words.ADJECTIVES) * len(words.NOUNS[words.CATEGORIES[0]])
    launched = calendar.START_S + stock.launch * 86400
    return {
        "product_id": np.arange(1, PRODUCTS + 1),
        "name": stock.category * kinds + stock.noun * len(words.ADJECTIVES) + stock.adjective,
        "category": stock.category,
        "supplier": stock.supplier,
        "list_price": stock.list_price,
        "cost": stock.cost,
        "opening_stock": stock.opening_stock,
        "launched_at": launched,
        "updated_at": launched,
    }


def price_rows(stock: Catalogue) -> Rows:
    """Columns of `prices`: the launch and every change, by product and day."""
    return {
        "product_id": stock.price_product + 1,
        "price": stock.price_cents,
        "changed_at": calendar.START_S + stock.price_day * 86400,
    }
