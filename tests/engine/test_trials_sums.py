"""What leaves the engine: assignment as Python has it, and sums by variant and day, by hand and by plain numpy."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyspark.sql.functions as F
import pytest
from tests.trial_rows import moments

from emberlake.trials.assignment import bucket, bucket_column, variant_column, variant_of
from emberlake.trials.exposures import active_before, active_during, assigned, first_exposures
from emberlake.trials.health import count
from emberlake.trials.moments import course
from emberlake.trials.sums import daily_sums
from emberlake.trials.trial import Trial

SINCE, UNTIL = dt.date(2025, 9, 1), dt.date(2025, 9, 4)
EXPOSED = "user_id long, variant string, exposed_at timestamp"
HAPPENED = "user_id long, happened_at timestamp, numerator double, denominator double"
IDS = [*range(0, 3000, 7), -1, -(2**40), 2**31, 2**32 + 5, 2**62 + 12345, 2**63 - 1]


@pytest.mark.parametrize("method", ["hash", "multiplicative"])
def test_assignment_is_the_same_number_as_in_python(engine, method):
    shares = {"control": 0.8, "a": 0.1, "b": 0.1}
    users = engine.rows("user_id long", *[(i,) for i in IDS])
    user = F.col("user_id")
    place = bucket_column(user, "café:1", method).alias("b")
    got = users.select("user_id", place, variant_column(user, shares, "café:1", method).alias("v")).toArrow()
    for row in got.to_pylist():
        assert row["b"] == bucket(row["user_id"], "café:1", method)
        assert row["v"] == variant_of(row["user_id"], shares, "café:1", method)


def test_who_was_active(engine):
    activity = engine.rows(
        "user_id long, happened_at timestamp",
        (1, "2025-08-31 23:59"),
        (1, "2025-09-02 08:00"),
        (2, "2025-08-01 00:00"),
        (3, "2025-07-31 23:59"),  # longer ago than 31 days
        (4, "2025-09-01 00:00"),
        (4, "2025-09-03 09:00"),
        (5, "2025-09-04 00:00"),  # after the trial
        (None, "2025-09-02 09:00"),  # a visitor who did not sign in
    )
    before = active_before(activity, SINCE, 31).toArrow().to_pylist()
    assert sorted(row["user_id"] for row in before) == [1, 2]
    assert {row["exposed_at"].isoformat() for row in before} == {"2025-09-01T00:00:00+00:00"}
    during = active_during(activity, SINCE, UNTIL).toArrow().to_pylist()
    assert {row["user_id"]: row["exposed_at"].isoformat()[:13] for row in during} == {
        1: "2025-09-02T08",
        4: "2025-09-01T00",
    }


def test_the_first_exposure_counts_and_users_in_two_variants_do_not(engine):
    log = engine.rows(
        EXPOSED,
        (1, "control", "2025-09-02 10:00"),
        (1, "control", "2025-09-01 09:00"),
        (2, "control", "2025-09-01 10:00"),
        (2, "treatment", "2025-09-03 10:00"),
        (3, "treatment", "2025-08-31 23:59"),  # before the trial
        (4, "treatment", "2025-09-03 23:59"),
        (5, "treatment", "2025-09-04 00:00"),  # after it
    )
    first = first_exposures(log, SINCE, UNTIL)
    got = {row["user_id"]: row for row in first.toArrow().to_pylist()}
    assert {user: row["left_out"] for user, row in got.items()} == {
        1: None,
        2: "in two variants",
        3: "outside the trial's days",
        4: None,
        5: "outside the trial's days",
    }
    assert got[1]["exposed_at"].isoformat()[:13] == "2025-09-01T09"
    trial = Trial("x", "conversion", 0.1, SINCE, 3, salt="s")
    users = {(row["variant"], row["left_out"]): row["users"] for row in count(first, trial)}
    assert users == {
        ("control", None): 1,
        ("treatment", None): 1,
        ("control", "in two variants"): 1,
        ("treatment", "outside the trial's days"): 2,
    }


def test_sums_by_hand(engine):
    exposed = engine.rows(
        EXPOSED,
        (1, "control", "2025-09-01 00:00"),
        (2, "control", "2025-09-02 12:00"),
        (3, "treatment", "2025-09-01 00:00"),
    )
    happened = engine.rows(
        HAPPENED,
        (1, "2025-08-20 10:00", 7.0, 1.0),  # before the trial: the covariate
        (1, "2025-09-01 10:00", 10.0, 1.0),
        (1, "2025-09-03 10:00", 5.0, 1.0),
        (2, "2025-09-02 11:00", 99.0, 1.0),  # an hour before the user saw anything
        (2, "2025-09-02 13:00", 20.0, 1.0),
        (4, "2025-09-02 13:00", 1000.0, 1.0),  # not in the trial
    )
    got = course(daily_sums(exposed, happened, SINCE, "mean").toArrow(), ("control", "treatment"), SINCE, UNTIL)
    control, treatment = got.by_variant["control"], got.by_variant["treatment"]
    assert [m.users for m in control] == [1, 2, 2]
    assert [m.sums.tolist() for m in control] == [[10, 1, 7, 1], [30, 2, 7, 1], [35, 3, 7, 1]]
    # Sums of squares: 10²; 10² + 20²; 15² + 20². With the covariate: 10 · 7; 70 + 0; 15 · 7.
    assert [m.products[0, 0] for m in control] == [100, 500, 625]
    assert [m.products[0, 2] for m in control] == [70, 70, 105]
    assert [m.products[2, 2] for m in control] == [49, 49, 49]
    assert [(m.users, m.sums.sum()) for m in treatment] == [(1, 0), (1, 0), (1, 0)]


def test_a_share_counts_a_user_once(engine):
    exposed = engine.rows(EXPOSED, (1, "control", "2025-09-01 00:00"), (2, "control", "2025-09-01 00:00"))
    happened = engine.rows(
        HAPPENED,
        (1, "2025-08-20 10:00", 1.0, 1.0),
        (1, "2025-08-21 10:00", 1.0, 1.0),
        (1, "2025-09-02 10:00", 1.0, 1.0),
        (1, "2025-09-03 10:00", 1.0, 1.0),
    )
    got = course(daily_sums(exposed, happened, SINCE, "share").toArrow(), ("control",), SINCE, UNTIL)
    assert [(m.sums[0], m.products[0, 0], m.sums[2]) for m in got.by_variant["control"]] == [
        (0, 0, 1),
        (1, 1, 1),
        (1, 1, 1),
    ]


@pytest.mark.parametrize("kind", ["mean", "ratio", "share"])
def test_sums_as_numpy_has_them(engine, kind):
    rng = np.random.default_rng(4)
    users, days, begin = 60, 10, dt.datetime(2025, 9, 1)
    exposed = [
        (i, "control" if i % 3 else "treatment", str(begin + dt.timedelta(hours=int(rng.integers(0, 240)))))
        for i in range(users)
    ]
    deeds = [
        (int(rng.integers(0, users)), str(begin + dt.timedelta(hours=int(h))), float(rng.integers(0, 9)), 1.0)
        for h in rng.integers(-480, 240, 400)
    ]
    sums = daily_sums(engine.rows(EXPOSED, *exposed), engine.rows(HAPPENED, *deeds), SINCE, kind).toArrow()
    got = course(sums, ("control", "treatment"), SINCE, SINCE + dt.timedelta(days=days))
    for day in range(days):
        end = begin + dt.timedelta(days=day + 1)
        for variant in ("control", "treatment"):
            rows = []
            for user, own, at in exposed:
                if own == variant and dt.datetime.fromisoformat(at) < end:
                    mine = [(dt.datetime.fromisoformat(t), x, y) for u, t, x, y in deeds if u == user]
                    then = [(x, y) for t, x, y in mine if max(dt.datetime.fromisoformat(at), begin) <= t < end]
                    past = [(x, y) for t, x, y in mine if t < begin]
                    x, cx = sum(d[0] for d in then), sum(d[0] for d in past)
                    if kind == "share":
                        x, cx = float(x > 0), float(cx > 0)
                    rows.append((x, sum(d[1] for d in then), cx, sum(d[1] for d in past)))
            if not rows:
                continue
            expected, found = moments(*zip(*rows, strict=True)), got.by_variant[variant][day]
            assert found.users == expected.users
            np.testing.assert_allclose(found.sums, expected.sums)
            np.testing.assert_allclose(found.products, expected.products)


def test_users_get_the_variant_of_the_assignment(engine):
    users = engine.rows("user_id long, exposed_at timestamp", *[(i, "2025-09-01 00:00") for i in range(200)])
    got = assigned(users, {"control": 0.5, "treatment": 0.5}, "s", "hash").toArrow().to_pylist()
    assert all(r["variant"] == variant_of(r["user_id"], {"control": 0.5, "treatment": 0.5}, "s") for r in got)
