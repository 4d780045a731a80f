"""Trained towers as a document of plain values, and how they score customers; needs no more than numpy."""

from __future__ import annotations

from typing import Any

import numpy as np

from emberlake.models.deep.network import Weights, items, users
from emberlake.models.taste.factors import Histories, looked_at_first, places, without_bought
from emberlake.models.taste.ranking import Matrix


def document_of(weights: Weights, things: Matrix, traits: Matrix, shop: dict[str, Any]) -> dict[str, Any]:
    """What is kept: the user tower's weights, and the item tower's answer for each product.

    Args:
        shop: products, popularity and categories, as the factorisation keeps them.
    """
    kept = {name: weights[name] for name in ("thing", "lines", "user_bias", "user_out", "popular")}
    kept["vectors"] = items(np, weights, traits)
    return {
        "kind": "two_tower",
        "things": things.tolist(),
        **{name: _plain(value) for name, value in kept.items()},
        **{name: shop[name] for name in ("products", "popularity", "categories")},
    }


def _plain(value: Matrix) -> list[Any]:
    """Eight digits say all of single precision."""
    flat = [float(f"{one:.8g}") for one in value.ravel().tolist()]
    return flat if value.ndim == 1 else np.array(flat).reshape(value.shape).tolist()


class Towers:
    """What a document says, as arrays."""

    def __init__(self, document: dict[str, Any]) -> None:
        """Take a document that `document_of` has made."""
        names = ("thing", "lines", "user_bias", "user_out", "popular", "vectors")
        self.weights = {name: np.array(document[name], dtype=np.float32) for name in names}
        self.things = np.array(document["things"], dtype=np.int64)
        self.products = np.array(document["products"], dtype=np.int64)
        self.popularity = np.array(document["popularity"], dtype=np.float64)
        self.categories = np.array(document["categories"], dtype=object)

    def scores(self, some: Histories) -> Matrix:
        """The score of each product for each customer, a column a product; what they have is left out."""
        shares, lines = self._pasts(some)
        vectors = users(np, self.weights, shares, lines)
        scores = (vectors @ self.weights["vectors"].T + self.weights["popular"]).astype(np.float64)
        cold = lines == 0
        if cold.any():
            scores[cold] = looked_at_first(some.looked[cold], self.popularity, self.categories)
        return without_bought(scores, some, self.products)

    def _pasts(self, some: Histories) -> tuple[Matrix, Matrix]:
        """As `Examples.pasts`; customers without a known thing have no lines."""
        n = len(some.users)
        at, known = places(self.things, some.item)
        cells = some.owner[known] * len(self.things) + at[known]
        counts = np.bincount(cells, some.weight[known], minlength=n * len(self.things)).reshape(n, -1)
        # A line names one product.
        lines = counts[:, self.things >= 0].sum(axis=1)
        return (counts / np.maximum(lines, 1)[:, None]).astype(np.float32), lines.astype(np.float32)
