"""From columns as they were found to batches of the contract's shape, with what could not be read kept beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from emberlake.lake.feeds.defaults import Completer
from emberlake.lake.feeds.lines import Broken
from emberlake.lake.feeds.plan import Plan, Reading
from emberlake.lake.feeds.schema import LINEAGE, arrow_type, batch_schema
from emberlake.lake.feeds.texts import EXACT, TextReader, blank_to_null, in_euro
from emberlake.lake.feeds.times import in_utc

ROWS = 131_072


class RowMaker:
    """Makes batches of one file, in its order."""

    def __init__(self, plan: Plan, path: str) -> None:
        self._plan = plan
        self._path = path
        self._reader = TextReader()
        self._complete = Completer(plan, self._reader)
        self._schema = batch_schema(plan.source)
        # One long column of the file's name and one of nulls, sliced for every batch: no copy a batch.
        self._name = pa.array([path], pa.string()).take(pa.array(np.zeros(ROWS, np.int8)))

    def batches(
        self, columns: dict[str, pa.Array], numbers: pa.Array, broken: list[Broken] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Batches of at most `ROWS` rows.

        Args:
            columns: the file's columns by name, of text or of Parquet's own types.
            numbers: the rows' numbers in the file.
            broken: lines that have no columns; each becomes a row of nulls with its text in `_rescued`.
        """
        total = len(numbers)
        for start in range(0, total, ROWS):
            size = min(ROWS, total - start)
            part = {name: column.slice(start, size) for name, column in columns.items()}
            yield self._batch(part, numbers.slice(start, size))
        for start in range(0, len(broken or ()), ROWS):
            yield self._lines((broken or [])[start : start + ROWS])

    def _batch(self, columns: dict[str, pa.Array], numbers: pa.Array) -> pa.RecordBatch:
        size = len(numbers)
        values: dict[str, pa.Array] = {}
        rescued: dict[int, dict[str, object]] = {}
        rates = self._rates(columns, size)
        for how in self._plan.readings:
            found = columns.get(how.source) if how.source is not None else None
            if found is None:
                values[how.name] = self._constant(how, size)
                continue
            read = self.read(found, how, rates if how.converted else None)
            values[how.name] = read
            if read.null_count != found.null_count:
                _rescue(rescued, how, found, read)
        if self._plan.keep_extra:
            for name in self._plan.extra:
                _keep(rescued, f"+{name}", columns[name])
        self._complete(values, columns)
        values |= {"_rescued": _as_json(rescued, size), "_source_file": self._name.slice(0, size), "_row": numbers}
        values.setdefault("_op", pa.nulls(size, pa.string()))
        if self._plan.lineage:
            values |= {name: columns[name].cast(LINEAGE.field(name).type) for name in LINEAGE.names if name in columns}
        return pa.record_batch([values[field.name] for field in self._schema], schema=self._schema)

    def read(self, found: pa.Array, how: Reading, rates: pa.Array | None) -> pa.Array:
        """A column as its contract type; null where a value cannot be read as it."""
        if pa.types.is_dictionary(found.type):
            found = found.dictionary_decode()
        if pa.types.is_large_string(found.type) or pa.types.is_string_view(found.type):
            found = found.cast(pa.string())
        if how.name == "_op":
            return _operations(self._reader.read(found.cast(pa.string()), how))
        if pa.types.is_string(found.type):
            return self._reader.read(found, how, rates)
        try:
            if rates is not None:
                return in_euro(found.cast(EXACT), rates, arrow_type(how.type))
            return _strict(found, how)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return self._reader.read(as_text(found), how, rates)

    def _rates(self, columns: dict[str, pa.Array], size: int) -> pa.Array | None:
        """EUR for one unit of each row's currency; null for a currency without a rate."""
        if not self._plan.rates:
            return None
        how = next((how for how in self._plan.readings if how.name == "currency"), None)
        codes = pa.nulls(size, pa.string())
        if how and how.source:
            codes = pc.utf8_upper(blank_to_null(self._reader.read(as_text(columns[how.source]), how)))
        codes = pc.fill_null(codes, self._plan.currency)
        known = {"EUR": Decimal(1), **dict(self._plan.rates)}
        return pa.array(known.values(), pa.decimal128(20, 8)).take(pc.index_in(codes, pa.array(known.keys())))

    def _constant(self, how: Reading, size: int) -> pa.Array:
        if how.constant is None:
            return pa.nulls(size, arrow_type(how.type))
        one_value = self._reader.read(pa.array([how.constant], pa.string()), how)
        return one_value.take(pa.array(np.zeros(size, np.int8)))

    def _lines(self, broken: list[Broken]) -> pa.RecordBatch:
        size = len(broken)
        nothing = {field.name: pa.nulls(size, field.type) for field in self._schema}
        nothing |= {
            "_rescued": pa.array(
                [json.dumps({"_line": item.text}, ensure_ascii=False) for item in broken], pa.string()
            ),
            "_source_file": self._name.slice(0, size),
            "_row": pa.array([item.line for item in broken], pa.int64()),
        }
        return pa.record_batch([nothing[field.name] for field in self._schema], schema=self._schema)


def _strict(found: pa.Array, how: Reading) -> pa.Array:
    """Arrow's own cast, where it loses nothing.

    Raises:
        ArrowInvalid, ArrowNotImplementedError: where a value does not fit; the caller then reads value by value.
    """
    target = arrow_type(how.type)
    kind = found.type
    if how.values or (how.hashed and not pa.types.is_integer(kind)):
        raise pa.ArrowInvalid("read as text")
    if kind == target:
        if pa.types.is_floating(kind) and pc.any(pc.invert(pc.is_finite(found))).as_py():
            raise pa.ArrowInvalid("not a number")
        return found
    if pa.types.is_timestamp(target):
        if pa.types.is_timestamp(kind):
            # Nanoseconds are cut: the contract keeps microseconds.
            micros = found.cast(pa.timestamp("us", kind.tz), safe=False)
            return micros.cast(target) if kind.tz else in_utc(micros, how.timezone)
        if pa.types.is_date(kind):
            return in_utc(found.cast(pa.timestamp("us")), how.timezone)
        if how.date_format in ("epoch", "epoch_ms") and pa.types.is_integer(kind):
            unit = "s" if how.date_format == "epoch" else "ms"
            return found.cast(pa.int64()).cast(pa.timestamp(unit, "UTC")).cast(target)
        raise pa.ArrowInvalid("read as text")
    if pa.types.is_date(target) and pa.types.is_timestamp(kind):
        return found.cast(target, safe=False)
    if pa.types.is_decimal(target) and pa.types.is_integer(kind):
        return found.cast(pa.decimal128(19 + target.scale, target.scale)).cast(target)
    if pa.types.is_floating(target) and pa.types.is_floating(kind):
        return _strict(found.cast(target), how)
    if pa.types.is_nested(kind) or pa.types.is_boolean(kind) and not pa.types.is_boolean(target):
        raise pa.ArrowInvalid("read as text")
    return found.cast(target)


def as_text(found: pa.Array) -> pa.Array:
    """Any column as text: what a person would have typed for it."""
    if pa.types.is_nested(found.type):
        texts = [None if value is None else json.dumps(value, default=str) for value in found.to_pylist()]
        return pa.array(texts, pa.string())
    try:
        return found.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        texts = [
            value.decode(errors="backslashreplace") if isinstance(value, bytes) else value
            for value in found.to_pylist()
        ]
        return pa.array([None if text is None else str(text) for text in texts], pa.string())


def _operations(words: pa.Array) -> pa.Array:
    known = pc.is_in(words, pa.array(["upsert", "delete"]))
    return pc.if_else(known, words, pa.scalar(None, pa.string()))


def _rescue(rescued: dict[int, dict[str, object]], how: Reading, found: pa.Array, read: pa.Array) -> None:
    texts = as_text(found) if not pa.types.is_string(found.type) else found
    meant = blank_to_null(texts) if not pa.types.is_string(arrow_type(how.type)) or how.name == "_op" else texts
    lost = pc.and_(pc.is_valid(meant), pc.is_null(read))
    if how.nulls:
        lost = pc.and_(lost, pc.invert(pc.is_in(texts, pa.array(how.nulls))))
    rows = np.flatnonzero(lost.to_numpy(zero_copy_only=False))
    for row, text in zip(rows.tolist(), texts.take(pa.array(rows)).to_pylist(), strict=True):
        rescued.setdefault(row, {})[how.name] = text


def _keep(rescued: dict[int, dict[str, object]], name: str, found: pa.Array) -> None:
    for row, text in enumerate(as_text(found).to_pylist()):
        if text is not None and text != "":
            rescued.setdefault(row, {})[name] = text


def _as_json(rescued: dict[int, dict[str, object]], size: int) -> pa.Array:
    if not rescued:
        return pa.nulls(size, pa.string())
    rows: list[str | None] = [None] * size
    for row, texts in rescued.items():
        rows[row] = json.dumps(texts, ensure_ascii=False)
    return pa.array(rows, pa.string())
