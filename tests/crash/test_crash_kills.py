"""A build that is killed at any moment, and run again, leaves the tables of one that nothing stopped."""

from __future__ import annotations

import random
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import repeat

import pytest
from tests.crash.builds import Build, kill
from tests.crash.conftest import Undisturbed
from tests.lake_tools import Contents, differences

from emberlake.settings import Settings
from emberlake.synth import write_increment

KILLS = {"sail": 20, "spark": 2}
SHARE = 0.1


def killed_after(build: Build, seconds: float) -> bool:
    """Whether the build was still running then, and so was killed."""
    process = build.start()
    process.join(seconds)
    kill(process)
    return process.exitcode == -signal.SIGKILL


def moments(count: int, seconds: float) -> list[float]:
    """One random moment in each of `count` equal parts of a build's time, the same ones in each run of the test."""
    chance = random.Random(20)
    return [seconds * (part + chance.random()) / count for part in range(count)]


@pytest.mark.timeout(1800)  # a minute on a quiet machine
def test_builds_killed_at_random_moments_end_as_undisturbed_ones(undisturbed: Undisturbed, new_root, engine_name):
    # Two at a time, so that this takes half as long; and so all the kills come early rather than after the end.
    chosen = moments(KILLS[engine_name], undisturbed.seconds)

    def disturbed(moment: float) -> tuple[bool, list[str]]:
        build = Build(new_root(), engine_name)
        killed = killed_after(build, moment)
        build.finish()
        return killed, differences(Contents.of(build.settings), undisturbed.contents)

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(disturbed, chosen))
    assert [(round(moment, 2), told) for moment, (_, told) in zip(chosen, results, strict=True) if told] == []
    assert sum(killed for killed, _ in results) >= 0.8 * len(chosen), "most builds ended before they were killed"


def test_a_build_killed_again_and_again_ends_as_an_undisturbed_one(undisturbed: Undisturbed, new_root, engine_name):
    if engine_name == "spark":
        pytest.skip("the embedded engine is started ten times as fast")
    build = Build(new_root())
    chance = random.Random(7)
    kills = sum(killed_after(build, undisturbed.seconds * chance.uniform(0.2, 0.5)) for _ in range(6))
    build.finish()
    assert kills >= 2
    assert differences(Contents.of(build.settings), undisturbed.contents) == []


@pytest.fixture(scope="module")
def a_day_later(new_root, engine_name) -> tuple[Settings, Contents, float]:
    """The shop and a day after it, built one after the other."""
    import time

    settings = new_root()
    Build(settings, engine_name).finish()
    write_increment(settings, SHARE)
    begun = time.monotonic()
    Build(settings, engine_name).finish()
    return settings, Contents.of(settings), time.monotonic() - begun


ABORTS = ["bronze.events:committed", "silver.orders:intended", "silver.orders:committed", "silver.order_items:recorded",
          "gold.order_features:committed", "gold.daily_sales:intended", "gold:before-ledger"]  # fmt: skip


@pytest.mark.timeout(1800)  # a minute on a quiet machine
def test_a_day_is_taken_up_whatever_killed_the_build_of_it(a_day_later, new_root, undisturbed, engine_name):
    _, wanted, seconds = a_day_later
    assert wanted.tables["silver.orders"].num_rows > undisturbed.contents.tables["silver.orders"].num_rows
    how = list(zip(ABORTS, repeat(0.0))) if engine_name == "sail" else [("silver.orders:committed", 0.0)]
    how += [("", moment) for moment in moments(3 if engine_name == "sail" else 1, seconds)]

    def disturbed(how: tuple[str, float]) -> list[str]:
        name, moment = how
        build = Build(new_root(), engine_name)
        build.finish()
        write_increment(build.settings, SHARE)
        if name:
            assert build.run(abort_at=name) == -signal.SIGKILL, f"{name} was never passed"
        else:
            killed_after(build, moment)
        build.finish()
        return differences(Contents.of(build.settings), wanted)

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(disturbed, how))
    assert [(each, told) for each, told in zip(how, results, strict=True) if told] == []


def test_a_day_taken_up_in_two_halves_is_the_day(a_day_later, new_root, engine_name):
    """Bronze stops for the night, silver and gold come with the next run."""
    build = Build(new_root(), engine_name)
    build.finish()
    write_increment(build.settings, SHARE)
    replace(build, layers=("ingest",)).finish()
    build.finish()
    assert differences(Contents.of(build.settings), a_day_later[1]) == []
