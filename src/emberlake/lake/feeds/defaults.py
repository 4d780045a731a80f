"""What a shop's log does not say and its table needs: order numbers, times of receipt, status, currency, keys."""

from __future__ import annotations

import hashlib

import pyarrow as pa
import pyarrow.compute as pc

from emberlake.lake.feeds.plan import DERIVED, Plan
from emberlake.lake.feeds.texts import TextReader, blank_to_null

STATUS = "paid"
CURRENCY = "EUR"
# Where the text of an identifier that is no number is kept.
_KEYS = {
    ("users", "user_id"): "source_key",
    ("orders", "order_id"): "source_key",
    ("products", "product_id"): "source_key",
    ("order_lines", "order_id"): "order_key",
    ("order_lines", "user_id"): "user_key",
    ("order_lines", "product_id"): "product_key",
}


class Completer:
    """Fills in columns that a file does not have; remembers the rows seen, so it lives as long as one file's task."""

    def __init__(self, plan: Plan, reader: TextReader) -> None:
        self._plan = plan
        self._reader = reader
        self._seen: dict[bytes, int] = {}

    def __call__(self, values: dict[str, pa.Array], columns: dict[str, pa.Array]) -> None:
        """Change `values` (by contract column) in place; `columns` are the file's own."""
        self._keys(values, columns)
        if self._plan.source == "orders":
            self._orders(values)
        if self._plan.derive_key:
            values[DERIVED[self._plan.source][0]] = self._derived(values)

    def _keys(self, values: dict[str, pa.Array], columns: dict[str, pa.Array]) -> None:
        for how in self._plan.readings:
            kept = _KEYS.get((self._plan.source, how.name))
            if kept in self._plan.missing and how.hashed and how.source is not None:
                texts = blank_to_null(columns[how.source].cast(pa.string()))
                number = pc.match_substring_regex(texts, "^[0-9]{1,18}$")
                values[str(kept)] = pc.if_else(number, pa.scalar(None, pa.string()), texts)

    def _orders(self, values: dict[str, pa.Array]) -> None:
        missing = self._plan.missing
        if "received_at" in missing:
            values["received_at"] = values["ordered_at"]
        for name, default in (("status", STATUS), ("currency", CURRENCY)):
            if name in missing:
                values[name] = pa.repeat(pa.scalar(default), len(values[name]))
        if self._plan.rates:
            codes = values["currency"]
            known = pc.is_in(pc.utf8_upper(codes), pa.array([CURRENCY, *(code for code, _ in self._plan.rates)]))
            values["currency"] = pc.if_else(pc.or_(pc.is_null(codes), known), CURRENCY, codes)

    def _derived(self, values: dict[str, pa.Array]) -> pa.Array:
        """A number from what identifies a row, and from how often the same came before in the file.

        The same rows get the same numbers in every export that has them all, whatever their order.
        """
        key, needed, more = DERIVED[self._plan.source]
        known = [_as_key(values[name]) for name in needed]
        told = [pc.fill_null(_as_key(values[name]), "") for name in more]
        named: list[str | None] = []
        for text in pc.binary_join_element_wise(*known, *told, "|").to_pylist():
            if text is None:
                named.append(None)
                continue
            # A digest in place of the text: a log of ten million rows is remembered in one gigabyte, not three.
            slot = hashlib.blake2b(text.encode(), digest_size=8).digest()
            count = self._seen[slot] = self._seen.get(slot, -1) + 1
            named.append(f"{key}|{text}|{count}")
        return self._reader.identifiers(pa.array(named, pa.string()))


def _as_key(values: pa.Array) -> pa.Array:
    return (values.cast(pa.int64()) if pa.types.is_timestamp(values.type) else values).cast(pa.string())
