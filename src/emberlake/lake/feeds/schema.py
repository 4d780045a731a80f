"""Contract types as Arrow types, and the shape of the batches that parsing yields."""

from __future__ import annotations

import re
from functools import cache

import pyarrow as pa

from emberlake import tables

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

# What every row carries beside the contract's columns; load id and time are added by the lake.
LINEAGE = (
    pa.field("_rescued", pa.string()),
    pa.field("_op", pa.string()),
    pa.field("_source_file", pa.string()),
    pa.field("_row", pa.int64()),
)


def arrow_type(contract_type: str) -> pa.DataType:
    """The Arrow type of a contract type such as `long` or `decimal(12,2)`."""
    if found := _DECIMAL.fullmatch(contract_type):
        return pa.decimal128(int(found[1]), int(found[2]))
    return _PLAIN[contract_type]


@cache
def batch_schema(source: str) -> pa.Schema:
    """The schema of parsed batches: the source's contract columns, then `_rescued, _op, _source_file, _row`."""
    columns = [pa.field(column.name, arrow_type(column.type)) for column in tables.source(source).columns]
    return pa.schema([*columns, *LINEAGE])
