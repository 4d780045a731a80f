"""The scorer killed at random moments, sometimes with its checkpoint: every order has one score in the end."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.scoring_tools import Till, as_messages, body, enthrone, fit

from emberlake.lake import Lake
from emberlake.models.value import checkout_features
from emberlake.settings import Settings, read_settings
from emberlake.streams.scoring import STREAM
from emberlake.streams.scoring.snapshot import READS
from emberlake.streams.stream import Running

SEED = int(os.environ.get("EMBERLAKE_TEST_SEED", "20261125"))
KILLS = int(os.environ.get("EMBERLAKE_TEST_KILLS", "3"))


@pytest.fixture(scope="module")
def shop(spark, tmp_path_factory) -> Settings:
    root = tmp_path_factory.mktemp("killed")
    given = ["--to", "silver", "--root", str(root), "--scale", "0.1", "--engine", "sail"]
    subprocess.run([sys.executable, "-m", "emberlake.cli", "build", *given], check=True, capture_output=True)
    settings = read_settings(root=root, scale=0.1)
    with Lake(spark, settings) as lake:
        features = checkout_features({name: lake.read(name) for name in READS}).persist()
        enthrone(settings, fit(features, 400.0), features, tmp_path_factory.mktemp("champion"))
        features.unpersist()
    return settings


@pytest.fixture(scope="module")
def texts(spark, shop) -> list[str]:
    with Lake(spark, shop) as lake:
        return [body(m) for m in as_messages(lake.read("silver.orders").limit(500), lake.read("silver.order_items"))]


class Scorer:
    """A scorer in a process of its own; it starts at once, and scores from `go` on."""

    def __init__(self, shop: Settings, till: Till, state: Path) -> None:
        arguments = [str(shop.root), till.connection.bootstrap, till.orders, till.scores, str(state)]
        self.child = subprocess.Popen(
            [sys.executable, "-m", "tests.scoring_child", *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        self.java = 0

    def go(self) -> None:
        assert self.child.stdin is not None and self.child.stdout is not None
        self.java = int(self.child.stdout.readline() or 0)
        self.child.stdin.write("go\n")
        self.child.stdin.flush()
        assert self.child.stdout.readline().strip() == "started", "the scorer did not start"

    def kill(self, draw: random.Random) -> None:
        """Both of its processes at once, in either order."""
        for pid in draw.sample([self.child.pid, self.java], 2) if self.java else [self.child.pid]:
            os.kill(pid, signal.SIGKILL)
        self.child.wait()


@pytest.mark.long
def test_every_order_has_one_score_after_kills_at_random_moments(shop, texts, spark, connection, tmp_path):
    print(f"seed {SEED}")
    draw = random.Random(SEED)
    till, state = Till(connection), tmp_path / "state"
    waiting = [Scorer(shop, till, state)]
    try:
        for number in range(KILLS):
            till.send(*texts[:50])
            scorer = waiting.pop()
            scorer.go()
            if number + 1 < KILLS:
                waiting.append(Scorer(shop, till, state))
            # Killed while it catches up, or while orders come.
            for _ in range(draw.randrange(0, 30)):
                till.send(*draw.sample(texts, 20))
            scorer.kill(draw)
            if number % 2:
                shutil.rmtree(state, ignore_errors=True)
    finally:
        for scorer in waiting:
            scorer.kill(draw)
    till.send(*texts[:50])
    options = {**till.options, "as_of": "2025-11-29"}
    query = STREAM.start(Running(spark, shop, connection, state / "checkpoint", options))
    try:
        till.read()
    finally:
        query.stop()
    offsets = sorted((s["partition"], s["offset"]) for s in till.now())
    assert offsets == sorted((n % till.partitions, n // till.partitions) for n in range(till.sent)), f"seed {SEED}"
