"""Streams of a process that has no Spark: queries made by hand, and a workplace that opens nothing."""

from __future__ import annotations

import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from emberlake.errors import StreamError
from emberlake.streams.running.workplace import Workplace
from emberlake.streams.stream import Running, Stream


class StubQuery:
    """A query as its watch sees it."""

    lastProgress = {"batchId": 0}

    def __init__(self, ends=lambda: None, stops=True):
        self._over, self._error, self._ends, self._stops = threading.Event(), None, ends, stops

    @property
    def isActive(self):
        if not self._over.is_set() and (end := self._ends()) is not None:
            self._error = end if isinstance(end, Exception) else None
            self._over.set()
        return not self._over.is_set()

    @property
    def status(self):
        return {"message": "Waiting for data to arrive", "isTriggerActive": False}

    def exception(self):
        return self._error

    def stop(self):
        while not self._stops:
            time.sleep(0.1)
        self._over.set()


def mark(running: Running) -> Path:
    return running.settings.root / "mark"


def failing(running: Running):
    """Fails whenever the mark is there."""
    return StubQuery(lambda: ValueError("the shelf is empty") if mark(running).exists() else None)


def refusing(running: Running):
    """Runs until the mark is there, and will not be started again then."""
    if mark(running).exists():
        raise StreamError("The checkpoint is gone.", "Restore it.")
    return StubQuery(lambda: ValueError("lost") if mark(running).exists() else None)


def said(running: Running) -> str | None:
    return mark(running).read_text() if mark(running).exists() else None


def stub_streams() -> dict[str, Stream]:
    made = [
        Stream("calm", "Runs until it is stopped.", (), (), lambda running: StubQuery()),
        Stream("other", "Runs until it is stopped.", (), (), lambda running: StubQuery(), options={"colour": "a word"}),
        Stream("stuck", "Does not stop.", (), (), lambda running: StubQuery(stops=False)),
        Stream("failing", "Fails.", (), (), failing),
        Stream("refusing", "Refuses to go on.", (), (), refusing),
        Stream("changing", "Works with something that changes.", (), (), lambda r: StubQuery(), changed=said),
        Stream("short", "Ends by itself.", (), (), lambda running: StubQuery(lambda: "the end")),
    ]
    return {stream.name: stream for stream in made}


@contextmanager
def open_nothing(settings, streams, log):
    """No session and no Kafka, and a JVM that is none."""
    java = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        yield Workplace(None, None, java.pid)
    finally:
        java.kill()
        java.wait()


@contextmanager
def open_for_ever(settings, streams, log):
    """A workplace that does not get ready."""
    (settings.root / "opening").touch()
    time.sleep(600)
    yield Workplace(None, None)
