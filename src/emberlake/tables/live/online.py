"""What learners of live events say about themselves."""

from __future__ import annotations

from emberlake.tables.definition import Column as C
from emberlake.tables.definition import Table
from emberlake.tables.definition import need as N

ONLINE_TABLES = (
    Table(
        "live_learning",
        "gold",
        "How good models were that learn from live events, each asked before it was told the outcome; a row a batch.",
        (
            N("stream", "string", "Whose models: learn_value, learn_clicks or live_segments."),
            N("query_id", "string", "The query's checkpoint."),
            N("batch", "long", "Number of the batch after which this was so."),
            N("model", "string", "Which model or baseline; champion: whichever was the champion at each event."),
            N("role", "string", "What it was then: served, champion, challenger or baseline."),
            N("measure", "string", "mae (EUR), r2, log_loss (nats), roc_auc, or squares (within groups)."),
            N("events", "long", "Events learned by then."),
            C("at", "timestamp", "Time of the newest of them.", "UTC"),
            C("so_far", "double", "Over all of them; null where it is not defined."),
            C("rolling", "double", "Over the last 1,000 (5,000 for chances)."),
            C("fading", "double", "Each event weighs 0.999 times as much as the next one."),
        ),
        ("stream", "query_id", "batch", "model", "measure"),
        owner="data",
        reads=("source.orders", "source.events"),
    ),
)
