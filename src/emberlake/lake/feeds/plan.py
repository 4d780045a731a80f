"""A feed's mapping met with one file's columns: which column is read from where, and how."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from emberlake.errors import SourceError
from emberlake.lake.feeds.feed import ColumnMap, Feed
from emberlake.lake.feeds.schema import LINEAGE, table_of
from emberlake.lake.feeds.synonyms import guess_mapping, plain

OPS = {
    **dict.fromkeys(
        ["i", "u", "c", "r", "insert", "update", "upsert", "create", "inserted", "updated", "upserted", "created"],
        "upsert",
    ),
    **dict.fromkeys(["d", "delete", "deleted", "remove", "removed"], "delete"),
}
# Keys that can be made from other columns, for logs whose rows have no number: the key, the columns that must be there,
# and those that tell more.
DERIVED = {
    "orders": ("order_id", ("user_id", "ordered_at", "amount"), ()),
    "events": ("event_id", ("session_id", "event", "occurred_at"), ("user_id", "product_id", "query", "order_id")),
    "payments": ("payment_id", ("order_id", "amount"), ("paid_at", "method", "status")),
    "returns": ("return_id", ("order_id", "product_id", "quantity"), ("line", "returned_at")),
    "inventory": ("movement_id", ("product_id", "moved_at", "quantity"), ("kind", "warehouse")),
}


@dataclass(frozen=True)
class Reading:
    """How one contract column is read; `name` is `_op` for the operation.

    Attributes:
        source: the file's column; None: `constant`, or nothing.
        converted: money that is not all in EUR: it is multiplied by the rate of its row's currency.
        hashed: identifiers that are no numbers become stable numbers.
    """

    name: str
    type: str
    source: str | None = None
    constant: str | None = None
    date_format: str | None = None
    timezone: str = "UTC"
    decimal: str = "."
    thousands: str = ""
    currency: str = "EUR"
    converted: bool = False
    values: tuple[tuple[str, str], ...] = ()
    hashed: bool = False
    nulls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """How one file is read.

    Attributes:
        readings: one a contract column, in the contract's order, then `_op` where the file has one.
        missing: contract columns that the file does not have (they are null or have a default).
        extra: the file's columns that nothing reads.
        retyped: columns that are not of the contract's type, each with what it is instead.
        derive_key: the key is made from the other columns.
        lineage: the file tells itself where each row came from, in `_source_file`, `_row` and `_rescued`.
        currency: of rows that do not tell theirs; `rates`: EUR for one unit of each currency.
    """

    source: str
    readings: tuple[Reading, ...]
    columns: tuple[str, ...]
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    derive_key: bool = False
    keep_extra: bool = False
    lineage: bool = False
    retyped: tuple[str, ...] = ()
    currency: str = "EUR"
    rates: tuple[tuple[str, Decimal], ...] = ()


def make_plan(
    feed: Feed,
    columns: list[str],
    path: str,
    duplicates: tuple[str, ...] = (),
    told: tuple[str, ...] = (),
    strict: bool = False,
) -> Plan:
    """Match a file's columns to the feed's table.

    Args:
        feed: whose mapping to follow.
        columns: the file's columns, each once.
        path: for messages.
        duplicates: names that the file has more than once.
        told: the first line of a file without a header, for messages.
        strict: refuse a mapping that names a column which the file lacks; else that is told where the column is not
            needed, because a shop's export may lose one some day.

    Raises:
        SourceError: when the mapping names a column that the file lacks, or a required column is not found.
    """
    table = table_of(feed.source)
    said = feed.mapping.columns
    required = {column.name for column in table.columns if column.required}
    given = {name: _origin(item, columns, path, feed, strict or name in required) for name, item in said.items()}
    free = [name for name in columns if name not in {item.source for item in given.values()}]
    guessed = guess_mapping(free, feed.source) if feed.guess else {name: name for name in table.names if name in free}
    for name, column in guessed.items():
        # What the mapping says may be only how a column is read, not which one it is.
        if name not in said or (said[name].source is None and said[name].value is None):
            given[name] = said.get(name, ColumnMap()).model_copy(update={"source": column})
    given = {name: item for name, item in given.items() if item.source is not None or item.value is not None}
    operation = feed.mapping.op or _find_operation(columns, given)
    _refuse_doubles(given, duplicates, path)
    key, needed, _ = DERIVED.get(feed.source, ("", (), ()))
    derive = bool(key) and key not in given and all(name in given for name in needed)
    lacking = [name for name in table.names if name in required - given.keys() - ({key} if derive else set())]
    if lacking:
        # A key that could be made is not what the file lacks.
        lacking = [name for name in lacking if name != key] or lacking
        free = [name for name in columns if name not in {item.source for item in given.values()}]
        raise _lacking(path, feed.source, lacking, columns, free, told)
    readings = [_reading(feed, c.name, c.type, given.get(c.name, ColumnMap())) for c in table.columns]
    if operation:
        words = tuple({**OPS, **operation.values}.items())
        readings.append(
            Reading("_op", "string", str(_origin(operation, columns, path, feed, True).source), values=words)
        )
    used = {reading.source for reading in readings}
    return Plan(
        source=feed.source,
        readings=tuple(readings),
        columns=tuple(columns),
        missing=tuple(name for name in table.names if name not in given),
        extra=tuple(name for name in columns if name not in used and not (feed.lineage and name in LINEAGE.names)),
        lineage=feed.lineage,
        derive_key=derive,
        keep_extra=feed.mapping.keep_extra,
        currency=feed.mapping.currency or "EUR",
        rates=tuple(feed.mapping.to_euro.items()),
    )


def _reading(feed: Feed, name: str, kind: str, item: ColumnMap) -> Reading:
    mapping = feed.mapping
    return Reading(
        name=name,
        type=kind,
        source=None if item.source is None else str(item.source),
        constant=item.value,
        date_format=item.date_format or mapping.date_format,
        timezone=item.timezone or mapping.timezone or "UTC",
        decimal=item.decimal or mapping.decimal or ".",
        thousands=item.thousands or mapping.thousands or "",
        currency=mapping.currency or "EUR",
        converted=kind.startswith("decimal") and bool(mapping.to_euro),
        values=tuple((plain(word), meaning) for word, meaning in item.values.items()),
        hashed=kind == "long" and (item.id_kind or mapping.id_kind) == "text",
        nulls=mapping.dialect.nulls,
    )


def _origin(item: ColumnMap, columns: list[str], path: str, feed: Feed, must: bool) -> ColumnMap:
    if item.source is None or item.source in columns:
        return item
    if isinstance(item.source, int) and 1 <= item.source <= len(columns):
        return item.model_copy(update={"source": columns[item.source - 1]})
    if isinstance(item.source, int) and must:
        width = f"{len(columns)} column{'s' * (len(columns) != 1)}"
        raise SourceError(f"{path}: has no column {item.source}.", f"It has {width}: {_listed(columns)}.")
    wanted = str(item.source)
    same = [name for name in columns if plain(name) == plain(wanted)]
    if len(same) == 1:
        return item.model_copy(update={"source": same[0]})
    if not must:
        return item.model_copy(update={"source": None})
    close = get_close_matches(wanted, columns, 1)
    hint = f"Did you mean {close[0]!r}? " if close else ""
    raise SourceError(
        f"{path}: has no column {wanted!r}, which feed {feed.name!r} reads.",
        f"{hint}Its columns are: {_listed(columns)}.",
    )


def _find_operation(columns: list[str], given: dict[str, ColumnMap]) -> ColumnMap | None:
    used = {item.source for item in given.values()}
    found = next((name for name in columns if name.lower() in ("_op", "op", "__op") and name not in used), None)
    return ColumnMap(source=found) if found else None


def _refuse_doubles(given: dict[str, ColumnMap], duplicates: tuple[str, ...], path: str) -> None:
    read = sorted({str(item.source) for item in given.values()} & set(duplicates))
    if read:
        raise SourceError(
            f"{path}: has more than one column {read[0]!r}, so it is not clear which one to read.",
            "Say which by its position in the mapping, such as `amount: 4`, or rename one in the file.",
        )


def _lacking(
    path: str, source: str, lacking: list[str], columns: list[str], free: list[str], told: tuple[str, ...]
) -> SourceError:
    names = ", ".join(repr(name) for name in lacking)
    hints = [f"{close[0]!r} for {name!r}" for name in lacking if (close := get_close_matches(name, free, 1, 0.5))]
    hint = f"Did you mean {', '.join(hints)}? " if hints else ""
    if told:
        there = f"It seems to have no header, and its first line is: {_listed(list(told))}. "
        example = f"{{{lacking[0]}: 1}}` for the first one; if the delimiter is wrong, give it"
    else:
        there = f"Its columns are: {_listed(columns)}. "
        example = f"{{{lacking[0]}: {free[0] if free else 'NAME'}}}`"
    return SourceError(
        f"{path}: no column found for {names}, which {source} cannot do without.",
        f"{hint}{there}Say which one it is in the mapping, such as `columns: {example}.",
    )


def _listed(columns: list[str]) -> str:
    shown = [repr(name if len(name) <= 60 else name[:57] + "…") for name in columns[:30]]
    return ", ".join(shown) + (f" and {len(columns) - 30} more" if len(columns) > 30 else "") if shown else "none"
