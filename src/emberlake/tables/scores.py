"""What models say, written to gold: a table each, and the same shape whichever version of the model wrote it."""

from __future__ import annotations

from emberlake.tables.definition import Column as C
from emberlake.tables.definition import Table
from emberlake.tables.definition import need as N

_MODEL = N("model_version", "int", "The version of the model that said so: see `emberlake models list`.")
_USER = N("user_id", "long", "The customer.")
_AS_OF = N("as_of", "date", "The last day in the data that the model was asked about.", "UTC")


def _scores(name: str, meaning: str, key: str, reads: str, *columns: C) -> Table:
    keys, sources = tuple(key.split()), tuple(reads.split())
    return Table(name, "gold", meaning, (*columns, _MODEL), keys, owner="data science", reads=sources)


SCORE_TABLES = (
    _scores(
        "customer_segments",
        "The segment of each customer, found by clustering what they do.",
        "user_id",
        "gold.order_features silver.order_items silver.products",
        _USER,
        _AS_OF,
        N("cluster", "int", "Number of the segment, from 0."),
        N("segment", "string", "The segment in a few words, such as 'often, full price'."),
        N("distance", "double", "Distance to the segment's centre in standard deviations: how typical a customer is."),
    ),
    _scores(
        "churn_scores",
        "How likely each active customer is to stay away.",
        "user_id",
        "gold.order_features silver.users",
        _USER,
        _AS_OF,
        N("probability", "double", "Probability of no order within the prediction window after as_of.", "share"),
        N("decile", "int", "1: the tenth of customers most likely to stay away, to 10."),
    ),
    _scores(
        "recommendations",
        "The products that each customer is most likely to want next.",
        "user_id rank",
        "silver.order_items gold.order_features silver.products silver.users silver.events",
        _USER,
        N("rank", "int", "1 for the best one."),
        N("product_id", "long", "The product."),
        N("score", "double", "The model's own score: it orders products of one customer, and compares nobody else's."),
        N("source", "string", "als, or 'popular' where the customer is too new to know."),
    ),
    _scores(
        "demand_forecast",
        "Pieces that each category will sell a day.",
        "category day",
        "gold.product_daily",
        N("category", "string", "The category."),
        N("day", "date", "A day after the data's end.", "UTC"),
        N("units", "double", "Expected pieces.", "pieces"),
        N("low_80", "double", "Lower end of the interval that holds 80 % of such days.", "pieces"),
        N("high_80", "double", "Its upper end.", "pieces"),
        N("low_95", "double", "Lower end of the interval that holds 95 % of such days.", "pieces"),
        N("high_95", "double", "Its upper end.", "pieces"),
    ),
    _scores(
        "demand_cover",
        "How long each product's stock lasts at the pace that is forecast, not at the last weeks'.",
        "product_id",
        "gold.demand_forecast gold.inventory_cover gold.product_daily",
        N("product_id", "long", "The product."),
        C("category", "string", "Its category."),
        _AS_OF,
        N("on_hand", "long", "Pieces now.", "pieces"),
        N("demand_28d", "double", "Pieces forecast for the next 28 days: its share of its category's.", "pieces"),
        C("cover_days", "double", "Days until the stock is gone; null when it lasts longer than the forecast.", "days"),
        N("state", "string", "out, low (under 14 days) or fine."),
    ),
    _scores(
        "odd_orders",
        "Orders that are unlike what the customer and the shop do, and should be looked at.",
        "order_id",
        "gold.order_features silver.order_items silver.users silver.addresses",
        N("order_id", "long", "The order."),
        _USER,
        N("ordered_at", "timestamp", "When it was placed.", "UTC"),
        N("reason", "string", "amount, velocity or address: the strongest sign."),
        N("score", "double", "How odd: the negative decimal logarithm of its chance among ordinary orders."),
        N("explanation", "string", "The sign in a sentence."),
    ),
)
