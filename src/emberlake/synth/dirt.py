"""What is planted wrong, how often, and which rule has to find it. Every dirty row breaks exactly one rule.

No dirty row has children: items, payments, returns and events point to good orders only. So each count is the whole
number of rows that its rule refuses, and refusing them refuses nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emberlake.synth import aftermath, calendar, clicks, draws
from emberlake.synth.catalogue import PRODUCTS
from emberlake.synth.columns import NULL, Rows, join, take
from emberlake.synth.draws import Array, Draws
from emberlake.synth.plan import NOWHERE, Shop

PARQUET, CSV, JSONL = "parquet", "csv", "jsonl"
HOUR = 3600
LATE_AFTER = 48 * HOUR
# Faults of text rows: what `texts` writes in their place.
GOOD, BAD_AMOUNT, BAD_DATE, BAD_ID, BROKEN_LINE, BAD_TIME = range(6)
_EXTRA_LINE = 90
_FUTURE = 4_070_908_800  # 2099-01-01


@dataclass(frozen=True)
class Dirt:
    """One kind of dirt.

    Attributes:
        rule: the rule that refuses these rows; empty where they are accepted.
        per_thousand_users: 10 is 0.2 % of the orders.
    """

    table: str
    kind: str
    rule: str
    per_thousand_users: int
    format: str = PARQUET

    def rows(self, shop: Shop) -> int:
        """How many such rows the whole shop has."""
        return shop.users * self.per_thousand_users // 1000


KINDS = (
    Dirt("orders", "missing_user", "user_id_present", 10),
    Dirt("orders", "missing_amount", "amount_present", 10),
    Dirt("orders", "malformed_amount", "amount_readable", 10, CSV),
    Dirt("orders", "malformed_date", "ordered_at_readable", 10, CSV),
    Dirt("orders", "malformed_id", "order_id_readable", 10, CSV),
    Dirt("orders", "negative_amount", "amount_not_negative", 10),
    Dirt("orders", "in_the_future", "ordered_at_plausible", 10),
    Dirt("orders", "unknown_user", "user_known", 10),
    Dirt("orders", "duplicate", "duplicate", 10),
    Dirt("orders", "stale_version", "superseded", 10),
    Dirt("orders", "updated", "superseded", 10),
    Dirt("orders", "update", "", 10),
    Dirt("orders", "late", "", 10),
    Dirt("orders", "legacy", "", 50, CSV),
    Dirt("order_items", "zero_quantity", "quantity_positive", 20),
    Dirt("order_items", "unknown_product", "product_known", 20),
    Dirt("order_items", "unknown_order", "order_known", 20),
    Dirt("order_items", "duplicate", "duplicate", 20),
    Dirt("payments", "unknown_order", "order_known", 10),
    Dirt("payments", "duplicate", "duplicate", 10),
    Dirt("returns", "unknown_order", "order_known", 2),
    Dirt("inventory", "unknown_product", "product_known", 4),
    Dirt("events", "duplicate", "duplicate", 4),
    Dirt("events", "unknown_order", "order_known", 4),
    Dirt("events", "broken_line", "row_readable", 4, JSONL),
    Dirt("events", "malformed_date", "occurred_at_readable", 4, JSONL),
    Dirt("events", "duplicate_line", "duplicate", 4, JSONL),
    Dirt("events", "legacy", "", 100, JSONL),
    Dirt("ratings", "out_of_range", "rating_in_range", 4),
    Dirt("ratings", "unknown_product", "product_known", 4),
    Dirt("ratings", "duplicate", "duplicate", 4),
    Dirt("users", "duplicate", "duplicate", 2),
    Dirt("users", "stale_version", "superseded", 2),
    Dirt("users", "updated", "superseded", 2),
    Dirt("users", "update", "", 2),
)


class Spiller:
    """Plants a block's dirt: adds rows to its tables and moves some to the text exports."""

    def __init__(self, shop: Shop, block: int) -> None:
        self.draw = Draws(shop.seed, draws.DIRT, block)
        self._share = {(d.table, d.kind): shop.share(block, d.per_thousand_users) for d in KINDS}
        self._nowhere = NOWHERE + block * 1000

    def count(self, table: str, kind: str) -> int:
        """How many rows of this kind this block has."""
        return self._share[table, kind]

    def nowhere(self, n: int) -> Array:
        """`n` identifiers that nothing has, each only once in the shop."""
        self._nowhere += n
        return np.arange(self._nowhere - n, self._nowhere)

    def orders(self, rows: Rows, first_free_id: int) -> tuple[Rows, Rows]:
        """The orders' Parquet rows and the rows of the CSV export, from a block's good orders (changed in place)."""
        n = len(rows["order_id"])
        wanted = sum(count for (table, _), count in self._share.items() if table == "orders")
        # All picks at once, then in random order: no row is picked for two kinds.
        order = self.draw.some(wanted, n)[self.draw.shuffled(wanted)]
        ids = iter(range(first_free_id, first_free_id + n))
        used = 0

        def some(kind: str) -> Array:
            """Rows that no other kind has: a late order is not updated, too."""
            nonlocal used
            chosen = order[used : used + self.count("orders", kind)]
            used += len(chosen)
            return chosen

        def fresh(kind: str, **changed: Array | int) -> Rows:
            which = some(kind)
            return take(rows, which, order_id=np.array([next(ids) for _ in which], dtype=np.int64), **changed)

        late = some("late")
        rows["received_at"][late] = rows["ordered_at"][late] + LATE_AFTER + HOUR + self._hours(len(late), 190)
        duplicate = take(rows, some("duplicate"))
        stale = some("stale_version")
        stale_rows = take(rows, stale, status=aftermath.PAID, received_at=rows["received_at"][stale] - 30)
        # The state that the export got first stays where it was; the later one comes at the end.
        updated = some("update")
        # Within 48 hours of the order: an update is no late order.
        update = take(rows, updated, received_at=rows["ordered_at"][updated] + 7 * HOUR + self._hours(len(updated), 40))
        rows["status"][updated] = aftermath.PAID
        legacy = some("legacy")
        minus = -100 - self.draw.small(self.count("orders", "negative_amount"), 20_000)
        negative = fresh("negative_amount", amount=minus, shipping=0)
        negative["discount"] = negative["items_amount"] - minus
        future = _FUTURE + self.draw.below(self.count("orders", "in_the_future"), 300 * 86400)
        text_rows = join(
            [
                {**take(rows, legacy), "fault": np.full(len(legacy), GOOD)},
                *(
                    {**(part := fresh(kind)), "fault": np.full(len(part["order_id"]), fault)}
                    for kind, fault in (
                        ("malformed_amount", BAD_AMOUNT), ("malformed_date", BAD_DATE), ("malformed_id", BAD_ID),
                    )
                ),
            ]
        )  # fmt: skip
        faulty = [
            fresh("missing_user", user_id=NULL),
            fresh("missing_amount", amount=NULL),
            negative,
            fresh("in_the_future", ordered_at=future, received_at=future + HOUR),
            fresh("unknown_user", user_id=self.nowhere(self.count("orders", "unknown_user"))),
        ]
        kept = np.ones(n, dtype=bool)
        kept[legacy] = False
        return join([take(rows, kept), duplicate, stale_rows, update, *faulty]), text_rows

    def _hours(self, n: int, hours: int) -> Array:
        return self.draw.below(n, hours * HOUR)

    def _copies(self, table: str, kind: str, rows: Rows, **changed: Array | int) -> Rows:
        """Some rows of a table again, with some columns replaced."""
        size = len(next(iter(rows.values())))
        wanted = self.count(table, kind)
        return take(rows, self.draw.some(wanted, size), **changed)

    def order_items(self, rows: Rows) -> Rows:
        """Good lines and dirty ones; the latter are further lines of good orders, from line 90 on."""
        unknown, orphan = self.count("order_items", "unknown_product"), self.count("order_items", "unknown_order")
        parts = [
            rows,
            self._once_an_order("zero_quantity", rows, line=_EXTRA_LINE, quantity=0, discount=0),
            self._once_an_order("unknown_product", rows, line=_EXTRA_LINE + 1, product_id=self.nowhere(unknown)),
            self._copies("order_items", "unknown_order", rows, order_id=self.nowhere(orphan)),
            self._copies("order_items", "duplicate", rows),
        ]
        return join(parts)

    def _once_an_order(self, kind: str, rows: Rows, **changed: Array | int) -> Rows:
        return self._copies("order_items", kind, take(rows, rows["line"] == 1), **changed)

    def payments(self, rows: Rows, first_free_id: int) -> Rows:
        """Good payments, orphans and duplicates."""
        n = self.count("payments", "unknown_order")
        ids = np.arange(first_free_id, first_free_id + n)
        orphans = self._copies("payments", "unknown_order", rows, payment_id=ids, order_id=self.nowhere(n))
        return join([rows, orphans, self._copies("payments", "duplicate", rows)])

    def returns(self, rows: Rows, lines: Rows, first_free_id: int) -> Rows:
        """Good returns and orphans."""
        n = self.count("returns", "unknown_order")
        like = self._copies("returns", "unknown_order", lines)
        orphans = {
            "return_id": np.arange(first_free_id, first_free_id + n),
            "order_id": self.nowhere(n),
            "line": like["line"],
            "product_id": like["product_id"],
            "quantity": like["quantity"],
            "reason": np.zeros(n, dtype=np.int64),
            "refund": like["unit_price"] * like["quantity"],
            "returned_at": np.full(n, calendar.END_S - 86400),
        }
        return join([rows, orphans])

    def inventory(self, rows: Rows, first_free_id: int) -> Rows:
        """Good movements and orphans."""
        n = self.count("inventory", "unknown_product")
        ids = np.arange(first_free_id, first_free_id + n)
        return join(
            [rows, self._copies("inventory", "unknown_product", rows, movement_id=ids, product_id=self.nowhere(n))]
        )

    def events(self, rows: Rows, first_free_id: int) -> tuple[Rows, Rows]:
        """The events' Parquet rows and the lines of the app's export, whose visits are the block's first ones."""
        moved = self.count("events", "legacy")
        n_broken, n_dated = self.count("events", "broken_line"), self.count("events", "malformed_date")
        n_orphans = self.count("events", "unknown_order")
        app, site = take(rows, np.arange(moved)), take(rows, np.arange(moved, len(rows["event_id"])))
        ids = np.arange(first_free_id, first_free_id + n_broken + n_dated + n_orphans)
        broken = self._copies("events", "broken_line", rows, event_id=ids[:n_broken], order_id=NULL)
        dated = self._copies("events", "malformed_date", rows, event_id=ids[n_broken:][:n_dated], order_id=NULL)
        again = self._copies("events", "duplicate_line", app)
        orphans = self._copies(
            "events", "unknown_order", rows, event_id=ids[n_broken + n_dated :], order_id=self.nowhere(n_orphans),
            event=clicks.PURCHASE, product_id=NULL, query=-1,
        )  # fmt: skip
        faults = ((app, GOOD), (broken, BROKEN_LINE), (dated, BAD_TIME), (again, GOOD))
        lines = join([{**part, "fault": np.full(len(part["event_id"]), fault)} for part, fault in faults])
        return join([site, self._copies("events", "duplicate", site), orphans]), lines

    def ratings(self, rows: Rows, user_id: Array) -> Rows:
        """Good ratings; stars out of range, for pairs that have no good rating; unknown products; duplicates."""
        n, strange = self.count("ratings", "out_of_range"), self.count("ratings", "unknown_product")
        candidate = np.arange(4 * n + PRODUCTS)
        who, product = user_id[candidate % len(user_id)], candidate * 7 % PRODUCTS + 1
        rated = np.isin(who * 1024 + product, rows["user_id"] * 1024 + rows["product_id"])
        who, product = who[~rated][:n], product[~rated][:n]
        at = calendar.END_S - 86400 * 7
        odd = {"user_id": who, "product_id": product, "rating": np.full(len(who), 7), "rated_at": np.full(len(who), at)}
        lost = {
            "user_id": user_id[np.arange(strange) % len(user_id)],
            "product_id": self.nowhere(strange),
            "rating": np.full(strange, 4),
            "rated_at": np.full(strange, at),
        }
        return join([rows, odd, lost, self._copies("ratings", "duplicate", rows)])

    def users(self, rows: Rows) -> Rows:
        """Users as they are, some of them also as they were, before or after, or twice."""
        n = len(rows["user_id"])
        counts = [self.count("users", kind) for kind in ("duplicate", "stale_version", "update")]
        picked = self.draw.some(sum(counts), n)[self.draw.shuffled(sum(counts))]
        duplicate, stale, updated = np.split(picked, np.cumsum(counts)[:2])
        rows = dict(rows)
        before = rows["updated_at"] - 1800
        stale_rows = take(rows, stale, loyalty=0, updated_at=before[stale])
        update = take(rows, updated)
        rows["loyalty"], rows["updated_at"] = rows["loyalty"].copy(), rows["updated_at"].copy()
        rows["loyalty"][updated] = 0
        rows["updated_at"][updated] = before[updated]
        return join([rows, take(rows, duplicate), stale_rows, update])
