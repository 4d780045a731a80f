"""Waits between restarts, by a clock that the test holds; and what a failure means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emberlake.errors import LakeError, StreamError
from emberlake.streams.running.backoff import Backoff, Patience
from emberlake.streams.running.failure import understand


def test_each_wait_is_twice_the_one_before_up_to_the_longest():
    backoff = Backoff(Patience(first=1, longest=10, failures=99, within=10_000))
    assert [backoff.failed(moment, ran=1) for moment in range(0, 600, 100)] == [1, 2, 4, 8, 10, 10]


def test_a_query_that_ran_well_for_long_begins_again_with_the_first_wait():
    backoff = Backoff(Patience(first=1, healthy=60, failures=99))
    assert [backoff.failed(0, ran=1), backoff.failed(10, ran=5), backoff.failed(200, ran=190)] == [1, 2, 1]


def test_too_many_failures_within_the_time_are_the_end():
    backoff = Backoff(Patience(failures=3, within=100))
    assert [backoff.failed(0, 1), backoff.failed(50, 1), backoff.failed(99, 1)] == [1, 2, None]


def test_failures_that_are_long_ago_do_not_count():
    backoff = Backoff(Patience(failures=3, within=100, healthy=40))
    assert [backoff.failed(moment, 49) for moment in (0, 50, 100, 150, 200, 250)] == [1] * 6


@given(st.lists(st.floats(0, 30), min_size=1, max_size=60))
def test_whatever_fails_quickly_again_and_again_is_given_up(pauses):
    backoff, now, waits = Backoff(Patience(failures=5, within=10_000)), 0.0, []
    for pause in pauses:
        now += pause
        waits.append(backoff.failed(now, pause))
    assert (None in waits) == (len(pauses) >= 5)


def test_our_errors_keep_their_sentence_and_their_hint():
    fault = understand(StreamError("The checkpoint is gone.", "Restore it."))
    assert (fault.sentence, fault.hint, fault.final) == ("The checkpoint is gone.", "Restore it.", True)
    assert not understand(LakeError("The lake is busy.")).final


CALLBACK = """[FOREACH_BATCH_USER_FUNCTION_ERROR] An error occurred in the user provided function in foreach batch sink.
Reason: An exception was raised by the Python Proxy. Return Message: Traceback (most recent call last):
  File "/x/py4j/clientserver.py", line 644, in _call_proxy
    return_value = getattr(self.pool[obj_id], method)(*params)
  File "/x/landing.py", line 12, in act
    raise {raised}
{said}
 SQLSTATE: 39000"""


def test_an_error_of_ours_that_came_back_through_spark_is_found_in_the_text():
    said = "emberlake.errors.StreamError: The table has loads that this checkpoint does not know. Restore it."
    fault = understand(RuntimeError(CALLBACK.format(raised="StreamError", said=said)))
    assert fault.sentence == "The table has loads that this checkpoint does not know."
    assert (fault.hint, fault.final) == ("Restore it.", True)


def test_the_first_cause_in_python_is_told_in_one_line():
    fault = understand(RuntimeError(CALLBACK.format(raised="ValueError", said="ValueError: the shelf is empty")))
    assert (fault.sentence, fault.final) == ("ValueError: the shelf is empty", False)


def test_a_full_disk_is_called_so():
    assert understand(RuntimeError("java.io.IOException: No space left on device")).sentence == "The disk is full."


@pytest.mark.parametrize("text", ["", "\n\n", "x" * 5_000])
def test_any_error_becomes_one_sentence_of_bearable_length(text):
    sentence = understand(RuntimeError(text)).sentence
    assert sentence and "\n" not in sentence and len(sentence) < 400
