"""One contract: the embedded engine and a real cluster build the same tables, row for row.

Spark on this machine is held to it in test_up_summary.py, where it builds anyway.
"""

from __future__ import annotations

import shutil

import pytest
from tests.crash.builds import Build, settings_at
from tests.engine.cluster import standalone_cluster
from tests.lake_tools import Contents, differences

from emberlake.progress import silent
from emberlake.synth import write_shop
from emberlake.tables import GOLD, SOURCES

pytestmark = [pytest.mark.only("spark"), pytest.mark.timeout(1800)]

# 200 users and 1,000 orders: all of the tables, a few seconds of work on the embedded engine.
SCALE = 0.02
HISTORY = ("ingest", "refine", "build_gold")
# In one process, because most of Spark's time here goes into getting warm. The build sees to it that the day is
# refreshed.
HISTORY_AND_DAY = (*HISTORY, "day", *HISTORY)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A function that builds the shop on an engine, and gives the lake's contents."""
    shop = settings_at(tmp_path_factory.mktemp("shop"), SCALE)
    write_shop(shop, silent, 1)

    def build(engine: str, layers: tuple[str, ...] = HISTORY_AND_DAY, **other) -> Contents:
        settings = settings_at(tmp_path_factory.mktemp(engine), SCALE).model_copy(update=other)
        shutil.copytree(shop.landing, settings.landing)
        Build(settings, engine, layers).finish()
        return Contents.of(settings)

    return build


@pytest.fixture(scope="module")
def embedded(built):
    return built("sail")


def test_the_embedded_engine_builds_every_table(embedded, built):
    # Whether the others have the same is worth asking only of tables that have rows.
    shop_sources = [name for name in SOURCES if not name.startswith("tpch_")]
    assert all(embedded.tables[f"silver.{name}"].num_rows for name in shop_sources)
    assert all(embedded.tables[f"gold.{name}"].num_rows for name in GOLD)
    assert embedded.tables["quarantine.orders"].num_rows and embedded.tables["quarantine.order_items"].num_rows
    history = built("sail", HISTORY)
    assert differences(history, embedded) != []


def test_a_cluster_of_one_master_and_two_workers_builds_the_same_tables(embedded, built):
    with standalone_cluster() as cluster:
        assert differences(built("spark", master=cluster.master), embedded) == []
