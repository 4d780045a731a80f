"""What the towers learn from: each first purchase of a product, and what its customer had bought before that day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pyspark.sql import functions as F

from emberlake.errors import ModelError
from emberlake.models.checks import NotAllowed, require_rows
from emberlake.models.taste.history import items
from emberlake.models.taste.ranking import Matrix

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

# 100 bytes a line while they are sorted: 300 MB.
MOST_LINES = 3_000_000
# A batch of pasts is a matrix with a column a product: 40 MB.
MOST_PRODUCTS = 10_000
FEWEST_EXAMPLES = 500
# Of a longer past, the newest lines.
MOST_PAST = 200


@dataclass(frozen=True)
class Examples:
    """Lines by customer and day, and which of them are first purchases with a past.

    Attributes:
        things: ids of products and of habits (below zero), ascending.
        seen: of each line, places among `things`; -1 where there are fewer.
        day: of each line.
        line: of each example, the line that is wanted.
        start: of each example, the first line of its past; it ends before `end`.
        wanted: of each example, the product's place among all products.
    """

    things: Matrix
    seen: Matrix
    day: Matrix
    line: Matrix
    start: Matrix
    end: Matrix
    wanted: Matrix

    def pasts(self, which: Matrix) -> tuple[Matrix, Matrix]:
        """The shares of each thing in the pasts of some examples, and how many lines these have."""
        start, length = self.start[which], self.end[which] - self.start[which]
        owner = np.repeat(np.arange(len(which)), length)
        lines = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length) + np.repeat(start, length)
        seen = self.seen[lines]
        cells = (owner[:, None] * len(self.things) + seen)[seen >= 0]
        counts = np.bincount(cells, minlength=len(which) * len(self.things)).reshape(len(which), -1)
        return (counts / length[:, None]).astype(np.float32), length.astype(np.float32)


def compact(lines: DataFrame) -> pa.Table:
    """The lines as numbers on the driver, on purpose: the network is trained there.

    Args:
        lines: what `history.lines` gives.

    Raises:
        NotAllowed: for more lines or products than this process should hold.
    """
    found = lines.agg(F.count("*"), F.countDistinct("product_id")).first()
    rows, products = found if found is not None else (0, 0)
    for count, most, what in ((rows, MOST_LINES, "order lines"), (products, MOST_PRODUCTS, "products")):
        if count > most:
            raise NotAllowed(
                f"{count:,} {what} are more than the {most:,} that one process can train two towers on.",
                "Use recommendations: its factorisation is trained in the engine, at any size.",
            )
    whole = [F.col(name).cast("int").alias(name) for name in ("user_id", "product_id")]
    things = F.transform(items(), lambda one: one["item"]).alias("things")
    return lines.select(*whole, F.unix_date("day").alias("day"), things).toArrow()


def examples(table: pa.Table, products: Matrix) -> Examples:
    """Find first purchases, and their pasts.

    Args:
        table: user_id, product_id, day (a number), things (list of product and habits).
        products: all products, ascending.

    Raises:
        ModelError: if there are too few, or all customers have bought the same.
    """
    user, product, day = (table.column(name).to_numpy() for name in ("user_id", "product_id", "day"))
    _require_differences(user, product)
    listed = table.column("things").combine_chunks()
    length = np.diff(listed.offsets.to_numpy())
    things, place = np.unique(listed.flatten().to_numpy(), return_inverse=True)
    seen = np.full((len(user), max(length.max(initial=1), 1)), -1, np.int32)
    seen[np.repeat(np.arange(len(user)), length), _counted(length)] = place
    # By all that a line says: the same whatever the order in which the engine gave the lines.
    order = np.lexsort((*seen.T[::-1], product, day, user))
    user, product, day, seen = user[order], product[order], day[order], seen[order]
    first_of_user = np.searchsorted(user, user)
    key = user.astype(np.int64) * (int(day.max(initial=0)) + 1) + day
    first_of_day = np.searchsorted(key, key)
    pair = user.astype(np.int64) << 31 | product
    first = np.zeros(len(user), bool)
    first[np.unique(pair, return_index=True)[1]] = True
    line = np.flatnonzero(first & (first_of_day > first_of_user))
    require_rows(len(line), FEWEST_EXAMPLES, "new products bought by customers who had bought before")
    start = np.maximum(first_of_user[line], first_of_day[line] - MOST_PAST)
    wanted = np.searchsorted(products, product[line])
    return Examples(things, seen, day, line, start, first_of_day[line], wanted)


def _counted(length: Matrix) -> Matrix:
    """0, 1, … anew for each length."""
    counted: Matrix = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    return counted


def _require_differences(user: Matrix, product: Matrix) -> None:
    users, products = len(np.unique(user)), len(np.unique(product))
    if users < 2:
        raise ModelError(
            f"Order lines of {users} customer{'' if users == 1 else 's'}: nobody's taste can be told from another's.",
            "Take in orders of more customers.",
        )
    pairs = len(np.unique(user.astype(np.int64) << 31 | product))
    if pairs == users * products:
        raise ModelError(
            f"All {users:,} customers have bought the same {products:,} products: no taste can be learnt.",
            "Look at the customers of the orders: are they the right ones?",
        )
