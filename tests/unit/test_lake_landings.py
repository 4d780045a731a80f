"""Landings follow each other without a gap and without an overlap, and keep their watermark."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from emberlake.errors import LakeError
from emberlake.lake import Lake
from emberlake.lake.landings import Landings
from emberlake.lake.ledger import Load
from emberlake.settings import Settings, read_settings

DELAY = dt.timedelta(minutes=10)
NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    given = read_settings(root=tmp_path)
    Lake(None, given).close()
    return given


@pytest.fixture
def landings(settings: Settings):
    with Landings(settings) as opened:
        yield opened


def test_the_watermark_is_that_of_earlier_landings_only(landings: Landings):
    first = landings.begin("t", "id", {0: 0}, {0: 5}, DELAY)
    assert first.watermark is None
    landings.end(first, NOON, 0)
    second = landings.begin("t", "id", {0: 5}, {0: 9}, DELAY)
    assert second.watermark == NOON - DELAY
    # An older batch does not take it back.
    landings.end(second, NOON - dt.timedelta(hours=1), 2)
    assert landings.begin("t", "id", {0: 9}, {0: 10}, DELAY).watermark == NOON - DELAY


def test_the_same_range_again_is_the_same_landing(landings: Landings):
    begun = landings.begin("t", "id", {0: 0}, {0: 5}, DELAY)
    assert landings.begin("t", "id", {0: 0}, {0: 5}, dt.timedelta(0)) == begun
    landings.end(begun, NOON, 0)
    assert landings.begin("t", "id", {0: 0}, {0: 5}, DELAY).ended


@pytest.mark.parametrize("first", [{0: 4}, {0: 6}, {0: 0}, {0: 5, 1: 1}])
def test_a_range_that_does_not_follow_is_refused(landings: Landings, first: dict[int, int]):
    landings.end(landings.begin("t", "id", {0: 0}, {0: 5}, DELAY), NOON, 0)
    with pytest.raises(LakeError, match="does not follow"):
        landings.begin("t", "id", first, {0: 9, 1: 9}, DELAY)


def test_a_new_partition_begins_at_its_begin(landings: Landings):
    landings.end(landings.begin("t", "id", {0: 0}, {0: 5}, DELAY), NOON, 0)
    assert landings.begin("t", "id", {0: 5, 1: 0}, {0: 5, 1: 3}, DELAY).first == {0: 5, 1: 0}


def test_another_range_is_refused_while_one_is_not_finished(landings: Landings):
    landings.begin("t", "id", {0: 0}, {0: 5}, DELAY)
    with pytest.raises(LakeError, match="not finished"):
        landings.begin("t", "id", {0: 0}, {0: 7}, DELAY)


def test_a_topic_that_was_made_anew_is_another_one(landings: Landings):
    landings.end(landings.begin("t", "id", {0: 0}, {0: 5}, DELAY), NOON, 0)
    with pytest.raises(LakeError, match="does not follow"):
        landings.begin("t", "other", {0: 5}, {0: 7}, DELAY)
    landings.jump("t", "other", {0: 0})
    landings.jump("t", "other", {0: 0})
    assert landings.begin("t", "other", {0: 0}, {0: 7}, DELAY).watermark == NOON - DELAY


def test_a_load_waits_until_the_other_topic_has_landed(landings: Landings, settings: Settings):
    landings.wait(["never"], "orders", {0: 9})  # orders never landed: nothing to wait for
    landings.end(landings.begin("orders", "id", {0: 0}, {0: 5}, DELAY), NOON, 0)
    landings.wait(["over"], "orders", {0: 5})
    landings.wait(["later"], "orders", {0: 9})
    with Lake(None, settings) as lake:
        lake.ledger.record_loads(Load(n, "events", "f", n, 0, 0, "", 1) for n in ("never", "over", "later"))
        assert set(lake.ledger.unrefined("events")) == {"never", "over"}
        landings.end(landings.begin("orders", "id", {0: 5}, {0: 9}, DELAY), NOON, 0)
        assert set(lake.ledger.unrefined("events")) == {"never", "over", "later"}
