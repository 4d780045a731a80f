"""What follows an order: its status, payments, goods sent back, and the stock that was bought in to fill it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emberlake.synth import draws
from emberlake.synth.baskets import Lines, Orders
from emberlake.synth.catalogue import PRODUCTS, Catalogue
from emberlake.synth.draws import Array, Draws
from emberlake.synth.people import People

DAY = 86400
# Chance that an order comes back in part, by segment and by the category of its first line.
RETURN_BY_SEGMENT = (0.13, 0.10, 0.07)
RETURN_BY_CATEGORY = (1.1, 2.2, 0.9, 0.5, 0.9, 0.8, 0.4, 0.2)
RETURN_DAYS = (5, 25)
FAILED_SHARE = 0.04
METHOD_SHARES = (0.48, 0.32, 0.14, 0.06)
REASON_SHARES = (0.34, 0.18, 0.12, 0.16, 0.20)
RECEIPTS_A_PRODUCT = 8
WRITE_OFF_SHARE = 0.25
PAID, SHIPPED, DELIVERED, CANCELLED, RETURNED = range(5)
CAPTURED, FAILED, REFUNDED = range(3)


@dataclass(frozen=True)
class Returns:
    """Goods sent back; `row` is the index of the order's line."""

    row: Array
    quantity: Array
    reason: Array
    refund: Array
    returned: Array


@dataclass(frozen=True)
class Payments:
    """Attempts to pay; `order` is the index of the order."""

    order: Array
    method: Array
    status: Array
    paid: Array


@dataclass(frozen=True)
class Movements:
    """Stock movements, one entry each; `moved` in seconds since the epoch."""

    product: Array
    moved: Array
    kind: Array
    quantity: Array
    warehouse: Array


def give_back(draw: Draws, crowd: People, stock: Catalogue, orders: Orders, lines: Lines, until: int) -> Returns:
    """Returns that arrive before `until` (seconds since the epoch); marks their orders as returned."""
    n = len(orders)
    by_segment = np.array(RETURN_BY_SEGMENT)[crowd.segment[orders.who]]
    by_category = np.array(RETURN_BY_CATEGORY)[stock.category[lines.product[lines.first]]]
    returned = orders.ordered + RETURN_DAYS[0] * DAY + draw.below(n, (RETURN_DAYS[1] - RETURN_DAYS[0]) * DAY)
    comes_back = draw.u16(n) < np.floor(by_segment * by_category * 65536)
    comes_back &= (orders.status != CANCELLED) & (returned < until)
    orders.status[comes_back] = RETURNED
    row = np.flatnonzero(comes_back[lines.order])
    # The first line always, every other with three chances in ten.
    row = row[(lines.line[row] == 1) | draw.chance(len(row), 0.3)]
    bought = lines.quantity[row]
    quantity = 1 + draw.below(len(row), bought)
    paid = (lines.unit_price[row] * bought - lines.discount[row]) * (100 - orders.percent[lines.order[row]])
    return Returns(
        row=row,
        quantity=quantity,
        reason=draw.pick(len(row), draws.table_of(REASON_SHARES)),
        refund=paid * quantity // (bought * 100),
        returned=returned[lines.order[row]],
    )


def settle_status(orders: Orders, until: int) -> None:
    """Orders of the last days are still on their way at `until` (seconds since the epoch)."""
    age = until - orders.ordered
    going = orders.status == DELIVERED
    orders.status[going & (age < 6 * DAY)] = SHIPPED
    orders.status[going & (age < 2 * DAY)] = PAID


def pay(draw: Draws, orders: Orders) -> Payments:
    """One settled attempt an order, some after a failed one."""
    n = len(orders)
    failed = draw.chance(n, FAILED_SHARE)
    attempts = 1 + failed
    order = np.repeat(np.arange(n), attempts)
    last = np.cumsum(attempts) - 1
    status = np.full(len(order), FAILED)
    status[last] = np.where(orders.status == CANCELLED, REFUNDED, CAPTURED)
    seconds = 5 + draw.small(len(order), 120)
    seconds[last] += 130 * failed
    method = draw.pick(len(order), draws.table_of(METHOD_SHARES))
    return Payments(order, method, status, orders.ordered[order] + seconds)


def restock(
    draw: Draws, stock: Catalogue, orders: Orders, lines: Lines, start: int, until: int, periods: int
) -> Movements:
    """Receipts that cover these sales, a little more, and what was lost in the warehouse.

    Each receipt arrives before the sales it covers, so that no product is ever below zero; products that are planted
    to run out get exactly what is sold.

    Args:
        start, until: seconds since the epoch between which the orders lie.
        periods: how many times in that span stock is bought in.
    """
    length = -(-(until - start) // periods)
    period = (orders.ordered - start) // length
    cell = lines.product * periods + period[lines.order]
    # Whole numbers below 2⁵³: bincount's float sums are exact.
    sold = np.bincount(cell, weights=lines.quantity, minlength=PRODUCTS * periods).astype(np.int64)
    used = np.flatnonzero(sold)
    product = used // periods
    low = stock.low[product]
    spare = 1 + sold[used] * (20 + draw.below(len(used), 100)) // 1000
    # Stock is there before the period's first second; before the history begins, it was bought in its last month.
    moved = start + (used % periods) * length - 1 - draw.below(len(used), min(length, 30 * DAY))
    lost = np.flatnonzero(draw.chance(len(used), WRITE_OFF_SHARE) & ~low)
    kind = np.concatenate((np.zeros(len(used), dtype=np.int64), np.where(draw.chance(len(lost), 0.4), 1, 2)))
    later = moved[lost] + 1 + draw.below(len(lost), length)
    return Movements(
        product=np.concatenate((product, product[lost])),
        moved=np.concatenate((moved, later)),
        kind=kind,
        quantity=np.concatenate((sold[used] + np.where(low, 0, spare), np.full(len(lost), -1))),
        warehouse=draw.below(len(kind), 3),
    )
