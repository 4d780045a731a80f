"""A day after the history: new orders with all that belongs to them, new users, and news of earlier orders."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from emberlake.synth import aftermath, baskets, block, calendar, clicks, draws
from emberlake.synth.baskets import Lines, Orders
from emberlake.synth.catalogue import catalogue
from emberlake.synth.columns import Rows, join, take
from emberlake.synth.draws import Array, Draws
from emberlake.synth.people import NEVER, People, inviters, people, settle
from emberlake.synth.plan import (
    BLOCK_USERS,
    EVENT_IDS,
    MOVEMENT_IDS,
    NOWHERE,
    ORDER_IDS,
    ORDERS_A_USER,
    PAYMENT_IDS,
    RETURN_IDS,
    SESSION_IDS,
    Shop,
)  # fmt: skip

# The orders of a day come from five times as large a share of the users, and a tenth as many users are new.
CROWD_FACTOR = 5
NEW_USERS_SHARE = 0.1
UPDATED_SHARE = 0.02
# One in 250 of the orders that are 5 to 24 days old comes back on each day: 8 % in all.
RETURN_AGE = (5, 25)
RETURN_ONE_IN = 250
DAY_S = 86400


@dataclass(frozen=True)
class Day:
    """Which day it is and how much happens: `share` of the history's orders.

    Attributes:
        number: 1 is the first day after the history.
    """

    shop: Shop
    share: float
    number: int

    @property
    def start(self) -> int:
        """Its first second, since the epoch."""
        return calendar.END_S + (self.number - 1) * DAY_S

    @property
    def orders(self) -> int:
        """New orders."""
        return max(1, round(self.shop.orders * self.share))

    @property
    def first_hour(self) -> int:
        """Its first hour, in hours of the calendar."""
        return calendar.HOURS + (self.number - 1) * 24

    def blocks(self) -> list[int]:
        """The blocks whose users order on this day; another day, others."""
        count = min(self.shop.blocks, max(1, round(self.shop.blocks * self.share * CROWD_FACTOR)))
        return sorted({(self.number * 7 + i * self.shop.blocks // count) % self.shop.blocks for i in range(count)})

    def ids(self, a_block: int, a_day: int) -> int:
        """The first of `a_day` numbers of this day, after the `a_block` numbers of each block of the history."""
        return self.shop.blocks * a_block + (self.number - 1) * a_day + 1

    def draw(self, stream: int, part: int) -> Draws:
        """The random numbers of one purpose and one part of the day's users."""
        return Draws(self.shop.seed, draws.DAY + stream, self.number << 32 | part)


@dataclass(frozen=True)
class _Part:
    crowd: People
    orders: Orders
    lines: Lines
    hours: tuple[Array, Array]


def make_day(day: Day, before: Day | None) -> dict[str, Rows]:
    """All rows of the day by table; tables in which nothing happened are left out.

    Args:
        before: the day before, if it was written: some of its orders change their status.
    """
    newcomers, parts = _parts(day)
    order_parts = [block.order_columns(part.crowd, part.orders) for part in parts]
    visits = _joined_events(day, parts)
    history = [block.make_block(day.shop, number).tables for number in day.blocks()]
    tables = {
        "users": block.users(newcomers, _inviters(day, newcomers)),
        "addresses": take(block.addresses(day.draw(draws.ADDRESSES, 0), newcomers), np.arange(len(newcomers))),
        "orders": join([*order_parts, _updates(day, before, history)]),
        "order_items": join([block.order_items(part.orders, part.lines) for part in parts]),
        "payments": _payments(day, parts),
        "returns": join([_returns(day, tables) for tables in history]),
        "inventory": _inventory(day, parts),
        "events": visits,
    }
    if len(tables["returns"]["return_id"]):
        tables["returns"]["return_id"] = day.ids(RETURN_IDS, day.shop.orders) + np.arange(
            len(tables["returns"]["return_id"])
        )
    return {name: rows for name, rows in tables.items() if len(next(iter(rows.values())))}


def _parts(day: Day) -> tuple[People, list[_Part]]:
    """The day's new users, and its orders by crowd: those of known users, block by block, and those of new ones."""
    shop, stock = day.shop, catalogue(day.shop.seed)
    newcomers = _newcomers(day)
    crowds = [people(shop, number) for number in day.blocks()]
    from_new = min(len(newcomers) // 2, day.orders // 2)
    counts = [int(n) for n in draws.shares([1.0] * len(crowds), day.orders - from_new)] + [from_new]
    first = day.ids(ORDER_IDS, shop.orders)
    parts = []
    for number, (crowd, n) in enumerate(zip([*crowds, newcomers], counts, strict=True)):
        if n == 0:
            continue
        here = np.where(crowd.left == NEVER, 24, 0)
        begin = np.maximum(crowd.begin, day.first_hour)
        until = np.maximum(day.first_hour + here, begin)
        orders, lines = baskets.place(
            day.draw(draws.ORDERS, number), day.draw(draws.ITEMS, number), crowd, stock, n, first, begin, until
        )
        orders.status[:] = aftermath.PAID
        first += n
        parts.append(_Part(crowd, orders, lines, (begin, until)))
    return newcomers, parts


def _newcomers(day: Day) -> People:
    shop = day.shop
    a_day = max(1, -int(-shop.users * NEW_USERS_SHARE // 1))
    n = max(1, round(shop.users * day.share * NEW_USERS_SHARE))
    first = shop.users + (day.number - 1) * a_day + 1
    home = day.number % shop.blocks
    crowd = settle(shop, day.draw(draws.USERS, 0), np.arange(first, first + n), home)
    # In the morning, so that they can still order.
    signed_up = day.start + day.draw(draws.USERS, 1).below(n, 12 * 3600)
    begin = day.first_hour + (signed_up - day.start) // 3600 + 1
    return replace(crowd, signed_up=signed_up, updated=signed_up, begin=begin, left=np.full(n, NEVER))


def _inviters(day: Day, newcomers: People) -> Array:
    """Who invited each of the new users: somebody of the history in the same community."""
    known = people(day.shop, day.number % day.shop.blocks)
    return inviters(day.draw(draws.REFERRALS, 0), newcomers, known)


def _payments(day: Day, parts: list[_Part]) -> Rows:
    first, rows = day.ids(PAYMENT_IDS, 2 * day.shop.orders), []
    for number, part in enumerate(parts):
        rows.append(block.payments(part.orders, aftermath.pay(day.draw(draws.PAYMENTS, number), part.orders), first))
        first += len(rows[-1]["payment_id"])
    return join(rows)


def _inventory(day: Day, parts: list[_Part]) -> Rows:
    stock, first, rows = catalogue(day.shop.seed), day.ids(MOVEMENT_IDS, 8 * day.shop.orders), []
    for number, part in enumerate(parts):
        moved = aftermath.restock(
            day.draw(draws.INVENTORY, number), stock, part.orders, part.lines, day.start, day.start + DAY_S, 1
        )
        rows.append(block.inventory(moved, first))
        first += len(moved.product)
    return join(rows)


def _joined_events(day: Day, parts: list[_Part]) -> Rows:
    stock = catalogue(day.shop.seed)
    first_event = day.ids(EVENT_IDS, 8 * day.shop.users)
    first_session, rows = day.ids(SESSION_IDS, 2 * day.shop.users), []
    for number, part in enumerate(parts):
        draw, n = day.draw(draws.EVENTS, number), len(part.orders)
        visits = max(1, n * clicks.VISITS_PER_1000_USERS // (1000 * ORDERS_A_USER))
        bought = draw.some(n * clicks.BUYING_PER_1000_USERS // (1000 * ORDERS_A_USER), n)
        seen = clicks.browse(draw, part.crowd, stock, part.orders, part.lines, visits, bought, *part.hours)
        rows.append(block.events(part.crowd, part.orders, seen, first_event, first_session))
        first_event += len(seen)
        first_session += visits + len(bought)
    return join(rows)


def _updates(day: Day, before: Day | None, history: list[dict[str, Rows]]) -> Rows:
    """Orders of the day before that were sent off; within 48 hours of the order, so that none counts as late."""
    if before is not None:
        recent = join([block.order_columns(part.crowd, part.orders) for part in _parts(before)[1]])
    else:
        recent = join([_settled(tables["orders"]) for tables in history])
    going = np.flatnonzero((recent["status"] == aftermath.PAID) & (recent["ordered_at"] >= day.start - DAY_S))
    wanted = min(len(going), max(1, round(day.orders * UPDATED_SHARE)))
    draw = day.draw(draws.DIRT, 0)
    chosen = going[draw.some(wanted, len(going))] if wanted else going[:0]
    received = day.start + 6 * 3600 + draw.below(wanted, 12 * 3600)
    return take(recent, chosen, status=aftermath.SHIPPED, received_at=received)


def _settled(orders: Rows) -> Rows:
    """Good orders of the history of which there is one version only, and which came in time."""
    _, first, count = np.unique(orders["order_id"], return_index=True, return_counts=True)
    known = (orders["user_id"] > 0) & (orders["user_id"] < NOWHERE) & (orders["amount"] >= 0)
    known &= orders["order_id"] % ORDER_IDS <= BLOCK_USERS * ORDERS_A_USER
    known &= (orders["received_at"] - orders["ordered_at"] < 6 * 3600) & (orders["ordered_at"] < calendar.END_S)
    return take(orders, first[(count == 1) & known[first]])


def _returns(day: Day, tables: dict[str, Rows]) -> Rows:
    """First lines of the history's orders that arrive back on this day; an order does so on one day at most."""
    orders = _settled(tables["orders"])
    age = (day.start - orders["ordered_at"]) // DAY_S
    back = (age >= RETURN_AGE[0]) & (age < RETURN_AGE[1]) & (orders["status"] < aftermath.CANCELLED)
    # An order is of that age for twenty days, and its number has one remainder: it cannot come back twice.
    back &= orders["order_id"] % RETURN_ONE_IN == (day.number - 1) % (RETURN_AGE[1] - RETURN_AGE[0])
    items = tables["order_items"]
    row = np.flatnonzero(np.isin(items["order_id"], orders["order_id"][back]) & (items["line"] == 1))
    # A planted duplicate of a line is no second line.
    row = row[np.unique(items["order_id"][row], return_index=True)[1]]
    n = len(row)
    return {
        "return_id": np.zeros(n, dtype=np.int64),
        "order_id": items["order_id"][row],
        "line": items["line"][row],
        "product_id": items["product_id"][row],
        "quantity": np.ones(n, dtype=np.int64),
        "reason": items["order_id"][row] % 5,
        "refund": items["unit_price"][row] - items["discount"][row] // np.maximum(items["quantity"][row], 1),
        "returned_at": day.start + items["order_id"][row] * 977 % DAY_S,
    }
