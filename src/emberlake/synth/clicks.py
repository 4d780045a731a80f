"""The clickstream: visits that end at some step of the funnel, and those that end in a real order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from emberlake.synth import baskets, calendar, draws
from emberlake.synth.baskets import Lines, Orders
from emberlake.synth.catalogue import Catalogue
from emberlake.synth.draws import Array, Draws
from emberlake.synth.people import People
from emberlake.synth.words import QUERIES_A_CATEGORY

START, VIEW, SEARCH, CART, CHECKOUT, PURCHASE = range(6)
# How a visit without an order goes, and how often.
PATHS = (
    ((START, VIEW), 0.34),
    ((START, VIEW, VIEW, VIEW), 0.24),
    ((START, SEARCH, VIEW, VIEW), 0.14),
    ((START, VIEW, CART), 0.09),
    ((START, SEARCH, VIEW, VIEW, CART), 0.09),
    ((START, VIEW, VIEW, CART, CHECKOUT), 0.06),
    ((START, SEARCH, VIEW, CART, CHECKOUT), 0.04),
)
BUYING = (START, SEARCH, VIEW, VIEW, CART, CHECKOUT, PURCHASE)
VISITS_PER_1000_USERS = 480
BUYING_PER_1000_USERS = 48
ANONYMOUS_SHARE = 0.3
DEVICE_SHARES = (0.60, 0.32, 0.08)


@dataclass(frozen=True)
class Clicks:
    """Events by visit, in the order they happened; ids are indexes, -1 is none."""

    session: Array
    who: Array
    event: Array
    occurred: Array
    device: Array
    product: Array
    query: Array
    order: Array

    def __len__(self) -> int:
        return len(self.session)


def browse(
    draw: Draws, crowd: People, stock: Catalogue, orders: Orders, lines: Lines, visits: int, bought: Array,
    begin: Array, until: Array,
) -> Clicks:  # fmt: skip
    """`visits` that end without an order, and one visit for each order in `bought` (indexes).

    Purchases are a fixed share of the real orders. So the experiment's uplift on orders is its uplift on the share
    of visits that end in a purchase, too: the other visits know nothing of it.
    """
    n = visits + len(bought)
    guest = baskets.buyers(crowd, begin, until)[draw.u16(visits)]
    who = np.concatenate((guest, orders.who[bought]))
    path = np.concatenate((draw.pick(visits, _paths()), np.full(len(bought), len(PATHS))))
    length = _lengths()[path]
    gap = 10 + draw.small(n, 80)
    last = calendar.START_S + until.max() * 3600 - 3600
    idle = np.minimum(baskets.moments(draw, crowd, guest, begin, until, experiment=False), last)
    start = np.concatenate((idle, orders.ordered[bought] - ((length - 1) * gap)[visits:]))
    known = np.concatenate((~draw.chance(visits, ANONYMOUS_SHARE), np.ones(len(bought), dtype=bool)))
    day = np.maximum(start - calendar.START_S, 0) // 86400
    wanted = baskets.liked(draw, crowd, stock, who, day)
    wanted[visits:] = lines.product[lines.first[bought]]
    order = np.concatenate((np.full(visits, -1), bought))
    device = draw.pick(n, draws.table_of(DEVICE_SHARES))
    session = np.repeat(np.arange(n), length)
    step = np.arange(len(session)) - np.repeat(np.cumsum(length) - length, length)
    event = _steps()[path[session], step]
    seen = baskets.liked(draw, crowd, stock, who[session], day[session])
    product = np.where(event == VIEW, seen, np.where(event == CART, wanted[session], -1))
    query = stock.category[wanted[session]] * QUERIES_A_CATEGORY + draw.below(len(session), QUERIES_A_CATEGORY)
    return Clicks(
        session=session,
        who=np.where(known, who, -1)[session],
        event=event,
        occurred=start[session] + step * gap[session],
        device=device[session],
        product=product,
        query=np.where(event == SEARCH, query, -1),
        order=np.where(event == PURCHASE, order[session], -1),
    )


@cache
def _paths() -> Array:
    return draws.table_of([share for _, share in PATHS])


@cache
def _steps() -> Array:
    rows = [path for path, _ in PATHS] + [BUYING]
    return np.array([list(row) + [-1] * (len(BUYING) - len(row)) for row in rows])


@cache
def _lengths() -> Array:
    return (_steps() >= 0).sum(axis=1)
