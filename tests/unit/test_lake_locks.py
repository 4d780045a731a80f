"""One writer a table at a time: who waits is told whom for, and the dead hold nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock

from emberlake.errors import LakeBusy, LakeError
from emberlake.lake.locks import hold

HOLDER = """
import sys, time
from pathlib import Path
from emberlake.lake.locks import hold
with hold(Path(sys.argv[1]), "Table silver.orders"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def other_process_holding(path: Path) -> Iterator[subprocess.Popen[str]]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "held\n"
        yield holder
    finally:
        holder.kill()
        holder.wait()


def test_a_second_writer_is_refused_with_the_holders_pid(tmp_path):
    path = tmp_path / "locks" / "silver.orders.lock"
    with other_process_holding(path) as holder:
        with (
            pytest.raises(LakeBusy, match=f"Table silver.orders is being written by process {holder.pid}\\."),
            hold(path, "Table silver.orders", wait=0.0),
        ):
            pytest.fail("two held it")
        assert holder.poll() is None


def test_a_second_writer_waits_for_the_first(tmp_path):
    path = tmp_path / "a.lock"
    with other_process_holding(path) as holder:
        holder.stdin.close()  # lets go
        with hold(path, "Table a", wait=30.0):
            assert (tmp_path / "a.lock.pid").read_text() == str(os.getpid())
    assert not (tmp_path / "a.lock.pid").exists()


def test_a_killed_holder_holds_nothing(tmp_path):
    path = tmp_path / "a.lock"
    with other_process_holding(path) as holder:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        begun = time.monotonic()
        # Its pid is still written there; that must not be taken for its being there.
        assert (tmp_path / "a.lock.pid").read_text() == str(holder.pid)
        with hold(path, "Table a", wait=5.0):
            assert (tmp_path / "a.lock.pid").read_text() == str(os.getpid())
        assert time.monotonic() - begun < 5


def test_an_error_within_lets_go(tmp_path):
    with pytest.raises(ZeroDivisionError), hold(tmp_path / "a.lock", "Table a"):
        _ = 1 / 0
    with hold(tmp_path / "a.lock", "Table a", wait=0.0):
        pass


def test_a_lock_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "locks").write_text("a file, where a folder should be")
    with pytest.raises(LakeError, match="cannot be taken.*Choose a --root"), hold(tmp_path / "locks" / "a.lock", "A"):
        pytest.fail("held")


@pytest.mark.parametrize("written", [None, ""])
def test_a_holder_that_has_not_said_its_pid_yet_is_another_process(tmp_path, written):
    holder = FileLock(tmp_path / "a.lock")
    holder.acquire()
    if written is not None:
        (tmp_path / "a.lock.pid").write_text(written)
    with (
        pytest.raises(LakeBusy, match="Table silver.orders is being written by another process\\."),
        hold(tmp_path / "a.lock", "Table silver.orders", wait=0),
    ):
        pass
    holder.release()
