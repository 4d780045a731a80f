"""Landing under a seeded list of random faults: killed drivers and brokers, poison, doubles, late bursts.

Processes of their own are killed; what is left is compared with Kafka's own log. `EMBERLAKE_FAULTS_SEED` repeats a
run, `EMBERLAKE_FAULTS_ROUNDS` makes it longer.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest
from pyspark.sql import SparkSession
from tests.landed import LATE, Tap, check_amounts, check_landed, click, order, some_messages

from emberlake.engine.kafka import Connection, open_connection, start_broker, stop_broker
from emberlake.lake import Lake, refine
from emberlake.lake.ledger import Ledger
from emberlake.settings import Settings, read_settings
from emberlake.streams.events import CLICK, ORDER
from emberlake.streams.landing import STREAMS
from emberlake.streams.stream import Running
from emberlake.streams.topics import ensure_topics

SEED = int(os.environ.get("EMBERLAKE_FAULTS_SEED", "7"))
ROUNDS = int(os.environ.get("EMBERLAKE_FAULTS_ROUNDS", "10" if os.environ.get("EMBERLAKE_TEST_ALL") else "3"))
ORDERS, CLICKS = ORDER.topic.name, CLICK.topic.name
# Between two durable effects each; random moments hit them too rarely.
BOUNDARIES = [
    f"{CLICKS}:begun", "bronze.events:intended", "bronze.events:committed", "bronze.events:recorded",
    f"{CLICKS}:in-ledger", f"{CLICKS}:landed", "bronze.orders:committed", "bronze.order_items:committed",
    "silver.live_orders:committed", "quarantine.live_late:committed", f"{ORDERS}:in-ledger",
    "silver.orders:before-ledger", "silver.events:committed", "bronze.events:fold-written", "bronze.orders:folded",
]  # fmt: skip
FAULTS = ("driver", "driver", "boundary", "boundary", "broker", "both", "slow")
# Thirty seconds on a quiet machine.
PATIENCE = 600.0


class Driver:
    """A landing process, its output read as it comes. It starts at once, and lands from `go` on."""

    def __init__(self, settings: Settings, connection: Connection, how: str = "run", boundary: str = "") -> None:
        command = [sys.executable, "-m", "tests.stream.landing_driver", str(settings.root), connection.bootstrap, how]
        environment = os.environ | ({"EMBERLAKE_ABORT_AT": boundary} if boundary else {})
        with (settings.root / "driver.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=environment,
                start_new_session=True,
            )  # fmt: skip
        self._log, self.started, self.java = settings.root / "driver.log", threading.Event(), 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.strip().isdigit():
                self.java = int(line)
            if line.strip() == b"started":
                self.started.set()

    def go(self) -> None:
        """Let it land, and wait until its queries run, or until it ended before."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"go\n")
        self.process.stdin.flush()
        deadline = time.monotonic() + PATIENCE
        while not self.started.wait(0.05) and self.process.poll() is None:
            assert time.monotonic() < deadline, self.said()

    def kill(self) -> None:
        """Kill Python and its JVM at once."""
        with_java = [self.process.pid, *([self.java] if self.java else [])]
        if self.process.poll() is None:
            with_java += [child.pid for child in psutil.Process(self.process.pid).children(recursive=True)]
        for pid in with_java:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait(30)

    def wait(self) -> int:
        """Its exit code, when it has ended by itself, and its JVM after it."""
        try:
            code = self.process.wait(PATIENCE)
            psutil.wait_procs([psutil.Process(self.java)] if psutil.pid_exists(self.java) else [], PATIENCE)
            return code
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"A driver hangs: {self.said()}") from None

    def said(self) -> str:
        return self._log.read_text(errors="replace")[-3000:]


@dataclass
class Site:
    """A lake, and the broker of these tests, which may be killed."""

    settings: Settings
    broker: Settings
    connection: Connection
    session: SparkSession
    tap: Tap

    def driver(self, boundary: str = "") -> Driver:
        return Driver(self.settings, self.connection, boundary=boundary)

    def land_all(self) -> None:
        """Land all there is, in the run's own session."""
        options = {"trigger": "once", "refine": "never"}
        for stream in STREAMS:
            place = self.settings.streams / stream.name / "checkpoint"
            query = stream.start(Running(self.session, self.settings, self.connection, place, options))
            query.awaitTermination()

    def check(self) -> None:
        with Lake(self.session, self.settings) as lake:
            refine(lake)
        self.check_bronze()
        check_landed(self.settings, self.connection, ORDERS, "orders", "order_id", "ordered_at")
        check_amounts(self.settings, self.connection, ORDERS)

    def check_bronze(self) -> None:
        check_landed(self.settings, self.connection, CLICKS, "events", "event_id", "occurred_at")

    def copy(self, root: Path) -> Site:
        """The same lake, checkpoints and ledger, under another root."""
        shutil.copytree(self.settings.root, root)
        return replace(self, settings=read_settings(root=root, kafka_bootstrap=""))


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    from tests.stream.conftest import watched

    settings = read_settings(root=tmp_path_factory.mktemp("broker"), kafka_bootstrap="")
    watch = watched(settings.root)
    try:
        start_broker(settings)
        ensure_topics(open_connection(settings), (ORDER.topic, CLICK.topic))
        yield settings
    finally:
        stop_broker(settings)
        watch.communicate()


@pytest.fixture
def site(broker: Settings, spark: SparkSession, tmp_path: Path) -> Site:
    settings = read_settings(root=tmp_path / "root", kafka_bootstrap="")
    settings.root.mkdir()
    connection = open_connection(broker)
    return Site(settings, broker, connection, spark, Tap(connection))


def kill_broker(settings: Settings) -> None:
    from emberlake.engine.kafka import broker_status

    pid = broker_status(settings).pid
    if pid is not None:
        psutil.Process(pid).kill()
        psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], 10)


def signal_broker(settings: Settings, number: signal.Signals) -> None:
    from emberlake.engine.kafka import broker_status

    os.kill(broker_status(settings).pid or 0, number)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_kill_behind_the_commit_doubles_only_where_the_ledger_is_not_asked(site: Site, tmp_path: Path, monkeypatch):
    site.tap.write(ORDERS, [order(n, LATE) for n in range(900_000, 900_100)])
    site.tap.write(CLICKS, [click(n, LATE) for n in range(900_000, 900_100)])
    driver = site.driver("bronze.events:recorded")
    driver.go()
    assert driver.wait() == -signal.SIGKILL, driver.said()
    control = site.copy(tmp_path / "without")
    site.land_all()
    site.check()
    # What is written already is written again; the count of what a write added is no protection.
    known = Ledger.written
    monkeypatch.setattr(Ledger, "written", lambda *a: known(*a) if sys._getframe(1).f_code.co_name == "added" else None)
    control.land_all()
    with pytest.raises(AssertionError, match="twice in bronze"):
        control.check_bronze()


@pytest.mark.timeout(3600)
def test_nothing_is_lost_and_nothing_twice_whatever_is_killed(site: Site):
    chance = random.Random(SEED)
    # Drawn before anything runs: the same seed is the same list, however fast the machine is.
    actions = [(chance.choice(FAULTS), chance.choice(BOUNDARIES), chance.uniform(0, 4)) for _ in range(ROUNDS)]
    print(f"EMBERLAKE_FAULTS_SEED={SEED}", *actions, sep="\n")
    killed, waiting = 0, []
    try:
        for number, (fault, _, moment) in enumerate(actions):
            # The next one starts while this one is killed.
            for kind, place, _ in actions[number : number + 2][len(waiting) :]:
                waiting.append(site.driver(place if kind == "boundary" else ""))
            site.tap.write(ORDERS, some_messages(chance, order, 1 + number * 400, 400))
            site.tap.write(CLICKS, some_messages(chance, click, 1 + number * 1000, 1000))
            killed += suffer(site, waiting.pop(0), fault, moment)
    finally:
        for driver in waiting:
            driver.kill()
    site.land_all()
    site.check()
    assert killed >= 0.8 * ROUNDS, "most drivers had ended before they were killed"


def suffer(site: Site, driver: Driver, fault: str, moment: float) -> bool:
    """One driver with one fault; whether a kill ended it."""
    driver.go()
    try:
        if fault == "boundary":
            # One that is not passed in time is killed where it is.
            driver.process.wait(10)
    except subprocess.TimeoutExpired:
        pass
    if fault == "slow":
        signal_broker(site.broker, signal.SIGSTOP)
    if fault == "broker":
        kill_broker(site.broker)
        start_broker(site.broker)
    if fault != "boundary":
        driver.process.poll() is None and _pass(driver, moment)
    if fault == "slow":
        signal_broker(site.broker, signal.SIGCONT)
    if fault == "both":
        kill_broker(site.broker)
    ended = driver.process.poll()
    driver.kill()
    if fault == "both":
        start_broker(site.broker)
    return ended is None or ended == -signal.SIGKILL


def _pass(driver: Driver, seconds: float) -> None:
    """The random moment itself: not a wait for anything."""
    try:
        driver.process.wait(seconds)
    except subprocess.TimeoutExpired:
        return
