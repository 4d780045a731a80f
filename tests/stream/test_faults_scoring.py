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
from emberlake.streams.scoring.snapshot import READS

SEED = int(os.environ.get("EMBERLAKE_TEST_SEED", "20261125"))
KILLS = int(os.environ.get("EMBERLAKE_TEST_KILLS", "3"))


@pytest.fixture(scope="module")
def shop(spark, tmp_path_factory) -> Settings:
    root = tmp_path_factory.mktemp("killed")
    given = ["--to", "gold", "--root", str(root), "--scale", "0.1", "--engine", "sail"]
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


def started(shop: Settings, till: Till, state: Path) -> tuple[subprocess.Popen[str], int]:
    arguments = [str(shop.root), till.connection.bootstrap, till.orders, till.scores, str(state)]
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.scoring_child", *arguments], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    java = child.stdout.readline().strip()
    assert java, "the scorer did not start"
    return child, int(java)


def test_every_order_has_one_score_after_kills_at_random_moments(shop, texts, connection, tmp_path):
    print(f"seed {SEED}")
    draw = random.Random(SEED)
    till, state = Till(connection), tmp_path / "state"
    for number in range(KILLS):
        till.send(*texts[:50])
        child, java = started(shop, till, state)
        # Killed while it catches up, or while orders come.
        for _ in range(draw.randrange(0, 30)):
            till.send(*draw.sample(texts, 20))
        for pid in draw.sample([child.pid, java], 2):
            os.kill(pid, signal.SIGKILL)
        child.wait()
        if number % 2:
            shutil.rmtree(state, ignore_errors=True)
    till.send(*texts[:50])
    child, java = started(shop, till, state)
    try:
        till.read()
    finally:
        for pid in (child.pid, java):
            os.kill(pid, signal.SIGKILL)
        child.wait()
    offsets = sorted((s["partition"], s["offset"]) for s in till.now())
    assert offsets == sorted((n % till.partitions, n // till.partitions) for n in range(till.sent)), f"seed {SEED}"
