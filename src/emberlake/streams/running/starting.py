"""Starting streams: a process of its own, detached, and no word of success before the queries run."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from emberlake.engine.logs import log_file
from emberlake.errors import StreamError
from emberlake.progress import Progress, silent
from emberlake.settings import Settings
from emberlake.streams.running.book import Book, Entry
from emberlake.streams.running.job import Job
from emberlake.streams.running.lock import already_running, holder
from emberlake.streams.running.registry import find_stream, registered
from emberlake.streams.running.stopping import end_leftovers, stop_streams

# The JVM takes 3 to 9 s, what a query prepares as much again; on a machine that is busy, ten times as long.
START_SECONDS = 600.0
_LOOK_SECONDS = 0.1


def start_streams(
    settings: Settings,
    names: Sequence[str],
    options: Mapping[str, str] | None = None,
    progress: Progress = silent,
    job: Job | None = None,
    patience: float = START_SECONDS,
    detached: bool = True,
) -> list[Entry]:
    """Start these streams together, in one process with one JVM, and wait until each query runs.

    Args:
        options: name to value, for those of the streams that take it.
        job: how the process is made, where that differs from the usual.
        patience: seconds after which a start that neither runs nor fails is ended.
        detached: it outlives this terminal; otherwise it belongs to this process's group, and ends with it.

    Raises:
        StreamError: if a stream does not exist, runs already, or does not start: then none of them does.
        KeyboardInterrupt: after the process is ended again.
    """
    job = replace(job or Job(settings, ()), names=tuple(dict.fromkeys(names)), options=dict(options or {}))
    _check(job)
    end_leftovers(settings, job.names)
    child = _spawn(job, detached)
    try:
        return _confirmed(job, child, progress, time.monotonic() + patience)
    except KeyboardInterrupt:
        stop_streams(settings, job.names)
        raise


def _check(job: Job) -> None:
    known = registered(job.registry)
    chosen = [find_stream(name, known) for name in job.names]
    if not chosen:
        raise StreamError("No stream was named.", f"There are: {', '.join(known)}.")
    for stream in chosen:
        if (who := holder(job.settings, stream.name)) is not None:
            raise already_running(stream.name, who)
    taken = {name: meaning for stream in chosen for name, meaning in stream.options.items()}
    for name in job.options:
        if name not in taken:
            there = "; ".join(f"{option}: {meaning}" for option, meaning in taken.items()) or "none"
            raise StreamError(
                f"{' and '.join(job.names)} take no option {name!r}.", f"What they take: {there.rstrip('.')}."
            )


def _spawn(job: Job, detached: bool) -> subprocess.Popen[bytes]:
    with log_file(job.log).open("ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "emberlake.streams", *job.names],
            stdin=subprocess.PIPE, stdout=log, stderr=log,
            start_new_session=detached,
        )  # fmt: skip
    assert child.stdin is not None
    with suppress(BrokenPipeError):
        child.stdin.write(job.line())
        child.stdin.close()
    return child


def _confirmed(job: Job, child: subprocess.Popen[bytes], progress: Progress, deadline: float) -> list[Entry]:
    book, begun = Book(job.settings), time.monotonic()
    while True:
        # Asked before the book is read: what it wrote before it went is then seen.
        gone = child.poll() is not None
        entries = [entry for name in job.names if (entry := book.entry(name)) and entry.pid == child.pid]
        failed = [entry for entry in entries if entry.state == "failed"]
        if gone:
            raise _did_not_start(job, failed, child.returncode) if not _all_ran(job, entries) else _nothing()
        if not failed and _all_ran(job, entries):
            return entries
        if time.monotonic() > deadline:
            stop_streams(job.settings, job.names)
            raise StreamError(
                f"{' and '.join(job.names)} did not run within {time.monotonic() - begun:.0f} s and was ended.",
                f"What it did is in {job.log}.",
            )
        java = any(entry.jvm for entry in entries)
        progress("starting the query" if java else "starting spark", 0.6 if java else 0.1)
        time.sleep(_LOOK_SECONDS)


def _all_ran(job: Job, entries: list[Entry]) -> bool:
    return len(entries) == len(job.names) and all(entry.state in ("running", "finished") for entry in entries)


def _did_not_start(job: Job, failed: list[Entry], code: int) -> StreamError:
    if failed:
        first = failed[0]
        return StreamError(f"Stream {first.name} did not start: {first.cause}", first.hint or f"The log is {job.log}.")
    return StreamError(
        f"The process of {' and '.join(job.names)} ended with exit code {code} before a query ran.",
        f"What it said is in {job.log}.",
    )


def _nothing() -> StreamError:
    return StreamError("The streams ended as soon as they had started.", "Look at emberlake stream status.")
