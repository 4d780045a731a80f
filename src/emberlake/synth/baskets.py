"""Orders and their lines: who buys when, what, how much of it, and for how much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from emberlake.synth import calendar, draws, words
from emberlake.synth.catalogue import PAIR_CHANCE, QUANTITY_UNIT, Catalogue
from emberlake.synth.draws import Array, Draws
from emberlake.synth.people import People

# Lines of an order, from 1, by segment.
LINES = ((0.90, 0.10), (0.24, 0.66, 0.10), (0.0, 0.22, 0.52, 0.22, 0.04))
COUPON_CHANCE = (0.85, 0.10, 0.03)
COUPON_SHARES = (0.40, 0.35, 0.15, 0.10)
# Web, app and store, by segment.
CHANNEL_SHARES = ((0.15, 0.82, 0.03), (0.82, 0.13, 0.05), (0.20, 0.15, 0.65))
FREE_SHIPPING_FROM = 5000
SHIPPING = 495
SHIPPING_OVERSEAS = 990
FAR_COUNTRIES = ("GB", "US")
CANCELLED_SHARE = 0.03
_SLOTS = 65536


@dataclass
class Orders:
    """Good orders of a block, by time.

    Attributes:
        who: index of the buyer in the block's people.
        ordered, received: seconds since the epoch.
        percent: the coupon's discount.
        odd: code of the kind of odd order that it is, -1 for an ordinary one.
    """

    order_id: Array
    who: Array
    ordered: Array
    received: Array
    status: Array
    channel: Array
    country: Array
    coupon: Array
    percent: Array
    items_amount: Array
    discount: Array
    shipping: Array
    amount: Array
    odd: Array

    def __len__(self) -> int:
        return len(self.order_id)


@dataclass
class Lines:
    """Good order lines of a block, in the order of their orders; `order` is the index of the order."""

    order: Array
    line: Array
    product: Array
    quantity: Array
    unit_price: Array
    discount: Array
    first: Array

    def __len__(self) -> int:
        return len(self.order)


def buyers(crowd: People, begin: Array, until: Array) -> Array:
    """A table of `_SLOTS` entries in which each user stands as often as they are likely to be the next buyer."""
    weights = crowd.rate * (_before(crowd.treated, until) - _before(crowd.treated, begin))
    if not weights.any():
        weights = np.ones(len(crowd), dtype=np.int64)
    return draws.table_of(weights, _SLOTS)


def moments(draw: Draws, crowd: People, who: Array, begin: Array, until: Array, experiment: bool = True) -> Array:
    """A moment for each of these users, in seconds since the epoch: an event of an inhomogeneous Poisson process.

    The time is drawn uniformly in summed intensity and carried back through its inverse (Çinlar, "Introduction to
    Stochastic Processes", 1975), which is exact where, as here, the number of events is given.
    """
    n = len(who)
    treated = crowd.treated[who] & experiment
    earliest = _before(treated, begin[who])
    at = earliest + draw.below(n, np.maximum(_before(treated, until[who]) - earliest, 1))
    hour = calendar.tempo(False).hour_of[np.where(treated, 0, at)].astype(np.int64)
    hour[treated] = calendar.tempo(True).hour_of[at[treated]]
    return calendar.START_S + hour * 3600 + draw.small(n, 3600)


def _before(treated: Array, hour: Array) -> Array:
    return np.where(treated, calendar.tempo(True).before[hour], calendar.tempo(False).before[hour])


def place(
    draw: Draws,
    items: Draws,
    crowd: People,
    stock: Catalogue,
    n: int,
    first_id: int,
    begin: Array,
    until: Array,
    burst: Callable[[Array, Array], Array] | None = None,
) -> tuple[Orders, Lines]:
    """`n` orders of these people in their hours [begin, until), and their lines.

    Args:
        burst: may change buyers and seconds in place, before orders are numbered; returns the kinds for `Orders.odd`.
    """
    who = buyers(crowd, begin, until)[draw.u16(n)]
    ordered = moments(draw, crowd, who, begin, until)
    odd = burst(who, ordered) if burst else np.full(n, -1)
    # Numbered by time, as a shop would; the key carries the position, and positions fit 20 bits.
    keys = ordered << 20 | np.arange(n)
    keys.sort()
    position, ordered = keys & 0xFFFFF, keys >> 20
    who, odd = who[position], odd[position]
    segment = crowd.segment[who]
    channel = _channels()[segment, draw.u16(n) >> 4]
    coupon = draw.pick(n, draws.table_of(COUPON_SHARES))
    coupon = np.where(draw.u16(n) < _coupon_chance()[segment], coupon, -1)
    percent = np.where(coupon >= 0, np.array(words.COUPON_PERCENT)[coupon], 0)
    lines = _lines(items, crowd, stock, who, ordered, percent, _line_counts()[segment, draw.u16(n) >> 4])
    nothing = np.zeros(n, dtype=np.int64)
    status = np.where(draw.chance(n, CANCELLED_SHARE), 3, 2)
    orders = Orders(
        order_id=np.arange(first_id, first_id + n),
        who=who,
        ordered=ordered,
        received=ordered + 60 + draw.small(n, 5 * 3600),
        status=status,
        channel=channel,
        country=crowd.country[who],
        coupon=coupon,
        percent=percent,
        items_amount=nothing,
        discount=nothing,
        shipping=nothing,
        amount=nothing,
        odd=odd,
    )
    sum_up(orders, lines)
    return orders, lines


def sum_up(orders: Orders, lines: Lines) -> None:
    """The money of these orders, from their lines, coupons, channels and countries; in place."""
    items = np.add.reduceat(lines.quantity * lines.unit_price - lines.discount, lines.first)
    orders.items_amount, orders.discount = items, items * orders.percent // 100
    goods = items - orders.discount
    shipping = np.where(_far()[orders.country], SHIPPING_OVERSEAS, SHIPPING)
    orders.shipping = np.where((goods >= FREE_SHIPPING_FROM) | (orders.channel == 2), 0, shipping)
    orders.amount = goods + orders.shipping


def _lines(
    draw: Draws, crowd: People, stock: Catalogue, who: Array, ordered: Array, percent: Array, counts: Array
) -> Lines:
    first = np.cumsum(counts) - counts
    order = np.repeat(np.arange(len(who)), counts)
    n = len(order)
    line = np.arange(n) - first[order] + 1
    buyer = who[order]
    day = ((ordered - calendar.START_S) // 86400)[order]
    product = liked(draw, crowd, stock, buyer, day)
    # A line that follows a pair's first product becomes its second one, in the same order.
    partner = stock.partner[product[:-1]]
    paired = (partner >= 0) & (line[1:] > 1) & draw.chance(max(n - 1, 0), PAIR_CHANCE)
    product[1:][paired] = partner[paired]
    category = stock.category[product]
    # Increments are sold at the last price of the history.
    price = stock.price_on[product, np.minimum(day, calendar.DAYS - 1)].astype(np.int64)
    promotion = stock.promotion[category, day]
    paid = price * (100 - promotion) * (100 - percent[order])
    ratio = paid // (stock.list_price[product] * 10)
    expected = stock.quantity[category, ratio]
    # Rounded up or down at random, so that the expectation is exact and the answer to a price can be measured.
    quantity = (expected + draw.u16(n)) // QUANTITY_UNIT
    return Lines(order, line, product, quantity, price, quantity * price * promotion // 100, first)


def liked(draw: Draws, crowd: People, stock: Catalogue, who: Array, day: Array) -> Array:
    """A product for each of these people: by their taste, then by how it sells in their segment."""
    n = len(who)
    category = (draw.u16(n)[:, None] >= crowd.taste_until[who][:, :-1]).sum(axis=1)
    table = crowd.segment[who] * crowd.taste.shape[1] + category
    product = stock.choice[table, draw.u16(n) >> 4].astype(np.int64)
    return np.where(stock.launch[product] <= day, product, stock.predecessor[product])


@cache
def _coupon_chance() -> Array:
    return np.array([round(chance * 65536) for chance in COUPON_CHANCE])


@cache
def _line_counts() -> Array:
    return np.stack([draws.table_of(shares, values=np.arange(1, len(shares) + 1)) for shares in LINES]).astype(np.int64)


@cache
def _channels() -> Array:
    return np.stack([draws.table_of(shares) for shares in CHANNEL_SHARES]).astype(np.int64)


@cache
def _far() -> Array:
    return np.array([country in FAR_COUNTRIES for country in words.COUNTRIES])
