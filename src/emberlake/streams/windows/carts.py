"""Carts left behind: a visit's life kept by our own state and timers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from pyspark.sql import Row
from pyspark.sql import functions as F
from pyspark.sql.streaming.stateful_processor import StatefulProcessor, StatefulProcessorHandle

from emberlake.streams.windows.visits import GAP_MINUTES

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_GAP = GAP_MINUTES * 60_000_000


class Visit(NamedTuple):
    """One visit so far; times are microseconds since 1970, UTC."""

    began: int
    last: int
    user_id: int | None
    views: int
    carted: int
    checked_out: int
    purchased: int

    @property
    def outcome(self) -> str:
        """How far it came: bought, left_checkout, left_cart or looked."""
        if self.purchased:
            return "bought"
        return "left_checkout" if self.checked_out else "left_cart" if self.carted else "looked"

    def joined(self, other: Visit) -> Visit:
        """Both as one visit."""
        users = [user for user in (self.user_id, other.user_id) if user is not None]
        sums = (a + b for a, b in zip(self[3:], other[3:], strict=True))
        return Visit(min(self.began, other.began), max(self.last, other.last), max(users, default=None), *sums)


_STATE = "began long, last long, user_id long, views int, carted int, checked_out int, purchased int"


def merged(visits: Iterable[Visit]) -> list[Visit]:
    """Visits with at most 30 minutes between them become one, in whatever order they came."""
    apart: list[Visit] = []
    for visit in sorted(visits, key=lambda v: v.began):
        if apart and visit.began - apart[-1].last <= _GAP:
            apart[-1] = apart[-1].joined(visit)
        else:
            apart.append(visit)
    return apart


class VisitLife(StatefulProcessor):
    """A session_id's open visits; each ends, and is told, by a timer 30 minutes after its last event.

    Several can be open at once: while the watermark is behind, an event may still come that joins two of them.
    """

    def init(self, handle: StatefulProcessorHandle) -> None:
        """Name the state; time to live is not for event time, the timers clear it."""
        self.handle = handle
        self.open = handle.getListState("open", _STATE)

    def handleInputRows(self, key: Any, rows: Iterator[Any], timerValues: Any) -> Iterator[Row]:  # noqa: N802
        """Take the events in, and set the timers to the new ends."""
        before = [Visit(*state) for state in self.open.get()]
        came = (Visit(r.at, r.at, r.user_id, r.views, r.carted, r.checked_out, r.purchased) for r in rows)
        after = merged([*before, *came])
        self.open.put([tuple(visit) for visit in after])
        old, new = ({_end(visit) for visit in visits} for visits in (before, after))
        for end in old - new:
            self.handle.deleteTimer(end)
        for end in new - old:
            self.handle.registerTimer(end)
        return iter(())

    def handleExpiredTimer(self, key: Any, timerValues: Any, expiredTimerInfo: Any) -> Iterator[Row]:  # noqa: N802
        """Tell the visits that are over, and forget them."""
        now = expiredTimerInfo.getExpiryTimeInMs()
        visits = [Visit(*state) for state in self.open.get()]
        stay = [tuple(visit) for visit in visits if _end(visit) > now]
        if stay:
            self.open.put(stay)
        else:
            self.open.clear()
        for visit in visits:
            if _end(visit) <= now:
                yield Row(
                    session_id=key[0], began=visit.began, last=visit.last, user_id=visit.user_id, views=visit.views,
                    carted=visit.carted, outcome=visit.outcome,
                )  # fmt: skip

    def close(self) -> None:
        """Nothing is held."""


def _end(visit: Visit) -> int:
    # The first whole millisecond, which timers count, after which no event on time can belong to the visit.
    return (visit.last + _GAP) // 1000 + 1


def visit_lives(clicks: DataFrame) -> DataFrame:
    """Every visit once, when it is over, with how far it came.

    Time: linear in the events, each through Python: about twice the cost of `visits`. State: one row an open
    visit and one timer, those of the last 30 minutes and the delay.

    Args:
        clicks: click events, each once: session_id, user_id, event, occurred_at (UTC). A stream: timers ring by a
            watermark, so a batch tells no visit.

    Returns:
        session_id, began_at, last_at (UTC), user_id, views, carted, outcome (bought, left_checkout, left_cart, looked).
    """
    is_ = {"views": "page_view", "carted": "add_to_cart", "checked_out": "checkout", "purchased": "purchase"}
    facts = clicks.where("session_id IS NOT NULL").select(
        "session_id", "user_id", "occurred_at", F.unix_micros("occurred_at").alias("at"),
        *[F.coalesce(F.col("event") == event, F.lit(False)).cast("int").alias(name) for name, event in is_.items()],
    )  # fmt: skip
    told = "session_id long, began long, last long, user_id long, views int, carted int, outcome string"
    lives = facts.groupBy("session_id").transformWithState(VisitLife(), told, "Append", "EventTime")
    return lives.select(
        "session_id", F.timestamp_micros("began").alias("began_at"), F.timestamp_micros("last").alias("last_at"),
        "user_id", "views", "carted", "outcome",
    )  # fmt: skip


def abandoned_carts(lives: DataFrame) -> DataFrame:
    """Visits that had something in the cart, or came to the check-out, and did not buy.

    Args:
        lives: see `visit_lives`.

    Returns:
        The columns of gold.live_carts.
    """
    return lives.where(F.col("outcome").isin("left_cart", "left_checkout"))
