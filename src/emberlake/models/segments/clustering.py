"""k-means in a pipeline that takes raw rows: logarithms, standard deviations, then the nearest of k centres.

Lloyd's algorithm from k-means|| (Bahmani et al. 2012), as in Spark MLlib.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.sql import functions as F

from emberlake.errors import ModelError
from emberlake.models.segments.behaviour import RAW
from emberlake.models.segments.silhouette import nearest, silhouette

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from pyspark.ml import PipelineModel
    from pyspark.ml.clustering import KMeansModel
    from pyspark.sql import Column, DataFrame

FEATURES = ("log_recency", "log_orders", "log_value", "log_lines", "coupon_share", "level")
FEWEST_SEGMENTS, MOST_SEGMENTS = 2, 6
# A segment of fewer customers is an anecdote.
CUSTOMERS_A_SEGMENT = 10
MOST_ITERATIONS = 40
# Enough for k and its silhouette: at 20,000 customers the standard error of a silhouette is about 0.002.
SAMPLE = 20_000
VECTOR, CLUSTER = "behaviour", "cluster"
_CONSTANT = 1e-9


@dataclass(frozen=True)
class Clustered:
    """k-means, and how it came about.

    Attributes:
        by_k: silhouette of each k that was tried, on the sample.
        points: the sample's customers, standardised.
        search_seconds, fit_seconds: for all k on the sample; for the chosen one on all customers.
    """

    model: PipelineModel
    features: tuple[str, ...]
    by_k: dict[int, float]
    points: NDArray[Any]
    search_seconds: float
    fit_seconds: float


def cluster(rows: DataFrame, channels: Sequence[str], stage: Callable[[DataFrame], DataFrame], seed: int) -> Clustered:
    """Fit on these customers, with the k of the best silhouette.

    Args:
        rows: what `behaviour` gives, staged.
        stage: computes rows once.

    Raises:
        ModelError: if there are too few customers, or all do the same.
    """
    from pyspark.ml import PipelineModel

    customers = rows.count()
    most = min(MOST_SEGMENTS, customers // CUSTOMERS_A_SEGMENT)
    if most < FEWEST_SEGMENTS:
        raise ModelError(
            f"{customers} customers with two orders or more are too few for segments.",
            f"At least {FEWEST_SEGMENTS * CUSTOMERS_A_SEGMENT} are needed: take in more orders first.",
        )
    prepared, features = _prepared(rows, channels)
    begun = perf_counter()
    vectors = prepared.transform(rows)
    part = stage(share(vectors, SAMPLE / customers, seed).select("user_id", VECTOR))
    points = as_points(part)
    most = min(most, len(np.unique(points, axis=0)))
    by_k = {}
    for k in range(FEWEST_SEGMENTS, most + 1):
        centres = np.array(_fit(part, k, seed).clusterCenters())
        by_k[k] = silhouette(points, nearest(points, centres))
    search_seconds = perf_counter() - begun
    begun = perf_counter()
    best = _fit(vectors.select(VECTOR), max(by_k, key=lambda k: by_k[k]), seed)
    fit_seconds = perf_counter() - begun
    model = PipelineModel([*prepared.stages, best])
    return Clustered(model, features, by_k, points, search_seconds, fit_seconds)


def _prepared(rows: DataFrame, channels: Sequence[str]) -> tuple[PipelineModel, tuple[str, ...]]:
    """The pipeline up to the standardised vector, over those features in which customers differ."""
    from pyspark.ml import Pipeline
    from pyspark.ml.feature import SQLTransformer, StandardScaler, VectorAssembler

    logarithms = SQLTransformer(statement=Path(__file__).with_name("behaviour.sql").read_text())
    every = [*FEATURES, *channels]
    deviation = logarithms.transform(rows).agg(*[F.stddev(F.col(f"`{name}`")).alias(name) for name in every]).first()
    features = tuple(name for name in every if deviation is not None and (deviation[name] or 0.0) > _CONSTANT)
    if not features:
        raise ModelError(
            "All customers do the same: as many orders, of the same amount, on the same day.",
            "There are no segments in this data; take in more orders first.",
        )
    assembler = VectorAssembler(inputCols=list(features), outputCol="raw_behaviour")
    scaler = StandardScaler(inputCol="raw_behaviour", outputCol=VECTOR, withMean=True, withStd=True)
    return Pipeline(stages=[logarithms, assembler, scaler]).fit(rows), features


def _fit(vectors: DataFrame, k: int, seed: int) -> KMeansModel:
    from pyspark.ml.clustering import KMeans

    return KMeans(
        k=k, seed=seed, maxIter=MOST_ITERATIONS, featuresCol=VECTOR, predictionCol=CLUSTER
    ).fit(vectors)  # fmt: skip


def share(rows: DataFrame, of: float, seed: int) -> DataFrame:
    """About that share of the customers, the same ones each time."""
    if of >= 1:
        return rows
    # Other bits than those that choose the hold-out.
    return rows.where(F.pmod(F.xxhash64("user_id", F.lit(seed + 1)), F.lit(1_000_000)) < round(of * 1_000_000))


def as_points(rows: DataFrame) -> NDArray[Any]:
    """The vectors of a sample as a matrix, a row a customer."""
    from pyspark.ml.functions import vector_to_array

    column = rows.select(vector_to_array(F.col(VECTOR)).alias("point")).toArrow().column("point").combine_chunks()
    flat: NDArray[Any] = column.flatten().to_numpy()
    return flat.reshape(len(column), -1)


def parts_of(model: PipelineModel) -> tuple[list[str], NDArray[Any], PipelineModel]:
    """Of a fitted model: its features, its centres (a row a segment) and the stages before k-means."""
    from pyspark.ml import PipelineModel

    # A pipeline's stages have no common type that knows features or centres.
    stages: list[Any] = list(model.stages)
    *before, kmeans = stages
    return list(before[1].getInputCols()), np.array(kmeans.clusterCenters()), PipelineModel(before)


def channels_of(model: PipelineModel) -> list[str]:
    """The channel columns that a fitted model reads."""
    return [name for name in parts_of(model)[0] if name not in FEATURES]


def raw_columns(channels: Sequence[str]) -> list[str]:
    """The columns of the rows that a model with these channels reads."""
    return [*RAW, *channels]


def distances(model: PipelineModel) -> Column:
    """The distances of a scored row to all centres, nearest first, in standard deviations."""
    from pyspark.ml.functions import vector_to_array

    point = vector_to_array(F.col(VECTOR))

    def to(centre: Sequence[float]) -> Column:
        here = F.array(*[F.lit(float(value)) for value in centre])
        squares = F.zip_with(point, here, lambda a, b: (a - b) * (a - b))
        return F.sqrt(F.aggregate(squares, F.lit(0.0), lambda total, square: total + square))

    return F.sort_array(F.array(*[to(centre) for centre in parts_of(model)[1].tolist()]))
