"""The shop's 500 products: what they cost over time, how buyers answer to it, and what is bought together.

Everything here follows from the seed alone, so that any block, on any machine, sees the same catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from emberlake.synth import calendar, draws, words
from emberlake.synth.draws import Array, Draws

PRODUCTS = 500
CATEGORY_WEIGHTS = (0.14, 0.18, 0.15, 0.11, 0.11, 0.11, 0.10, 0.10)
TYPICAL_PRICE = (120.0, 45.0, 35.0, 18.0, 40.0, 22.0, 14.0, 8.0)
# quantity ~ (price paid / list price) ** elasticity
ELASTICITY = (-1.8, -1.5, -1.2, -0.9, -1.3, -1.6, -0.6, -0.4)
# At most 1.25 times the list price: an expected quantity stays above one piece, so that no effect is cut off.
PRICE_RATIOS = (800, 850, 900, 950, 1050, 1100, 1150, 1200, 1250)
PAIRS = 12
PAIR_CHANCE = 0.5
CYBER_WEEK_PERCENT = 20
SALE_PERCENT = 15
SALE_WEEKS = 6
# How strongly a segment prefers dear (positive) or cheap products of a category.
PRICE_TASTE = (-1.8, 0.0, 1.8)
RUNNING_LOW = 20
# Share of the exact quantity table's unit: expected quantities are kept in 1/65,536 pieces.
BASE_QUANTITY = 1.7
QUANTITY_UNIT = 65536


@dataclass(frozen=True)
class Catalogue:
    """The products by index (product_id - 1), and tables that blocks look up.

    Attributes:
        category, noun, adjective, supplier: codes into `words`.
        list_price, cost: cents.
        launch: day number of the launch; below 0 before the history.
        predecessor: the product of the category that is bought while this one is not yet launched.
        price_product, price_day, price_cents: the change events, the launch included.
        price_on: cents by product and day of the history.
        promotion: percent off a line by category and day of the calendar.
        quantity: expected pieces of a line, in 1/65,536, by category and price ratio in thousandths.
        choice: product by segment and category and a 12-bit random number.
        partner: the product that this one is bought together with, or -1.
        quality: what raters think of it on average, in thousandths of a star.
        low: whether its stock is planted to run out.
    """

    category: Array
    noun: Array
    adjective: Array
    supplier: Array
    list_price: Array
    cost: Array
    opening_stock: Array
    launch: Array
    predecessor: Array
    popularity: Array
    price_product: Array
    price_day: Array
    price_cents: Array
    price_on: Array
    promotion: Array
    quantity: Array
    choice: Array
    partner: Array
    quality: Array
    low: Array


@lru_cache(maxsize=4)
def catalogue(seed: int) -> Catalogue:
    """The catalogue of that seed."""
    draw = Draws(seed, draws.CATALOGUE, 0)
    n = PRODUCTS
    category = np.repeat(np.arange(len(CATEGORY_WEIGHTS)), draws.shares(CATEGORY_WEIGHTS, n))
    # Spread over the catalogue, so that an id does not tell the category.
    category = category[draw.shuffled(n)]
    rank = _rank_within(category, draw.shuffled(n))
    list_price = _list_prices(draw, category)
    cost = list_price * (450 + draw.below(n, 250)) // 1000
    late_launch = draw.chance(n, 0.15) & (rank > 2)
    launch = np.where(late_launch, 30 + draw.below(n, 500), -1 - draw.below(n, 700))
    oldest = np.array([np.flatnonzero((category == c) & (rank == 0))[0] for c in range(len(CATEGORY_WEIGHTS))])
    # A rank's share falls like Zipf's law, slowly enough that the last product still sells at scale 1.
    popularity = np.array([round(1e6 / (r + 6)) for r in rank.tolist()], dtype=np.int64)
    low = np.zeros(n, dtype=bool)
    low[np.flatnonzero(rank > 5)[draw.shuffled(int((rank > 5).sum()))][:RUNNING_LOW]] = True
    opening = np.where(low, draw.below(n, 6), 40 + draw.below(n, 360))
    price_product, price_day, price_cents, price_on = _prices(draw, list_price, launch)
    return Catalogue(
        category=category,
        noun=draw.below(n, 8),
        adjective=draw.below(n, len(words.ADJECTIVES)),
        supplier=draw.below(n, len(words.SUPPLIERS)),
        list_price=list_price,
        cost=cost,
        opening_stock=opening,
        launch=launch,
        predecessor=oldest[category],
        popularity=popularity,
        price_product=price_product,
        price_day=price_day,
        price_cents=price_cents,
        price_on=price_on,
        promotion=_promotions(draw),
        quantity=_quantities(),
        choice=_choices(category, popularity, list_price),
        partner=_partners(draw, category, rank, launch),
        quality=np.clip(draws.normal_milli()[draw.below(n, draws.SLOTS)] * 6 // 10, -1500, 1200),
        low=low,
    )


def _rank_within(category: Array, order: Array) -> Array:
    rank = np.empty(len(category), dtype=np.int64)
    for c in range(len(CATEGORY_WEIGHTS)):
        members = order[category[order] == c]
        rank[members] = np.arange(len(members))
    return rank


def _list_prices(draw: Draws, category: Array) -> Array:
    # Log-normal, through a table of e^(0.55 z) that is rounded to thousandths: see `draws`.
    z = draws.normal_milli()[draw.below(len(category), draws.SLOTS)]
    factor = np.array([round(1000 * 2.718281828459045 ** (0.55 * v / 1000)) for v in z.tolist()], dtype=np.int64)
    typical = np.array([round(100 * price) for price in TYPICAL_PRICE], dtype=np.int64)[category]
    # Shops end prices in 9 cents.
    return np.maximum(typical * factor // 1000 // 10 * 10 + 9, 199)


def _prices(draw: Draws, list_price: Array, launch: Array) -> tuple[Array, Array, Array, Array]:
    """Four changes a product on average, at midnight; the last event before a moment is the price that holds."""
    n = len(list_price)
    first = np.maximum(launch, 0) + 14
    changes = 2 + draw.below(n, 5)
    product = np.repeat(np.arange(n), changes)
    step = np.arange(len(product)) - np.repeat(np.cumsum(changes) - changes, changes)
    # One change in each of a product's equal stretches of time: never two on one day.
    stretch = (calendar.DAYS - first)[product] // changes[product]
    day = first[product] + step * stretch + draw.below(len(product), np.maximum(stretch - 1, 1))
    cents = list_price[product] * np.array(PRICE_RATIOS)[draw.below(len(product), len(PRICE_RATIOS))] // 1000
    product = np.concatenate((np.arange(n), product))
    day = np.concatenate((launch, day))
    cents = np.concatenate((list_price, cents))
    order = np.lexsort((day, product))
    product, day, cents = product[order], day[order], cents[order]
    price_on = np.empty((n, calendar.DAYS), dtype=np.int32)
    for index in range(n):
        mine = product == index
        since = np.searchsorted(day[mine], np.arange(calendar.DAYS), side="right") - 1
        price_on[index] = cents[mine][np.maximum(since, 0)]
    return product, day, cents, price_on


def _promotions(draw: Draws) -> Array:
    """Percent off by category and day: cyber week for all, and six weeks of sale a year for each category."""
    days = calendar.DAYS + calendar.MOST_INCREMENTS
    percent = np.zeros((len(CATEGORY_WEIGHTS), days), dtype=np.int64)
    for c in range(len(CATEGORY_WEIGHTS)):
        for start in range(0, days, 365):
            for week in draw.shuffled(52)[:SALE_WEEKS].tolist():
                percent[c, start + week * 7 : start + week * 7 + 7] = SALE_PERCENT
    for friday in calendar.BLACK_FRIDAYS:
        number = calendar.day_number(friday)
        percent[:, number : number + 4] = CYBER_WEEK_PERCENT
    return percent


def _quantities() -> Array:
    # Python's pow, rounded to a grid far coarser than its last bit: alike on every machine.
    return np.array(
        [
            [round(QUANTITY_UNIT * BASE_QUANTITY * (max(ratio, 400) / 1000) ** e) for ratio in range(1300)]
            for e in ELASTICITY
        ],
        dtype=np.int64,
    )


def _choices(category: Array, popularity: Array, list_price: Array) -> Array:
    tables = []
    for taste in PRICE_TASTE:
        for c in range(len(CATEGORY_WEIGHTS)):
            members = np.flatnonzero(category == c)
            typical = 100 * TYPICAL_PRICE[c]
            lean = [round(1000 * (cents / typical) ** taste) for cents in list_price[members].tolist()]
            weights = popularity[members] * np.clip(np.array(lean), 250, 4000)
            tables.append(draws.table_of(weights.astype(np.float64), draws.SLOTS, members))
    return np.stack(tables).astype(np.uint16)


def _partners(draw: Draws, category: Array, rank: Array, launch: Array) -> Array:
    """Pairs (a, b): where a is bought, the next line is b half of the time. a sells well, b middling."""
    partner = np.full(len(category), -1, dtype=np.int64)
    old = launch < 0
    leading = np.flatnonzero(old & (rank <= 2))
    following = np.flatnonzero(old & (rank >= 8) & (rank <= 25))
    a = leading[draw.shuffled(len(leading))][:PAIRS]
    b = following[draw.shuffled(len(following))][:PAIRS]
    partner[a] = b
    return partner
