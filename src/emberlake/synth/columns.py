"""From a block's numbers to Arrow: what each table's columns are, and how they lie in Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from emberlake.synth import words
from emberlake.synth.draws import Array
from emberlake.tables import source

# Stands for null in every column of numbers; -1 does in columns of codes.
NULL = np.iinfo(np.int64).min
# A table in the making: a column of numbers for each name.
Rows = dict[str, Array]

TABLES = (
    "users", "addresses", "orders", "order_items", "payments", "returns", "inventory", "events", "follows", "ratings",
)  # fmt: skip
CATALOGUE_TABLES = ("products", "prices")

_ARROW = {
    "long": pa.int64(),
    "int": pa.int32(),
    "string": pa.string(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "decimal(12,2)": pa.decimal128(12, 2),
    "double": pa.float64(),
    "boolean": pa.bool_(),
}


def _cross(*parts: Sequence[str], by: str = " ") -> tuple[str, ...]:
    texts: tuple[str, ...] = tuple(parts[0])
    for part in parts[1:]:
        texts = tuple(f"{left}{by}{right}" for left in texts for right in part)
    return texts


@cache
def vocabulary() -> dict[tuple[str, str], tuple[str, ...]]:
    """What the codes of each column of words stand for, by table and column."""
    numbers = [str(number) for number in range(1, words.HOUSE_NUMBERS + 1)]
    postcodes = tuple(
        f"{10 + city:02d}{100 + district * 7}"
        for city in range(len(words.CITY_NAMES))
        for district in range(words.POSTCODES_A_CITY)
    )
    products = tuple(
        f"{adjective} {noun}"
        for category in words.CATEGORIES
        for noun in words.NOUNS[category]
        for adjective in words.ADJECTIVES
    )
    return {
        ("users", "name"): _cross(words.GIVEN, words.FAMILY),
        ("users", "gender"): words.GENDERS,
        ("users", "country"): words.COUNTRIES,
        ("users", "city"): words.CITY_NAMES,
        ("users", "channel"): words.SIGN_UP_CHANNELS,
        ("users", "loyalty"): words.LOYALTY,
        ("addresses", "street"): _cross(words.STREETS, numbers),
        ("addresses", "city"): words.CITY_NAMES,
        ("addresses", "postcode"): postcodes,
        ("addresses", "country"): words.COUNTRIES,
        ("products", "name"): products,
        ("products", "category"): words.CATEGORIES,
        ("products", "supplier"): words.SUPPLIERS,
        ("orders", "status"): words.STATUSES,
        ("orders", "channel"): words.ORDER_CHANNELS,
        ("orders", "country"): words.COUNTRIES,
        ("orders", "currency"): words.CURRENCIES,
        ("orders", "coupon"): words.COUPONS,
        ("payments", "method"): words.METHODS,
        ("payments", "status"): words.PAYMENT_STATUSES,
        ("returns", "reason"): words.REASONS,
        ("inventory", "kind"): words.MOVEMENTS,
        ("inventory", "warehouse"): words.WAREHOUSES,
        ("events", "event"): words.EVENTS,
        ("events", "device"): words.DEVICES,
        ("events", "query"): words.QUERIES,
        ("truth", "segment"): words.SEGMENTS,
        ("truth", "variant"): words.VARIANTS,
        ("truth", "churn_reason"): words.CHURN_REASONS,
        ("odd_orders", "kind"): words.ODD_KINDS,
    }


def contract(table: str) -> list[tuple[str, str]]:
    """The columns that the shop's systems write, as (name, Spark type): the source's, without `source_key`."""
    # Every identifier of the made shop is a number: there is no text of it to keep.
    return [(column.name, column.type) for column in source(table).columns if column.name != "source_key"]


TRUTH_COLUMNS = [
    ("user_id", "long"), ("segment", "string"), ("community", "long"), ("influencer", "boolean"),
    ("variant", "string"), ("order_rate", "double"), ("churn_hazard", "double"), ("churned_at", "timestamp"),
    ("churn_reason", "string"), *((f"taste_{category.lower()}", "double") for category in words.CATEGORIES),
]  # fmt: skip


ODD_COLUMNS = [("order_id", "long"), ("kind", "string")]
_KNOWN = {"truth": TRUTH_COLUMNS, "odd_orders": ODD_COLUMNS}


def columns_of(table: str) -> list[tuple[str, str]]:
    """The columns of a table of the shop, of the truth about each user, or of that about odd orders."""
    return _KNOWN[table] if table in _KNOWN else contract(table)


def schema(table: str) -> pa.Schema:
    """The Arrow schema of a table's files."""
    return pa.schema([pa.field(name, _ARROW[type]) for name, type in columns_of(table)])


def to_arrow(table: str, rows: Rows) -> pa.Table:
    """A block's or a file's rows, ready to be written; words are left dictionary-encoded."""
    arrays = []
    for name, type in columns_of(table):
        if (table, name) == ("users", "email"):
            arrays.append(_emails(rows))
        else:
            arrays.append(_array(type, rows[name], vocabulary().get((table, name))))
    return pa.table(arrays, names=[name for name, _ in columns_of(table)])


def _array(type: str, values: Array, texts: tuple[str, ...] | None) -> pa.Array:
    if texts is not None:
        index = values.astype(np.int16)
        return pa.DictionaryArray.from_arrays(_wrap(index, pa.int16(), index < 0), words_array(texts))
    if type == "double":
        return _wrap(np.ascontiguousarray(values, dtype=np.float64), pa.float64())
    if type == "boolean":
        return flags(values)
    null = values == NULL
    if type == "int":
        return _wrap(values.astype(np.int32), pa.int32(), null)
    if type == "timestamp":
        return _wrap(values * 1_000_000, _ARROW[type], null)
    if type.startswith("decimal"):
        # A decimal of 128 bits is the number of cents and its sign, carried on.
        wide = np.empty((len(values), 2), dtype="<i8")
        wide[:, 0] = values
        wide[:, 1] = values >> 63
        return _wrap(wide, _ARROW[type], null)
    return _wrap(np.ascontiguousarray(values, dtype=np.int64), pa.int64(), null)


# Arrow arrays are made from buffers: `pa.array` would import pandas first, which takes a worker longer than a block.


def _wrap(values: Array, type: pa.DataType, null: Array | None = None) -> pa.Array:
    """An Arrow array over numpy's memory, without a copy."""
    bits = pa.py_buffer(np.packbits(~null, bitorder="little")) if null is not None and null.any() else None
    return pa.Array.from_buffers(type, len(values), [bits, pa.py_buffer(values)])


def numbers(values: Array) -> pa.Array:
    """Whole numbers as an Arrow array."""
    return _wrap(np.ascontiguousarray(values, dtype=np.int64), pa.int64())


def flags(values: Array) -> pa.Array:
    """Booleans as an Arrow array."""
    bits = pa.py_buffer(np.packbits(values, bitorder="little"))
    return pa.Array.from_buffers(pa.bool_(), len(values), [None, bits])


@cache
def words_array(texts: tuple[str, ...]) -> pa.Array:
    """Strings as an Arrow array."""
    encoded = [text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, encoded)]).astype("<i4")
    return pa.Array.from_buffers(pa.string(), len(texts), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))])


def _emails(rows: Rows) -> pa.Array:
    """given.family.<user_id>@host: unique, and never a real address."""
    local = words_array(tuple(name.lower().replace(" ", ".") for name in vocabulary()["users", "name"]))
    name = pc.take(local, numbers(rows["name"]))
    host = pc.take(words_array(words.MAIL_HOSTS), numbers(rows["user_id"] % len(words.MAIL_HOSTS)))
    number = numbers(rows["user_id"]).cast(pa.string())
    return glue(glue(name, number, by="."), host, by="@")


def glue(*parts: pa.Array | str, by: str) -> pa.Array:
    """Strings, or one string for all, joined row by row."""
    # Scalars out of arrays, for the same reason.
    scalars = [words_array((part,))[0] if isinstance(part, str) else part for part in (*parts, by)]
    return pc.binary_join_element_wise(*scalars)


def join(parts: Sequence[Rows]) -> Rows:
    """Several pieces of one table below each other."""
    if len(parts) == 1:
        return parts[0]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def take(rows: Rows, which: Array, **changed: Array | int) -> Rows:
    """Some rows (indexes or a mask), with some columns replaced."""
    taken = {name: values[which] for name, values in rows.items() if name not in changed}
    n = len(next(iter(taken.values())))
    made = {name: np.broadcast_to(np.asarray(value), n) for name, value in changed.items()}
    return {name: made[name] if name in made else taken[name] for name in rows}
