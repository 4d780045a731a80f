"""Landing and learning on a disk that is really full, at any place: nothing lost, nothing twice, and it is told."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator

import pytest
from tests.landed import BEGIN, LATE, click, order, some_messages
from tests.landing_site import Landed, later
from tests.small_disk import SmallDisk, small_disk

from emberlake.engine import committing_process
from emberlake.lake.ledger import Ledger
from emberlake.streams.events import CLICK, ORDER
from emberlake.streams.online.state import Saved, load, save
from emberlake.streams.online.value import ValueLearner
from emberlake.streams.running.failure import understand

SEED = int(os.environ.get("EMBERLAKE_FAULTS_SEED", "7"))


@pytest.fixture
def disk(spark, tmp_path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", committing_process(spark)) as found:
        print(f"the disk is {found.how}")
        yield found


@pytest.mark.long
def test_orders_land_once_on_a_disk_that_is_full_again_and_again(spark, connection, disk):
    print(f"EMBERLAKE_FAULTS_SEED={SEED}")
    chance, told = random.Random(SEED), []
    orders = Landed(spark, connection, disk.path / "root", ORDER)
    orders.write(*[order(n, BEGIN) for n in range(1, 20)])
    orders.land()
    for number, most in enumerate((0, 8_000, 60_000)):
        orders.write(*some_messages(chance, order, 100 + number * 50, 50))
        disk.fill(leaving=chance.randrange(most + 1))
        try:
            orders.land()
        except Exception as e:
            told.append(understand(e).sentence)
        finally:
            disk.free()
    assert told, "it was never full"
    assert all("is full" in sentence for sentence in told), told
    orders.land()
    orders.check()


@pytest.mark.parametrize(
    "without",
    [pytest.param(False, id="protected"), pytest.param(True, id="without_the_ledger", marks=pytest.mark.long)],
)
def test_a_disk_that_fills_up_behind_a_commit_doubles_only_without_the_ledger(
    spark, connection, disk, monkeypatch, without
):
    clicks = Landed(spark, connection, disk.path / "root", CLICK)
    clicks.write(click(1, later(0)))
    clicks.land()
    # Late ones are written to a second table, after the commit of the first.
    clicks.write(*[click(n, later(n)) for n in range(2, 40)], click(40, LATE))
    filled = []

    def fill(place: str) -> None:
        if place == "bronze.events:recorded" and not filled:
            filled.append(place)
            disk.fill()

    with monkeypatch.context() as patch:
        patch.setattr("emberlake.lake.lake.boundary", fill)
        with pytest.raises(Exception, match="is full"):
            clicks.land()
    disk.free()
    if not without:
        clicks.land()
        clicks.check()
        return
    known = Ledger.written
    with monkeypatch.context() as patch:
        # What a write added is still told: that is no protection.
        patch.setattr(Ledger, "written", lambda *a: known(*a) if sys._getframe(1).f_code.co_name == "added" else None)
        clicks.land()
    assert sorted(r["event_id"] for r in clicks.table("bronze.events")) == [1, *sorted([*range(2, 41)] * 2)]


def test_what_was_learned_is_whole_on_a_full_disk(disk):
    if not disk.mounted:
        pytest.skip("Python's own files are not limited")
    folder = disk.path / "learner"
    save(folder, Saved("query", 0, ValueLearner(), {0: 7}))
    disk.fill()
    with pytest.raises(OSError, match="No space left"):
        save(folder, Saved("query", 1, ValueLearner(), {0: 9}))
    assert load(folder).offsets == {0: 7}
    disk.free()
    save(folder, Saved("query", 1, ValueLearner(), {0: 9}))
    assert load(folder).offsets == {0: 9}
