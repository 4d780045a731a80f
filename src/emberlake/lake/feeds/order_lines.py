"""A log with a row a line of an order (invoice, customer, product, quantity, price) becomes orders, items and products.

Each file is converted once into Parquet files under `state/imported/<feed>/`, named after its content; they tell for
each row the file and line that it came from, so nothing is lost: every line of the log is one row of order_items, read
or refused. An order is taken to be whole in one file. Memory: DuckDB spills beyond its limit.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import duckdb
import pyarrow as pa

from emberlake.errors import SourceError
from emberlake.lake.feeds.feed import Feed, Mapping
from emberlake.lake.feeds.files import SourceFile
from emberlake.lake.feeds.find import find_files
from emberlake.lake.feeds.schema import ORDER_LINES, batch_schema
from emberlake.lake.feeds.tasks import parse, split
from emberlake.settings import Settings

_TABLES = {
    "order_items": """
        SELECT order_id, CASE WHEN order_id IS NOT NULL THEN row_number() OVER (PARTITION BY order_id ORDER BY _row) END
            ::INTEGER AS line, product_id, quantity, unit_price, discount, _rescued, _op, _source_file, _row
        FROM lines ORDER BY _row""",
    "orders": """
        SELECT order_id, min(user_id) AS user_id, min(ordered_at) AS ordered_at, min(ordered_at) AS received_at,
            coalesce(any_value(status), 'paid') AS status, any_value(channel) AS channel, any_value(country) AS country,
            coalesce(any_value(currency), 'EUR') AS currency,
            TRY_CAST(sum(quantity * unit_price - coalesce(discount, 0)) AS DECIMAL(12,2)) AS items_amount,
            0::DECIMAL(12,2) AS discount, 0::DECIMAL(12,2) AS shipping,
            TRY_CAST(sum(quantity * unit_price - coalesce(discount, 0)) AS DECIMAL(12,2)) AS amount,
            any_value(order_key) AS source_key, min(_source_file) AS _source_file, min(_row) AS _row
        FROM lines WHERE order_id IS NOT NULL GROUP BY order_id ORDER BY _row""",
    "products": """
        SELECT product_id, mode(product) AS name, mode(category) AS category,
            arg_min(unit_price, _row) FILTER (unit_price > 0) AS list_price, min(ordered_at) AS launched_at,
            any_value(product_key) AS source_key, min(_source_file) AS _source_file, min(_row) AS _row
        FROM lines WHERE product_id IS NOT NULL GROUP BY product_id ORDER BY _row""",
    "users": """
        SELECT user_id, mode(country) AS country, any_value(user_key) AS source_key,
            min(_source_file) AS _source_file, min(_row) AS _row
        FROM lines WHERE user_id IS NOT NULL AND EXISTS (FROM lines WHERE user_key IS NOT NULL)
        GROUP BY user_id ORDER BY _row""",
}
_COMPANIONS = ("products", "users")


def expand(settings: Settings, feed: Feed) -> list[Feed]:
    """The feeds that a log of order lines fills; its new files are converted first.

    A file that cannot be read comes back in a feed of its own, which says why when it is split.

    Raises:
        SourceError: if a path does not exist, or the converted files cannot be written.
    """
    folder = settings.state / "imported" / feed.name
    refused = []
    for file in find_files(feed):
        name = f"{Path(file.path).stem[:60]}-{_mark(file, feed)}.parquet"
        if not (folder / "users" / name).exists():
            try:
                _convert(settings, file, feed, folder, name)
            except OSError as e:
                raise SourceError(
                    f"{folder}: the order lines of {file.path} could not be converted ({e.strerror or e}).",
                    "Make room or allow writing there, then try again.",
                ) from e
            except SourceError:
                refused.append(file.path)
    made = [
        Feed(
            name=f"{feed.name}-{table}",
            source=table,
            paths=(str(folder / table / "*.parquet"),),
            format="parquet",
            mapping=Mapping(id_kind="number"),
            guess=False,
            companion=table in _COMPANIONS,
            lineage=True,
        )
        for table in _TABLES
    ]
    if refused:
        unread = {"name": f"{feed.name}-unread", "source": "order_items", "paths": tuple(refused), "unconverted": True}
        made.append(feed.model_copy(update=unread))
    return made


def _mark(file: SourceFile, feed: Feed) -> str:
    """The content and how it is read: another mapping converts again."""
    told = f"{file.digest}\0{feed.mapping.model_dump_json()}\0{feed.format}"
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


def _convert(settings: Settings, file: SourceFile, feed: Feed, folder: Path, name: str) -> None:
    lines = feed.model_copy(update={"source": ORDER_LINES.name})
    tasks = split(file, lines)
    batches = (batch for task in tasks for batch in parse(task))
    settings.scratch.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(":memory:", config={"temp_directory": str(settings.scratch), "threads": 2}) as duck:
        duck.execute("SET TimeZone = 'UTC'")
        _load(duck, batches)
        for table, query in _TABLES.items():
            # The last one is the sign that the file is done, so each is whole before it has its name.
            (folder / table).mkdir(parents=True, exist_ok=True)
            target = folder / table / name
            part = target.with_name(f".{name}.{os.getpid()}")
            duck.sql(query).write_parquet(str(part), compression="zstd")
            os.replace(part, target)


def _load(duck: duckdb.DuckDBPyConnection, batches: object) -> None:
    """All rows into the table `lines`."""
    schema = batch_schema(ORDER_LINES.name)
    reader = pa.RecordBatchReader.from_batches(schema, batches)
    duck.register("batches", reader)
    duck.execute("CREATE TEMP TABLE lines AS FROM batches")
    duck.unregister("batches")
