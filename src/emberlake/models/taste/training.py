"""Alternating least squares in MLlib, kept as a document of plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.sql import functions as F

from emberlake.errors import ModelError

if TYPE_CHECKING:
    from datetime import date

    from pyspark.sql import DataFrame

    from emberlake.models.taste.ranking import Matrix

# Chosen on the 28 days before the hold-out (docs/decisions/0086).
RANK, REGULARISATION, ALPHA, ITERATIONS = 16, 0.5, 10.0, 6
POPULAR_DAYS = 365
_MOST_ID = 2**31 - 1


def check(bought: DataFrame, fewest: int) -> None:
    """Refuse data from which nobody's taste can be learnt.

    Args:
        bought: what `history.lines` gives.
        fewest: products that a list needs.

    Raises:
        ModelError: for too few products, or numbers that the factorisation cannot hold.
    """
    ids = [F.min("user_id"), F.max("user_id"), F.min("product_id"), F.max("product_id")]
    found = bought.agg(F.countDistinct("product_id"), F.countDistinct("user_id"), *ids).first()
    products, users, *edges = found if found is not None else (0, 0)
    if not users:
        raise ModelError(
            "No order line names a product: there is nothing to recommend from.",
            "Take in order lines (`emberlake add … --as order_items`): order, product and quantity.",
        )
    if products <= fewest:
        raise ModelError(
            f"Only {products} products were ever sold: a list of {fewest} would leave nothing out.",
            f"Recommendations need more than {fewest} products with sales.",
        )
    if min(edges) < 0 or max(edges) > _MOST_ID:
        raise ModelError(
            "Numbers of customers or products do not fit 32 bits, which the factorisation needs.",
            f"Let both run from 0 to {_MOST_ID}.",
        )


def factorise(rows: DataFrame, seed: int) -> tuple[Matrix, Matrix]:
    """The items, ascending, and their vectors.

    Args:
        rows: user_id, item, weight; staged.
    """
    from pyspark.ml.recommendation import ALS

    als = ALS(
        rank=RANK, maxIter=ITERATIONS, regParam=REGULARISATION, alpha=ALPHA, implicitPrefs=True, seed=seed,
        userCol="user_id", itemCol="item", ratingCol="weight", numUserBlocks=4, numItemBlocks=4,
    )  # fmt: skip
    found = als.fit(rows).itemFactors.orderBy("id").toArrow()
    vectors = found.column("features").combine_chunks().flatten().to_numpy()
    return found.column("id").to_numpy(), vectors.reshape(found.num_rows, -1).astype(np.float64)


def document_of(items: Matrix, vectors: Matrix, bought: DataFrame, until: date) -> dict[str, Any]:
    """What is kept: the items' vectors, and how well each product sells for those of whom nothing is known.

    Args:
        bought: what `history.lines` gives.
        until: popularity is over the `POPULAR_DAYS` before it.
    """
    recent = F.col("day") >= F.date_sub(F.lit(until), POPULAR_DAYS)
    sold = (
        bought.groupBy(F.col("product_id").cast("int"))
        .agg(F.count_if(recent).alias("lines"), F.first("category", ignorenulls=True).alias("category"))
        .orderBy("product_id")
        .toArrow()
    )
    count = sold.column("lines").to_numpy()
    return {
        "kind": "als",
        "alpha": ALPHA,
        "regularisation": REGULARISATION,
        "items": items.tolist(),
        # Single precision is what MLlib computes in: eight digits say all of it.
        "factors": [[float(f"{value:.8g}") for value in row] for row in vectors.tolist()],
        "products": sold.column("product_id").to_pylist(),
        "popularity": (count / max(count.sum(), 1)).tolist(),
        "categories": sold.column("category").to_pylist(),
    }
