"""Live orders and clicks in the lake: each once, late ones apart, and every start that would lose or double refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from tests.landed import AHEAD, LATE, click, order
from tests.landing_site import Landed, later

from emberlake.engine.kafka import Connection, ensure_partitions
from emberlake.errors import LakeBusy, StreamError
from emberlake.lake import Lake, ingest, refine
from emberlake.lake.commits import write_commit
from emberlake.lake.folding import fold_all
from emberlake.lake.landings import Landings
from emberlake.lake.locks import hold
from emberlake.streams.events import CLICK, ORDER
from emberlake.streams.landing import behind_the_door
from emberlake.streams.landing.query import land


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "root"


@pytest.fixture
def clicks(spark: SparkSession, connection: Connection, root: Path) -> Landed:
    return Landed(spark, connection, root, CLICK)


@pytest.fixture
def orders(spark: SparkSession, connection: Connection, root: Path) -> Landed:
    return Landed(spark, connection, root, ORDER)


def test_orders_land_once_with_their_lines_and_what_is_off_time_lies_apart(orders: Landed):
    orders.write(*[order(n, later(n)) for n in range(1, 41)], order(5, later(5)), "{", order(99, AHEAD))
    orders.land()
    # 40 s is the newest, so that the watermark is at -560 s: one is on it, one a second before.
    orders.write(order(101, later(-560)), order(102, later(-561)), order(103, later(3600)))
    orders.land()
    orders.check()
    late = {json.loads(r["payload"])["order_id"]: r["reason"] for r in orders.table("quarantine.live_late")}
    assert late == {99: "ahead", 102: "late"}
    assert {r["watermark"] for r in orders.table("quarantine.live_late")} == {None, later(-560)}
    assert {r["order_id"] for r in orders.table("silver.orders")} == {*range(1, 41), 99, 101, 102, 103}
    [poison] = [r for r in orders.table("quarantine.orders") if r["_rule"] == "row_readable"]
    assert poison["_source_file"].startswith(f"kafka:{orders.topic}/")
    assert json.loads(poison["_rescued"])["_line"] == "{"


def test_a_checkpoint_that_is_gone_is_refused_and_gone_on_from_the_ledger(clicks: Landed):
    clicks.write(*[click(n, later(n)) for n in range(50)])
    clicks.land()
    shutil.rmtree(clicks.checkpoint)
    clicks.write(*[click(n, later(n)) for n in range(50, 80)])
    with pytest.raises(StreamError, match=r"checkpoint .* is gone") as refusal:
        clicks.land()
    assert "from=ledger" in refusal.value.hint
    assert len(clicks.table("bronze.events")) == 50
    clicks.land(**{"from": "ledger"})
    assert len(clicks.table("bronze.events")) == 80
    clicks.check()


@pytest.mark.long
def test_a_landing_that_was_cut_off_is_finished_without_its_checkpoint(clicks: Landed, monkeypatch: pytest.MonkeyPatch):
    clicks.write(*[click(n, later(n)) for n in range(30)])
    with monkeypatch.context() as patch:
        patch.setattr("emberlake.lake.ledger.Ledger.record_loads", _fails)
        with pytest.raises(Exception, match="cut off"):
            clicks.land()
    shutil.rmtree(clicks.checkpoint)
    # Spark would now choose a longer range, with the first thirty in it.
    clicks.write(*[click(n, later(n)) for n in range(30, 40)])
    clicks.land(**{"from": "ledger"})
    clicks.check()


def _fails(*_: object) -> None:
    raise RuntimeError("cut off")


@pytest.mark.long
def test_an_old_checkpoint_is_refused(clicks: Landed, tmp_path: Path):
    clicks.write(*[click(n, later(n)) for n in range(10)])
    clicks.land()
    shutil.copytree(clicks.checkpoint, tmp_path / "old")
    for begin in (10, 20):
        clicks.write(*[click(n, later(n)) for n in range(begin, begin + 10)])
        clicks.land()
    shutil.rmtree(clicks.checkpoint)
    shutil.copytree(tmp_path / "old", clicks.checkpoint)
    with pytest.raises(Exception, match="does not follow"):
        clicks.land()
    clicks.check()


def test_a_topic_that_was_made_anew_is_refused(clicks: Landed):
    clicks.write(*[click(n, later(n)) for n in range(20)])
    clicks.land()
    delete(clicks)
    ensure_partitions(clicks.connection, {clicks.topic: 2})
    clicks.write(*[click(n, later(n)) for n in range(100, 140)])
    with pytest.raises(StreamError, match="deleted and made anew"):
        clicks.land()
    assert len(clicks.table("bronze.events")) == 20
    shutil.rmtree(clicks.checkpoint)
    clicks.land(**{"from": "now"})
    assert sorted(row["event_id"] for row in clicks.table("bronze.events")) == [*range(20), *range(100, 140)]


def delete(landed: Landed) -> None:
    from confluent_kafka.admin import AdminClient

    admin = AdminClient(landed.connection.client())
    admin.delete_topics([landed.topic], operation_timeout=30)[landed.topic].result(60)
    while landed.topic in admin.list_topics(timeout=30).topics:
        continue


def test_a_second_query_of_a_topic_is_refused(clicks: Landed):
    clicks.write(click(1, later(1)))
    query = land(clicks.running(trigger="1 hour"), clicks.event)
    try:
        with pytest.raises(StreamError, match="process"):
            land(replace(clicks.running(), checkpoint=clicks.checkpoint.with_name("other")), clicks.event)
    finally:
        query.stop()


@pytest.mark.long
def test_a_build_and_a_stream_do_not_refine_at_once(clicks: Landed):
    clicks.write(click(1, later(1)))
    clicks.land()
    with (
        hold(clicks.settings.state / "locks" / "silver.lock", "Silver"),
        Lake(clicks.session, clicks.settings) as lake,
        pytest.raises(LakeBusy),
    ):
        refine(lake, wait=0.0)
    clicks.check()


def test_an_order_that_comes_live_and_in_a_file_is_one_order(orders: Landed):
    orders.write(order(1, later(1)), order(2, later(2)))
    orders.land()
    orders.refine()
    sent = {k: v for k, v in order(1, later(1)).items() if k not in ("lines", "sent_at")}
    newer = sent | {"order_id": 2, "status": "shipped", "received_at": later(90).isoformat()}
    folder = orders.settings.landing / "orders"
    folder.mkdir(parents=True)
    (folder / "day.jsonl").write_text(json.dumps(sent) + "\n" + json.dumps(newer) + "\n")
    with Lake(orders.session, orders.settings) as lake:
        ingest(lake)
        refine(lake)
    assert sorted((r["order_id"], r["status"]) for r in orders.table("silver.orders")) == [(1, "paid"), (2, "shipped")]
    assert [r["_rule"] for r in orders.table("quarantine.orders")] == ["duplicate"]


CHANGES: dict[str, Callable[[dict], dict]] = {
    "a new column": lambda m: m | {"gift": True},
    "a removed column": lambda m: {k: v for k, v in m.items() if k != "device"},
    "a retyped column": lambda m: m | {"product_id": {"id": 7}},
}


def test_an_event_whose_columns_change_is_taken_or_kept_with_its_text(clicks: Landed):
    messages = [change(click(n, later(n))) for n, change in enumerate(CHANGES.values())]
    clicks.write(click(10, later(10)), *messages)
    clicks.land()
    clicks.refine()
    assert {r["event_id"] for r in clicks.table("silver.events")} == {0, 10}
    kept = [json.loads(json.loads(r["_rescued"])["_line"]) for r in clicks.table("quarantine.events")]
    assert sorted(kept, key=lambda m: m["event_id"]) == messages[1:]


@pytest.mark.long
def test_a_purchase_waits_with_silver_until_its_order_has_landed(orders: Landed, clicks: Landed, monkeypatch):
    monkeypatch.setattr("emberlake.streams.landing.query.ORDER", orders.event)
    orders.write(order(1, later(1)))
    orders.land()
    orders.write(order(2, later(2)))
    clicks.checkpoint = clicks.checkpoint.with_name("clicks")
    clicks.write(click(1, later(2), event="purchase", product_id=None, order_id=2))
    clicks.land()
    clicks.refine()
    assert clicks.table("silver.events") == clicks.table("quarantine.events") == []
    orders.land()
    orders.refine()
    assert [row["order_id"] for row in clicks.table("silver.events")] == [2]


@pytest.mark.long  # test_faults_disk.py fills a real disk
def test_a_full_disk_says_so_and_the_stream_goes_on_when_there_is_space(clicks: Landed, monkeypatch):
    clicks.write(*[click(n, later(n)) for n in range(20)])
    clicks.land()
    clicks.write(*[click(n, later(n)) for n in range(20, 40)])
    with monkeypatch.context() as patch:
        patch.setattr("emberlake.lake.ledger.Ledger.record_loads", _full)
        with pytest.raises(Exception, match="is full"):
            clicks.land()
    clicks.land()
    clicks.check()


def _full(*_: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.long
def test_windows_read_what_is_on_time(orders: Landed):
    orders.write(order(1, later(0), discount="1.00"), order(2, AHEAD), "{")
    orders.land()
    rows = behind_the_door(orders.running(), orders.event)
    query = rows.writeStream.format("memory").queryName("door").trigger(availableNow=True).start()
    query.awaitTermination()
    [row] = orders.session.table("door").collect()
    assert (row["order_id"], len(row["lines"])) == (1, 2)


@pytest.mark.long
def test_the_watermark_of_a_landing_is_kept(clicks: Landed):
    clicks.write(click(1, later(0)))
    clicks.land()
    clicks.write(click(2, later(50)))
    clicks.land()
    with Landings(clicks.settings) as landings:
        last = landings.last(clicks.topic)
    assert (last.watermark, last.greatest) == (later(-600), later(50))


@pytest.mark.long
@pytest.mark.parametrize("changing", [pytest.param(False, id="folded"), pytest.param(True, id="told_as_a_change")])
def test_folders_are_folded_under_those_who_read_live(clicks: Landed, monkeypatch: pytest.MonkeyPatch, changing: bool):
    for begin in range(0, 30, 10):
        clicks.write(*[click(n, later(n)) for n in range(begin, begin + 10)], click(100 + begin, LATE))
        clicks.land()
    assert read_live(clicks, "first") == [0, 1, *range(2, 30), 100]
    clicks.refine()
    if changing:
        # The control: a commit that says that data changed is one that readers stumble over, or read again.
        monkeypatch.setattr("emberlake.lake.folding.write_commit", _as_a_change)
    with Lake(None, clicks.settings) as lake:
        before = len(lake.rows_by_load("bronze.events"))
        assert fold_all(lake, least=2)["bronze.events"] == before > 4
        assert 2 <= len(lake.rows_by_load("bronze.events")) <= 4
    clicks.write(*[click(n, later(n)) for n in range(30, 40)])
    clicks.land()
    if changing:
        with pytest.raises(Exception, match="(?i)DELTA_SOURCE_|deleted data"):
            read_live(clicks, "first")
        return
    assert read_live(clicks, "first") == list(range(30, 40))
    assert read_live(clicks, "second") == [*range(40), 100]
    clicks.check()


def _as_a_change(path: Path, version: int, actions: list[dict]) -> None:
    told = [{kind: {**what, "dataChange": True} if "dataChange" in what else what for kind, what in a.items()}
            for a in actions]  # fmt: skip
    write_commit(path, version, told)


def read_live(landed: Landed, name: str) -> list[int]:
    """What a query of that name has not read yet, through the door."""
    rows = behind_the_door(landed.running(), landed.event)
    found: list[int] = []
    checkpoint = str(landed.settings.streams / name)
    query = (
        rows.writeStream.foreachBatch(lambda batch, _: found.extend(r[0] for r in batch.select("event_id").collect()))
        .option("checkpointLocation", checkpoint).trigger(availableNow=True).start()
    )  # fmt: skip
    query.awaitTermination()
    return sorted(found)
