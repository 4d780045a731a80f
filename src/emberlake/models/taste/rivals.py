"""The simpler answers that the factorisation has to beat, on the same customers and days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pyspark.sql import Window
from pyspark.sql import functions as F

from emberlake.models.taste.factors import Histories, places, without_bought
from emberlake.models.taste.ranking import Matrix

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

NEIGHBOURS = 200
# Pairs grow with the square: of who has bought more different products, only so many count.
MOST_PRODUCTS = 200


def popular(some: Histories, products: Matrix, popularity: Matrix) -> Matrix:
    """What sells most, the same for everyone."""
    return without_bought(np.tile(popularity, (len(some.users), 1)), some, products)


def popular_in_favourite(some: Histories, products: Matrix, popularity: Matrix, categories: Matrix) -> Matrix:
    """What sells most in the category that the customer has bought most of; then what sells most at all."""
    names, code = np.unique(categories.astype(str), return_inverse=True)
    at, known = places(products, some.item)
    owner, mine = some.owner[known], code[at[known]]
    counts = np.zeros((len(some.users), len(names)))
    # A habit is no purchase, and an interaction's weight is its count of lines.
    np.add.at(counts, (owner, mine), some.weight[known])
    favourite = counts.argmax(axis=1)
    scores = (code[None, :] == favourite[:, None]) + np.tile(popularity, (len(some.users), 1))
    return without_bought(scores, some, products)


def similar(some: Histories, products: Matrix, neighbours: tuple[Matrix, Matrix, Matrix]) -> Matrix:
    """What is bought by those who bought the same: the sum of the cosines to what the customer has bought.

    As Linden, Smith, York, "Amazon.com recommendations: item-to-item collaborative filtering" (2003).

    Args:
        neighbours: places of two products among `products`, and their cosine.
    """
    from scipy.sparse import csr_matrix

    one, other, cosine = neighbours
    alike = csr_matrix((cosine, (one, other)), shape=(len(products), len(products)))
    at, known = places(products, some.item)
    had = csr_matrix(
        (np.ones(int(known.sum())), (some.owner[known], at[known])), shape=(len(some.users), len(products))
    )
    scores: Matrix = (had @ alike).toarray()
    return without_bought(scores, some, products)


def cosines(bought: DataFrame) -> DataFrame:
    """How alike two products are by their buyers: how many bought both, over the geometric mean of their buyers.

    Args:
        bought: user_id, product_id, once each.

    Returns:
        product_id, other_id, cosine: for each product the `NEIGHBOURS` most alike.
    """
    newest = Window.partitionBy("user_id").orderBy("product_id")
    few = bought.withColumn("_n", F.row_number().over(newest)).where(F.col("_n") <= MOST_PRODUCTS).drop("_n")
    buyers = few.groupBy("product_id").agg(F.count("*").alias("_buyers"))
    left, right = few, few.withColumnRenamed("product_id", "other_id")
    both = left.join(right, "user_id").where("product_id <> other_id")
    counted = both.groupBy("product_id", "other_id").agg(F.count("*").alias("_both"))
    sized = counted.join(buyers, "product_id").join(
        buyers.select(F.col("product_id").alias("other_id"), F.col("_buyers").alias("_others")), "other_id"
    )
    alike = sized.withColumn("cosine", F.col("_both") / F.sqrt(F.col("_buyers") * F.col("_others")))
    best = Window.partitionBy("product_id").orderBy(F.col("cosine").desc(), "other_id")
    ranked = alike.withColumn("_rank", F.row_number().over(best)).where(F.col("_rank") <= NEIGHBOURS)
    return ranked.select("product_id", "other_id", "cosine")
