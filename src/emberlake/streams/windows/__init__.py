"""Windows over live orders and clicks, behind the door that decides what is late.

Transforms (`once`, `moments`, `by_minute`, `by_five_minutes`, `visits`, `clicks_to_orders`, `priced_lines`,
`visit_lives`, `abandoned_carts`) take a stream or a batch. `queries.STREAMS` runs them into gold's live tables, in
micro-batches: Real-Time Mode has neither their joins nor the Delta sink. It is not imported here: Python
workers that keep a visit's state import this package, and the lake would cost each of them a second.
"""

from emberlake.streams.windows.attribution import clicks_to_orders
from emberlake.streams.windows.carts import abandoned_carts, visit_lives
from emberlake.streams.windows.minutes import by_five_minutes, by_minute, moments
from emberlake.streams.windows.once import once
from emberlake.streams.windows.prices import priced_lines
from emberlake.streams.windows.visits import visits

__all__ = [
    "abandoned_carts", "by_five_minutes", "by_minute", "clicks_to_orders", "moments", "once", "priced_lines",
    "visit_lives", "visits",
]  # fmt: skip
