"""What could be known at best: expectations from the planted parameters, by numpy and without the generator's code."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd


def parameters(landing: Path) -> dict[str, Any]:
    """What `truth.json` says the shop was drawn from."""
    return json.loads((landing / "truth.json").read_text(encoding="utf-8"))["parameters"]


def expected_amounts(shop: duckdb.DuckDBPyConnection, planted: dict[str, Any]) -> pd.DataFrame:
    """Each order's expected amount given its basket, its customer's segment, its channel and country.

    The pieces of a line are 1.7 (price paid / list price) ** elasticity on average, and a coupon is used as often as
    the segment does, with 5, 10, 15 or 20 percent in 40, 35, 15 and 10 of 100 cases. Promotions are read off the lines:
    on a given day a category's lines all have the same. Odd orders, whose amounts nothing explains, are marked.
    """
    lines = shop.execute(
        """WITH catalogue AS (FROM products SELECT DISTINCT ON (product_id) * ORDER BY product_id, updated_at)
        SELECT i.order_id, i.unit_price::DOUBLE AS price, p.list_price::DOUBLE AS listed, p.category,
            median(round(100 * i.discount / (i.quantity * i.unit_price)))
                OVER (PARTITION BY p.category, o.ordered_at::DATE) AS promotion,
            t.segment, o.channel, o.country, o.amount::DOUBLE AS amount, o.ordered_at,
            i.order_id IN (SELECT order_id FROM odd_orders) AS odd
        FROM good_items i JOIN good_orders o USING (order_id) JOIN catalogue p USING (product_id)
        JOIN truth t USING (user_id)"""
    ).df()
    sensitivity = lines["category"].map(planted["elasticity"]["by_category"]).to_numpy()
    orders = lines.drop_duplicates("order_id").set_index("order_id").sort_index()
    chance = orders["segment"].map(planted["segments"]["coupon_chance"]).to_numpy()
    value = planted["order_value"]
    sent = np.where(orders["country"].isin(["GB", "US"]), value["shipping_overseas"], value["shipping"])
    sent = np.where(orders["channel"] == "store", 0.0, sent)
    expected = np.zeros(len(orders))
    for percent, share in (
        (0, 1 - chance),
        (5, chance * 0.4),
        (10, chance * 0.35),
        (15, chance * 0.15),
        (20, chance * 0.1),
    ):
        reduced = lines["price"] * (1 - lines["promotion"] / 100)
        ratio = reduced * (1 - percent / 100) / lines["listed"]
        pieces = planted["elasticity"]["base_quantity"] * ratio**sensitivity
        goods = (pieces * reduced).groupby(lines["order_id"]).sum().sort_index().to_numpy() * (1 - percent / 100)
        expected += share * (goods + np.where(goods < value["free_shipping_from"], sent, 0.0))
    return orders[["amount", "ordered_at", "odd"]].assign(expected=expected)


def chance_to_stay_away(
    shop: duckdb.DuckDBPyConnection, planted: dict[str, Any], observed: int, ahead: int
) -> pd.DataFrame:
    """The chance of no order in the last `ahead` days, for those who ordered in the `observed` days before them.

    Of a customer whose rate of orders and hazard of leaving are known, the orders so far say no more than when the last
    one was. By Bayes, P(still there) is the chance of having stayed and ordered nothing since then, relative to that
    plus the chance of having left on the way (Schmittlein, Morrison, Colombo, "Counting Your Customers", 1987, with the
    customer's parameters known). Who is still there orders nothing with the chance of a Poisson process that may end.
    """
    tempo = _tempo(planted)
    end = len(tempo) - 1
    moment = end - ahead
    people = shop.execute(
        """WITH known AS (FROM users SELECT DISTINCT ON (user_id) * ORDER BY user_id, updated_at DESC),
        placed AS (SELECT user_id, epoch(ordered_at) / 86400 - epoch(TIMESTAMP '2024-01-01') / 86400 AS day
            FROM good_orders WHERE status IS NULL OR status <> 'cancelled')
        SELECT t.user_id, t.order_rate AS rate, t.churn_hazard / (730 / 24) AS hazard,
            t.variant = 'treatment' AS treated,
            greatest(epoch(signed_up_at) / 86400 - epoch(TIMESTAMP '2024-01-01') / 86400, 0) AS begin,
            coalesce(epoch(churned_at) / 86400 - epoch(TIMESTAMP '2024-01-01') / 86400, $end) AS until,
            (SELECT max(day) FROM placed p WHERE p.user_id = t.user_id AND day < $moment) AS last,
            (SELECT count(*) FROM placed p WHERE p.user_id = t.user_id AND day >= $moment) AS came
        FROM truth t JOIN known USING (user_id)""",
        {"end": end, "moment": moment},
    ).df()
    placed = shop.execute("SELECT count(*) FROM good_orders WHERE status <> 'cancelled'").fetchall()[0][0]
    days = np.arange(len(tempo))
    between = lambda a, b: np.interp(b, days, tempo) - np.interp(a, days, tempo)  # noqa: E731
    a_unit = placed / (people["rate"] * between(people["begin"], people["until"])).sum()
    active = people[people["last"] >= moment - observed]
    since = moment - active["last"]
    rate = a_unit * active["rate"] * between(active["last"], moment) / since
    hazard = active["hazard"]
    silent = np.exp(-(hazard + rate) * since)
    there = silent / (silent + hazard / (hazard + rate) * (1 - silent))
    experiment = planted["experiment"]
    treated_until = (dt.date.fromisoformat(experiment["until"]) - dt.date(2024, 1, 1)).days
    more = np.where(active["treated"], experiment["uplift"] * between(moment, max(treated_until, moment)), 0.0)
    rate = a_unit * active["rate"] * (between(moment, end) + more) / ahead
    silent = np.exp(-(hazard + rate) * ahead)
    none = silent + hazard / (hazard + rate) * (1 - silent)
    return pd.DataFrame(
        {"user_id": active["user_id"], "stays_away": active["came"] == 0, "chance": 1 - there + there * none}
    ).set_index("user_id")


def _tempo(planted: dict[str, Any]) -> np.ndarray:
    """The shop's intensity of orders summed up to each midnight, in days of the average weekday at the start."""
    season, begin = planted["seasonality"], dt.date(2024, 1, 1)
    fridays = [dt.date.fromisoformat(day) for day in season["black_fridays"]]

    def of(day: dt.date) -> float:
        peak = 1.0
        if any(0 <= (day - friday).days <= 3 for friday in fridays):
            peak = season["black_friday_peak"] if day in fridays else season["cyber_week_peak"]
        growth = 1 + season["growth_a_year"] * (day - begin).days / 365
        return growth * season["months"][day.month - 1] * season["weekdays_from_monday"][day.weekday()] * peak

    end = dt.datetime.fromisoformat(planted["history"]["until"]).date()
    each = [of(begin + dt.timedelta(days=number)) for number in range((end - begin).days)]
    return np.concatenate(([0.0], np.cumsum(each)))
