"""Scores to a database: SQLite, PostgreSQL. A micro-batch is one transaction, and tried again it changes nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from emberlake.errors import StreamError
from emberlake.streams.sinks.batches import batch_name, typed
from emberlake.streams.sinks.sink import Sink
from emberlake.streams.stream import Running

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.streaming.readwriter import DataStreamWriter
    from sqlalchemy import Engine, MetaData, Table

VARIABLE = "EMBERLAKE_DATABASE_URL"
TABLE, BATCHES = "live_scores", "live_scores_batches"
KEY = ("topic", "partition", "offset")
_ACCEPTED = "Give the option url, or EMBERLAKE_DATABASE_URL: sqlite:////path/scores.sqlite or postgresql+psycopg://user@host/name."
_KINDS = ("sqlite", "postgresql")
# A statement takes a limited number of values: 32,766 in SQLite, 65,535 in PostgreSQL.
_ROWS_A_STATEMENT = 1_000


def database_url(options: dict[str, str]) -> str:
    """The database's address, from the option or from the environment, which keeps a password off command lines.

    Raises:
        StreamError: if there is none.
    """
    if url := options.get("url") or os.environ.get(VARIABLE):
        return url
    raise StreamError("The sink database needs to know which.", _ACCEPTED)


def open_database(url: str) -> Engine:
    """An engine that has answered, with the tables made; no error of it says the password.

    Raises:
        StreamError: if the address is none, its kind is not accepted, or the database does not answer.
    """
    from sqlalchemy import create_engine
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    try:
        address = make_url(url)
    except ArgumentError:
        # Its own message says the whole address.
        raise StreamError("The database's address is none.", _ACCEPTED) from None
    if address.get_backend_name() not in _KINDS:
        raise StreamError(f"A database of kind {address.get_backend_name()!r} is not known.", _ACCEPTED)
    if address.get_backend_name() == "postgresql" and address.get_driver_name() == "psycopg2":
        address = address.set(drivername="postgresql+psycopg")
    shown = address.render_as_string(hide_password=True)
    try:
        engine = create_engine(address, hide_parameters=True, pool_pre_ping=True)
        _tables()[0].create_all(engine)
    except ModuleNotFoundError as e:
        raise StreamError(
            f"{shown} needs the library {e.name}.", "Install it: pip install 'emberlake[postgres]'."
        ) from e
    except SQLAlchemyError as e:
        why = str(getattr(e, "orig", None) or e).strip().splitlines()[0]
        secret = address.password
        why = why.replace(str(secret), "***") if secret else why
        raise StreamError(
            f"The database {shown} cannot be used: {why}.", "Is it there, and may this user make tables?"
        ) from None
    return engine


@cache
def _tables() -> tuple[MetaData, Table, Table]:
    from sqlalchemy import BigInteger, Column, DateTime, Float, Integer, MetaData, String, Table, func

    told = MetaData()
    scores = Table(
        TABLE, told,
        Column("topic", String(249), primary_key=True), Column("partition", Integer, primary_key=True),
        Column("offset", BigInteger, primary_key=True), Column("order_id", BigInteger, index=True),
        Column("user_id", BigInteger), Column("ordered_at", DateTime(timezone=True)), Column("prediction", Float(53)),
        Column("model", String(100), nullable=False), Column("version", Integer, nullable=False),
        Column("sent_at", DateTime(timezone=True)), Column("problem", String),
    )  # fmt: skip
    batches = Table(
        BATCHES, told,
        Column("batch", String, primary_key=True), Column("rows", Integer, nullable=False),
        Column("written_at", DateTime(timezone=True), server_default=func.now(), nullable=False),
    )  # fmt: skip
    return told, scores, batches


def write_batch(engine: Engine, name: str, rows: Sequence[dict[str, Any]]) -> bool:
    """Put a micro-batch in, in one transaction with its name; False if it was there already.

    Args:
        name: of the batch: the same whenever it is tried again.
        rows: a score each; one whose event has a score already takes its place.
    """
    _, scores, batches = _tables()
    with engine.begin() as connection:
        noted = _insert(engine, batches).values(batch=name, rows=len(rows)).on_conflict_do_nothing()
        # Not `rowcount`, which PostgreSQL's driver leaves at -1 for an insert.
        if connection.execute(noted.returning(batches.c.batch)).first() is None:
            return False
        for begin in range(0, len(rows), _ROWS_A_STATEMENT):
            put = _insert(engine, scores).values(list(rows[begin : begin + _ROWS_A_STATEMENT]))
            new = {column.name: put.excluded[column.name] for column in scores.columns if column.name not in KEY}
            connection.execute(put.on_conflict_do_update(index_elements=list(KEY), set_=new))
    return True


def tail_of(engine: Engine, topic: str) -> dict[int, int]:
    """The last offset of each partition of a topic that the database holds a score of."""
    from sqlalchemy import func, select

    scores = _tables()[1].c
    asked = select(scores.partition, func.max(scores.offset)).where(scores.topic == topic).group_by(scores.partition)
    with engine.connect() as connection:
        return {int(partition): int(offset) for partition, offset in connection.execute(asked)}


def _insert(engine: Engine, table: Table) -> Any:
    from sqlalchemy.dialects import postgresql, sqlite

    return (sqlite if engine.dialect.name == "sqlite" else postgresql).insert(table)


def _write(running: Running, scores: DataFrame) -> DataStreamWriter:
    engine = open_database(database_url(running.options))

    def into_the_database(rows: DataFrame, number: int) -> None:
        kept = typed(rows).persist()
        try:
            if (name := batch_name(kept)) is not None:
                # At most a micro-batch of rows, which the stream limits: one transaction needs one connection.
                write_batch(engine, name, kept.toArrow().to_pylist())
        finally:
            kept.unpersist()

    return scores.writeStream.foreachBatch(into_the_database)


def _tail(running: Running, topic: str) -> dict[int, int]:
    engine = open_database(database_url(running.options))
    try:
        return tail_of(engine, topic)
    finally:
        engine.dispose()


DATABASE = Sink("database", False, _write, _tail)
