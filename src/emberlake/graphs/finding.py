"""Patterns in the shop: who follows whom, who bought what, who invited whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from emberlake.errors import GraphError
from emberlake.graphs.motifs import Kind, motifs, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import DataFrame

    from emberlake.lake import Lake

READS = ("silver.users", "silver.follows", "silver.order_items", "gold.order_features")


def kinds(tables: Mapping[str, DataFrame]) -> dict[str, Kind]:
    """The kinds of edges that a pattern of the shop may name.

    Args:
        tables: those of `READS`.

    Returns:
        follows (user to user: followed_at), bought (user to product: orders, the number of them with it), invited
        (user to user).
    """
    followed = tables["silver.follows"].select(
        F.col("follower_id").alias("src"), F.col("followee_id").alias("dst"), "followed_at"
    )
    orders = tables["gold.order_features"].select("order_id", "user_id")
    lines = tables["silver.order_items"].select("order_id", "product_id").distinct().join(orders, "order_id")
    bought = lines.groupBy(F.col("user_id").alias("src"), F.col("product_id").alias("dst"))
    invited = tables["silver.users"].where("referred_by <> user_id")
    return {
        "follows": Kind(followed, "user", "user"),
        "bought": Kind(bought.agg(F.count("*").alias("orders")), "user", "product"),
        "invited": Kind(
            invited.select(F.col("referred_by").alias("src"), F.col("user_id").alias("dst")), "user", "user"
        ),
    }


def find(lake: Lake, pattern: str, top: int, where: str = "") -> dict[str, Any]:
    """How often a pattern is found, and some of what is found.

    Args:
        pattern: see `emberlake.graphs.motifs`, with the kinds of `kinds`.
        where: a condition in SQL on the names of the pattern, such as "a <> b".

    Returns:
        count; rows: the first `top` by their columns.

    Raises:
        GraphError: if the pattern is not understood, or `where` names what it has not.
    """
    if top < 1:
        raise GraphError(f"--top is {top}.", "Give 1 or more.")
    parse(pattern)  # what is wrong is said before a table is read
    found = motifs(pattern, kinds({name: lake.read(name) for name in READS}))
    names = found.columns
    if where:
        try:
            found = found.where(where)
            found.schema  # noqa: B018  (over Connect, a wrong condition is told only when somebody asks)
        except Exception as e:
            said = (str(e).strip().splitlines() or [""])[0]
            raise GraphError(
                f"The condition {where!r} is not understood: {said}", f"It may name {', '.join(names)}."
            ) from e
    rows = [row.asDict(recursive=True) for row in found.orderBy(*names).limit(top).collect()]
    return {"count": found.count(), "rows": rows}
