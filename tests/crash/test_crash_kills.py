"""A build that is killed at any moment, and run again, leaves the tables of one that nothing stopped."""

from __future__ import annotations

import random
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from tests.crash.builds import SHARE, Build, kill
from tests.crash.conftest import Undisturbed, undisturbed_build
from tests.lake_tools import Contents, differences

from emberlake.synth import write_increment

# Of the engine, with --all and without.
KILLS = {("sail", True): 20, ("sail", False): 6, ("spark", True): 2, ("spark", False): 1}


def killed_past(build: Build, boundaries: int, seconds: float) -> bool:
    """Kill a build some seconds after it passed so many boundaries; whether it was still running then.

    Counting what it did rather than its time: on a busy machine the same second may be anywhere in a build.
    """
    log = build.settings.root / "boundaries.log"
    log.unlink(missing_ok=True)
    process = build.start(log=log)
    while process.is_alive() and (len(log.read_text().split()) if log.exists() else 0) < boundaries:
        process.join(0.002)
    process.join(seconds)
    kill(process)
    return process.exitcode == -signal.SIGKILL


def moments(count: int, undisturbed: Undisturbed) -> list[tuple[int, float]]:
    """A random moment in each of `count` equal parts of a build: boundaries passed, and seconds after the last."""
    chance, passed = random.Random(20), len(undisturbed.boundaries)
    between = undisturbed.seconds / passed
    return [(int(passed * (part + chance.random()) / count), between * chance.random()) for part in range(count)]


@pytest.mark.timeout(1800)  # a minute on a quiet machine
def test_builds_killed_at_random_moments_end_as_undisturbed_ones(
    undisturbed: Undisturbed, new_root, engine_name, everything
):
    # Two at a time, so that this takes half as long.
    chosen = moments(KILLS[engine_name, everything], undisturbed)

    def disturbed(moment: tuple[int, float]) -> tuple[bool, list[str]]:
        build = Build(new_root(), engine_name)
        killed = killed_past(build, *moment)
        build.finish()
        return killed, differences(Contents.of(build.settings), undisturbed.contents)

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(disturbed, chosen))
    assert [(moment, told) for moment, (_, told) in zip(chosen, results, strict=True) if told] == []
    assert sum(killed for killed, _ in results) >= 0.8 * len(chosen), "most builds ended before they were killed"


@pytest.mark.long  # aborts one after the other, in test_crash_boundaries.py, hold the same
def test_a_build_killed_again_and_again_ends_as_an_undisturbed_one(undisturbed: Undisturbed, new_root, engine_name):
    if engine_name == "spark":
        pytest.skip("the embedded engine is started ten times as fast")
    build = Build(new_root())
    chance = random.Random(7)
    # Each run has less to do than the one before, and so passes fewer boundaries.
    each = len(undisturbed.boundaries) // 8
    kills = sum(killed_past(build, chance.randrange(each), chance.uniform(0, 0.1)) for _ in range(6))
    build.finish()
    assert kills >= 5
    assert differences(Contents.of(build.settings), undisturbed.contents) == []


@pytest.fixture(scope="module")
def a_day_later(new_root, engine_name) -> Undisturbed:
    """The shop and a day after it, built one after the other; seconds and boundaries are the day's."""
    settings = new_root()
    Build(settings, engine_name).finish()
    write_increment(settings, SHARE)
    return undisturbed_build(settings, engine_name)


ABORTS = ["bronze.events:committed", "silver.orders:intended", "silver.orders:committed", "silver.order_items:recorded",
          "gold.order_features:committed", "gold.daily_sales:intended", "gold:before-ledger"]  # fmt: skip


@pytest.mark.long
@pytest.mark.timeout(1800)  # a minute on a quiet machine
def test_a_day_is_taken_up_whatever_killed_the_build_of_it(a_day_later, new_root, undisturbed, engine_name):
    wanted = a_day_later.contents
    assert wanted.tables["silver.orders"].num_rows > undisturbed.contents.tables["silver.orders"].num_rows
    how: list[str | tuple[int, float]] = [*ABORTS]
    how = how if engine_name == "sail" else ["silver.orders:committed"]
    how += moments(3 if engine_name == "sail" else 1, a_day_later)

    def disturbed(how: str | tuple[int, float]) -> list[str]:
        build = Build(new_root(), engine_name)
        build.finish()
        write_increment(build.settings, SHARE)
        if isinstance(how, str):
            assert build.run(abort_at=how) == -signal.SIGKILL, f"{how} was never passed"
        else:
            killed_past(build, *how)
        build.finish()
        return differences(Contents.of(build.settings), wanted)

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(disturbed, how))
    assert [(each, told) for each, told in zip(how, results, strict=True) if told] == []


@pytest.mark.long
def test_a_day_taken_up_in_two_halves_is_the_day(a_day_later, new_root, engine_name):
    """Bronze stops for the night, silver and gold come with the next run."""
    build = Build(new_root(), engine_name)
    build.finish()
    write_increment(build.settings, SHARE)
    replace(build, layers=("ingest",)).finish()
    build.finish()
    assert differences(Contents.of(build.settings), a_day_later.contents) == []
