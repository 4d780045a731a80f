"""Odd orders: few, good rows that no rule refuses, unlike what their customers and the shop do.

Three kinds, at exact counts. `amount`: 20 to 50 times the pieces of a dear line. `velocity`: six orders of one customer
within an hour. `address`: several times as much as usual, to a country where the customer never lived; what goes abroad
at an ordinary value is a gift, and not odd.
"""

from __future__ import annotations

import numpy as np

from emberlake.synth import aftermath, calendar, draws, words
from emberlake.synth.baskets import Lines, Orders, sum_up
from emberlake.synth.columns import Rows
from emberlake.synth.draws import Array, Draws
from emberlake.synth.people import People
from emberlake.synth.plan import Shop

AMOUNT, VELOCITY, ADDRESS = range(3)
# For each 1,000 users: orders, bursts of orders, orders.
PER_1000_USERS = (3, 2, 4)
ORDERS_OF_EACH = (1, 6, 1)
AMOUNT_FACTOR = (20, 50)
ADDRESS_FACTOR = (8, 15)
GIFT_SHARE = 0.004
# Of so many lines, the one that is nearest to this value in cents is multiplied: far beyond what the shop does, too,
# and no order that is a whole week's revenue.
_CANDIDATES = 4
_LINE_VALUE = 15_000
_HOUR = 3600


def counts(shop: Shop) -> dict[str, int]:
    """Odd orders of the whole shop by kind."""
    rates = zip(words.ODD_KINDS, PER_1000_USERS, ORDERS_OF_EACH, strict=True)
    return {kind: shop.users * rate // 1000 * orders for kind, rate, orders in rates}


class Oddities:
    """Plants a block's odd orders: bursts while orders are placed, the others once these have their lines."""

    def __init__(self, shop: Shop, block: int) -> None:
        self._draw = Draws(shop.seed, draws.ODD, block)
        self._amounts, self._bursts, self._addresses = (shop.share(block, rate) for rate in PER_1000_USERS)

    def burst(self, who: Array, ordered: Array) -> Array:
        """Give some of the orders to the customer and the hour of another one, in place; returns the kinds.

        Args:
            who, ordered: buyer and second of each order, in random order: the first ones are as good as any.
        """
        size = ORDERS_OF_EACH[VELOCITY]
        rows = np.arange(self._bursts * size)
        first = rows // size * size
        who[rows] = who[first]
        # Within the clock's hour: a customer who has come or left has done so at a full one.
        hour = (ordered[first] - calendar.START_S) // _HOUR * _HOUR + calendar.START_S
        ordered[rows] = hour + (rows - first) * (_HOUR // size) + self._draw.below(len(rows), _HOUR // size)
        kinds = np.full(len(who), -1)
        kinds[rows] = VELOCITY
        return kinds

    def plant(self, crowd: People, orders: Orders, lines: Lines) -> None:
        """Send gifts abroad, and make some orders odd by their amount or their address, in place."""
        draw, spare = self._draw, self._bursts * ORDERS_OF_EACH[VELOCITY]
        wanted = _CANDIDATES * (self._addresses + self._amounts)
        picked = draw.some(wanted + spare, len(orders))[draw.shuffled(wanted + spare)]
        rows = lines.first[picked[orders.odd[picked] < 0][:wanted]].reshape(-1, _CANDIDATES)
        far_from = np.abs((lines.unit_price * lines.quantity)[rows] - _LINE_VALUE)
        chosen = rows[np.arange(len(rows)), far_from.argmin(axis=1)]
        far, row = lines.order[chosen[: self._addresses]], chosen[self._addresses :]
        orders.odd[far], orders.odd[lines.order[row]] = ADDRESS, AMOUNT
        gifts = np.flatnonzero(draw.chance(len(orders), GIFT_SHARE) & (orders.odd < 0))
        abroad = np.concatenate((gifts, far))
        away = 1 + draw.below(len(abroad), len(words.COUNTRIES) - 1)
        orders.country[abroad] = (orders.country[abroad] + away) % len(words.COUNTRIES)
        times = np.ones(len(orders), dtype=np.int64)
        times[far] = self._factors(len(far), ADDRESS_FACTOR)
        by = times[lines.order]
        by[row] = self._factors(len(row), AMOUNT_FACTOR)
        lines.quantity *= by
        lines.discount *= by
        orders.status[orders.odd >= 0] = aftermath.DELIVERED
        sum_up(orders, lines)

    def _factors(self, n: int, limits: tuple[int, int]) -> Array:
        return limits[0] + self._draw.below(n, limits[1] - limits[0] + 1)


def odd_orders(orders: Orders) -> Rows:
    """Columns of the truth about odd orders: see `columns.ODD_COLUMNS`."""
    which = np.flatnonzero(orders.odd >= 0)
    return {"order_id": orders.order_id[which], "kind": orders.odd[which]}
