"""What was planted: the shop's parameters, and how many rows of each kind are wrong and must be found."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from emberlake.synth import aftermath, baskets, calendar, catalogue, clicks, community, odd, people, words
from emberlake.synth.dirt import KINDS
from emberlake.synth.files import Written
from emberlake.synth.plan import COMMUNITIES_A_BLOCK, GENERATOR, Shop


@dataclass(frozen=True)
class Planted:
    """Rows of one kind: the rule that refuses them, empty where they are accepted, and the format they lie in."""

    table: str
    kind: str
    rule: str
    rows: int
    format: str


@dataclass(frozen=True)
class Truth:
    """What is known of a made shop.

    Attributes:
        rows: rows in the files by table, dirty ones included.
        dirt: exact counts by table and kind.
        parameters: what the tables were drawn from, by subject.
    """

    seed: int
    scale: float
    generator: int
    rows: dict[str, int]
    dirt: tuple[Planted, ...]
    parameters: dict[str, Any] = field(repr=False)

    def count(self, table: str, kind: str) -> int:
        """Rows of one kind; KeyError if there is no such kind."""
        return {(d.table, d.kind): d.rows for d in self.dirt}[table, kind]

    def refused(self, table: str) -> dict[str, int]:
        """Rows that each rule must refuse, by rule."""
        by_rule: dict[str, int] = {}
        for planted in self.dirt:
            if planted.table == table and planted.rule and planted.rows:
                by_rule[planted.rule] = by_rule.get(planted.rule, 0) + planted.rows
        return by_rule

    def accepted(self, table: str) -> int:
        """Rows that no rule refuses."""
        return self.rows[table] - sum(self.refused(table).values())

    def to_json(self) -> str:
        """As `truth.json` holds it."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Truth:
        """From what `to_json` wrote."""
        known = json.loads(text)
        return cls(**{**known, "dirt": tuple(Planted(**planted) for planted in known["dirt"])})


def tell(shop: Shop, written: Iterable[Written]) -> Truth:
    """The truth of a shop whose files were written."""
    rows: dict[str, int] = {}
    for file in written:
        rows[file.table] = rows.get(file.table, 0) + file.rows
    dirt = tuple(Planted(d.table, d.kind, d.rule, d.rows(shop), d.format) for d in KINDS)
    told = Truth(shop.seed, shop.scale, GENERATOR, dict(sorted(rows.items())), dirt, _parameters(shop))
    # As a later reader will see it: JSON knows no tuples.
    return Truth.from_json(told.to_json())


def _parameters(shop: Shop) -> dict[str, Any]:
    stock = catalogue.catalogue(shop.seed)
    by_category = lambda values: dict(zip(words.CATEGORIES, values, strict=True))  # noqa: E731
    by_segment = lambda values: dict(zip(words.SEGMENTS, values, strict=True))  # noqa: E731
    leading = np.flatnonzero(stock.partner >= 0)
    return {
        "history": {"from": calendar.START.isoformat(), "until": calendar.END.isoformat(), "time_zone": "UTC"},
        "users": shop.users,
        "orders": shop.orders,
        "segments": {
            "shares": by_segment(people.SEGMENT_SHARES),
            "order_frequency": by_segment(people.SEGMENT_FREQUENCY),
            "coupon_chance": by_segment(baskets.COUPON_CHANCE),
            "lines_of_an_order": by_segment(baskets.LINES),
            "price_taste": by_segment(catalogue.PRICE_TASTE),
            "order_channels": by_segment(
                [dict(zip(words.ORDER_CHANNELS, shares, strict=True)) for shares in baskets.CHANNEL_SHARES]
            ),
            "return_chance": by_segment(aftermath.RETURN_BY_SEGMENT),
        },
        "churn": {
            "form": "hazard a month of 730 hours = base * by_segment * by_channel * by_loyalty, from the sign-up or the"
            " history's start; no order after churned_at; influencers stay",
            "base": people.CHURN_BASE,
            "by_segment": by_segment(people.CHURN_BY_SEGMENT),
            "by_channel": dict(zip(words.SIGN_UP_CHANNELS, people.CHURN_BY_CHANNEL, strict=True)),
            "by_loyalty": dict(zip(words.LOYALTY, people.CHURN_BY_LOYALTY, strict=True)),
        },
        "communities": {
            "form": "stochastic block model; each user follows about five others",
            "communities": shop.blocks * COMMUNITIES_A_BLOCK,
            "within_community_share": community.OWN_SHARE,
            "influencer_share": community.INFLUENCER_SHARE,
            "influencers": len(people.influencers(shop)),
            "most_followed": people.influencers(shop)[:10].tolist(),
        },
        "referrals": {
            "form": "who came by a friend was invited by one of those who had signed up before, of the same community"
            " and block, all alike likely; nobody where there was none",
            "share_of_users": people.CHANNEL_SHARES[people.FRIEND],
        },
        "experiment": {
            "name": calendar.EXPERIMENT,
            "from": calendar.EXPERIMENT_FROM.isoformat(),
            "until": calendar.EXPERIMENT_UNTIL.isoformat(),
            "uplift": calendar.UPLIFT,
            "form": "in that time, users in treatment order 1 + uplift times as often; what they buy is the same",
            "assignment": "treatment where (user_id * 2654435761) % 4294967296 >= 2147483648",
        },
        "elasticity": {
            "form": "expected quantity of a line = base_quantity * (price paid / list price) ** elasticity, where the"
            " price paid is after the line's promotion and the order's coupon",
            "base_quantity": catalogue.BASE_QUANTITY,
            "by_category": by_category(catalogue.ELASTICITY),
            "cyber_week_percent": catalogue.CYBER_WEEK_PERCENT,
            "sale_percent": catalogue.SALE_PERCENT,
        },
        "affinity": {
            "form": "after a line with the first product, the order's next line is the second one with that chance",
            "chance": catalogue.PAIR_CHANCE,
            "pairs": [[int(a) + 1, int(stock.partner[a]) + 1] for a in leading],
        },
        "seasonality": {
            "growth_a_year": calendar.GROWTH_A_YEAR,
            "months": calendar.MONTHS,
            "weekdays_from_monday": calendar.WEEKDAYS,
            "hours": calendar.HOURS_OF_DAY,
            "black_fridays": [day.isoformat() for day in calendar.BLACK_FRIDAYS[:2]],
            "black_friday_peak": calendar.BLACK_FRIDAY_PEAK,
            "cyber_week_peak": calendar.CYBER_WEEK_PEAK,
        },
        "order_value": {
            "form": "amount = items_amount - discount + shipping; items_amount = sum(quantity * unit_price - discount)",
            "typical_price": by_category(catalogue.TYPICAL_PRICE),
            "category_shares": by_category(catalogue.CATEGORY_WEIGHTS),
            "free_shipping_from": baskets.FREE_SHIPPING_FROM / 100,
            "shipping": baskets.SHIPPING / 100,
            "shipping_overseas": baskets.SHIPPING_OVERSEAS / 100,
        },
        "returns": {"chance_factor_by_category": by_category(aftermath.RETURN_BY_CATEGORY)},
        "stock": {"running_low": (np.flatnonzero(stock.low) + 1).tolist()},
        "funnel": {
            "visits_without_order": [
                {"steps": [words.EVENTS[step] for step in path], "share": share} for path, share in clicks.PATHS
            ],
            "anonymous_share": clicks.ANONYMOUS_SHARE,
            "visits_per_user": clicks.VISITS_PER_1000_USERS / 1000,
            "purchases_per_user": clicks.BUYING_PER_1000_USERS / 1000,
        },
        "odd_orders": {
            "form": "good rows; truth/odd_orders has each one's kind. amount: a line with so many times the pieces;"
            " velocity: so many orders of a customer within an hour; address: all lines so many times as many pieces,"
            " to a country where the customer never lived. Gifts go abroad at ordinary values and are not odd",
            "counts": odd.counts(shop),
            "amount_factor": odd.AMOUNT_FACTOR,
            "orders_of_a_burst": odd.ORDERS_OF_EACH[odd.VELOCITY],
            "address_factor": odd.ADDRESS_FACTOR,
            "gift_share": odd.GIFT_SHARE,
        },
        "ratings": {
            "form": "stars = 2.6 + min(5 * taste, 2.2) + the product's quality + 0.7 z, rounded, from 1 to 5",
            "share_of_lines": community.RATED_SHARE,
        },
    }
