"""The topics: what each carries and by which key it is spread over its partitions."""

from __future__ import annotations

from dataclasses import dataclass


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
