"""The trials' record: what is kept, what is refused, and what can never change."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from emberlake.errors import TrialError
from emberlake.settings import Settings
from emberlake.trials import Diary, Trial, start, stop
from emberlake.trials.log import import_exposures, log_folder

DAY = dt.date(2025, 9, 1)


def trial(**more) -> Trial:
    return Trial(**{"name": "checkout", "metric": "conversion", "effect": 0.05, "since": DAY, "days": 14, **more})


@pytest.fixture
def settings(tmp_path):
    return Settings(root=tmp_path / "root")


@pytest.fixture
def diary(settings):
    made = Diary(settings)
    made.add("checkout", "planned", trial().to_dict())
    return made


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"name": "Check out"}, "cannot be called"),
        ({"name": "../x"}, "cannot be called"),
        ({"shares": {"control": 0.5, "treatment": 0.4}}, "sum to 0.9"),
        ({"shares": {"control": 0.5, "treatment": 0.6}}, "sum to 1.1"),
        ({"shares": {"control": 1.0}}, "2 to 10 variants"),
        ({"shares": {"control": 1.0, "treatment": 0.0}}, "share above 0"),
        ({"days": 0}, "of 0 days"),
        ({"days": 4000}, "of 4000 days"),
        ({"alpha": 0.0}, "alpha is 0.0"),
        ({"power": 1.0}, "power is 1.0"),
        ({"effect": 0.0}, "effect is 0"),
        ({"since": dt.date(1066, 10, 14)}, "begin on 1066-10-14"),
        ({"others": ("conversion",)}, "named twice"),
        ({"method": "file"}, "assigns its users by a file"),
    ],
)
def test_a_trial_that_cannot_be_run_is_refused_at_birth(given, problem):
    with pytest.raises(TrialError, match=problem) as raised:
        trial(**given)
    assert raised.value.hint


def test_a_plan_comes_back_as_it_was():
    planned = trial(shares={"control": 0.8, "a": 0.1, "b": 0.1}, others=("orders_per_user",), scale={"conversion": 2.5})
    assert Trial.from_dict(planned.to_dict()) == planned
    assert (planned.until, planned.control, planned.treatments) == (dt.date(2025, 9, 15), "control", ("a", "b"))


def test_a_life(settings, diary):
    assert diary.story("checkout").state == "planned"
    begun = start(settings, "checkout", dt.date(2025, 9, 3))
    assert (begun.state, begun.trial.since, begun.trial.until) == ("running", dt.date(2025, 9, 3), dt.date(2025, 9, 17))
    ended = stop(settings, "checkout", dt.date(2025, 9, 10), "too many errors")
    assert (ended.state, ended.stopped_on) == ("stopped", "2025-09-10")
    assert ended.of("stopped") == [{"on": "2025-09-10", "why": "too many errors"}]
    assert [story.name for story in diary.stories()] == ["checkout"]


def test_planned_anew_until_it_starts(settings, diary):
    diary.add("checkout", "planned", trial(days=21).to_dict())
    assert diary.story("checkout").trial.days == 21
    start(settings, "checkout")
    with pytest.raises(TrialError, match="its plan is fixed"):
        diary.add("checkout", "planned", trial(days=7).to_dict())
    assert diary.story("checkout").trial.days == 21


def test_each_step_needs_the_one_before(settings, diary):
    for kind in ("exposed", "read", "stopped"):
        with pytest.raises(TrialError, match="was not started yet"):
            diary.add("checkout", kind, {})
    start(settings, "checkout")
    with pytest.raises(TrialError, match="started before"):
        start(settings, "checkout")
    with pytest.raises(TrialError, match="it began on 2025-09-01"):
        stop(settings, "checkout", dt.date(2025, 8, 1))
    stop(settings, "checkout", dt.date(2025, 9, 5))
    with pytest.raises(TrialError, match="stopped before"):
        stop(settings, "checkout", dt.date(2025, 9, 6))


def test_an_unknown_trial_is_named_with_its_nearest(settings, diary):
    with pytest.raises(TrialError, match="Did you mean 'checkout'"):
        diary.story("chekout")
    with pytest.raises(TrialError, match="There is no trial"):
        start(settings, "chekout")


def test_asking_writes_nothing(tmp_path):
    settings = Settings(root=tmp_path / "nothing")
    assert Diary(settings).stories() == []
    with pytest.raises(TrialError, match="There is no trial 'x'"):
        start(settings, "x")
    assert not settings.root.exists()


def test_what_happened_is_never_changed(settings, diary):
    db = sqlite3.connect(diary.path)
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    for statement in ("UPDATE events SET kind = 'read'", "DELETE FROM events"):
        with pytest.raises(sqlite3.IntegrityError, match="only added"):
            db.execute(statement)
    db.close()


def test_of_many_starts_at_once_one_wins(settings, diary):
    won, lost = [], []

    def go():
        try:
            won.append(start(settings, "checkout"))
        except TrialError as error:
            lost.append(error.problem)

    threads = [threading.Thread(target=go) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1 and len(lost) == 7
    assert all("started before" in problem for problem in lost)


def test_a_damaged_file_is_said_and_left(settings, diary):
    for path in diary.path.parent.iterdir():
        path.write_bytes(b"not a database, whatever it was before" * 100)
    with pytest.raises(TrialError, match="damaged"):
        diary.story("checkout")


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


CSV = "user_id,variant,exposed_at\n1,control,2025-09-01T10:00:00\n2,treatment,2025-09-02 11:30:00\n"
ROWS = [
    {"user_id": 1, "variant": "control", "exposed_at": dt.datetime(2025, 9, 1, 10, tzinfo=dt.UTC)},
    {"user_id": 2, "variant": "treatment", "exposed_at": dt.datetime(2025, 9, 2, 11, 30, tzinfo=dt.UTC)},
]


def test_exposures_come_from_each_kind_of_file(settings, tmp_path):
    files = [
        write(tmp_path / "a.csv", CSV),
        write(tmp_path / "zoned.csv", CSV.replace("10:00:00", "12:00:00+02:00").replace("11:30:00", "11:30:00Z")),
        write(
            tmp_path / "a.jsonl",
            '{"user_id": 1, "variant": "control", "exposed_at": "2025-09-01T10:00:00"}\n'
            '{"user_id": 2, "variant": "treatment", "exposed_at": "2025-09-02T11:30:00"}\n',
        ),
    ]
    pq.write_table(pa.Table.from_pylist([{"page": "x", **row} for row in ROWS]), tmp_path / "a.parquet")
    for number, file in enumerate([*files, tmp_path / "a.parquet"], 1):
        taken = import_exposures(settings, "checkout", file, ("control", "treatment"))
        assert (taken.file, taken.rows, taken.variants) == (f"{number:04}.parquet", 2, {"control": 1, "treatment": 1})
        assert pq.read_table(log_folder(settings, "checkout") / taken.file).to_pylist() == ROWS


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.csv", CSV.replace("user_id", "customer"), "no column 'user_id'"),
        ("a.csv", CSV.replace("2,treatment", "2,blue"), "variant 'blue'"),
        ("a.csv", CSV.replace("2,treatment", "two,treatment"), "cannot be read"),
        ("a.csv", CSV.replace("2025-09-02 11:30:00", "yesterday"), "cannot be read"),
        ("a.csv", CSV.replace("2,treatment", ",treatment"), "row 2: user_id is empty"),
        ("a.csv", "user_id,variant,exposed_at\n", "no exposures"),
        ("a.csv", "", "cannot be read"),
        ("a.xlsx", CSV, "no file of exposures"),
        ("a.jsonl", '{"user_id": 1, "variant": "control", "exposed_at": 1756720800}\n', "not times"),
        ("a.parquet", "PAR1 no", "cannot be read"),
    ],
)
def test_a_file_is_taken_whole_or_not_at_all(settings, tmp_path, name, text, problem):
    with pytest.raises(TrialError, match=problem) as raised:
        import_exposures(settings, "checkout", write(tmp_path / name, text), ("control", "treatment"))
    assert raised.value.hint
    assert list(log_folder(settings, "checkout").iterdir()) == []


def test_a_file_that_is_not_there(settings, tmp_path):
    with pytest.raises(TrialError, match="There is no file"):
        import_exposures(settings, "checkout", tmp_path / "no.csv", ("control", "treatment"))


def test_variants_keep_their_order(settings, diary):
    # The first one is the control, and the order says whose buckets are whose.
    shares = {"old": 0.8, "new": 0.1, "bold": 0.1}
    diary.add("checkout", "planned", trial(shares=shares).to_dict())
    kept = start(settings, "checkout").trial
    assert list(kept.shares) == ["old", "new", "bold"] and kept.control == "old"
