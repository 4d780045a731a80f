"""The simpler answers that the factorisation has to beat, on the same customers and days."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.sql import Window
from pyspark.sql import functions as F

from emberlake.models.taste.factors import Factors, Histories, places, without_bought
from emberlake.models.taste.ranking import Matrix

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.models.taste.evaluation import Scorer

NEIGHBOURS = 200
# Pairs grow with the square: of who has bought more different products, only the best sellers among them count.
MOST_PRODUCTS = 200


def scorers(factors: Factors, before: DataFrame) -> dict[str, Scorer]:
    """All simpler answers by name, for the products of `factors`.

    Args:
        before: what `history.lines` gives of the past.
    """
    pairs = before.select("user_id", "product_id").distinct()
    alike = cosines(pairs).toArrow()
    one, other = (
        np.searchsorted(factors.products, alike.column(name).to_numpy()) for name in ("product_id", "other_id")
    )
    neighbours = (one, other, alike.column("cosine").to_numpy())
    given: dict[str, Any] = {"products": factors.products, "popularity": factors.popularity}
    return {
        "popularity": partial(popular, **given),
        "popular in favourite category": partial(popular_in_favourite, **given, categories=factors.categories),
        "item to item": partial(similar, products=factors.products, neighbours=neighbours),
    }


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
    buyers = bought.groupBy("product_id").agg(F.count("*").alias("_buyers"))
    one = F.struct((-F.col("_buyers")).alias("less"), F.col("product_id").alias("id"))
    had = bought.join(buyers, "product_id").groupBy("user_id")
    few = had.agg(F.slice(F.sort_array(F.collect_list(one)), 1, MOST_PRODUCTS).alias("_had"))
    # Each pair once, the better seller first: half of what a join with itself would count.
    pairs = few.select(F.posexplode("_had").alias("_at", "_one"), "_had").select(
        "_one", F.explode(F.slice("_had", F.col("_at") + 2, MOST_PRODUCTS)).alias("_other")
    )
    counted = pairs.groupBy("_one", "_other").agg(F.count("*").alias("_both"))
    root = F.sqrt(F.col("_one.less") * F.col("_other.less"))
    sides = [
        F.struct(F.col(f"{a}.id").alias("product_id"), F.col(f"{b}.id").alias("other_id"))
        for a, b in (("_one", "_other"), ("_other", "_one"))
    ]
    alike = counted.select(F.explode(F.array(*sides)).alias("_side"), (F.col("_both") / root).alias("cosine")).select(
        "_side.*", "cosine"
    )
    best = Window.partitionBy("product_id").orderBy(F.col("cosine").desc(), "other_id")
    ranked = alike.withColumn("_rank", F.row_number().over(best)).where(F.col("_rank") <= NEIGHBOURS)
    return ranked.select("product_id", "other_id", "cosine")
