"""The best products of every customer, block by block in the engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from pyspark.sql import functions as F

from emberlake.models.taste.evaluation import TOP, blocks
from emberlake.models.taste.factors import NEVER, Factors, Histories
from emberlake.models.taste.ranking import best
from emberlake.tables import find

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

_COLUMNS = "user_id long, rank int, product_id long, score double, source string"


def lists(past: DataFrame, factors: Factors, version: int) -> DataFrame:
    """The best ten for each customer.

    Args:
        past: user_id, items, weights, looked.

    Returns:
        The columns of gold.recommendations.
    """
    import pyarrow as pa

    names = ("user_id", "rank", "product_id", "score", "source")

    def choose(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for block in blocks(batches):
            some = Histories.of(block)
            scores = factors.scores(some)
            top = best(scores, TOP)
            values = np.take_along_axis(scores, top, axis=1)
            real = values > NEVER
            rank = np.broadcast_to(np.arange(1, top.shape[1] + 1), top.shape)
            users = np.broadcast_to(some.users.astype(np.int64)[:, None], top.shape)
            source = np.broadcast_to(np.where(factors.cold(some), "popular", "als")[:, None], top.shape)
            columns = (users[real], rank[real].astype(np.int32), factors.products[top][real], values[real])
            yield pa.RecordBatch.from_arrays(
                [*map(pa.array, columns), pa.array(source[real].astype(object), pa.string())], names
            )

    chosen = past.select("user_id", "items", "weights", "looked").mapInArrow(choose, _COLUMNS)
    return chosen.withColumn("model_version", F.lit(version).cast("int")).select(*find("gold.recommendations").names)
