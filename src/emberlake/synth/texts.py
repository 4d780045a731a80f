"""The text exports: orders as CSV from the tills' old system, events as JSON lines from the app's log."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from emberlake.synth.columns import Rows, contract, flags, glue, numbers, to_arrow, words_array
from emberlake.synth.dirt import BAD_AMOUNT, BAD_DATE, BAD_ID, BAD_TIME, BROKEN_LINE

IMPOSSIBLE_DATE = "31/02/2026"
NO_TIME = "yesterday evening"
_BROKEN_AT = 40


def write_orders(path: Path, rows: Rows) -> None:
    """Orders with a header, `,` between fields, ISO times in UTC, `.` as the decimal mark - where not planted wrong."""
    table, fault = to_arrow("orders", rows), rows["fault"]
    columns = {name: _text(table.column(name), "%Y-%m-%d %H:%M:%S") for name, _ in contract("orders")}
    quoted = glue('"', _german_amounts(rows["order_id"]), '"', by="")
    columns["amount"] = _where(fault == BAD_AMOUNT, quoted, columns["amount"])
    columns["ordered_at"] = _where(fault == BAD_DATE, IMPOSSIBLE_DATE, columns["ordered_at"])
    spaced = glue("A", columns["order_id"], by=" ")
    columns["order_id"] = _where(fault == BAD_ID, spaced, columns["order_id"])
    nothing = words_array(("",))[0]
    # No other field can hold a comma or a quotation mark.
    lines = glue(*(pc.fill_null(values, nothing) for values in columns.values()), by=",")
    _write_lines(path, ",".join(columns) + "\n", lines)


def write_events(path: Path, rows: Rows) -> None:
    """One JSON object a line, null where there is nothing; a broken line ends in the middle."""
    table, fault = to_arrow("events", rows), rows["fault"]
    pieces: list[pa.Array | str] = []
    null = words_array(("null",))[0]
    for name, type in contract("events"):
        value = _text(table.column(name), "%Y-%m-%dT%H:%M:%SZ")
        if name == "occurred_at":
            value = _where(fault == BAD_TIME, NO_TIME, value)
        if type in ("string", "timestamp"):
            value = glue('"', value, '"', by="")
        value = pc.fill_null(value, null)
        pieces += [f'{"," if pieces else "{"}"{name}":', value]
    lines = glue(*pieces, "}", by="")
    lines = _where(fault == BROKEN_LINE, pc.utf8_slice_codeunits(lines, 0, _BROKEN_AT), lines)
    _write_lines(path, "", lines)


def _write_lines(path: Path, header: str, lines: pa.Array) -> None:
    ended = glue(lines, "\n", by="")
    with path.open("wb") as out:
        out.write(header.encode())
        # The strings of an Arrow array lie end to end: its data is the text.
        if len(ended):
            out.write(ended.buffers()[2])


def _where(mask: np.ndarray, then: pa.Array | str, other: pa.Array) -> pa.Array:
    return pc.if_else(flags(mask), words_array((then,))[0] if isinstance(then, str) else then, other)


def _text(column: pa.ChunkedArray, time_format: str) -> pa.Array:
    column = column.combine_chunks()
    if pa.types.is_timestamp(column.type):
        # Whole seconds first: strftime would print microseconds with %S.
        return pc.strftime(column.cast(pa.timestamp("s", tz="UTC")), format=time_format)
    return column.cast(pa.string())


def _german_amounts(ids: np.ndarray) -> pa.Array:
    """Amounts like 1.299,00: thousands marked by a point, cents by a comma."""
    thousands = numbers(1 + ids % 9).cast(pa.string())
    hundreds = pc.utf8_lpad(numbers(ids * 37 % 1000).cast(pa.string()), 3, "0")
    cents = pc.utf8_lpad(numbers(ids * 13 % 100).cast(pa.string()), 2, "0")
    return glue(glue(thousands, hundreds, by="."), cents, by=",")
