"""The broker of our own: one KRaft node on 127.0.0.1, a process that outlives the command that starts it."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from emberlake.engine.jars import ensure_jars
from emberlake.engine.java import find_java
from emberlake.engine.kafka import process
from emberlake.engine.kafka.configuration import java_command, properties
from emberlake.engine.kafka.connection import Connection
from emberlake.engine.kafka.place import HOST, Place, is_free
from emberlake.engine.kafka.reaching import ask
from emberlake.engine.logs import log_file
from emberlake.errors import StreamError
from emberlake.progress import Progress, silent
from emberlake.settings import Settings

# A start takes three to six seconds on two quiet cores; recovery of gigabytes after a kill may take a minute.
START = 120.0
# A clean stop takes one to two seconds.
STOP = 30.0
# Seconds until the system has let go of a killed process's ports and memory.
RELEASE = 10.0


@dataclass(frozen=True)
class BrokerStatus:
    """How the broker of our own stands.

    Attributes:
        running: whether its process is there.
        answers: whether it answers clients.
        bootstrap: its address; empty before the first start.
        since: when its process was started, UTC.
        memory: bytes that its process holds.
        data: bytes of its folder.
    """

    running: bool
    answers: bool
    bootstrap: str
    folder: Path
    log: Path
    data: int
    pid: int | None = None
    since: dt.datetime | None = None
    memory: int | None = None

    @property
    def connection(self) -> Connection:
        return Connection(self.bootstrap)


def start_broker(
    settings: Settings, progress: Progress = silent, *, port: int | None = None, more: Mapping[str, str] | None = None
) -> BrokerStatus:
    """Start the broker of this root, or find it running, and wait until it answers.

    Args:
        port: another port for its clients than the one that was chosen at the first start.
        more: settings of the broker beside our own (`server.properties`); for tests.

    Raises:
        StreamError: if its port is taken, or it ends or does not answer in time; names the log.
        EngineError: if its JARs are missing and cannot be fetched.
    """
    place = Place.of(settings)
    with place.held(wait=START + STOP):
        if running := _find(place):
            with suppress(_Ended):
                return _awaited(place, running, progress)
        progress("Looking for Java and Kafka's JARs", 0.0)
        java = find_java(settings)
        jars = ensure_jars(settings, java, "kafka", lambda doing, done: progress(doing, 0.6 * done))
        ports = place.choose_ports(port)
        for number in (ports.client, ports.controller):
            _await_port(number, settings)
        listed = place.folder / "server.properties"
        _write(listed, properties(place, ports, more))
        progress("Starting the broker", 0.6)
        if not (place.data / "meta.properties").exists():
            _format(place, java_command(java, jars, "kafka.tools.StorageTool"), listed.read_text())
        child = process.spawn(java_command(java, jars, "kafka.Kafka", str(listed)), place.folder, place.log)
        process.note(place.pid_file, child.pid)
        try:
            return _awaited(place, psutil.Process(child.pid), progress, child)
        except (_Ended, psutil.NoSuchProcess):
            place.pid_file.unlink(missing_ok=True)
            raise StreamError(
                f"The broker ended while it started: {_last_words(place)}.", f"The log is {place.log}."
            ) from None


def stop_broker(settings: Settings, patience: float = STOP) -> bool | None:
    """Stop the broker of this root; its messages stay.

    Args:
        patience: seconds that it has to end by itself; then it is killed, which loses nothing that was acknowledged
            but makes the next start check its files.

    Returns:
        None if none ran, True if it ended by itself, False if it had to be killed.
    """
    place = Place.of(settings)
    if not place.folder.exists():
        return None
    with place.held(wait=START + STOP):
        running = _find(place)
        if running is None:
            place.pid_file.unlink(missing_ok=True)
            return None
        clean = process.end(running, patience)
        place.pid_file.unlink(missing_ok=True)
        return clean


def broker_status(settings: Settings) -> BrokerStatus:
    """How the broker of this root stands; takes four seconds when it does not answer."""
    place = Place.of(settings)
    running = _find(place) if place.folder.exists() else None
    return _status(place, running, answers=running is not None and _answers(place, patience=4.0))


def _status(place: Place, running: psutil.Process | None, answers: bool) -> BrokerStatus:
    ports = place.ports
    bootstrap = f"{HOST}:{ports.client}" if ports else ""
    bare = BrokerStatus(running is not None, answers, bootstrap, place.folder, place.log, _on_disk(place.data))
    if running is None:
        return bare
    since = dt.datetime.fromtimestamp(running.create_time(), dt.UTC).replace(microsecond=0)
    return BrokerStatus(**{**bare.__dict__, "pid": running.pid, "since": since, "memory": running.memory_info().rss})


def _on_disk(folder: Path) -> int:
    size = 0
    for file in folder.rglob("*"):
        # Segments are deleted while we look; indexes are files of 10 MiB with little in them, so blocks are counted.
        with suppress(OSError):
            size += file.lstat().st_blocks * 512
    return size


def _find(place: Place) -> psutil.Process | None:
    """The broker's process: the one noted, or one that was started for this place and could not be noted any more."""
    if noted := process.find(place.pid_file):
        return noted
    listed = str(place.folder / "server.properties")
    for stray in psutil.process_iter(["cmdline", "status"]):
        words = stray.info["cmdline"] or []
        if words[-2:] == ["kafka.Kafka", listed] and stray.info["status"] != psutil.STATUS_ZOMBIE:
            process.note(place.pid_file, stray.pid)
            return stray
    return None


def _awaited(
    place: Place, running: psutil.Process, progress: Progress, child: subprocess.Popen[bytes] | None = None
) -> BrokerStatus:
    """Wait until the broker answers and each partition has a leader."""
    begin = time.monotonic()
    while (waited := time.monotonic() - begin) < START:
        # Asking a child of ours also keeps it from staying a zombie.
        if child.poll() is not None if child else not _runs(running):
            raise _Ended
        if _answers(place, patience=2.0):
            progress("The broker answers", 1.0)
            return _status(place, running, answers=True)
        progress("Waiting for the broker", min(0.95, 0.65 + waited / 20))
    raise StreamError(
        f"The broker has not answered for {START:.0f} s after its start; it still runs (process {running.pid}).",
        f"The log is {place.log}; emberlake kafka stop ends it.",
    )


class _Ended(Exception):
    """The process that was waited for is gone."""


def _runs(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _await_port(port: int, settings: Settings) -> None:
    """Wait for a port of our own: one that was killed a moment ago still holds it, and is no process any more."""
    deadline = time.monotonic() + RELEASE
    while not is_free(port):
        holder = _holder(port)
        if holder is not None or time.monotonic() > deadline:
            by = f" by process {holder}" if holder else ""
            raise StreamError(
                f"Port {port} of {HOST}, which the broker of {settings.root} uses, is taken{by}.",
                "End that program, or choose another port: emberlake kafka start --port 19092.",
            )
        time.sleep(0.05)


def _answers(place: Place, patience: float) -> bool:
    ports = place.ports
    if ports is None:
        return False
    if is_free(ports.client):
        # Nobody listens yet: cheaper to find out than a client's attempts, and kinder to the cores.
        time.sleep(0.05)
        return False
    try:
        told = ask(Connection(f"{HOST}:{ports.client}"), patience)
    except StreamError:
        return False
    leaders = [partition.leader for topic in told.topics.values() for partition in topic.partitions.values()]
    return bool(told.brokers) and all(leader >= 0 for leader in leaders)


def _format(place: Place, tool: list[str], listed: str) -> None:
    """Make the folder of messages aside and rename it, so that a killed start leaves nothing half made."""
    fresh = place.folder / "data.new"
    shutil.rmtree(fresh, ignore_errors=True)
    described = place.folder / "format.properties"
    _write(described, "\n".join(line for line in listed.splitlines() if not line.startswith("log.dirs=")))
    with described.open("a") as file:
        file.write(f"\nlog.dirs={fresh}\n")
    cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    command = [*tool, "format", "--cluster-id", f"E{cluster[1:]}", "--config", str(described)]
    ran = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=START, check=False)
    with log_file(place.log).open("a", encoding="utf-8") as log:
        log.write(ran.stdout + ran.stderr)
    if ran.returncode != 0 or not (fresh / "meta.properties").exists():
        raise StreamError(f"The broker's folder could not be made: {_last_words(place)}.", f"The log is {place.log}.")
    fresh.replace(place.data)
    described.unlink()


def _write(path: Path, text: str) -> None:
    # It may hold passwords.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def _last_words(place: Place) -> str:
    try:
        lines = [line.strip() for line in place.log.read_text(errors="replace").splitlines()[-200:]]
    except OSError:
        return "it said nothing"
    told = [line for line in lines if "Exception" in line or " ERROR " in line or " FATAL " in line]
    return (told or [line for line in lines if line] or ["it said nothing"])[-1][:300].rstrip(".")


def _holder(port: int) -> int | None:
    with suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr[1] == port and connection.status == psutil.CONN_LISTEN:
                return connection.pid
    return None
