"""Where scoring goes on, by what is left of the output, the checkpoint and the note of the last start."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emberlake.engine.kafka import Connection
from emberlake.errors import StreamError
from emberlake.streams import position
from emberlake.streams.position import EARLIEST, LATEST, Ends, begin_afresh, go_on, offsets_text
from emberlake.streams.scoring.query import choose

HERE = Connection("nowhere:1")


@pytest.fixture
def checkpoint(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(position, "ends", lambda *_: Ends({0: 0, 1: 5, 2: 0}, {0: 100, 1: 100, 2: 100}))
    return tmp_path / "checkpoint"


def spark_wrote(checkpoint: Path, batch: int, offsets: dict[str, int], done: bool = True) -> None:
    """A batch as Spark 4.2 leaves it."""
    for name in ("offsets", "commits"):
        (checkpoint / name).mkdir(parents=True, exist_ok=True)
    (checkpoint / "offsets" / str(batch)).write_text(f'v1\n{{"batchWatermarkMs":0}}\n{json.dumps({"orders": offsets})}')
    if done:
        (checkpoint / "commits" / str(batch)).write_text('v1\n{"nextBatchWatermarkMs":0}')


def test_it_goes_on_behind_the_output_whatever_the_checkpoint_says(checkpoint):
    spark_wrote(checkpoint, 3, {"0": 90, "1": 6, "2": 40})
    assert go_on(HERE, "orders", {0: 49, 1: 99}, checkpoint) == {0: 50, 1: 100, 2: 40}


def test_a_batch_that_was_not_committed_does_not_count(checkpoint):
    spark_wrote(checkpoint, 9, {"0": 10, "1": 10, "2": 10})
    spark_wrote(checkpoint, 10, {"0": 20, "1": 20, "2": 20}, done=False)
    assert go_on(HERE, "orders", {}, checkpoint) == {0: 10, 1: 10, 2: 10}


def test_without_output_and_checkpoint_the_last_start_counts_and_then_the_beginning(checkpoint):
    assert go_on(HERE, "orders", {}, checkpoint) == {0: EARLIEST, 1: EARLIEST, 2: EARLIEST}
    begin_afresh(checkpoint, {0: 7, 1: 8, 2: EARLIEST})
    assert go_on(HERE, "orders", {}, checkpoint) == {0: 7, 1: 8, 2: EARLIEST}


def test_the_checkpoint_is_emptied_and_what_is_odd_in_it_is_left_aside(checkpoint):
    spark_wrote(checkpoint, 0, {"0": 10})
    (checkpoint / "commits" / ".0.crc").write_text("x")
    (checkpoint / "offsets" / "0").write_text("rubbish")
    assert go_on(HERE, "orders", {}, checkpoint)[0] == EARLIEST
    begin_afresh(checkpoint, {0: 1})
    assert not checkpoint.exists()


def test_asked_for_another_start_it_asks_nobody_else(checkpoint):
    assert go_on(HERE, "orders", {0: 500}, checkpoint, "latest") == {0: LATEST, 1: LATEST, 2: LATEST}
    assert go_on(HERE, "orders", {0: 500}, checkpoint, "earliest")[0] == EARLIEST


@pytest.mark.parametrize(("tail", "said"), [({0: 100}, "offset 100 of orders, partition 0.*made anew"),
                                            ({1: 2}, "2 were deleted before they were scored")])  # fmt: skip
def test_orders_that_would_be_skipped_are_told(checkpoint, tail, said):
    with pytest.raises(StreamError, match=said):
        go_on(HERE, "orders", tail, checkpoint)


def test_a_topic_that_was_made_anew_is_told_though_it_is_longer_than_its_scores(checkpoint, monkeypatch):
    begin_afresh(checkpoint, {0: 1}, "first")
    monkeypatch.setattr(position, "ends", lambda *_: Ends({0: 0}, {0: 100}, "second"))
    with pytest.raises(StreamError, match="made anew"):
        go_on(HERE, "orders", {0: 50}, checkpoint)
    assert go_on(HERE, "orders", {0: 50}, checkpoint, "earliest") == {0: EARLIEST}
    monkeypatch.setattr(position, "ends", lambda *_: Ends({0: 0}, {0: 100}, "first"))
    assert go_on(HERE, "orders", {0: 50}, checkpoint) == {0: 51}


def test_a_topic_that_ends_exactly_at_its_scores_is_no_trouble(checkpoint):
    assert go_on(HERE, "orders", {0: 99, 1: 99, 2: 99}, checkpoint) == {0: 100, 1: 100, 2: 100}


def test_offsets_are_said_as_spark_reads_them():
    assert json.loads(offsets_text("orders", {1: 5, 0: EARLIEST})) == {"orders": {"0": -2, "1": 5}}


@pytest.mark.parametrize("options", [{"sink": "paper"}, {"starting": "noon"}, {"as_of": "soon"}, {"trigger": "soon"}])
def test_an_option_that_is_not_known_is_refused_with_what_is(options):
    with pytest.raises(StreamError) as raised:
        choose(options)
    assert raised.value.hint


def test_moments_are_utc_unless_they_say_otherwise():
    assert str(choose({"as_of": "2025-11-28"}).as_of) == "2025-11-28 00:00:00+00:00"
    assert str(choose({"as_of": "2025-11-28T12:00+02:00"}).as_of) == "2025-11-28 12:00:00+02:00"
