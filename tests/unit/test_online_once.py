"""A learner's state: each message learned once, whatever is brought again and whenever the light goes out."""

from __future__ import annotations

import os
import random
import select
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emberlake.errors import StreamError
from emberlake.streams.online.clicks import Click, ClickLearner
from emberlake.streams.online.learner import Happening
from emberlake.streams.online.once import Once, check_beginning, go_on
from emberlake.streams.online.state import load

BATCHES, SIZE = 40, 25


class Notes(ClickLearner):
    """Remembers what it was given."""

    def take(self, rows: pa.Table) -> list[Happening]:
        self.given = [*getattr(self, "given", []), *zip(*(rows[c].to_pylist() for c in rows.column_names), strict=True)]
        return []


# The state opens classes of the learners' room only.
Notes.__module__, Notes.__qualname__ = "emberlake.streams.online.clicks", "Notes"
sys.modules["emberlake.streams.online.clicks"].Notes = Notes  # type: ignore[attr-defined]


def rows(*places: tuple[int, int]) -> pa.Table:
    return pa.table({"_partition": [p for p, _ in places], "_offset": [o for _, o in places]})


def test_messages_are_learned_by_partition_and_offset(tmp_path: Path):
    saved = Once(tmp_path, Notes).take("q", 0, lambda: rows((1, 5), (0, 9), (1, 4), (0, 7)))
    assert saved.learner.given == [(0, 7), (0, 9), (1, 4), (1, 5)]
    assert saved.offsets == {0: 10, 1: 6}


def test_partitions_are_merged_by_time_and_keep_their_own_order(tmp_path: Path):
    # Of partition 0 the second message is older than the first: it does not overtake it.
    seconds = {(0, 0): 30, (0, 1): 10, (0, 2): 50, (1, 0): 20, (1, 1): 30, (1, 2): 40}
    at = pa.array(list(seconds.values()), pa.int64()).cast(pa.timestamp("s", "UTC"))
    table = rows(*seconds).append_column("at", at)
    saved = Once(tmp_path, Notes, time="at").take("q", 0, lambda: table.take([5, 0, 3, 2, 4, 1]))
    assert [place[:2] for place in saved.learner.given] == [(1, 0), (0, 0), (0, 1), (1, 1), (1, 2), (0, 2)]


def test_a_batch_that_is_brought_again_is_not_even_read(tmp_path: Path):
    Once(tmp_path, Notes).take("q", 0, lambda: rows((0, 0)))
    for once in (Once(tmp_path, Notes), Once(tmp_path, Notes)):
        saved = once.take("q", 0, lambda: pytest.fail("it was read"))
    assert saved.learner.given == [(0, 0)]


@given(st.lists(st.integers(0, 2), max_size=12), st.lists(st.booleans(), min_size=12, max_size=12))
def test_batches_may_come_as_often_as_they_like(tmp_path_factory, again: list[int], restart: list[bool]):
    folder = tmp_path_factory.mktemp("again")
    once = Once(folder, Notes)
    for batch, times in enumerate(again):
        for _ in range(1 + times):
            once = Once(folder, Notes) if restart[batch] else once
            once.take("q", batch, lambda batch=batch: rows((0, 2 * batch), (0, 2 * batch + 1)))
    expected = [(0, offset) for offset in range(2 * len(again))]
    saved = load(folder)
    assert (saved.learner.given if saved else []) == expected


def test_after_a_failure_half_way_the_state_on_disk_counts(tmp_path: Path):
    class Fails(Exception):
        pass

    once = Once(tmp_path, Notes)
    once.take("q", 0, lambda: rows((0, 0)))
    real = Notes.take

    def half(self, given):
        real(self, given)
        raise Fails

    Notes.take = half  # type: ignore[method-assign]
    try:
        with pytest.raises(Fails):
            once.take("q", 1, lambda: rows((0, 1)))
    finally:
        Notes.take = real  # type: ignore[method-assign]
    assert once.take("q", 1, lambda: rows((0, 1))).learner.given == [(0, 0), (0, 1)]


@pytest.mark.parametrize(("query", "batch"), [("other", 1), ("q", 2), ("q", -1)])
def test_a_state_of_another_moment_or_query_is_refused(tmp_path: Path, query: str, batch: int):
    Once(tmp_path, Notes).take("q", 0, lambda: rows((0, 0)))
    with pytest.raises(StreamError, match="do not belong together"):
        Once(tmp_path, Notes).take(query, batch, lambda: rows((0, 1)))


def test_without_its_checkpoint_a_state_goes_on_only_when_told_so(tmp_path: Path):
    state, checkpoint = tmp_path / "learner", tmp_path / "checkpoint"
    check_beginning(state, checkpoint)
    Once(state, Notes).take("q", 0, lambda: rows((0, 0), (1, 3)))
    with pytest.raises(StreamError, match="no checkpoint"):
        check_beginning(state, checkpoint)
    assert go_on(state) == {0: 1, 1: 4}
    check_beginning(state, checkpoint)
    assert Once(state, Notes).take("new", 0, lambda: rows((0, 0), (0, 1))).learner.given == [(0, 0), (1, 3), (0, 1)]


def test_without_its_state_a_checkpoint_is_refused(tmp_path: Path):
    (tmp_path / "checkpoint" / "commits").mkdir(parents=True)
    check_beginning(tmp_path / "learner", tmp_path / "checkpoint")
    (tmp_path / "checkpoint" / "commits" / "0").touch()
    with pytest.raises(StreamError, match="is gone"):
        check_beginning(tmp_path / "learner", tmp_path / "checkpoint")


@dataclass
class Shop:
    """Visits with views and carts, as batches of Arrow would bring them."""

    clicks: list[Click] = field(default_factory=list)

    def batch(self, number: int) -> list[Click]:
        draw = random.Random(number)
        return [
            Click(number * SIZE + i, draw.randrange(60), 1e9 + 40.0 * (number * SIZE + i),
                  draw.choice(["page_view", "page_view", "search", "add_to_cart"]), 1, "mobile", True)
            for i in range(SIZE)
        ]  # fmt: skip


class Visits(ClickLearner):
    def take(self, rows: pa.Table) -> list[Happening]:
        return self.learn(Shop().batch(int(rows["_offset"][0].as_py()) // SIZE))


Visits.__module__, Visits.__qualname__ = "emberlake.streams.online.clicks", "Visits"
sys.modules["emberlake.streams.online.clicks"].Visits = Visits  # type: ignore[attr-defined]


def play(folder: Path) -> None:
    """What Spark does: each batch from the last committed one on, committed after it."""
    commits = folder / "commits"
    commits.mkdir(parents=True, exist_ok=True)
    once = Once(folder / "learner", Visits)
    for batch in range(len(list(commits.iterdir())), BATCHES):
        offsets = [(0, batch * SIZE + i) for i in range(SIZE)]
        once.take("q", batch, lambda offsets=offsets: rows(*offsets))
        (commits / str(batch)).touch()


def test_a_learner_killed_at_random_moments_ends_as_if_it_never_was(tmp_path: Path):
    seed = random.randrange(10**9)
    draw, calm, killed = random.Random(seed), tmp_path / "calm", tmp_path / "killed"
    play(calm)
    kills = hits = 0
    while not (killed / "commits" / str(BATCHES - 1)).exists():
        child = os.fork()
        if child == 0:
            # Whatever happens in it, the child must not go on as a second test run.
            try:
                play(killed)
            finally:
                os._exit(0)
        if kills < 15:
            # Until it ends or the moment has come.
            watch = os.pidfd_open(child)
            hits += not select.select([watch], [], [], draw.uniform(0.002, 0.05))[0]
            os.close(watch)
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        kills += 1
    assert hits, seed
    once, other = load(calm / "learner"), load(killed / "learner")
    assert once and other, seed
    assert other.learner.rows() == once.learner.rows(), seed
    assert (other.offsets, other.batch) == (once.offsets, BATCHES - 1), seed
    assert other.learner.summary() == once.learner.summary(), seed
