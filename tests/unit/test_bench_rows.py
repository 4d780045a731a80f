"""What the bench makes of samples: medians, spreads, ratios, verdicts, and which contestants run when."""

from __future__ import annotations

import pytest
from bench.meter import BenchError, Sample
from bench.rows import Goal, Limit, Measured, Row, spread
from bench.series import Clock, Contestant, Series, run_series
from bench.stage import same_rows

HALF = Goal("<=", 0.5)


def row(name="speed", ours="we", peer="they", goal=HALF, **more):
    return Row(name, "what", "s", ours, peer, "somebody", goal, more.pop("scale", 1), 1, **more)


def samples(*seconds, cpu=1.0, peak=10**9):
    return [Sample(value, cpu, peak) for value in seconds]


def test_a_row_is_the_ratio_of_medians_and_its_spread():
    entry = Measured(row(), {"we": samples(1.0, 9.0, 2.0), "they": samples(8.0, 4.0, 5.0, cpu=4.0)}).entry()
    assert (entry["ours"], entry["peer"], entry["ratio"]) == (2.0, 5.0, 0.4)
    assert (entry["holds"], entry["runs"], entry["spread"], entry["peer_spread"]) == (True, 3, 4.0, 0.8)
    assert entry["cpu_ratio"] == 0.25
    assert entry["ours_cost"] == {"wall_seconds": 2.0, "cpu_seconds": 1.0, "peak_gb": 1.0}


@pytest.mark.parametrize(
    ("goal", "holds"),
    [
        (Goal("<=", 0.39), False),
        (Goal("<=", 0.4), True),
        (Goal(">=", 0.4), True),
        (Goal(">=", 0.41), False),
        (None, None),
    ],
)
def test_a_goal_may_be_a_least_or_a_most_and_its_bound_is_allowed(goal, holds):
    entry = Measured(row(goal=goal), {"we": samples(2.0), "they": samples(5.0)}).entry()
    assert entry["holds"] is holds


def test_a_limit_is_a_peer_that_runs_nothing():
    measured = Measured(row(peer=Limit(10, "limit"), goal=Goal("<=", 1)), {"we": samples(7.0)})
    entry = measured.entry()
    assert (entry["peer"], entry["ratio"], entry["holds"]) == (10.0, 0.7, True)
    assert "peer_cost" not in entry
    assert measured.row.needs == ("we",)


def test_the_value_need_not_be_time():
    per_second = lambda sample: sample.said["rows"] / sample.seconds  # noqa: E731
    ours, theirs = Sample(2.0, 1.0, 1, {"rows": 300}), Sample(4.0, 1.0, 1, {"rows": 200})
    entry = Measured(row(goal=Goal(">=", 3), value=per_second), {"we": [ours], "they": [theirs]}).entry()
    assert (entry["ours"], entry["peer"], entry["ratio"], entry["holds"]) == (150.0, 50.0, 3.0, True)


def test_a_row_of_an_error_holds_nothing():
    entry = Measured(row(), {"we": samples(1.0), "they": []}, "they: fell over").entry()
    assert entry["error"] == "they: fell over"
    assert (entry["holds"], entry["ratio"], entry["runs"]) == (False, None, 0)


def test_two_that_did_other_work_are_not_compared():
    def check(ours, theirs):
        same_rows(ours.said, theirs.said, "The two")

    ours, theirs = Sample(1.0, 1, 1, {"a": 1, "b": 2}), Sample(5.0, 1, 1, {"a": 1, "b": 3})
    entry = Measured(row(check=check), {"we": [ours], "they": [theirs]}).entry()
    assert "b: 2 and 3" in entry["error"] and entry["ratio"] is None


def test_no_rows_at_all_are_no_agreement():
    with pytest.raises(BenchError, match="nothing to compare"):
        same_rows({}, {}, "The two")


def test_spread_is_zero_for_one_run():
    assert spread([0.0]) == 0.0  # a rate of none
    assert spread([0.0, 0.0, 5.0]) == 1.0
    assert spread([3.0]) == 0


class FakeStage:
    def __init__(self):
        self.forgotten = []

    def fresh(self, name, number):
        return f"{name}-{number}"

    def forget(self, roots):
        self.forgotten += roots


def playing(log, name, after=(), fails_at=None, prepare=None):
    def run(turn):
        turn.root(name)
        if turn.number == fails_at:
            raise BenchError(f"{name} fell over")
        log.append(f"{name}{turn.number}")
        return Sample(1.0, 1.0, 1)

    return Contestant(name, run, 1.0, after, prepare)


def test_contestants_take_turns_and_what_they_made_is_forgotten():
    log, stage = [], FakeStage()
    series = Series("s", (playing(log, "we"), playing(log, "they")), (row(),))
    [measured] = run_series(series, series.rows, 3, stage, lambda doing, estimate: None)
    assert log == ["we0", "they0", "we1", "they1", "we2", "they2"]
    assert stage.forgotten == ["we-0", "they-0", "we-1", "they-1", "we-2", "they-2"]
    assert measured.entry()["runs"] == 3


def test_only_those_run_that_a_chosen_row_needs_and_those_before_them():
    log = []
    base, more, other = playing(log, "base"), playing(log, "more", after=("base",)), playing(log, "other")
    rows = (row("first", "more", Limit(1, "limit")), row("second", "other", "base"))
    series = Series("s", (base, more, other), rows)
    run_series(series, rows[:1], 1, FakeStage(), lambda doing, estimate: None)
    assert log == ["base0", "more0"]


def test_a_contestant_that_fails_spoils_its_rows_and_no_others():
    log = []
    all_of_them = (
        playing(log, "we"),
        playing(log, "they", fails_at=1),
        playing(log, "after", after=("they",)),
        playing(log, "fine"),
    )
    rows = (
        row("bad"),
        row("worse", "after", "we"),
        row("good", "we", "fine"),
        row("shown", "we", "fine", beside=("they",)),
    )
    measured = run_series(Series("s", all_of_them, rows), rows, 3, FakeStage(), lambda doing, estimate: None)
    entries = {one.row.name: one.entry() for one in measured}
    assert entries["bad"]["error"] == "they: they fell over"
    assert "needs they, which failed" in entries["worse"]["error"]
    assert entries["good"]["ratio"] == 1.0 and "error" not in entries["good"]
    # One that is only shown beside does not spoil a row.
    assert entries["shown"]["ratio"] == 1.0 and "error" not in entries["shown"]
    assert [entry for entry in log if entry.startswith("they")] == ["they0"]


def test_a_preparation_that_fails_spoils_its_contestant():
    def prepare(stage):
        raise OSError("disk full")

    log = []
    series = Series("s", (playing(log, "we", prepare=prepare), playing(log, "they")), (row(),))
    [measured] = run_series(series, series.rows, 2, FakeStage(), lambda doing, estimate: None)
    assert measured.entry()["error"] == "we: OSError: disk full"
    assert log == ["they0", "they1"]


def test_time_left_begins_with_the_estimates():
    clock = Clock(100)
    clock.next(5)
    assert clock.left() == pytest.approx(100, abs=1)
    clock.next(95)
    assert clock.fraction == 0.05
