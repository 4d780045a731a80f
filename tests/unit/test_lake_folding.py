"""Folders of live loads become few: every row stays, once, whatever is killed, and what is not judged is left alone."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from dataclasses import dataclass

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from emberlake.lake import Lake, folding, upkeep
from emberlake.lake.folding import fold, fold_all, loads_by_folder
from emberlake.lake.folds import Folds
from emberlake.lake.ledger import Load
from emberlake.settings import read_settings

EVENTS, REFUSED = "bronze.events", "quarantine.events"
AT = dt.datetime(2026, 3, 1, 10, tzinfo=dt.UTC)


@dataclass
class Shop:
    """A lake into which loads land, a row of them each."""

    lake: Lake
    landed: int = 0

    def land(self, count: int, partition: int = 0, prefix: str = "live-", judged: bool = True) -> list[str]:
        names = [f"{prefix}{self.landed + n:016x}" for n in range(count)]
        for name in names:
            self._write(EVENTS, name, partition)
            self.landed += 1
        path = f"kafka:emberlake.clicks/{partition}" if "-" in prefix else "/landing/events.jsonl"
        feed = path.partition("/")[0] or "my-events"
        self.lake.ledger.record_loads(
            [Load(name, "events", feed, path, 0, 0, "t", 1, f"offsets {name}") for name in names]
        )
        if judged:
            self.lake.ledger.record_outcomes([(name, 1, 0) for name in names], [])
        return names

    def _write(self, table: str, load: str, partition: int) -> None:
        path = self.lake.path(table)
        schema = pa.schema(DeltaTable(path).schema().to_arrow())
        given = {
            "event_id": self.landed, "occurred_at": AT, "_row": self.landed, "_load_id": load,
            "_source_file": f"kafka:emberlake.clicks/{partition}", "_loaded_at": AT,
        }  # fmt: skip
        columns = [pa.array([given.get(field.name)], field.type) for field in schema]
        write_deltalake(path, pa.table(columns, schema=schema), mode="append", partition_by=["_load_id"])

    def rows(self) -> Counter[tuple]:
        table = self.lake.delta(EVENTS).to_pyarrow_table()
        return Counter((r["event_id"], r["_row"], r["_source_file"], r["occurred_at"]) for r in table.to_pylist())

    def folders(self) -> dict[str, int]:
        return self.lake.rows_by_load(EVENTS)


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.setattr(folding, "LEAST", 4)
    with Lake(None, read_settings(root=tmp_path)) as lake:
        for name in (EVENTS, REFUSED):
            lake.create(name)
        yield Shop(lake)


def test_a_hundred_folders_of_a_partition_become_one_and_no_row_changes(shop):
    shop.land(4, partition=0)
    shop.land(4, partition=1)
    shop.land(3, prefix="late-")
    before = shop.rows()
    assert len(shop.folders()) == 11
    done = fold(shop.lake, EVENTS, least=4)
    assert [(len(one.loads), one.path) for one in done] == [
        (4, "kafka:emberlake.clicks/0"), (4, "kafka:emberlake.clicks/1")
    ]  # fmt: skip
    assert shop.rows() == before and sum(before.values()) == 11
    assert sorted(shop.folders().values()) == [1, 1, 1, 4, 4]
    assert all(name.startswith(("live-fold1-", "late-")) for name in shop.folders())
    version = shop.lake.version(EVENTS)
    assert fold(shop.lake, EVENTS, least=4) == [] and shop.lake.version(EVENTS) == version


def test_folds_are_folded_again_and_few_folders_are_left(shop, monkeypatch):
    monkeypatch.setattr(folding, "LEAST", 3)
    for _ in range(8):
        shop.land(3)
        fold(shop.lake, EVENTS, least=3)
    # 24 = 2 x 9 + 2 x 3.
    assert sorted(shop.folders().values()) == [3, 3, 9, 9]
    assert sum(shop.rows().values()) == len(shop.rows()) == 24


def test_loads_that_silver_has_not_judged_and_files_are_left_alone(shop):
    waiting = shop.land(4, judged=False)
    files = shop.land(4, prefix="")
    assert fold_all(shop.lake, [EVENTS, REFUSED], least=2) == {}
    assert set(shop.folders()) == {*waiting, *files}
    shop.lake.ledger.record_outcomes([(name, 1, 0) for name in waiting[:3]], [])
    assert fold_all(shop.lake, [EVENTS, REFUSED], least=2) == {EVENTS: 3}
    assert set(shop.folders()) > {waiting[3], *files}


def test_large_folders_are_left_alone_and_a_fold_is_bounded(shop, monkeypatch):
    shop.land(4)
    (size, *_) = [int(str(f["size_bytes"])) for f in shop.lake.rows_by_file(EVENTS)]
    monkeypatch.setattr(folding, "LARGE_BYTES", size - 1)
    assert fold(shop.lake, EVENTS, least=2) == []
    monkeypatch.setattr(folding, "LARGE_BYTES", 3 * size // 2)
    monkeypatch.setattr(folding, "MOST_BYTES", 3 * size // 2)
    assert [len(one.loads) for one in fold(shop.lake, EVENTS, least=2)][:2] == [2, 2]
    assert sum(shop.rows().values()) == 4


@pytest.mark.parametrize("place", ["fold-written", "intended", "committed", "folded"])
def test_a_kill_at_any_place_loses_and_doubles_nothing(shop, monkeypatch, place):
    loads = shop.land(4)
    before = shop.rows()

    def kill(name: str) -> None:
        if name == f"{EVENTS}:{place}":
            raise KeyboardInterrupt  # not an answer of the engine: nothing is settled

    with monkeypatch.context() as patch:
        patch.setattr("emberlake.lake.folding.boundary", kill)
        patch.setattr("emberlake.lake.intents.boundary", kill)
        with pytest.raises(KeyboardInterrupt):
            fold(shop.lake, EVENTS, least=4)
    assert shop.rows() == before
    fold(shop.lake, EVENTS, least=4)
    assert shop.rows() == before
    (folder,) = shop.folders()
    with shop.lake.locked(EVENTS), Folds(shop.lake.settings) as folds:
        assert folds.folders(EVENTS) == dict.fromkeys(loads, folder)


def test_a_load_that_lands_between_the_look_and_the_commit_stays(shop, monkeypatch):
    shop.land(4)

    def land(name: str) -> None:
        if name.endswith("fold-written"):
            shop.land(1)

    monkeypatch.setattr("emberlake.lake.folding.boundary", land)
    fold(shop.lake, EVENTS, least=4)
    assert sorted(shop.folders().values()) == [1, 4]


def test_two_that_fold_at_once_fold_once(shop, monkeypatch):
    shop.land(4)
    other = []

    def fold_too(name: str) -> None:
        if name.endswith("fold-written") and not other:
            other.append(name)
            fold(shop.lake, EVENTS, least=2)

    monkeypatch.setattr("emberlake.lake.folding.boundary", fold_too)
    fold(shop.lake, EVENTS, least=4)
    assert list(shop.folders().values()) == [4] and sum(shop.rows().values()) == 4


def test_what_a_stream_reads_live_is_compacted_without_a_change_of_data(shop):
    name = "silver.live_orders"
    shop.lake.create(name)
    path = shop.lake.path(name)
    schema = pa.schema(DeltaTable(path).schema().to_arrow())
    for number in range(4):
        given = {"order_id": number, "ordered_at": AT, "_load_id": f"live-{number}"}
        columns = [pa.array([given.get(field.name)], field.type) for field in schema]
        write_deltalake(path, pa.table(columns, schema=schema), mode="append")
    assert fold_all(shop.lake, [name], least=5) == {}
    assert fold_all(shop.lake, [name], least=4) == {name: 4}
    assert fold_all(shop.lake, [name], least=2) == {}
    assert (len(shop.lake.rows_by_file(name)), shop.lake.rows(name)) == (1, 4)
    assert changes_of_data(shop.lake, name) == changes_of_data(shop.lake, EVENTS) == {False}


def changes_of_data(lake: Lake, name: str) -> set[bool]:
    """What the newest commit says of its files."""
    if name == EVENTS:
        Shop(lake).land(2)
        fold(lake, EVENTS, least=2)
    log = lake.path(name) / "_delta_log" / f"{lake.version(name):020}.json"
    actions = [json.loads(line) for line in log.read_text().splitlines()]
    return {each[kind]["dataChange"] for each in actions for kind in ("add", "remove") if kind in each}


def test_what_was_restored_to_before_a_fold_is_folded_again(shop):
    shop.land(4)
    version, before = shop.lake.version(EVENTS), shop.rows()
    (first,) = fold(shop.lake, EVENTS, least=4)
    upkeep.restore(shop.lake, EVENTS, version)
    assert len(shop.folders()) == 4
    assert fold(shop.lake, EVENTS, least=4) == [first]
    assert shop.rows() == before and list(shop.folders().values()) == [4]


def test_loads_are_told_by_folder_with_their_sums(shop):
    shop.land(4)
    shop.land(1)
    shop.lake.ledger.record_outcomes([(f"live-{1:016x}", 0, 0)], [(f"live-{1:016x}", "duplicate", 1)])
    fold(shop.lake, EVENTS, least=4)
    folded, single = loads_by_folder(shop.lake)
    keys = ("read", "accepted", "deleted", "refused", "refused_by_rule", "notes")
    assert [folded[key] for key in keys] == [4, 3, 0, 1, {"duplicate": 1}, "4 loads"]
    assert folded["load_id"] in shop.folders() and single["load_id"] == f"live-{4:016x}"
    assert folded["file"] == "kafka:emberlake.clicks/0"


def test_optimizing_folds_and_vacuum_removes_the_empty_folders(shop):
    shop.land(3)
    (told,) = upkeep.optimize(shop.lake, [EVENTS])
    assert (told["files_before"], told["files_after"]) == (3, 1)
    folders = lambda: sum(1 for _ in shop.lake.path(EVENTS).glob("_load_id=*"))  # noqa: E731
    assert folders() == 4
    upkeep.vacuum(shop.lake, [EVENTS], hours=0, dry_run=False)
    assert folders() == 1 and sum(shop.rows().values()) == 3
