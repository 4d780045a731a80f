"""Later days: new rows that fit the shop they come to."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from emberlake.errors import EmberlakeError, SettingsError
from emberlake.progress import silent
from emberlake.settings import Settings
from emberlake.synth import tpch, write_increment, write_shop, write_tpch

TABLES = ("users", "addresses", "orders", "order_items", "payments", "returns", "inventory", "events")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(root=tmp_path_factory.mktemp("days"), scale=0.5)
    write_shop(settings, silent)
    return settings


@pytest.fixture(scope="module")
def days(settings: Settings) -> list:
    return [write_increment(settings, 0.02, day) for day in (1, 2, 3)]


@pytest.fixture(scope="module")
def db(settings: Settings, days: list) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    for table in (*TABLES, "products"):
        folder = settings.landing / table
        con.execute(f"CREATE VIEW {table} AS FROM read_parquet('{folder}/*.parquet', filename = true)")
        new = "parse_filename(filename)[1:3] = 'day'"
        con.execute(
            f"CREATE VIEW new_{table} AS SELECT *, parse_filename(filename)[5:8]::INT AS day FROM {table} WHERE {new}"
        )
        con.execute(f"CREATE VIEW old_{table} AS FROM {table} WHERE NOT {new}")
    # A table first: DuckDB would read the column as numbers for a cast in the same statement.
    con.execute(f"CREATE TABLE legacy AS FROM read_csv('{settings.landing}/orders/legacy.csv', all_varchar = true)")
    con.execute(
        """CREATE TABLE known_orders AS SELECT order_id FROM orders
        UNION SELECT order_id::BIGINT FROM legacy WHERE order_id NOT LIKE 'A %'"""
    )
    return con


def count(db: duckdb.DuckDBPyConnection, sql: str) -> int:
    return db.execute(f"SELECT count(*) FROM {sql}").fetchone()[0]


def test_a_day_has_the_share_asked_for(days, db):
    for day in days:
        assert day.rows["orders"] == 500 + day.updates
        assert day.updates == 10
        assert day.rows["users"] == 10
        assert count(db, f"new_orders WHERE day = {day.day}") == day.rows["orders"]


def test_new_orders_are_dated_in_their_day_and_new(db):
    outside = """new_orders WHERE order_id NOT IN (SELECT order_id FROM old_orders)
        AND ordered_at::DATE NOT BETWEEN DATE '2026-01-01' AND DATE '2026-01-03'"""
    assert count(db, outside) == 0
    assert count(db, "(SELECT DISTINCT order_id FROM new_orders WHERE ordered_at >= '2026-01-01')") == 1500


def test_updates_are_later_versions_of_the_day_before(db):
    moved = """new_orders n JOIN orders o USING (order_id) WHERE n.received_at > o.received_at
        AND n.status = 'shipped' AND o.status = 'paid' AND n.amount = o.amount AND n.user_id = o.user_id"""
    assert count(db, moved) == 30
    assert count(db, "new_orders WHERE received_at - ordered_at > INTERVAL 48 HOUR") == 0


@pytest.mark.parametrize(
    ("child", "column", "parent"),
    [
        ("orders", "user_id", "users"),
        ("addresses", "user_id", "users"),
        ("order_items", "order_id", "known_orders"),
        ("order_items", "product_id", "products"),
        ("payments", "order_id", "known_orders"),
        ("returns", "order_id", "known_orders"),
        ("inventory", "product_id", "products"),
        ("events", "user_id", "users"),
        ("events", "order_id", "known_orders"),
    ],
)
def test_every_new_row_points_to_something(db, child, column, parent):
    lost = f"new_{child} WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT {column} FROM {parent})"
    assert count(db, f"new_{child}") > 0
    assert count(db, lost) == 0


@pytest.mark.parametrize(
    ("table", "key"),
    [("order_items", "order_id, line"), ("payments", "payment_id"), ("returns", "return_id"), ("users", "user_id"),
     ("inventory", "movement_id"), ("events", "event_id")],
)  # fmt: skip
def test_new_keys_collide_with_none(db, table, key):
    assert count(db, f"(SELECT {key} FROM new_{table} GROUP BY {key} HAVING count(*) > 1)") == 0
    assert count(db, f"(SELECT {key} FROM new_{table} INTERSECT SELECT {key} FROM old_{table})") == 0


def test_new_rows_are_clean(db):
    assert count(db, "new_orders WHERE user_id IS NULL OR amount IS NULL OR amount < 0") == 0
    assert count(db, "new_orders WHERE amount <> items_amount - discount + shipping") == 0
    assert count(db, "new_order_items WHERE quantity < 1") == 0
    assert count(db, "new_users JOIN new_orders USING (user_id) WHERE ordered_at < signed_up_at") == 0


def test_new_friends_were_invited_by_somebody_of_the_history(db):
    known = "new_users n LEFT JOIN old_users o ON o.user_id = n.referred_by"
    assert count(db, f"{known} WHERE n.channel = 'friend' AND o.user_id IS NULL") == 0
    assert count(db, f"{known} WHERE n.referred_by IS NOT NULL AND n.channel <> 'friend'") == 0
    assert count(db, "new_users WHERE referred_by IS NOT NULL") > 0


def test_an_order_comes_back_once_and_as_it_was_sold(db):
    assert count(db, "(SELECT order_id, line FROM returns GROUP BY ALL HAVING count(*) > 1)") == 0
    sold = "new_returns r JOIN order_items i USING (order_id, line, product_id) WHERE r.quantity <= i.quantity"
    assert count(db, sold) >= count(db, "new_returns")


def test_a_day_is_the_same_in_another_copy_of_the_shop(settings, days, tmp_path):
    other = Settings(root=tmp_path, scale=0.5)
    write_shop(other, silent)
    write_increment(other, 0.02, 1)
    for table in TABLES:
        name = f"{table}/day-0001.parquet"
        assert (other.landing / name).read_bytes() == (settings.landing / name).read_bytes(), name


def test_a_day_again_does_nothing_and_the_shop_is_still_finished(settings, days):
    stamps = {path: path.stat().st_mtime_ns for path in settings.landing.rglob("*.parquet")}
    assert write_increment(settings, 0.02, 2) == days[1]
    write_shop(settings, silent)
    assert {path: path.stat().st_mtime_ns for path in settings.landing.rglob("*.parquet")} == stamps


def test_days_are_in_the_delta_log(settings, days):
    deltalake = pytest.importorskip("deltalake")
    for table in TABLES:
        named = {Path(uri).name for uri in deltalake.DeltaTable(settings.landing / table).file_uris()}
        assert named == {path.name for path in (settings.landing / table).glob("*.parquet")}


def test_a_day_with_another_share_is_refused(settings, days):
    with pytest.raises(SettingsError, match=r"Day 1 .* has 0\.02 .* not 0\.03"):
        write_increment(settings, 0.03, 1)


@pytest.mark.parametrize(("share", "day"), [(0, 1), (1.5, 1), (0.01, 0), (0.01, 366)])
def test_a_day_that_cannot_be_is_refused(settings, share, day):
    with pytest.raises(SettingsError):
        write_increment(settings, share, day)


def test_there_is_no_day_without_a_shop(tmp_path):
    with pytest.raises(SettingsError, match="no finished shop"):
        write_increment(Settings(root=tmp_path))


def test_tpch_is_made_once(tmp_path):
    settings = Settings(root=tmp_path)
    made = write_tpch(settings, 0.01, silent)
    rows = {name: pq.read_metadata(path).num_rows for name, path in made.items()}
    assert rows["tpch_orders"] == 15_000 and rows["tpch_region"] == 5 and rows["tpch_lineitem"] == 60_175
    stamps = [path.stat().st_mtime_ns for path in made.values()]
    write_tpch(settings, 0.01, silent)
    assert [path.stat().st_mtime_ns for path in made.values()] == stamps
    with pytest.raises(SettingsError, match=r"scale factor 0\.01, not 0\.02"):
        write_tpch(settings, 0.02, silent)


def test_a_missing_generator_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(tpch, "TOOL", "no-such-tool")
    with pytest.raises(EmberlakeError, match="no-such-tool is neither"):
        write_tpch(Settings(root=tmp_path), 0.01, silent)


def test_a_failing_generator_is_told_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(tpch, "tool_path", lambda: "/bin/false")
    with pytest.raises(EmberlakeError, match="ended with 1"):
        write_tpch(Settings(root=tmp_path), 0.01, silent)
    assert not list((tmp_path / "landing").rglob("*.parquet"))
