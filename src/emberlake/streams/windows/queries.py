"""The streams of this room: which windows run, and into which tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emberlake.lake import Lake
from emberlake.streams.events import CLICK, ORDER, Event
from emberlake.streams.landing import behind_the_door
from emberlake.streams.stream import Running, Stream
from emberlake.streams.windows.attribution import clicks_to_orders
from emberlake.streams.windows.carts import abandoned_carts, visit_lives
from emberlake.streams.windows.keeping import OPTIONS, append, update
from emberlake.streams.windows.minutes import by_five_minutes, by_minute, moments
from emberlake.streams.windows.once import once
from emberlake.streams.windows.prices import priced_lines
from emberlake.streams.windows.visits import visits

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame
    from pyspark.sql.streaming.query import StreamingQuery


# What each event's table behind the door is.
DOOR = {ORDER: "silver.live_orders", CLICK: "bronze.events"}


def _events(running: Running, event: Event) -> DataFrame:
    return once(behind_the_door(running, event), event)


def _moments(running: Running) -> DataFrame:
    return moments(_events(running, ORDER), _events(running, CLICK))


def _prices(running: Running) -> DataFrame:
    with Lake(running.session, running.settings) as lake:
        lake.create("silver.prices")
        return lake.read("silver.prices")


def _minutes(running: Running) -> StreamingQuery:
    return update(running, "revenue_by_minute", "gold.live_minutes", by_minute(_moments(running)))


_APPENDED: dict[str, tuple[str, str, tuple[Event, ...], Callable[[Running], DataFrame]]] = {
    "revenue_by_five_minutes": (
        "Revenue, orders and conversion of five minutes, anew each minute",
        "gold.live_five_minutes", (ORDER, CLICK), lambda running: by_five_minutes(_moments(running)),
    ),
    "visits": (
        "Visits, when they are over",
        "gold.live_visits", (CLICK,), lambda running: visits(_events(running, CLICK)),
    ),
    "clicks_to_orders": (
        "Clicks with the orders of the 30 minutes after them",
        "gold.live_attribution", (CLICK, ORDER),
        lambda running: clicks_to_orders(_events(running, CLICK), _events(running, ORDER)),
    ),
    "priced_lines": (
        "Lines of orders beside the price history",
        "gold.live_lines", (ORDER,), lambda running: priced_lines(_events(running, ORDER), _prices(running)),
    ),
    "abandoned_carts": (
        "Carts left behind, when the visit is over",
        "gold.live_carts", (CLICK,), lambda running: abandoned_carts(visit_lives(_events(running, CLICK))),
    ),
}  # fmt: skip


def _appended(name: str) -> Stream:
    title, table, events, rows = _APPENDED[name]
    return Stream(
        name, title, tuple(DOOR[event] for event in events), (table,),
        lambda running: append(running, name, table, rows(running)), options=OPTIONS,
    )  # fmt: skip


STREAMS = (
    Stream(
        "revenue_by_minute", "Revenue, orders and conversion of each minute, the running one too",
        tuple(DOOR.values()), ("gold.live_minutes",), _minutes, options=OPTIONS,
    ),
    *[_appended(name) for name in _APPENDED],
)  # fmt: skip
REVENUE_BY_MINUTE, REVENUE_BY_FIVE_MINUTES, VISITS, CLICKS_TO_ORDERS, PRICED_LINES, ABANDONED_CARTS = STREAMS
