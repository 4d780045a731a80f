"""Graphs of the shop, from its tables: follows, what is bought together, who buys what, and who invited whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.graphs.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pyspark.sql import DataFrame

# Who has no more followers is no star (docs/decisions/0102).
ORDINARY = 10

# What each graph is made from.
READS: dict[str, tuple[str, ...]] = {
    "follows": ("silver.users", "silver.follows"),
    "together": ("gold.basket_pairs",),
    "purchases": ("silver.order_items", "gold.order_features"),
    "referrals": ("silver.users",),
}


def follows(tables: Mapping[str, DataFrame], before: datetime | None = None) -> Graph:
    """Who follows whom: directed, from the follower to the followed.

    Args:
        tables: silver.users, silver.follows.
        before: only what was so at this moment (UTC): who had signed up, and follows from before it. A follow or a
            user without a time has always been there.

    Returns:
        Vertices: all users, also those who follow nobody. Edges: src, dst, followed_at.
    """
    users, edges = tables["silver.users"], tables["silver.follows"]
    if before is not None:
        # A null is no reason to be left out.
        users, edges = (
            rows.where(F.coalesce(F.col(column) < F.lit(before), F.lit(True)))
            for rows, column in ((users, "signed_up_at"), (edges, "followed_at"))
        )
    edges = edges.select(F.col("follower_id").alias("src"), F.col("followee_id").alias("dst"), "followed_at")
    ends = edges.select("src").unionAll(edges.select("dst"))
    # A shop need not export its users; and one who was deleted may still be followed.
    vertices = users.select(F.col("user_id").alias("id")).unionAll(ends).distinct()
    return Graph.of(edges, vertices, directed=True)


def quietened(graph: Graph) -> Graph:
    """The same graph, weighted for communities: whom the whole shop follows tells nothing about where one belongs.

    An edge weighs one over the followers of the followed, but whoever has fewer than `ORDINARY` has as many for that.
    It is the idea of Adamic and Adar, "Friends and neighbors on the Web" (2003), with the count for its logarithm.

    Returns:
        An undirected graph with weights.
    """
    counted = F.greatest(F.count("*"), F.lit(ORDINARY))
    followers = graph.edges.groupBy("dst").agg((1.0 / counted).alias("weight"))
    edges = graph.edges.join(followers, "dst").select("src", "dst", "weight")
    return Graph(graph.vertices, edges, directed=False)


def together(tables: Mapping[str, DataFrame]) -> Graph:
    """Which products are bought in one order: undirected, weighted by the orders with both.

    Users who bought the same product are not joined to each other: a product with 10,000 buyers would make 50 million
    edges, and `purchases` says the same.

    Args:
        tables: gold.basket_pairs.
    """
    pairs = tables["gold.basket_pairs"].groupBy("product_a", "product_b")
    orders = pairs.agg(F.sum("baskets").cast("double").alias("weight"))
    edges = orders.select(F.col("product_a").alias("src"), F.col("product_b").alias("dst"), "weight")
    return Graph.of(edges, directed=False, weights="positive")


def purchases(tables: Mapping[str, DataFrame]) -> Graph:
    """Who buys what: bipartite, from users to products, weighted by the orders.

    Args:
        tables: silver.order_items, gold.order_features.

    Returns:
        Vertices: id, kind ("user" or "product"). A product's id is below zero, the negative of its number, so that it
        never meets a user's.
    """
    orders = tables["gold.order_features"].select("order_id", "user_id")
    lines = tables["silver.order_items"].select("order_id", "product_id").distinct().join(orders, "order_id")
    edges = lines.groupBy(F.col("user_id").alias("src"), (-F.col("product_id")).alias("dst")).agg(
        F.count("*").cast("double").alias("weight")
    )
    ends = {"user": "src", "product": "dst"}
    kinds = [edges.select(F.col(end).alias("id"), F.lit(kind).alias("kind")).distinct() for kind, end in ends.items()]
    return Graph.of(edges, kinds[0].unionAll(kinds[1]), directed=True, weights="positive")


def referrals(tables: Mapping[str, DataFrame]) -> Graph:
    """Who invited whom: directed, from the inviter to the invited; trees, as nobody is invited twice.

    Args:
        tables: silver.users; a user whose inviter is not among them was invited by nobody who is known.
    """
    users = tables["silver.users"].select("user_id", "referred_by")
    known = users.select(F.col("user_id").alias("src"))
    invited = users.where("referred_by <> user_id")
    edges = invited.select(F.col("referred_by").alias("src"), F.col("user_id").alias("dst"))
    return Graph.of(edges.join(known, "src", "left_semi"), users.select(F.col("user_id").alias("id")), directed=True)
