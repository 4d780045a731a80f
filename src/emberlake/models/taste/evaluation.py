"""Lists for customers whose next purchases are known, judged block by block in the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from pyspark.sql import functions as F

from emberlake.models.taste.factors import NEVER, Histories, places
from emberlake.models.taste.ranking import Matrix, average_precision, best, ndcg, recall

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

TOP = 10
# A block's matrices stay below 50 MB at 5,000 products.
BLOCK = 500
JUDGED = "user_id int, model string, ndcg double, map double, recall double, shown array<int>"

Scorer = Callable[[Histories], Matrix]


def judged(rows: DataFrame, scorers: Mapping[str, Scorer], products: Matrix) -> DataFrame:
    """Each model's list for each customer, against what they bought next.

    Args:
        rows: user_id, items, weights, looked, wanted (products bought in the hold-out, never before).
        scorers: by name, the scores of all products for a block of customers.
        products: the product of each column of scores, ascending.

    Returns:
        user_id, model, ndcg, map, recall (each at 10), shown (the products shown).
    """
    import pyarrow as pa

    names = ("user_id", "model", "ndcg", "map", "recall", "shown")

    def judge(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for block in blocks(batches):
            some = Histories.of(block)
            relevant = np.diff(block.column("wanted").offsets.to_numpy())
            wanted = _wanted(block, relevant, products)
            for name, scorer in scorers.items():
                scores = scorer(some)
                top = best(scores, TOP)
                real = np.take_along_axis(scores, top, axis=1) > NEVER
                hits = np.take_along_axis(wanted, top, axis=1) & real
                measures = [measure(hits, relevant) for measure in (ndcg, average_precision, recall)]
                shown = pa.ListArray.from_arrays(
                    pa.array(np.concatenate(([0], np.cumsum(real.sum(axis=1)))), pa.int32()),
                    pa.array(products[top][real].astype(np.int32)),
                )
                who = pa.array(some.users.astype(np.int32))
                yield pa.RecordBatch.from_arrays(
                    [who, pa.array([name] * len(who)), *map(pa.array, measures), shown], names
                )

    return rows.select("user_id", "items", "weights", "looked", "wanted").mapInArrow(judge, JUDGED)


def blocks(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The batches cut so small that a block's matrices fit."""
    for batch in batches:
        for start in range(0, batch.num_rows, BLOCK):
            yield batch.slice(start, BLOCK)


def _wanted(block: pa.RecordBatch, relevant: Matrix, products: Matrix) -> Matrix:
    at, known = places(products, block.column("wanted").flatten().to_numpy())
    wanted = np.zeros((len(relevant), len(products)), dtype=bool)
    wanted[np.repeat(np.arange(len(relevant)), relevant)[known], at[known]] = True
    return wanted


def summed_up(rows: DataFrame, products: int) -> dict[str, dict[str, float]]:
    """By model: ndcg, map and recall over all customers, and coverage, the share of products shown to anybody."""
    means = rows.groupBy("model").agg(*[F.avg(name).alias(name) for name in ("ndcg", "map", "recall")])
    shown = rows.select("model", F.explode("shown").alias("_product")).groupBy("model")
    covered = shown.agg((F.countDistinct("_product") / products).alias("coverage"))
    every = means.join(covered, "model", "left").na.fill(0.0).collect()
    return {
        row.model: {
            "ndcg_at_10": row.ndcg, "map_at_10": row.map, "recall_at_10": row.recall, "coverage": row.coverage
        }
        for row in every
    }  # fmt: skip
