"""Reading texts as their contract types, a whole column at a time.

Arrow's strict cast does clean columns; one that it refuses goes through DuckDB, value by value but vectorised, behind
a pattern that says exactly which texts are accepted: DuckDB's own casts take more than a shop should (they round 1.5
to the whole number 2, read 1_000, and drop an offset such as +02:00).
"""

from __future__ import annotations

from functools import cached_property

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from emberlake.lake.feeds.plan import Reading
from emberlake.lake.feeds.schema import arrow_type
from emberlake.lake.feeds.synonyms import plain
from emberlake.lake.feeds.times import read_times

_INTEGER = r"[+-]?[0-9]+(\.0*)?"
_NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?"
SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "zł": "PLN", "¥": "JPY", "CHF": "CHF", "kr": "SEK"}
# Money before it is multiplied by a rate.
EXACT = pa.decimal128(24, 6)
_BOOLEANS = {"true": True, "t": True, "yes": True, "y": True, "1": True,
             "false": False, "f": False, "no": False, "n": False, "0": False}  # fmt: skip


class TextReader:
    """Reads columns of text; holds a DuckDB connection once one is needed, so it lives inside one task."""

    @cached_property
    def _duck(self) -> duckdb.DuckDBPyConnection:
        # Clean columns never need it, and opening one takes as long as reading a hundred thousand rows.
        return duckdb.connect(":memory:", config={"threads": 1})

    def read(self, texts: pa.Array, how: Reading, rates: pa.Array | None = None) -> pa.Array:
        """The values of a column of text; null where there is none, or where the text is not accepted.

        Args:
            texts: strings; empty ones mean "no value" except in string columns.
            how: the contract column, and how its texts are written.
            rates: EUR for one unit of each row's currency, where money is converted.
        """
        target = arrow_type(how.type)
        if how.nulls:
            texts = pc.if_else(pc.is_in(texts, pa.array(how.nulls)), pa.scalar(None, pa.string()), texts)
        if pa.types.is_string(target):
            return self._words(texts, how) if how.values else texts
        texts = blank_to_null(texts)
        if how.values:
            texts = self._words(texts, how)
        if how.hashed:
            return self.identifiers(texts)
        if pa.types.is_timestamp(target) or pa.types.is_date(target):
            return read_times(texts, how.date_format, how.timezone, self._each).cast(target, safe=False)
        if pa.types.is_boolean(target):
            return pc.take(pa.array([*_BOOLEANS.values()]), pc.index_in(pc.utf8_lower(texts), pa.array([*_BOOLEANS])))
        return self._numbers(texts, how, target, rates)

    def identifiers(self, texts: pa.Array) -> pa.Array:
        """Identifiers as numbers: whole numbers as they are, other texts by a stable hash.

        The hash is 62 bits of the first 8 bytes of the text's MD5 with the next bit set, so that it never meets a
        real number below 2⁶² and is the same in every file, on every engine. Two of n texts share a number with odds
        of about n² / 2⁶³: one in 92,000 for ten million.
        """
        return self._each(
            texts,
            # Spelled out: which half md5_number_lower returns is DuckDB's own affair, and ids must outlive it.
            "CASE WHEN regexp_full_match(v, '[0-9]{1,18}') THEN TRY_CAST(v AS BIGINT) WHEN v IS NOT NULL THEN "
            "(('0x' || substr(md5(v), 1, 16))::UBIGINT % 4611686018427387904 + 4611686018427387904)::BIGINT END",
            pa.int64(),
        )

    def _words(self, texts: pa.Array, how: Reading) -> pa.Array:
        # Few different words: look each up once.
        encoded = texts.dictionary_encode()
        meanings = dict(how.values)
        words = [None if word is None else meanings.get(plain(word), word) for word in encoded.dictionary.to_pylist()]
        return pa.array(words, pa.string()).take(encoded.indices)

    def _numbers(self, texts: pa.Array, how: Reading, target: pa.DataType, rates: pa.Array | None) -> pa.Array:
        if how.decimal == "." and not how.thousands and rates is None:
            try:
                # Arrow reads 0x1F as 31, takes inf and nan, and lets digits without end run over (39 nines become a
                # number below zero); those go the strict way.
                odd = pc.or_kleene(
                    pc.any(pc.match_substring_regex(texts, "[xXnN]")), pc.greater(pc.max(pc.binary_length(texts)), 30)
                )
                if odd.as_py():
                    raise pa.ArrowInvalid
                return texts.cast(target)
            except pa.ArrowInvalid:
                pass
        texts = self._plain_numbers(texts, how)
        if pa.types.is_integer(target):
            name = "BIGINT" if target == pa.int64() else "INTEGER"
            # The fraction is all zeros here; cutting it keeps 19-digit numbers exact.
            read = f"TRY_CAST(regexp_replace(v, '\\.0*$', '') AS {name})"
            return self._each(texts, f"CASE WHEN regexp_full_match(v, '{_INTEGER}') THEN {read} END", target)
        kind = target if rates is None else EXACT
        name = "DOUBLE" if pa.types.is_floating(kind) else f"DECIMAL({kind.precision},{kind.scale})"
        read = f"CASE WHEN regexp_full_match(v, '{_NUMBER}') THEN TRY_CAST(v AS {name}) END"
        values = self._each(texts, read, kind)
        return values if rates is None else in_euro(values, rates, target)

    def _plain_numbers(self, texts: pa.Array, how: Reading) -> pa.Array:
        """Numbers with "." as decimal mark, without thousands marks and the currency's own sign."""
        for symbol in [sign for sign, code in SYMBOLS.items() if code == how.currency] + [how.currency]:
            bare = pc.utf8_trim_whitespace(pc.replace_substring(texts, symbol, "", max_replacements=1))
            outside = pc.or_(pc.starts_with(texts, symbol), pc.ends_with(texts, symbol))
            texts = pc.if_else(outside, bare, texts)
        if how.thousands:
            mark = "[ \u00a0\u202f]" if how.thousands == " " else f"[{how.thousands}]"
            grouped = pc.match_substring_regex(texts, rf"^[+-]?[0-9]{{1,3}}({mark}[0-9]{{3}})+([^0-9].*)?$")
            texts = pc.if_else(grouped, pc.replace_substring_regex(texts, mark, ""), texts)
        if how.decimal == ",":
            # A "." that is left is not a decimal mark here: keep it from being read as one.
            texts = pc.if_else(pc.match_substring(texts, "."), "not a number", pc.replace_substring(texts, ",", "."))
        return texts

    def _each(self, texts: pa.Array, expression: str, kind: pa.DataType) -> pa.Array:
        """A DuckDB expression over one column of text, called `v`."""
        self._duck.register("texts", pa.table({"v": texts}))
        found = self._duck.sql(f"SELECT {expression} AS v FROM texts").to_arrow_table()["v"]
        self._duck.unregister("texts")
        return one(found).cast(kind)


def blank_to_null(texts: pa.Array) -> pa.Array:
    """Texts without blanks at their ends; null where nothing is left."""
    texts = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def in_euro(values: pa.Array, rates: pa.Array, target: pa.DataType) -> pa.Array:
    """Money times its rate, rounded half up to cents; null where there is no rate or the result has too many digits."""
    product = pc.multiply(values.cast(pa.decimal256(24, 6)), rates.cast(pa.decimal256(20, 8)))
    rounded = pc.round(product, target.scale, "half_towards_infinity")
    limit = pa.scalar(10 ** (target.precision - target.scale)).cast(pa.decimal256(38, 0))
    fits = pc.less(pc.abs(rounded), limit.cast(rounded.type))
    return pc.if_else(fits, rounded, pa.scalar(None, rounded.type)).cast(target, safe=False)


def one(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """One array of possibly many chunks."""
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
