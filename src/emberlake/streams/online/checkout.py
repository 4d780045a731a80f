"""What is known of a live order at its check-out: its basket, the time, and what earlier orders in the stream told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from emberlake.streams.online.recent import Recent

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    Array = NDArray[Any]

NUMBERS = (
    "lines", "basket_price", "dearest", "cheapest", "basket_usual", "price_level", "hour", "weekend",
    "orders_before", "mean_amount_before", "last_amount", "coupon_share_before", "expected",
)  # fmt: skip
NAMES = ("channel", "country")
MOST_CUSTOMERS, MOST_PRODUCTS = 200_000, 50_000
_MOST_PIECES = 10
# So many earlier orders of nobody's weigh as much as a customer's own: a first order says little of the second.
_PRIOR = 3.0


@dataclass
class Orders:
    """A batch of orders as columns; those of the lines lie end to end, order `i` from `first[i]` to `first[i + 1]`.

    Attributes:
        order_id, user_id: numbers.
        at: seconds since the epoch, UTC.
        channel, country: texts, "unknown" where there is none.
        amount: what each came to, EUR: the label.
        coupon: whether one was used; known after the check-out.
        first: where each order's lines begin; one entry more than orders.
        product, price: of each line; EUR a piece.
        pieces: what the line came to, in pieces at full price (quantity less its discount), no more than ten of them;
            known after the check-out.
    """

    order_id: Array
    user_id: Array
    at: Array
    channel: list[str]
    country: list[str]
    amount: Array
    coupon: Array
    first: Array
    product: Array
    price: Array
    pieces: Array

    def __len__(self) -> int:
        return len(self.order_id)


def orders_of(rows: pa.Table) -> Orders:
    """Parsed order messages as columns; without a row-by-row step.

    Args:
        rows: order_id, user_id, ordered_at, channel, country, amount, coupon, lines: as `events.parse` gives them.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = rows.combine_chunks()
    lists = rows["lines"].combine_chunks() if rows.num_rows else pa.array([], rows.schema.field("lines").type)
    if isinstance(lists, pa.ChunkedArray):
        lists = lists.chunk(0)
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    lines = lists.flatten()

    def line(name: str) -> Array:
        column = lines.field(name) if len(lines) else pa.array([], pa.float64())
        return np.nan_to_num(pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False))

    def number(name: str) -> Array:
        return np.nan_to_num(pc.cast(rows[name], pa.float64()).to_numpy())

    def text(name: str) -> list[str]:
        filled: list[str] = pc.fill_null(rows[name], "unknown").to_pylist()
        return filled

    quantity, price, off = line("quantity"), line("unit_price"), line("discount")
    whole = np.maximum(quantity, 1)
    pieces = np.minimum(quantity, _MOST_PIECES) * (1 - off / np.maximum(whole * price, 0.01))
    micros = pc.cast(pc.cast(rows["ordered_at"], pa.timestamp("us")), pa.int64()).to_numpy()
    return Orders(
        order_id=rows["order_id"].to_numpy(), user_id=pc.fill_null(rows["user_id"], -1).to_numpy(), at=micros / 1e6,
        channel=text("channel"), country=text("country"), amount=number("amount"),
        coupon=pc.is_valid(rows["coupon"]).to_numpy(), first=np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
        product=line("product_id").astype(np.int64), price=price, pieces=pieces,
    )  # fmt: skip


@dataclass
class Customer:
    """What a customer's earlier orders in the stream came to, EUR."""

    orders: int = 0
    paid: float = 0.0
    expected: float = 0.0
    last: float = 0.0
    coupons: int = 0


@dataclass
class Product:
    """How many pieces of a product an order line has come to, and at what price, with what is older fading."""

    weight: float = 0.0
    pieces: float = 0.0
    price: float = 0.0


class Past:
    """What the stream has told so far; asked before an order's outcome is looked at, told after."""

    # A product's line of long ago counts half as much after 70 newer ones.
    KEEP = 0.99

    def __init__(self) -> None:
        self.customers: Recent[Customer] = Recent(MOST_CUSTOMERS, Customer)
        self.products: Recent[Product] = Recent(MOST_PRODUCTS, Product)
        self.all = Product()

    def features(self, orders: Orders, i: int) -> dict[str, Any]:
        """Features of order `i`: the names in `NUMBERS` (float) and `NAMES` (text). Reads no outcome of this order."""
        begin, end = int(orders.first[i]), int(orders.first[i + 1])
        price = orders.price[begin:end].tolist()
        usual, typical = 0.0, 0.0
        for product, one in zip(orders.product[begin:end].tolist(), price, strict=True):
            known = self.products.peek(product)
            usual += one * self._pieces(known)
            typical += known.price / known.weight if known and known.weight else one
        customer = self.customers.peek(int(orders.user_id[i])) or Customer()
        at = float(orders.at[i])
        basket = sum(price)
        ratio = (customer.paid + _PRIOR) / (customer.expected + _PRIOR) if customer.expected else 1.0
        return {
            "lines": float(len(price)), "basket_price": basket, "dearest": max(price, default=0.0),
            "cheapest": min(price, default=0.0), "basket_usual": usual,
            "price_level": basket / typical if typical else 1.0,
            "hour": float(at // 3600 % 24), "weekend": float((at // 86_400 + 3) % 7 >= 5),
            "orders_before": float(customer.orders),
            "mean_amount_before": customer.paid / customer.orders if customer.orders else 0.0,
            "last_amount": customer.last,
            "coupon_share_before": customer.coupons / customer.orders if customer.orders else 0.0,
            "expected": usual * min(max(ratio, 0.5), 2.0),
            "channel": orders.channel[i], "country": orders.country[i],
        }  # fmt: skip

    def learn(self, orders: Orders, i: int, usual: float) -> None:
        """Take in what order `i` came to; `usual` is the feature basket_usual that it was given."""
        customer = self.customers.use(int(orders.user_id[i]))
        amount = min(float(orders.amount[i]), _MOST_PIECES * max(usual, 50.0))
        customer.orders += 1
        customer.paid += amount
        customer.expected += usual
        customer.last = amount
        customer.coupons += int(orders.coupon[i])
        begin, end = int(orders.first[i]), int(orders.first[i + 1])
        for place in range(begin, end):
            for seen in (self.products.use(int(orders.product[place])), self.all):
                keep = self.KEEP if seen is not self.all else 0.9999
                seen.weight = seen.weight * keep + 1
                seen.pieces = seen.pieces * keep + float(orders.pieces[place])
                seen.price = seen.price * keep + float(orders.price[place])

    def _pieces(self, known: Product | None) -> float:
        """Pieces that a line of this product usually comes to, drawn to the shop's mean while it has few lines."""
        mean = self.all.pieces / self.all.weight if self.all.weight else 1.0
        if known is None:
            return mean
        return (known.pieces + _PRIOR * mean) / (known.weight + _PRIOR)
