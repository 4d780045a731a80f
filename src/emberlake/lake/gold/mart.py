"""The marts in the order in which they are built: a transform each, and which part of it can be asked alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from emberlake.lake.gold.baskets import basket_pairs, basket_products
from emberlake.lake.gold.cohorts import cohorts
from emberlake.lake.gold.customers import customer_360
from emberlake.lake.gold.funnel import funnel_daily
from emberlake.lake.gold.order_features import order_features
from emberlake.lake.gold.products import product_daily, product_performance
from emberlake.lake.gold.sales import daily_sales, hourly_sales
from emberlake.lake.gold.scope import Scope
from emberlake.lake.gold.stock import inventory_cover, stock_daily
from emberlake.tables import GOLD, Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Grain = Literal["order", "day", "month", "all"]
ALL = Scope()


@dataclass(frozen=True)
class Mart:
    """One gold table.

    Attributes:
        grain: what a scope can ask for: certain customers' orders, days, months, or only all.
        transform: from tables by `layer.name` (those of `table.reads`) and a scope to the mart's rows.
    """

    name: str
    grain: Grain
    transform: Callable[[Mapping[str, DataFrame], Scope], DataFrame]

    @property
    def table(self) -> Table:
        """Its contract."""
        return GOLD[self.name]

    @property
    def full_name(self) -> str:
        """As `gold.name`."""
        return f"gold.{self.name}"

    def build(self, inputs: Mapping[str, DataFrame], scope: Scope = ALL) -> DataFrame:
        """The mart's rows in that scope, with the contract's columns in its order."""
        return self.transform(inputs, scope).select(*self.table.names)


# Each after those that it reads.
MARTS: tuple[Mart, ...] = (
    Mart("order_features", "order", order_features),
    Mart("daily_sales", "day", daily_sales),
    Mart("hourly_sales", "day", hourly_sales),
    Mart("product_daily", "day", product_daily),
    Mart("product_performance", "all", product_performance),
    Mart("customer_360", "all", customer_360),
    Mart("cohorts", "month", cohorts),
    Mart("funnel_daily", "day", funnel_daily),
    Mart("stock_daily", "all", stock_daily),
    Mart("inventory_cover", "all", inventory_cover),
    Mart("basket_products", "month", basket_products),
    Mart("basket_pairs", "month", basket_pairs),
)
