"""Landing under a seeded list of random faults: killed drivers and brokers, poison, doubles, late bursts.

Processes of their own are killed; what is left is compared with Kafka's own log. `EMBERLAKE_FAULTS_SEED` repeats a
run, `EMBERLAKE_FAULTS_ROUNDS` makes it longer.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from tests.landed import LATE, Tap, check_amounts, check_landed, click, order, some_messages

from emberlake.engine.kafka import Connection, open_connection, start_broker, stop_broker
from emberlake.settings import Settings, read_settings
from emberlake.streams.events import CLICK, ORDER
from emberlake.streams.topics import ensure_topics

SEED = int(os.environ.get("EMBERLAKE_FAULTS_SEED", "7"))
ROUNDS = int(os.environ.get("EMBERLAKE_FAULTS_ROUNDS", "10"))
ORDERS, CLICKS = ORDER.topic.name, CLICK.topic.name
# Between two durable effects each; random moments hit them too rarely.
BOUNDARIES = [
    f"{CLICKS}:begun", "bronze.events:intended", "bronze.events:committed", "bronze.events:recorded",
    f"{CLICKS}:in-ledger", f"{CLICKS}:landed", "bronze.orders:committed", "bronze.order_items:committed",
    "silver.live_orders:committed", "quarantine.live_late:committed", f"{ORDERS}:in-ledger",
    "silver.orders:before-ledger", "silver.events:committed",
]  # fmt: skip
FAULTS = ("driver", "driver", "boundary", "boundary", "broker", "both", "slow")
# Thirty seconds on a quiet machine.
PATIENCE = 600.0


class Driver:
    """A landing process, its output read as it comes."""

    def __init__(self, settings: Settings, connection: Connection, how: str = "run", **environment: str) -> None:
        command = [sys.executable, "-m", "tests.stream.landing_driver", str(settings.root), connection.bootstrap, how]
        log = (settings.root / "driver.log").open("ab")
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, env=os.environ | environment, start_new_session=True
        )
        log.close()
        self._log, self.started = settings.root / "driver.log", threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.strip() == b"started":
                self.started.set()

    def await_started(self) -> None:
        """Wait until its queries run, or until it ended before."""
        deadline = time.monotonic() + PATIENCE
        while not self.started.wait(0.05) and self.process.poll() is None:
            assert time.monotonic() < deadline, self.said()

    def kill(self) -> None:
        """Kill Python and its JVM at once."""
        with_java = [self.process.pid]
        if self.process.poll() is None:
            with_java += [child.pid for child in psutil.Process(self.process.pid).children(recursive=True)]
        for pid in with_java:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait(30)

    def wait(self) -> int:
        """Its exit code, when it has ended by itself."""
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"A driver hangs: {self.said()}") from None

    def said(self) -> str:
        return self._log.read_text(errors="replace")[-3000:]


@dataclass
class Site:
    """A broker and a lake of one test."""

    settings: Settings
    connection: Connection
    tap: Tap

    def land_all(self, **environment: str) -> None:
        driver = Driver(self.settings, self.connection, "once", **environment)
        assert driver.wait() == 0, driver.said()

    def check(self) -> None:
        check_landed(self.settings, self.connection, CLICKS, "events", "event_id", "occurred_at")
        check_landed(self.settings, self.connection, ORDERS, "orders", "order_id", "ordered_at")
        check_amounts(self.settings, self.connection, ORDERS)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    from tests.stream.conftest import watched

    settings = read_settings(root=tmp_path / "root", kafka_bootstrap="")
    settings.root.mkdir()
    watch = watched(settings.root)
    try:
        start_broker(settings)
        connection = open_connection(settings)
        ensure_topics(connection, (ORDER.topic, CLICK.topic))
        yield Site(settings, connection, Tap(connection))
    finally:
        stop_broker(settings)
        watch.communicate()


def kill_broker(settings: Settings) -> None:
    from emberlake.engine.kafka import broker_status

    pid = broker_status(settings).pid
    if pid is not None:
        psutil.Process(pid).kill()
        psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], 10)


def signal_broker(settings: Settings, number: signal.Signals) -> None:
    from emberlake.engine.kafka import broker_status

    os.kill(broker_status(settings).pid or 0, number)


@pytest.mark.timeout(3600)
def test_nothing_is_lost_and_nothing_twice_whatever_is_killed(site: Site):
    chance = random.Random(SEED)
    # Drawn before anything runs: the same seed is the same list, however fast the machine is.
    actions = [(chance.choice(FAULTS), chance.choice(BOUNDARIES), chance.uniform(0, 4)) for _ in range(ROUNDS)]
    print(f"EMBERLAKE_FAULTS_SEED={SEED}", *actions, sep="\n")
    killed = 0
    for number, (fault, boundary, moment) in enumerate(actions):
        site.tap.write(ORDERS, some_messages(chance, order, 1 + number * 400, 400))
        site.tap.write(CLICKS, some_messages(chance, click, 1 + number * 1000, 1000))
        killed += suffer(site, fault, boundary, moment)
    site.land_all()
    site.check()
    assert killed >= 0.8 * ROUNDS, "most drivers had ended before they were killed"


def suffer(site: Site, fault: str, boundary: str, moment: float) -> bool:
    """One driver with one fault; whether a kill ended it."""
    driver = Driver(site.settings, site.connection, **({"EMBERLAKE_ABORT_AT": boundary} if fault == "boundary" else {}))
    driver.await_started()
    try:
        if fault == "boundary":
            # One that is not passed in time is killed where it is.
            driver.process.wait(10)
    except subprocess.TimeoutExpired:
        pass
    if fault == "slow":
        signal_broker(site.settings, signal.SIGSTOP)
    if fault == "broker":
        kill_broker(site.settings)
        start_broker(site.settings)
    if fault != "boundary":
        driver.process.poll() is None and _pass(driver, moment)
    if fault == "slow":
        signal_broker(site.settings, signal.SIGCONT)
    if fault == "both":
        kill_broker(site.settings)
    ended = driver.process.poll()
    driver.kill()
    if fault == "both":
        start_broker(site.settings)
    return ended is None or ended == -signal.SIGKILL


def _pass(driver: Driver, seconds: float) -> None:
    """The random moment itself: not a wait for anything."""
    try:
        driver.process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("without", [pytest.param("", id="protected"), pytest.param("ledger", id="without_the_ledger")])
def test_a_kill_behind_the_commit_doubles_only_where_the_ledger_is_not_asked(site: Site, without: str):
    site.tap.write(ORDERS, [order(n, LATE) for n in range(100)])
    site.tap.write(CLICKS, [click(n, LATE) for n in range(100)])
    driver = Driver(site.settings, site.connection, EMBERLAKE_ABORT_AT="bronze.events:recorded")
    assert driver.wait() == -signal.SIGKILL, driver.said()
    site.land_all(EMBERLAKE_TEST_WITHOUT=without)
    if not without:
        site.check()
        return
    with pytest.raises(AssertionError, match="twice in bronze"):
        site.check()
