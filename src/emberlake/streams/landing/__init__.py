"""Live orders and clicks into the lake: bronze and silver, exactly once, late events to quarantine.

Public: the streams `land_orders` and `land_clicks` (`STREAMS`), and `behind_the_door`, which live windows read.
"""

from emberlake.streams.events import CLICK, ORDER
from emberlake.streams.landing.door import behind_the_door
from emberlake.streams.landing.query import OPTIONS, land
from emberlake.streams.stream import Stream

LAND_ORDERS = Stream(
    "land_orders", "Orders into bronze and silver", (ORDER.topic.name,),
    ("bronze.orders", "bronze.order_items", "silver.live_orders", "quarantine.live_late"),
    lambda running: land(running, ORDER), options=OPTIONS,
)  # fmt: skip
LAND_CLICKS = Stream(
    "land_clicks", "Clicks into bronze and silver", (CLICK.topic.name,), ("bronze.events", "quarantine.live_late"),
    lambda running: land(running, CLICK), options=OPTIONS,
)  # fmt: skip
STREAMS = (LAND_ORDERS, LAND_CLICKS)

__all__ = ["LAND_CLICKS", "LAND_ORDERS", "STREAMS", "behind_the_door"]
