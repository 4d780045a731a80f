"""What windows, joins and visits over live events leave."""

from __future__ import annotations

from emberlake.tables.definition import Column as C
from emberlake.tables.definition import Table
from emberlake.tables.definition import need as N

_REVENUE = "decimal(22,2)"

# --- Windows: what streams/windows writes -----------------------------------------------------------------------------
_COUNTED = (
    N("orders", "long", "Orders placed, all channels, without the cancelled ones."),
    N("online_orders", "long", "Those placed on the site or in the app."),
    N("revenue", _REVENUE, "What customers pay for these orders.", "EUR"),
    N("visits", "long", "Visits that began."),
    C("conversion", "double", "online_orders a visit that began; above 1 where visits began earlier.", "share"),
)  # fmt: skip

_VISIT = (
    N("session_id", "long", "Which visit, as the site counts."),
    N("began_at", "timestamp", "Its first event.", "UTC"),
    N("last_at", "timestamp", "Its last event.", "UTC"),
    C("user_id", "long", "Who; null for a visitor who never signed in."),
)


def _window(name: str, meaning: str, key: str, reads: str, *columns: C) -> Table:
    return Table(name, "gold", meaning, columns, tuple(key.split()), owner="sales", reads=tuple(reads.split()))


WINDOW_TABLES = (
    _window(
        "live_minutes",
        "Revenue, orders and conversion of each minute, the running one too.",
        "minute",
        "silver.live_orders bronze.events",
        N("minute", "timestamp", "The minute's begin.", "UTC"),
        *_COUNTED,
    ),
    _window(
        "live_five_minutes",
        "Revenue, orders and conversion of five minutes, anew each minute; a window comes when nothing can change it.",
        "window_start",
        "silver.live_orders bronze.events",
        N("window_start", "timestamp", "The window's begin.", "UTC"),
        N("window_end", "timestamp", "Its end (exclusive), five minutes later.", "UTC"),
        *_COUNTED,
    ),
    _window(
        "live_visits",
        "Visits that are over: 30 minutes passed without an event.",
        "session_id began_at",
        "bronze.events",
        *_VISIT,
        N("clicks", "long", "Its events."),
        N("views", "long", "Product pages looked at."),
        N("carted", "boolean", "Whether something was put in the cart."),
        N("checked_out", "boolean", "Whether it came to the check-out."),
        N("purchased", "boolean", "Whether it bought."),
    ),
    _window(
        "live_attribution",
        "Product views and check-outs of known users, each with the orders of the 30 minutes after it, or with none.",
        "event_id order_id",
        "bronze.events silver.live_orders",
        N("event_id", "long", "The click."),
        N("user_id", "long", "Whose."),
        N("event", "string", "page_view, checkout or purchase."),
        C("product_id", "long", "Product looked at."),
        N("occurred_at", "timestamp", "When.", "UTC"),
        C("order_id", "long", "An order of the same user in the 30 minutes after; null: there was none."),
        C("ordered_at", "timestamp", "When that was.", "UTC"),
        C("amount", "decimal(12,2)", "What it came to.", "EUR"),
    ),
    _window(
        "live_lines",
        "Lines of live orders beside the price that held when they were ordered.",
        "order_id line",
        "silver.live_orders silver.prices",
        N("order_id", "long", "The order."),
        N("line", "int", "Position in the order, from 1."),
        N("product_id", "long", "The product."),
        N("ordered_at", "timestamp", "When the order was placed.", "UTC"),
        N("quantity", "int", "Pieces ordered.", "pieces"),
        N("unit_price", "decimal(12,2)", "Price a piece that the order says.", "EUR"),
        C("price", "decimal(12,2)", "Price that the history says; null where it knew none.", "EUR"),
    ),
    _window(
        "live_carts",
        "Visits that put something in the cart, or came to the check-out, and left without buying.",
        "session_id began_at",
        "bronze.events",
        *_VISIT,
        N("views", "int", "Product pages looked at."),
        N("carted", "int", "Times something was put in the cart."),
        N("outcome", "string", "left_cart or left_checkout: how far it came."),
    ),
)  # fmt: skip
