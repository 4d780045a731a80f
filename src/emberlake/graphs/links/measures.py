"""How close two users are, by what is next to both: Liben-Nowell, Kleinberg, "The link-prediction problem" (2007)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

MEASURES = ("common", "jaccard", "adamic_adar", "resource_allocation", "preferential")

# Terms are added as whole numbers of 2**-40: the sum is then the same in any order, and equals stay equal.
_UNIT = float(2**40)


def shared(wedges: DataFrame) -> DataFrame:
    """Sums over the common neighbours of each pair.

    Args:
        wedges: a, b, degree: one row a common neighbour, with its number of neighbours (2 or more).

    Returns:
        a, b, common, adamic_adar, resource_allocation.
    """
    degree = F.col("degree").cast("double")
    return wedges.groupBy("a", "b").agg(
        F.count("*").alias("common"),
        _exact_sum(1 / F.log(degree)).alias("adamic_adar"),
        _exact_sum(1 / degree).alias("resource_allocation"),
    )


def measured(sums: DataFrame, counts: DataFrame) -> DataFrame:
    """All measures of each pair.

    Common neighbours; Jaccard's share of them among all neighbours of either; Adamic and Adar, "Friends and neighbors
    on the web" (2003), where a neighbour with many neighbours counts less (1 / log); resource allocation, Zhou, Lü,
    Zhang, "Predicting missing links via local information" (2009), where it counts less still (1 / n); preferential
    attachment: the product of both degrees.

    Args:
        sums: what `shared` gives.
        counts: id, degree.

    Returns:
        a, b, and a column each of `MEASURES`.
    """
    of_a = counts.select(F.col("id").alias("a"), F.col("degree").alias("degree_a"))
    of_b = counts.select(F.col("id").alias("b"), F.col("degree").alias("degree_b"))
    rows = sums.join(of_a, "a", "left").join(of_b, "b", "left")
    zero = F.lit(0)
    degree_a, degree_b = F.coalesce("degree_a", zero), F.coalesce("degree_b", zero)
    either = degree_a + degree_b - F.col("common")
    jaccard = F.when(either > 0, F.col("common") / either).otherwise(0.0)
    return rows.select(
        "a", "b", "common", jaccard.cast("double").alias("jaccard"), "adamic_adar", "resource_allocation",
        (degree_a.cast("double") * degree_b).alias("preferential"),
    )  # fmt: skip


def _exact_sum(term: Column) -> Column:
    return F.sum(F.round(term * _UNIT).cast("long")) / F.lit(_UNIT)
