"""The broker's process: found again by its pid and the time of its start, ended within a deadline."""

from __future__ import annotations

import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil

from emberlake.engine.logs import log_file


def spawn(command: list[str], folder: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start a program that outlives this one and its terminal; its words go to the log."""
    with log_file(log).open("ab") as out:
        # A session of its own: neither Ctrl-C nor the closing of the terminal reaches it.
        return subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )


def note(path: Path, pid: int) -> None:
    """Keep a pid with the time of its start, because systems give pids again."""
    with suppress(psutil.NoSuchProcess):
        started = psutil.Process(pid).create_time()
        whole = path.with_name(path.name + ".new")
        whole.write_text(f"{pid} {started}\n")
        whole.replace(path)


def find(path: Path) -> psutil.Process | None:
    """The process that was noted, if it is the same and still runs."""
    try:
        pid, started = path.read_text().split()
        process = psutil.Process(int(pid))
        # The kernel rounds to hundredths of a second, and adds the time of the boot, which clocks may correct.
        same = abs(process.create_time() - float(started)) < 2
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except (OSError, ValueError, psutil.Error):
        return None


def end(process: psutil.Process, patience: float) -> bool:
    """Ask a process to end, and kill it when it has not after `patience` seconds.

    Returns:
        Whether it ended by itself.
    """
    with suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGTERM)
    if _gone(process, patience):
        return True
    with suppress(psutil.NoSuchProcess):
        process.kill()
    _gone(process, 10)
    return False


def _gone(process: psutil.Process, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        # An ended child of a parent that does not ask for it stays a zombie, and is as good as gone.
        with suppress(psutil.TimeoutExpired):
            process.wait(timeout=0.1)
            return True
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
    return False
