"""What the champion says of live orders."""

from __future__ import annotations

from emberlake.tables.definition import Column as C
from emberlake.tables.definition import Table
from emberlake.tables.definition import need as N

SCORING_TABLES = (
    Table(
        "live_scores",
        "gold",
        "What the champion said each live order would come to, a row a message: a message sent twice is there twice.",
        (
            N("order_id", "long", "The order."),
            C("user_id", "long", "The customer."),
            N("ordered_at", "timestamp", "When it was placed, by its own word.", "UTC"),
            N("prediction", "double", "What it will come to.", "EUR"),
            N("model", "string", "The model that said so."),
            N("model_version", "int", "Its version: see `emberlake models list`."),
            N("topic", "string", "The topic that the order came from."),
            N("partition", "int", "Its partition there."),
            N("offset", "long", "Its offset there."),
            C("sent_at", "timestamp", "When it was sent, by the sender's clock.", "UTC"),
        ),
        ("topic", "partition", "offset"),
        owner="data science",
        reads=("source.orders", "silver.orders", "silver.order_items", "silver.products"),
    ),
)
