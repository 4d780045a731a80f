"""What the graphs of the shop say, written to gold: a build of the marts does not make these tables."""

from __future__ import annotations

from emberlake.tables.definition import Column as C
from emberlake.tables.definition import Table
from emberlake.tables.definition import need as N

_FOLLOWS = "silver.users silver.follows"
_USER = N("user_id", "long", "The user.")


def _graph(name: str, meaning: str, key: str, reads: str, *columns: C) -> Table:
    keys, sources = tuple(key.split()), tuple(reads.split())
    return Table(name, "gold", meaning, columns, keys, owner="data science", reads=sources)


GRAPH_TABLES = (
    _graph(
        "influence",
        "How each user stands in the graph of follows.",
        "user_id",
        _FOLLOWS,
        _USER,
        N("place", "long", "1 for the user with the highest rank; equal ranks by user_id."),
        N("rank", "double", "PageRank: where a walker along follows is found; all ranks sum to one.", "share"),
        N("followers", "long", "Users who follow them."),
        N("following", "long", "Users whom they follow."),
        N("community", "long", "The community: see gold.communities."),
        N("component", "long", "The lowest user_id of all who are connected with them, in whatever direction."),
        N("triangles", "long", "Pairs of their neighbours who are neighbours, too; directions do not count."),
        C("clustering", "double", "That number's share of all such pairs; null below two neighbours.", "share"),
    ),
    _graph(
        "communities",
        "Groups of users who follow each other more than they follow others.",
        "community",
        _FOLLOWS,
        N("community", "long", "Its number: the lowest user_id in it."),
        N("users", "long", "Users in it."),
        N("follows_inside", "long", "Follows between two of them."),
        N("follows_out", "long", "Follows from them to others."),
        N("follows_in", "long", "Follows from others to them."),
        C("inside_share", "double", "Of the follows of its users, the part that stays inside; null without.", "share"),
        N("leader_id", "long", "The user of it with the highest rank."),
    ),
    _graph(
        "recommended_follows",
        "Whom each user may want to follow next.",
        "user_id rank",
        _FOLLOWS,
        _USER,
        N("rank", "int", "1 for the best one."),
        N("followee_id", "long", "Whom to follow."),
        N("score", "double", "How close by whom both follow or are followed by; 0 where only fame speaks for them."),
        N("common", "long", "Users who are next to both."),
        N("reason", "string", "near (they have neighbours in common), or popular: followed by many."),
    ),
    _graph(
        "referrals",
        "Who invited whom: the trees of users who invited somebody or were invited.",
        "user_id",
        "silver.users",
        _USER,
        C("referred_by", "long", "Who invited them; null for the first of a tree."),
        N("root_id", "long", "The first of their tree."),
        N("generation", "long", "Invitations from the first of the tree to them; 0 for the first."),
        N("invited", "long", "Users whom they invited."),
        N("invited_in_all", "long", "Users who came through them, by whatever many invitations."),
    ),
    _graph(
        "graph_history",
        "How each user stood in the graph of follows when a quarter began, by what was known then.",
        "user_id as_of",
        f"{_FOLLOWS} gold.order_features",
        _USER,
        N("as_of", "date", "The first day of a quarter; what happened on it is not seen.", "UTC"),
        N("followers", "long", "Users who followed them."),
        N("following", "long", "Users whom they followed."),
        N("rank", "double", "PageRank, times the users of then: 1 is the average."),
        C(
            "community",
            "long",
            "The community of then; null but for the last quarter that began four weeks before the data's end.",
        ),
    ),
)
