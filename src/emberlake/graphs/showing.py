"""A page of a community and its bridges, from gold and who follows whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from emberlake.errors import GraphError
from emberlake.graphs.page import Scene, page, scene
from emberlake.graphs.page.scene import MOST
from emberlake.progress import Progress, silent

if TYPE_CHECKING:
    from emberlake.lake import Lake


def community_page(
    lake: Lake, community: int | None, most: int = MOST, progress: Progress = silent
) -> tuple[str, Scene]:
    """The page's text, and what it shows.

    Args:
        community: the one to be shown with its bridges; None: all of them, or the most linked users of them.
        most: users shown.

    Raises:
        GraphError: if the graphs were not built, or there is no such community.
    """
    if not lake.rows("gold.influence"):
        raise GraphError("gold.influence has no rows: there are no communities to show.", "emberlake graph build")
    people = lake.read("gold.influence").select(
        F.col("user_id").alias("id"), "community", "place", "followers", "following", "triangles"
    )
    follows = lake.read("silver.follows").select(F.col("follower_id").alias("src"), F.col("followee_id").alias("dst"))
    progress("choosing whom to show, and where", 0.3)
    shown = scene(people, follows, community, most)
    title = "Communities and their bridges" if community is None else f"Community {community} and its bridges"
    return page(shown, title), shown
