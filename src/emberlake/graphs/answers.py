"""What gold says about the graphs, read without an engine: in a fraction of the second that one takes to start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from emberlake.errors import GraphError

if TYPE_CHECKING:
    import pyarrow as pa

    from emberlake.lake import Lake

Rows = list[dict[str, Any]]


def most_influential(lake: Lake, top: int) -> Rows:
    """The first rows of gold.influence, by place."""
    _positive("top", top)
    return _first(_read(lake, "influence", [("place", "<=", top)]), "place", top)


def standing(lake: Lake, user: int) -> dict[str, Any]:
    """A user's row of gold.influence.

    Raises:
        GraphError: if there is no such user, or the graphs were not built.
    """
    found: Rows = _read(lake, "influence", [("user_id", "=", user)]).to_pylist()
    if not found:
        raise GraphError(f"There is no user {user} in the graph of follows.", "emberlake graph rank lists some.")
    return found[0]


def largest_communities(lake: Lake, top: int) -> Rows:
    """Rows of gold.communities, the largest first."""
    _positive("top", top)
    rows = _read(lake, "communities")
    return _sorted(rows, [("users", "descending"), ("community", "ascending")]).slice(0, top).to_pylist()


def community(lake: Lake, number: int) -> dict[str, Any]:
    """A row of gold.communities.

    Raises:
        GraphError: if there is none of that number.
    """
    found: Rows = _read(lake, "communities", [("community", "=", number)]).to_pylist()
    if not found:
        raise GraphError(
            f"There is no community {number}.",
            "A community goes by the lowest user_id in it: emberlake graph communities lists them.",
        )
    return found[0]


def members(lake: Lake, number: int, top: int) -> Rows:
    """The users of a community, the most influential first."""
    _positive("top", top)
    return _first(_read(lake, "influence", [("community", "=", number)]), "place", top)


def whom_to_follow(lake: Lake, user: int, top: int) -> Rows:
    """A user's rows of gold.recommended_follows, with where those stand whom they name.

    Returns:
        rank, followee_id, score, common, reason, place, followers, community.

    Raises:
        GraphError: if there is no such user.
    """
    _positive("top", top)
    standing(lake, user)
    rows = _first(_read(lake, "recommended_follows", [("user_id", "=", user)]), "rank", top)
    named = [row["followee_id"] for row in rows]
    where = {row["user_id"]: row for row in _read(lake, "influence", [("user_id", "in", named)]).to_pylist()}
    more = ("place", "followers", "community")
    return [
        {name: value for name, value in row.items() if name != "user_id"}
        | {name: where.get(row["followee_id"], {}).get(name) for name in more}
        for row in rows
    ]


def invitations(lake: Lake, user: int | None, top: int) -> Rows:
    """Rows of gold.referrals: of a user and whom they invited, or of those through whom most came."""
    _positive("top", top)
    if user is None:
        every = _read(lake, "referrals")
        return _sorted(every, [("invited_in_all", "descending"), ("user_id", "ascending")]).slice(0, top).to_pylist()
    own = _read(lake, "referrals", [("user_id", "=", user)]).to_pylist()
    if not own:
        raise GraphError(f"User {user} invited nobody and was invited by nobody who is known.")
    through = _read(lake, "referrals", [("referred_by", "=", user)])
    return [*own, *_first(through, "user_id", top)]


def _read(lake: Lake, name: str, where: Sequence[tuple[str, str, Any]] = ()) -> pa.Table:
    if not lake.exists(f"gold.{name}"):
        raise GraphError(
            f"There is no table gold.{name}: the graphs were not built, or this data has none.",
            "Build them: emberlake graph build. It says what is missing.",
        )
    return lake.delta(f"gold.{name}").to_pyarrow_table(filters=list(where) or None)


def _first(rows: pa.Table, by: str, top: int) -> Rows:
    found: Rows = _sorted(rows, [(by, "ascending")]).slice(0, top).to_pylist()
    return found


def _sorted(rows: pa.Table, by: list[tuple[str, str]]) -> pa.Table:
    return rows.take(pc.sort_indices(rows, sort_keys=by))


def _positive(name: str, value: int) -> None:
    if value < 1:
        raise GraphError(f"--{name} is {value}.", "Give 1 or more.")
