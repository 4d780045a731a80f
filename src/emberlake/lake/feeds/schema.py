"""Contract types as Arrow types, and the shape of the batches that parsing yields."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache

import pyarrow as pa

from emberlake import tables
from emberlake.errors import SourceError
from emberlake.tables import Column, Table

UTC_MICROS = pa.timestamp("us", "UTC")
_PLAIN = {
    "long": pa.int64(),
    "int": pa.int32(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "string": pa.string(),
    "timestamp": UTC_MICROS,
    "date": pa.date32(),
}
_DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)")

# The shape of a log with a row a line of an order; such a file fills orders, order_items and products.
ORDER_LINES = Table(
    "order_lines",
    "source",
    "A log of order lines: customer, time, product, quantity and price in one row.",
    (
        Column("order_id", "long", "Which order.", required=True),
        Column("user_id", "long", "The customer.", required=True),
        Column("ordered_at", "timestamp", "When it was placed.", "UTC", required=True),
        Column("product_id", "long", "Which product.", required=True),
        Column("product", "string", "The product's name."),
        Column("category", "string", "The product's category."),
        Column("quantity", "int", "Pieces ordered.", "pieces", required=True),
        Column("unit_price", "decimal(12,2)", "Price a piece.", "EUR", required=True),
        Column("discount", "decimal(12,2)", "Taken off this line.", "EUR"),
        Column("status", "string", "The order's status."),
        Column("channel", "string", "Where it was placed."),
        Column("country", "string", "Where it goes to."),
        Column("currency", "string", "Currency of the prices."),
        Column("order_key", "string", "The order's identifier where it is no number."),
        Column("user_key", "string", "The customer's identifier where it is no number."),
        Column("product_key", "string", "The product's identifier where it is no number."),
    ),
    ("order_id", "product_id"),
)

# What every row carries beside the contract's columns; load id and time are added by the lake.
LINEAGE = pa.schema(
    [
        pa.field("_rescued", pa.string()),
        pa.field("_op", pa.string()),
        pa.field("_source_file", pa.string()),
        pa.field("_row", pa.int64()),
    ]
)


def arrow_type(contract_type: str) -> pa.DataType:
    """The Arrow type of a contract type such as `long` or `decimal(12,2)`."""
    if found := _DECIMAL.fullmatch(contract_type):
        return pa.decimal128(int(found[1]), int(found[2]))
    return _PLAIN[contract_type]


def kind_of(type: pa.DataType) -> str:
    """What a type holds, whatever its width: numbers with and without a fraction are of one kind."""
    if pa.types.is_dictionary(type):
        return kind_of(type.value_type)
    if pa.types.is_integer(type) or pa.types.is_floating(type) or pa.types.is_decimal(type):
        return "number"
    if pa.types.is_timestamp(type) or pa.types.is_date(type):
        return "time"
    if pa.types.is_string(type) or pa.types.is_large_string(type) or pa.types.is_string_view(type):
        return "text"
    return "nothing" if pa.types.is_null(type) else str(type)


def check_source(source: str) -> None:
    """Refuse a source that is not one.

    Raises:
        SourceError: with the sources that there are.
    """
    if source not in tables.SOURCES and source != ORDER_LINES.name:
        names = [*tables.SOURCES, ORDER_LINES.name]
        close = get_close_matches(source, names, 1)
        hint = f"Did you mean {close[0]!r}? " if close else ""
        raise SourceError(f"There is no source {source!r}.", f"{hint}There are: {', '.join(names)}.")


def table_of(source: str) -> Table:
    """The contract of a source, or of an order log by lines."""
    return ORDER_LINES if source == ORDER_LINES.name else tables.source(source)


@cache
def batch_schema(source: str) -> pa.Schema:
    """The schema of parsed batches: the source's contract columns, then `_rescued, _op, _source_file, _row`."""
    columns = [pa.field(column.name, arrow_type(column.type)) for column in table_of(source).columns]
    return pa.schema([*columns, *LINEAGE])
