"""A fitted factorisation as a document of plain values, and how it scores customers, block by block.

Alternating least squares on implicit feedback: Hu, Koren, Volinsky, "Collaborative filtering for implicit feedback
datasets" (2008); a customer's vector is found from their history alone, so that nobody has to wait for a training.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from emberlake.models.taste.ranking import Matrix

if TYPE_CHECKING:
    import pyarrow as pa

NEVER = -np.inf


@dataclass(frozen=True)
class Histories:
    """A block of customers, and what each has done, one after the other.

    Attributes:
        item: of each interaction, the product's id or the habit's.
        owner: of each interaction, the customer's place in the block; ascending.
        looked: the category that each customer looked at most, or None.
    """

    users: Matrix
    item: Matrix
    weight: Matrix
    owner: Matrix
    looked: Matrix

    @classmethod
    def of(cls, batch: pa.RecordBatch) -> Histories:
        """From columns user_id, items, weights and, where there is one, looked."""
        items = batch.column("items")
        counts = np.diff(items.offsets.to_numpy())
        looked = (
            batch.column("looked").to_numpy(zero_copy_only=False)
            if "looked" in batch.schema.names
            else np.full(len(counts), None)
        )
        return cls(
            batch.column("user_id").to_numpy(),
            items.flatten().to_numpy(),
            batch.column("weights").flatten().to_numpy(),
            np.repeat(np.arange(len(counts)), counts),
            looked,
        )


class Factors:
    """What a document says, as arrays."""

    def __init__(self, document: dict[str, Any]) -> None:
        """Take a document that `recipe.fit` has made."""
        self.alpha, self.regularisation = float(document["alpha"]), float(document["regularisation"])
        self.items = np.array(document["items"], dtype=np.int64)
        self.factors = np.array(document["factors"], dtype=np.float64).reshape(len(self.items), -1)
        self.products = np.array(document["products"], dtype=np.int64)
        self.popularity = np.array(document["popularity"], dtype=np.float64)
        self.categories = np.array(document["categories"], dtype=object)
        self._gram = self.factors.T @ self.factors
        found, known = places(self.items, self.products)
        # A product without a vector is nobody's: its score is that of nothing.
        self._of_products = np.where(known[:, None], self.factors[found], 0.0)
        self._learnt = known

    def vectors(self, some: Histories) -> Matrix:
        """The vector of each customer, the least-squares answer to their history; zeros for those without one."""
        from scipy.sparse import csr_matrix

        found, known = places(self.items, some.item)
        owner, weight = some.owner[known], self.alpha * some.weight[known]
        rank, n = self.factors.shape[1], len(some.users)
        counts = np.bincount(owner, minlength=n)
        # The outer product of an item with itself once a block, not once an interaction.
        used, at = np.unique(found[known], return_inverse=True)
        item, shape = self.factors[used], (n, len(used))
        outer = (item[:, :, None] * item[:, None, :]).reshape(-1, rank * rank)
        left = (csr_matrix((weight, (owner, at)), shape=shape) @ outer).reshape(n, rank, rank) + self._gram
        # As MLlib does, after Zhou et al. (2008): who has done more is regularised more.
        left += np.eye(rank) * (self.regularisation * np.maximum(counts, 1))[:, None, None]
        right = csr_matrix((1 + weight, (owner, at)), shape=shape) @ item
        solved: Matrix = np.linalg.solve(left, right[:, :, None])[:, :, 0]
        return solved

    def scores(self, some: Histories) -> Matrix:
        """The score of each product for each customer, a column a product; what they have is left out."""
        vectors = self.vectors(some)
        scores = vectors @ self._of_products.T
        scores[:, ~self._learnt] = NEVER
        cold = self.cold(some)
        if cold.any():
            scores[cold] = looked_at_first(some.looked[cold], self.popularity, self.categories)
        return without_bought(scores, some, self.products)

    def cold(self, some: Histories) -> Matrix:
        """Whether nothing is known of a customer that the factors know."""
        known: Matrix = np.bincount(some.owner[places(self.items, some.item)[1]], minlength=len(some.users)) == 0
        return known


def looked_at_first(looked: Matrix, popularity: Matrix, categories: Matrix) -> Matrix:
    """The scores for customers of whom nothing else is known: the category they looked at, then what is popular."""
    # None equals None: who looked at nothing looked at no product without a category.
    same = (categories[None, :] == looked[:, None]) & (looked[:, None] != None)  # noqa: E711
    scores: Matrix = popularity + same
    return scores


def places(sorted_ids: Matrix, ids: Matrix) -> tuple[Matrix, Matrix]:
    """Where each id stands, and whether it does."""
    at = np.minimum(np.searchsorted(sorted_ids, ids), len(sorted_ids) - 1)
    return at, sorted_ids[at] == ids


def without_bought(scores: Matrix, some: Histories, products: Matrix) -> Matrix:
    """The scores with those of products that a customer has already bought at minus infinity, in place."""
    at, known = places(products, some.item)
    scores[some.owner[known], at[known]] = NEVER
    return scores
