"""A refresh gives the same tables as a full build, row for row, whatever the new loads hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.growing_shop import HAPPENINGS, SOURCES, Shop, new_orders

from emberlake.lake.gold import MARTS, build_all, refresh
from emberlake.lake.lake import Lake
from emberlake.settings import read_settings
from emberlake.tables import GOLD

# On Spark each full build of the marts is half a minute, and a test makes several.
pytestmark = pytest.mark.timeout(1800)


@pytest.fixture
def lakes(engine, tmp_path):
    """A lake that is refreshed, and one that is built in full each time."""
    opened = [Lake(engine.session, read_settings(root=tmp_path / name)) for name in ("refreshed", "whole")]
    yield opened
    for lake in opened:
        lake.close()


def take_in(lake: Lake, shop: Shop, sources: tuple[str, ...]) -> None:
    for source in sources:
        if rows := shop.arrow(source):
            lake.overwrite(f"silver.{source}", lake.session.createDataFrame(rows))


def loads_of(shop: Shop) -> dict[str, list[str]]:
    name = f"load-{shop.load}"
    new = {source: any(row["_load_id"] == name for row in rows.values()) for source, rows in shop.rows.items()}
    return {source: [name] for source, any_new in new.items() if any_new}


def contents(lake: Lake, name: str) -> list[tuple[Any, ...]]:
    rows = lake.delta(f"gold.{name}").to_pyarrow_table().select(GOLD[name].names)
    return sorted(zip(*[rows[column].to_pylist() for column in rows.column_names], strict=True), key=repr)


def assert_same_gold(ours: Lake, whole: Lake) -> None:
    for mart in MARTS:
        got, want = contents(ours, mart.name), contents(whole, mart.name)
        assert want, f"{mart.name} is empty: the shop of this test is too small"
        wrong = [row for row in got if row not in want][:3], [row for row in want if row not in got][:3]
        assert got == want, (
            f"{mart.name}: {len(got)} rows instead of {len(want)}; too many {wrong[0]}, missing {wrong[1]}"
        )


def opened(lakes: list[Lake], seed: int) -> Shop:
    shop = Shop(seed)
    shop.found()
    for lake in lakes:
        take_in(lake, shop, SOURCES)
    build_all(lakes[0])
    lakes[0].ledger.record_build("gold", lakes[0].versions())
    return shop


def refreshed(lakes: list[Lake], shop: Shop, deletes: bool = False) -> str:
    loads = loads_of(shop)
    for lake in lakes:
        take_in(lake, shop, tuple(loads))
    how = refresh(lakes[0], loads, deletes)
    lakes[0].ledger.record_build("gold", lakes[0].versions())
    build_all(lakes[1])
    return how


@pytest.mark.long
@pytest.mark.only("sail")
def test_each_kind_of_news_alone_gives_what_a_full_build_gives(engine, lakes):
    shop = opened(lakes, seed=1)
    for happening in HAPPENINGS:
        shop.load += 1
        happening(shop)
        assert refreshed(lakes, shop) == "refreshed", happening.__name__
        try:
            assert_same_gold(*lakes)
        except AssertionError as e:
            raise AssertionError(f"after {happening.__name__}: {e}") from e


@pytest.mark.long("spark")  # test_lake_engines.py refreshes a day there
def test_mixed_news_gives_what_a_full_build_gives(engine, lakes):
    shop = opened(lakes, seed=2)
    # On Spark one round, and no other test of this file, because a write of a table costs a second there.
    for _ in range(3 if engine.name == "sail" else 1):
        shop.load += 1
        for at in shop.rng.choice(len(HAPPENINGS), size=6, replace=False):
            HAPPENINGS[at](shop)
        refreshed(lakes, shop)
        assert_same_gold(*lakes)


@pytest.mark.only("sail")
def test_the_comparison_sees_a_refresh_that_missed_a_day(engine, lakes):
    shop = opened(lakes, seed=4)
    build_all(lakes[1])
    daily = lakes[0].read("gold.daily_sales")
    first = contents(lakes[0], "daily_sales")[0][0]
    lakes[0].replace_where("gold.daily_sales", daily.where("1 = 0"), f"day = date'{first}'")
    with pytest.raises(AssertionError, match="daily_sales"):
        assert_same_gold(*lakes)
    assert shop.load == 0


@pytest.mark.only("sail")
def test_deletes_build_everything_anew(engine, lakes):
    shop = opened(lakes, seed=5)
    shop.load += 1
    new_orders(shop)
    del shop.rows["orders"][(100,)]
    assert refreshed(lakes, shop, deletes=True) == "full"
    assert_same_gold(*lakes)


@pytest.mark.only("sail")
def test_news_of_most_customers_builds_everything_anew(engine, lakes):
    shop = opened(lakes, seed=6)
    shop.load += 1
    for order in range(9001, 9200):
        shop.order(order, shop.at(180, 183))
    assert refreshed(lakes, shop) == "full"
    assert_same_gold(*lakes)


@pytest.mark.only("sail")
def test_a_refresh_writes_only_what_it_must(engine, lakes):
    shop = opened(lakes, seed=7)
    lake = lakes[0]
    before = lake.versions()
    shop.load += 1
    shop.put("ratings", user_id=2, product_id=3, rating=1)
    take_in(lake, shop, ("ratings",))
    refresh(lake, loads_of(shop), deletes=False)
    moved = {
        name for name, version in lake.versions().items() if version != before.get(name) and name.startswith("gold")
    }
    assert moved == {"gold.product_performance"}


@pytest.mark.only("sail")
def test_nothing_staged_stays_behind(engine, lakes):
    shop = opened(lakes, seed=8)
    left: Path = lakes[0].path("staging.users")
    left.mkdir(parents=True)  # as a kill would leave it
    shop.load += 1
    new_orders(shop)
    refreshed(lakes, shop)
    assert not left.parent.exists()
    assert_same_gold(*lakes)


@pytest.mark.only("sail")
def test_an_order_log_alone_fills_the_marts_that_it_can(engine, lakes):
    lake, shop = lakes[0], Shop(seed=9)
    for order in range(1, 30):
        shop.order(order, shop.at(0, 100))
    take_in(lake, shop, ("orders",))
    build_all(lake)
    filled = {name for name in GOLD if lake.rows(f"gold.{name}")}
    assert filled == {"order_features", "daily_sales", "hourly_sales", "customer_360", "cohorts"}
