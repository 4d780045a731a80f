"""Reading texts as times: ISO 8601, a given format, or seconds since 1970; always in UTC."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from emberlake.lake.feeds.schema import UTC_MICROS

# A DuckDB expression over a column of texts called `v`, and the type of its result.
Each = Callable[[pa.Array, str, pa.DataType], pa.Array]

_OFFSET = "(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)"
_ISO = (
    rf"[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}([T ][0-9]{{1,2}}:[0-9]{{2}}(:[0-9]{{2}}(\.[0-9]{{1,9}})?)?( ?{_OFFSET})?)?"
)
# An offset counts only after a time: the "-31" of a date is none.
_LOCAL = rf"regexp_replace(v, '(:[0-9.]+) ?{_OFFSET}$', '\1')"
_BASE = f"CASE WHEN regexp_full_match(v, '{_ISO}') THEN TRY_CAST({_LOCAL} AS TIMESTAMP) END"
_MINUTES = (
    r"CASE WHEN regexp_matches(v, ':[0-9.]+ ?(Z|UTC)$') THEN 0 "
    r"WHEN regexp_matches(v, ':[0-9.]+ ?[+-][0-9]{2}(:?[0-9]{2})?$') THEN "
    r"(regexp_extract(v, '([+-])[0-9]{2}:?([0-9]{2})?$', 1) || '1')::BIGINT * ("
    r"regexp_extract(v, '[+-]([0-9]{2}):?([0-9]{2})?$', 1)::BIGINT * 60 + "
    r"COALESCE(TRY_CAST(regexp_extract(v, '[+-]([0-9]{2}):?([0-9]{2})?$', 2) AS BIGINT), 0)) END"
)
_CLOCKS = ("", " %H:%M:%S", " %H:%M", " %H:%M:%S.%f", " %I:%M:%S %p", " %I:%M %p", "T%H:%M:%S", "T%H:%M")
_EPOCHS = {"epoch": 1_000_000, "epoch_ms": 1_000}


def read_times(texts: pa.Array, date_format: str | None, timezone: str, each: Each) -> pa.Array:
    """Times in UTC; null where a text is not one, as 31/02/2026 is not.

    Args:
        texts: trimmed texts.
        date_format: strptime directives, `epoch`, `epoch_ms`; None or `iso`: ISO 8601 only. ISO texts are read
            whatever the format is, because they cannot be taken for anything else.
        timezone: of texts that do not tell theirs.
        each: see `Each`.
    """
    if date_format in _EPOCHS:
        pattern = r"-?[0-9]{1,15}(\.[0-9]*)?"
        micros = f"TRY_CAST(TRY_CAST(v AS DECIMAL(28,6)) * {_EPOCHS[date_format]} AS BIGINT)"
        found = each(texts, f"CASE WHEN regexp_full_match(v, '{pattern}') THEN {micros} END", pa.int64())
        return found.cast(UTC_MICROS)
    if date_format in (None, "iso"):
        try:
            return in_utc(texts.cast(pa.timestamp("us")), timezone)
        except pa.ArrowInvalid:
            return _iso(texts, timezone, each)
    formats = [str(date_format)]
    if not any(directive in formats[0] for directive in ("%H", "%I", "%X", "%c", "%s")):
        formats = [formats[0] + clock for clock in _CLOCKS]
    listed = ", ".join("'" + text.replace("'", "''") + "'" for text in formats)
    found = in_utc(each(texts, f"TRY_STRPTIME(v, [{listed}])", pa.timestamp("us")), timezone)
    rest = pc.if_else(pc.is_null(found), texts, pa.scalar(None, pa.string()))
    return found if rest.null_count == len(rest) else pc.coalesce(found, _iso(rest, timezone, each))


def in_utc(times: pa.Array, timezone: str) -> pa.Array:
    """Times of a place's clock as UTC; an hour that the clock shows twice is taken as its first."""
    if timezone == "UTC":
        return times.cast(UTC_MICROS)
    return pc.assume_timezone(times, timezone, ambiguous="earliest", nonexistent="latest").cast(UTC_MICROS)


def _iso(texts: pa.Array, timezone: str, each: Each) -> pa.Array:
    # DuckDB's cast to TIMESTAMP drops an offset: take it off here.
    base = each(texts, _BASE, pa.timestamp("us"))
    minutes = each(texts, _MINUTES, pa.int64())
    local = in_utc(pc.if_else(pc.is_null(minutes), base, pa.scalar(None, base.type)), timezone)
    told = pc.subtract(base.cast(pa.int64()), pc.multiply(minutes, 60_000_000)).cast(UTC_MICROS)
    return pc.coalesce(told, local)
