"""One contract: the embedded engine, Spark on this machine and a real cluster build the same tables, row for row."""

from __future__ import annotations

import shutil
import time

import pytest
from tests.crash.builds import Build, settings_at
from tests.engine.cluster import standalone_cluster
from tests.lake_tools import Contents, differences

from emberlake.progress import silent
from emberlake.synth import write_increment, write_shop
from emberlake.tables import GOLD, SOURCES

pytestmark = [pytest.mark.only("spark"), pytest.mark.timeout(1800)]

# 200 users and 1,000 orders: all of the tables, a few seconds of work on the embedded engine.
SCALE = 0.02
SHARE = 0.1


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    settings = settings_at(tmp_path_factory.mktemp("shop"), SCALE)
    write_shop(settings, silent, 1)
    return settings.landing


@pytest.fixture(scope="module")
def built(shop, tmp_path_factory):
    """A function that builds history and a day on an engine, and gives the lake's contents after each."""

    def build(engine: str, **other) -> list[Contents]:
        settings = settings_at(tmp_path_factory.mktemp(engine), SCALE).model_copy(update=other)
        shutil.copytree(shop, settings.landing)
        found = []
        for step in (lambda: None, lambda: write_increment(settings, SHARE)):
            step()
            begun = time.monotonic()
            Build(settings, engine).finish()
            print(f"{engine} {other.get('master', '')}: {time.monotonic() - begun:.1f} s")
            found.append(Contents.of(settings))
        return found

    return build


@pytest.fixture(scope="module")
def embedded(built):
    return built("sail")


def test_the_embedded_engine_builds_every_table(embedded):
    history, day = embedded
    # Whether the others have the same is worth asking only of tables that have rows.
    shop_sources = [name for name in SOURCES if not name.startswith("tpch_")]
    assert all(history.tables[f"silver.{name}"].num_rows for name in shop_sources)
    assert all(history.tables[f"gold.{name}"].num_rows for name in GOLD)
    assert history.tables["quarantine.orders"].num_rows and history.tables["quarantine.order_items"].num_rows
    assert day.tables["silver.orders"].num_rows > history.tables["silver.orders"].num_rows
    assert differences(history, day) != []


def test_spark_builds_the_same_tables(embedded, built):
    history, day = built("spark")
    assert differences(history, embedded[0]) == []
    assert differences(day, embedded[1]) == []


def test_a_cluster_of_one_master_and_two_workers_builds_the_same_tables(embedded, built):
    with standalone_cluster() as cluster:
        history, day = built("spark", master=cluster.master)
    assert differences(history, embedded[0]) == []
    assert differences(day, embedded[1]) == []
