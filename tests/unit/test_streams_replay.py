"""A replay's plan, schedule and faults, without Kafka and without a lake."""

import json
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emberlake.errors import StreamError
from emberlake.streams.replay.faults import MALFORMED, plant, with_faults
from emberlake.streams.replay.pace import Pace
from emberlake.streams.replay.plan import Faults, Plan
from emberlake.streams.replay.record import Record

SECOND = 1_000_000


def made(gaps):
    """Rows with these gaps in seconds between them, orders and clicks in turns of three."""
    rows, at = [], 0
    for number, gap in enumerate(gaps):
        at += gap * SECOND
        topic = int(number % 3 == 0)
        text = {"order_id": number, "amount": 1.5, "status": "paid", "ordered_at": "2026-01-01T00:00:00Z"}
        if topic:
            text = {"event_id": number, "session_id": 5, "device": "mobile", "occurred_at": "2026-01-01T00:00:00Z"}
        rows.append((at, topic, number, "k", json.dumps(text)[:-1]))
    return rows


def positions(rows):
    last = {topic: max((r[0] for r in rows if r[1] == topic), default=0) for topic in (0, 1)}
    return pa.table(
        {
            "position": range(len(rows)), "topic": [r[1] for r in rows], "micros": [r[0] for r in rows],
            "last": [last[r[1]] for r in rows],
        }
    )  # fmt: skip


def found(messages, faults):
    """Faults as a reader finds them, who knows each message's event, time and text, but not what was planted."""
    counts = Counter()
    newest, seen = {}, set()
    for row, _, body in messages:
        at, topic, number, _, text = row
        if body is not None:
            counts["malformed"] += 1
            continue
        assert json.loads(text + "}")
        if (topic, number) in seen:
            counts["duplicate"] += 1
            continue
        seen.add((topic, number))
        behind = newest.get(topic, at) - at
        if behind >= faults.late_by * SECOND:
            counts["late"] += 1
        elif behind > 0:
            assert behind <= faults.disorder * SECOND
            counts["out_of_order"] += 1
        newest[topic] = max(newest.get(topic, at), at)
    return counts, seen


@given(
    st.lists(st.integers(0, 90), min_size=120, max_size=300), st.integers(0, 9), st.integers(0, 9), st.integers(0, 25),
    st.integers(0, 9), st.integers(0, 2**31),
)  # fmt: skip
def test_an_independent_reader_finds_just_what_was_planted(gaps, late, duplicate, malformed, out_of_order, seed):
    faults = Faults(late, duplicate, malformed, out_of_order, late_by=400, disorder=200)
    rows = made(gaps)
    try:
        planting = plant(positions(rows), faults, seed)
    except StreamError:
        return
    messages = list(with_faults(rows, planting, faults.late_by))
    counts, seen = found(messages, faults)
    assert counts == Counter(
        {k: n for k, n in vars(faults).items() if n and k in ("late", "duplicate", "malformed", "out_of_order")}
    )
    assert len(seen) == len(rows)
    assert len(messages) == len(rows) + duplicate + malformed


def test_enough_events_take_every_fault():
    rows = made([30] * 300)
    faults = Faults(5, 6, 22, 7)
    messages = list(with_faults(rows, plant(positions(rows), faults, 1), faults.late_by))
    kinds = Counter(m.fault for m in messages if m.fault)
    assert (kinds["late"], kinds["duplicate"], kinds["out_of_order"]) == (5, 6, 7)
    assert {kind: kinds[kind] for kind in MALFORMED} == dict.fromkeys(MALFORMED, 2)


def test_the_same_seed_plants_the_same():
    rows = made([30] * 300)
    one, same, other = (plant(positions(rows), Faults(5, 6, 22, 7), seed) for seed in (1, 1, 2))
    assert one == same != other


def test_too_few_events_for_the_faults_are_refused():
    rows = made([30] * 300)
    with pytest.raises(StreamError, match=r"Only 0 events can be late, not 1\."):
        plant(positions(rows), Faults(late=1, late_by=10**6), 1)


def test_no_malformed_message_can_be_taken_for_its_event():
    text, click = made([1, 1])[1][4], made([1])[0][4]
    for kind, broken in MALFORMED.items():
        for topic, event in ((0, text), (1, click)):
            assert broken(event, topic) != event + "}", kind


def test_a_late_message_does_not_delay_the_next():
    now = [100.0]
    pace = Pace(speed=10.0, rate=None, clock=lambda: now[0])
    assert pace.wait(0) == 0.0
    assert pace.wait(20 * SECOND) == 2.0
    now[0] = 105.0
    assert pace.wait(30 * SECOND) == 0.0
    assert pace.wait(60 * SECOND) == 1.0
    assert pace.behind == 2.0


def test_a_rate_is_kept_over_all_events_not_between_two():
    now = [0.0]
    pace = Pace(None, rate=1_000.0, clock=lambda: now[0])
    waits = [pace.wait(0) for _ in range(5)]
    assert waits == [0.0, 0.001, 0.002, 0.003, 0.004]


def test_as_fast_as_possible_never_waits():
    pace = Pace(None, None, clock=lambda: 0.0)
    assert [pace.wait(at) for at in (0, 10**12, 5)] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("wrong", [{"speed": 0.0}, {"rate": -1.0}, {"limit": 0}, {"loops": -1}, {"topics": ("users",)}])
def test_a_plan_that_cannot_be_played_is_refused(wrong):
    with pytest.raises(StreamError):
        Plan(**wrong)


def test_another_plan_is_not_gone_on_with(tmp_path):
    path = tmp_path / "replay.json"
    Record(path, Plan(seed=1).told(), {"orders": 3}, sent=17).save()
    assert Record(path, Plan(seed=1, rate=50).told(), {"orders": 3}).position() == 17
    with pytest.raises(StreamError, match="seed was 1, not 2"):
        Record(path, Plan(seed=2).told(), {"orders": 3}).position()
    with pytest.raises(StreamError, match="orders was 3, not 4"):
        Record(path, Plan(seed=1).told(), {"orders": 4}).position()
    with pytest.raises(StreamError, match="There is no replay"):
        Record(tmp_path / "none.json", {}, {}).position()
