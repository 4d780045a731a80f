"""Visits by session windows, by our own state, and in DuckDB: three ways, one answer."""

from __future__ import annotations

import duckdb
import pytest
from tests.rows import assert_rows
from tests.stream_tools import Shop, clicks

from emberlake.settings import read_settings
from emberlake.streams.windows import visits
from emberlake.streams.windows.carts import Visit, merged

CAME = [
    [
        (1, 70, None, "session_start", "10:00"),
        (2, 70, None, "page_view", "10:01", 500),
        (3, 71, 8, "session_start", "10:00"),
        (4, 71, 8, "add_to_cart", "10:05", 501),
        (5, 71, 8, "checkout", "10:06"),
        # Two visits of one session_id, so far: 50 minutes lie between.
        (6, 72, 9, "add_to_cart", "10:00", 502),
        (7, 72, None, "page_view", "10:50", 503),
        # Nobody's visit, and a click without a name.
        (20, None, 6, "page_view", "10:00", 504),
        (21, 70, None, None, "10:01"),
        (8, 73, 6, "add_to_cart", "10:40", 504),
        (8, 73, 6, "add_to_cart", "10:40", 504),
    ],
    # Out of order, on time (the watermark is 10:40): it joins nothing. The purchase ends the cart of 73.
    [(9, 74, 5, "add_to_cart", "10:41", 505), (10, 73, 6, "purchase", "11:09:59")],
    [(11, 75, None, "page_view", "12:00", 506)],
]
OVER = [
    (70, "2026-03-01 10:00", "2026-03-01 10:01", None, 3, 1, False, False, False),
    (71, "2026-03-01 10:00", "2026-03-01 10:06", 8, 3, 0, True, True, False),
    (72, "2026-03-01 10:00", "2026-03-01 10:00", 9, 1, 0, True, False, False),
    (72, "2026-03-01 10:50", "2026-03-01 10:50", None, 1, 1, False, False, False),
    (73, "2026-03-01 10:40", "2026-03-01 11:09:59", 6, 2, 0, True, False, True),
    (74, "2026-03-01 10:41", "2026-03-01 10:41", 5, 1, 0, True, False, False),
]
LEFT = [
    (71, "2026-03-01 10:00", "2026-03-01 10:06", 8, 0, 1, "left_checkout"),
    (72, "2026-03-01 10:00", "2026-03-01 10:00", 9, 0, 1, "left_cart"),
    (74, "2026-03-01 10:41", "2026-03-01 10:41", 5, 0, 1, "left_cart"),
]


@pytest.fixture(scope="module")
def shop(spark, tmp_path_factory) -> Shop:
    shop = Shop(spark, read_settings(root=tmp_path_factory.mktemp("visits")))
    for batch in CAME:
        shop.come(clicks(spark, *batch))
        shop.run("abandoned_carts")
    shop.run("visits")
    return shop


def test_session_windows_tell_a_visit_once_it_is_over(shop):
    assert_rows(shop.table("live_visits"), OVER)


def test_timers_tell_the_carts_that_were_left(shop):
    assert_rows(shop.table("live_carts"), LEFT)


def test_visits_that_are_over_leave_the_state(shop):
    first, last = shop.states["abandoned_carts"][0], shop.states["abandoned_carts"][-1]
    assert first == {"transformWithStateInPySparkExec": 4, "dedupeWithinWatermark": 10}
    # The visit of 12:00 and its key.
    assert last == {"transformWithStateInPySparkExec": 1, "dedupeWithinWatermark": 1}
    assert shop.dropped == {"abandoned_carts": 0, "visits": 0}


def test_a_batch_and_duckdb_agree_with_the_stream(spark):
    rows = clicks(spark, *[row for batch in CAME for row in batch]).dropDuplicates(["event_id"])
    ours = visits(rows).select("session_id", "began_at", "last_at", "clicks", "carted")
    events = rows.select("session_id", "event", "occurred_at").toArrow()  # noqa: F841
    theirs = duckdb.sql(
        """
        WITH marked AS (
          SELECT *, coalesce(occurred_at - lag(occurred_at) OVER w > INTERVAL 30 MINUTE, true)::int AS new
          FROM events WHERE session_id IS NOT NULL WINDOW w AS (PARTITION BY session_id ORDER BY occurred_at)
        ), numbered AS (
          SELECT *, sum(new) OVER (PARTITION BY session_id ORDER BY occurred_at) AS number FROM marked
        )
        SELECT session_id, strftime(min(occurred_at) AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S'),
          strftime(max(occurred_at) AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S'), count(*),
          coalesce(bool_or(event = 'add_to_cart'), false)
        FROM numbered GROUP BY session_id, number
        """
    ).fetchall()
    assert len(theirs) == 7
    assert_rows(ours, theirs)


def test_an_event_between_two_visits_makes_them_one():
    minute = 60_000_000
    first, last = (Visit(at * minute, at * minute, None, 1, 0, 0, 0) for at in (0, 50))
    between = Visit(25 * minute, 25 * minute, 7, 0, 1, 0, 0)
    assert len(merged([last, first])) == 2
    assert merged([last, first, between]) == [Visit(0, 50 * minute, 7, 2, 1, 0, 0)]
