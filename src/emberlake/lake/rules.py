"""Quality rules: a name, a predicate that good rows fulfil, a sentence. And which columns refer to which table.

A row is refused by the first rule that it breaks, in the order of `rules_of`: unreadable values, missing values, then
plausibility; references and duplicates come after, in `verdict.py`, because they need other rows. A row that takes
another back needs its key only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_

from pyspark.sql import Column
from pyspark.sql import functions as F

from emberlake.tables import SOURCES, Table


@dataclass(frozen=True)
class Rule:
    """A predicate over one row of a source.

    Attributes:
        check: Spark SQL that is true for a good row; null counts as true: only `…_present` refuses what is missing.
        constraint: whether the silver table carries it as a Delta CHECK, too.
    """

    source: str
    name: str
    check: str
    sentence: str
    constraint: bool = True


@dataclass(frozen=True)
class Reference:
    """A column whose values must exist as the key of another source."""

    source: str
    name: str
    column: str
    parent: str
    sentence: str


# Before this the shop did not exist; after it a date is a slip of the keyboard. No clock: a rerun judges as the first
# run did.
_EARLIEST, _LATEST = "timestamp'1990-01-01 00:00:00'", "timestamp'2090-01-01 00:00:00'"


def _in_time(column: str) -> str:
    return f"{column} >= {_EARLIEST} AND {column} < {_LATEST}"


RULES: tuple[Rule, ...] = (
    Rule("users", "birth_year_plausible", "birth_year BETWEEN 1900 AND 2025", "A user was born between 1900 and 2025."),
    Rule("users", "signed_up_at_plausible", _in_time("signed_up_at"), "A sign-up lies between 1990 and 2090."),
    Rule("users", "not_referred_by_oneself", "referred_by <> user_id", "Nobody invites themselves."),
    Rule("addresses", "changed_at_plausible", _in_time("changed_at"), "An address changed between 1990 and 2090."),
    Rule("products", "list_price_not_negative", "list_price >= 0", "A list price is not negative."),
    Rule("products", "cost_not_negative", "cost >= 0", "A cost is not negative."),
    Rule("prices", "price_not_negative", "price >= 0", "A price is not negative."),
    Rule("prices", "changed_at_plausible", _in_time("changed_at"), "A change of price lies between 1990 and 2090."),
    Rule("orders", "amount_not_negative", "amount >= 0", "An order's amount is not negative."),
    Rule("orders", "discount_not_negative", "discount >= 0", "A discount is not negative."),
    Rule("orders", "shipping_not_negative", "shipping >= 0", "A delivery charge is not negative."),
    Rule("orders", "ordered_at_plausible", _in_time("ordered_at"), "An order lies between 1990 and 2090."),
    Rule(
        "orders", "received_after_ordered", "received_at >= ordered_at - INTERVAL 1 DAY",
        "An order is received after it was placed; clocks may differ by a day.",
    ),
    Rule(
        "orders", "status_known", "status IN ('paid', 'shipped', 'delivered', 'cancelled', 'returned')",
        "A status is paid, shipped, delivered, cancelled or returned.",
    ),
    Rule("order_items", "line_positive", "line >= 1", "Lines count from 1."),
    Rule("order_items", "quantity_positive", "quantity >= 1", "A line has at least one piece."),
    Rule("order_items", "unit_price_not_negative", "unit_price >= 0", "A unit price is not negative."),
    Rule("payments", "amount_not_negative", "amount >= 0", "A payment is not negative."),
    Rule(
        "payments", "status_known", "status IN ('captured', 'failed', 'refunded')",
        "A payment is captured, failed or refunded.",
    ),
    Rule("payments", "paid_at_plausible", _in_time("paid_at"), "A payment lies between 1990 and 2090."),
    Rule("returns", "quantity_positive", "quantity >= 1", "A return has at least one piece."),
    Rule("returns", "refund_not_negative", "refund >= 0", "A refund is not negative."),
    Rule("returns", "returned_at_plausible", _in_time("returned_at"), "A return lies between 1990 and 2090."),
    Rule(
        "inventory", "kind_known", "kind IN ('receipt', 'adjustment', 'write_off')",
        "A movement is a receipt, adjustment or write-off.",
    ),
    Rule("inventory", "moved_at_plausible", _in_time("moved_at"), "A movement lies between 1990 and 2090."),
    Rule(
        "events", "event_known",
        "event IN ('session_start', 'page_view', 'search', 'add_to_cart', 'checkout', 'purchase')",
        "An event is session_start, page_view, search, add_to_cart, checkout or purchase.",
    ),
    Rule("events", "occurred_at_plausible", _in_time("occurred_at"), "An event lies between 1990 and 2090."),
    Rule("follows", "not_oneself", "follower_id <> followee_id", "Nobody follows themselves."),
    Rule("ratings", "rating_in_range", "rating BETWEEN 1 AND 5", "A rating is 1 to 5 stars."),
    Rule("tpch_orders", "totalprice_not_negative", "o_totalprice >= 0", "A total price is not negative."),
    Rule("tpch_lineitem", "quantity_positive", "l_quantity > 0", "A line has a quantity."),
)  # fmt: skip

REFERENCES: tuple[Reference, ...] = (
    Reference("addresses", "user_known", "user_id", "users", "The user exists."),
    Reference("prices", "product_known", "product_id", "products", "The product exists."),
    Reference("orders", "user_known", "user_id", "users", "The user exists."),
    Reference("order_items", "order_known", "order_id", "orders", "The order exists and was accepted."),
    Reference("order_items", "product_known", "product_id", "products", "The product exists."),
    Reference("payments", "order_known", "order_id", "orders", "The order exists and was accepted."),
    Reference("returns", "order_known", "order_id", "orders", "The order exists and was accepted."),
    Reference("inventory", "product_known", "product_id", "products", "The product exists."),
    Reference("events", "order_known", "order_id", "orders", "The order exists and was accepted."),
    Reference("follows", "follower_known", "follower_id", "users", "The follower exists."),
    Reference("follows", "followee_known", "followee_id", "users", "The followed user exists."),
    Reference("ratings", "user_known", "user_id", "users", "The user exists."),
    Reference("ratings", "product_known", "product_id", "products", "The product exists."),
)

# What `silver.py` finds by comparing rows with each other.
BETWEEN_ROWS = {
    "duplicate": "No other row has the same key and version; of equal ones the last is kept.",
    "superseded": "No other row of the same key has a later version.",
    "unknown_key": "A row that is taken back exists.",
}


def rules_of(table: Table) -> list[Rule]:
    """The rules over single rows of a source, in the order in which they refuse."""
    unreadable = [
        Rule(
            table.name,
            f"{c.name}_readable",
            f"NOT contains(_rescued, '\"{c.name}\":')",
            f"{c.name} can be read as {c.type}.",
            False,
        )
        for c in table.columns
    ]
    missing = [
        Rule(table.name, f"{c.name}_present", f"{c.name} IS NOT NULL", f"{c.name} is given.")
        for c in table.columns
        if c.required
    ]
    whole = Rule(
        table.name,
        "row_readable",
        "NOT contains(_rescued, '\"_line\":')",
        "The line can be split into columns.",
        False,
    )
    operation = Rule(
        table.name,
        "operation_known",
        "NOT contains(_rescued, '\"_op\":')",
        "What to do with the row is insert, update, upsert or delete.",
        False,
    )
    return [whole, operation, *unreadable, *missing, *(rule for rule in RULES if rule.source == table.name)]


def references_of(source: str) -> list[Reference]:
    """The references of a source, in the order in which they refuse."""
    return [reference for reference in REFERENCES if reference.source == source]


def sentence(source: str, name: str) -> str:
    """What a rule says."""
    known = {r.name: r.sentence for r in rules_of(SOURCES[source])} | {
        r.name: r.sentence for r in references_of(source)
    }
    return (known | BETWEEN_ROWS)[name]


def takes_back() -> Column:
    """True for a row that takes another one back; never null."""
    return F.col("_op").eqNullSafe("delete")


def first_broken(table: Table) -> Column:
    """The name of the first rule over single rows that a bronze row breaks; null for a good row."""
    return F.when(takes_back(), _first_of(_rules_of_keys(table))).otherwise(_first_of(rules_of(table)))


def sound(table: Table) -> Column:
    """True for a row that breaks no rule over single rows: the same as `first_broken(table).isNull()`, and cheaper."""
    return _all_of(rules_of(table)) | (takes_back() & _all_of(_rules_of_keys(table)))


def _rules_of_keys(table: Table) -> list[Rule]:
    """The rules for a row that takes another back: it names that one by its key, and needs nothing else."""
    names = {"row_readable", "operation_known"}
    names |= {f"{key}_{ending}" for key in table.key for ending in ("readable", "present")}
    return [rule for rule in rules_of(table) if rule.name in names]


def _all_of(rules: list[Rule]) -> Column:
    texts = [F.expr(rule.check) for rule in rules if "_rescued" in rule.check]
    rest = [F.coalesce(F.expr(rule.check), F.lit(True)) for rule in rules if "_rescued" not in rule.check]
    return reduce(and_, rest, F.col("_rescued").isNull() | reduce(and_, texts))


def _first_of(rules: list[Rule]) -> Column:
    # Nearly all rows have nothing rescued: one null test spares them a search per column.
    texts = _first([rule for rule in rules if "_rescued" in rule.check])
    rest = [rule for rule in rules if "_rescued" not in rule.check]
    return _first(rest, F.when(F.col("_rescued").isNotNull() & texts.isNotNull(), texts))


def _first(rules: list[Rule], chain: Column | None = None) -> Column:
    # One CASE with a branch a rule: a coalesce of CASEs grows with the square of the rules in Sail's plans.
    for rule in rules:
        broken = ~F.expr(rule.check)
        chain = F.when(broken, F.lit(rule.name)) if chain is None else chain.when(broken, F.lit(rule.name))
    assert chain is not None
    return chain


def reasons(table: Table) -> Column:
    """The sentence of the rule named in `_rule`."""
    names = [*(r.name for r in rules_of(table)), *(r.name for r in references_of(table.name)), *BETWEEN_ROWS]
    return reduce(
        lambda otherwise, name: F.when(F.col("_rule") == name, sentence(table.name, name)).otherwise(otherwise),
        names,
        F.lit(""),
    )


def constraints(table: Table) -> dict[str, str]:
    """Delta CHECK constraints of a table: the same rules as a second line, null-proof, for silver only."""
    if table.layer != "silver" or table.name not in SOURCES:
        return {}
    return {
        rule.name: rule.check if rule.name.endswith("_present") else f"({rule.check}) IS NOT FALSE"
        for rule in rules_of(SOURCES[table.name])
        if rule.constraint
    }
