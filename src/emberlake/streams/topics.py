"""The topics: what each carries and by which key it is spread over its partitions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from emberlake.engine.kafka import Connection, ensure_partitions


@dataclass(frozen=True)
class Topic:
    """One topic.

    Attributes:
        key: what a message's key is; messages of one key keep their order.
        partitions: how many it is made with.
    """

    name: str
    meaning: str
    key: str
    partitions: int = 4


ORDERS = Topic("emberlake.orders", "Orders at their check-out, with their lines.", "user_id")
CLICKS = Topic("emberlake.clicks", "The clickstream of site and app.", "session_id")
SCORES = Topic("emberlake.scores", "What the champion says each order will come to.", "order_id")
TOPICS = {topic.name: topic for topic in (ORDERS, CLICKS, SCORES)}


def ensure_topics(connection: Connection, topics: Iterable[Topic] = tuple(TOPICS.values())) -> dict[str, int]:
    """Make the topics that are missing, and grow those that have fewer partitions than they are to have.

    Returns:
        Partitions by topic as they are now; a topic that has more than it was to have keeps them.

    Raises:
        StreamError: if no broker answers within a few seconds, or it refuses.
    """
    return ensure_partitions(connection, {topic.name: topic.partitions for topic in topics})
