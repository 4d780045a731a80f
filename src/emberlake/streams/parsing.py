"""Messages as typed rows. Nothing is dropped, nothing raises, and no value is lost without a word.

`from_json` is fast and lenient: a text where a number should be, a number too large, a column that is no longer sent
all become null. So each message is read once with its types; where a null is not explained by a `null` in the text,
the message is doubtful, and only then read again, as texts, one column after the other.
"""

from __future__ import annotations

from functools import partial, reduce
from operator import or_
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from emberlake.streams.events import Event

_ADDED = ("sent_at",)
_SHOWN = 40


def parse(messages: DataFrame, event: Event) -> DataFrame:
    """Messages as typed rows; nothing is dropped and nothing raises.

    Columns that the event does not know stay in `_raw` only. A time is ISO 8601 with seconds, or a date; without an
    offset it is UTC. A number may be written as a text.

    Args:
        messages: rows of Spark's Kafka source: key, value, topic, partition, offset, timestamp.
        event: what they should be.

    Returns:
        The event's columns (null where they cannot be read), `_raw` (the message as text), `_topic`, `_partition`,
        `_offset`, `_timestamp` (when the broker took it, UTC), and `_problem`: null for a message that has its key and
        time and all of whose columns are there and can be read; else what is wrong, with each column's name.
    """
    read = messages.select(
        F.col("topic").alias("_topic"), F.col("partition").alias("_partition"), F.col("offset").alias("_offset"),
        F.col("timestamp").alias("_timestamp"), F.col("value").cast("string").alias("_raw"),
    )  # fmt: skip
    read = read.withColumn("_objects", _objects(f"struct<{_loose(event)}>")).withColumn(
        "_typed", F.get("_objects", F.lit(0))
    )
    timed = read.select("*", *(_time(F.col(f"_typed.{name}")).alias(f"_at_{name}") for name in _times(event)))
    judged = timed.withColumn("_doubtful", F.coalesce(_doubtful(event), F.lit(True)))
    again = _objects("map<string,string>")
    fields = judged.withColumn("_fields", F.when(F.col("_doubtful"), F.when(F.size(again) == 1, again[0])))
    if event.line:
        fields = fields.withColumn("_lines", F.when(F.col("_doubtful"), _texts_of_lines(event)))
    problem = F.when(F.col("_doubtful"), F.nullif(_problem(event), F.lit("")))
    return fields.select(
        *(_column(event, name, kind).alias(name) for name, kind in _all(event).items()),
        "_topic", "_partition", "_offset", "_timestamp", "_raw", problem.alias("_problem"),
    )  # fmt: skip


def _objects(kind: str) -> Column:
    # In brackets: behind the first object of a message, from_json reads no further and says nothing.
    return F.from_json(F.concat(F.lit("["), "_raw", F.lit("]")), f"array<{kind}>")


def _all(event: Event) -> dict[str, str]:
    lines = {"lines": event.lines} if event.line else {}
    return event.columns | lines | dict.fromkeys(_ADDED, "timestamp")


def _times(event: Event) -> list[str]:
    return [name for name, kind in _all(event).items() if kind == "timestamp"]


def _loose(event: Event) -> str:
    # from_json would take 1772359200 for a time in seconds, and 1772359200000 for one in seconds, too.
    kinds = {name: "string" if kind == "timestamp" else kind for name, kind in _all(event).items()}
    return ", ".join(f"`{name}`: {kind}" for name, kind in kinds.items())


def _time(text: Column) -> Column:
    """A time; null for what Spark would guess at: a year alone, a time of today."""
    dated = (F.substring(text, 5, 1) == "-") & (F.substring(text, 8, 1) == "-")
    return F.when(dated, text.try_cast("timestamp"))


def _doubtful(event: Event) -> Column:
    """True where the first reading cannot be trusted; null or true for a message that is no JSON."""
    raw, typed = F.col("_raw"), F.col("_typed")

    def unexplained(name: str) -> Column:
        value = F.col(f"_at_{name}") if name in _times(event) else typed[name]
        # A quote within a text is escaped: these characters are a key and its null.
        said = raw.contains(f'"{name}":null') | raw.contains(f'"{name}": null')
        return value.isNull() & ~said

    reasons = [
        F.size("_objects") != 1, typed.isNull(), typed[event.key].isNull(), F.col(f"_at_{event.time}").isNull(),
        *(unexplained(name) for name in event.columns),
        *(typed[name].isNotNull() & F.col(f"_at_{name}").isNull() for name in _ADDED),
    ]  # fmt: skip
    if event.line:
        gaps = F.exists(typed["lines"], lambda line: reduce(or_, (line[name].isNull() for name, _ in event.line)))
        reasons += [typed["lines"].isNull(), F.coalesce(gaps, F.lit(True))]
    return reduce(or_, reasons)


def _texts_of_lines(event: Event) -> Column:
    texts = F.from_json(
        F.col("_fields")["lines"], f"array<struct<{', '.join(f'`{n}`: string' for n, _ in event.line)}>>"
    )
    return F.when(F.col("_fields")["lines"].startswith("["), texts)


def _column(event: Event, name: str, kind: str) -> Column:
    text = F.col("_fields")[name]
    if name == "lines" and event.line:
        return F.when(F.col("_doubtful"), F.col("_lines").try_cast(kind)).otherwise(F.col("_typed")[name])
    if kind == "timestamp":
        return F.when(F.col("_doubtful"), _time(text)).otherwise(F.col(f"_at_{name}"))
    return F.when(F.col("_doubtful"), text.try_cast(kind)).otherwise(F.col("_typed")[name])


def _problem(event: Event) -> Column:
    """What is wrong with a doubtful message, part after part; empty where nothing is."""
    fields, raw = F.col("_fields"), F.col("_raw")
    whole = F.coalesce(
        F.when(raw.isNull() | (F.trim(raw) == ""), F.lit("the message is empty")),
        F.when(fields.isNull(), F.lit("the message is not one JSON object")),
    )
    parts = [
        part for name, kind in _all(event).items() if name != "lines" for part in _faults(event, name, kind)
    ]  # fmt: skip
    return F.coalesce(whole, F.concat_ws("; ", *parts, *_faults_of_lines(event)))


def _faults(event: Event, name: str, kind: str) -> list[Column]:
    text = F.col("_fields")[name]
    gone = ~F.map_contains_key("_fields", name)
    missing = F.lit(False) if name in _ADDED else (gone | text.isNull() if name in (event.key, event.time) else gone)
    value = _time(text) if kind == "timestamp" else text.try_cast(kind)
    return [
        F.when(missing, F.lit(f"{name} is missing")),
        F.when(text.isNotNull() & value.isNull(), _cannot(name, kind, text)),
    ]


def _faults_of_lines(event: Event) -> list[Column]:
    if not event.line:
        return []
    text, lines = F.col("_fields")["lines"], F.col("_lines")
    found = [
        F.when(text.isNull(), F.lit("lines is missing")),
        F.when(text.isNotNull() & lines.isNull(), _cannot("lines", "a list of lines", text)),
        F.when(F.exists(lines, lambda line: line.isNull()), _cannot("lines", "a list of lines", text)),
    ]
    for name, kind in event.line:
        # A column that is no longer sent is in none of the lines; in some, it is the rules' business.
        found.append(F.when((F.size(lines) > 0) & ~text.contains(f'"{name}"'), F.lit(f"lines.{name} is missing")))
        odd = F.filter(lines, partial(_unreadable, name, kind))
        found.append(F.when(F.size(odd) > 0, _cannot(f"lines.{name}", kind, odd[0][name])))
    return found


def _unreadable(name: str, kind: str, line: Column) -> Column:
    return line[name].isNotNull() & line[name].try_cast(kind).isNull()


def _cannot(name: str, kind: str, text: Column) -> Column:
    return F.concat(F.lit(f"{name} cannot be read as {kind}: "), F.substring(text, 1, _SHOWN))
