"""A build that is killed at a named boundary, and run again, leaves the tables of one that nothing stopped."""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.crash.builds import Build
from tests.crash.conftest import Undisturbed
from tests.lake_tools import Contents, differences

from emberlake.settings import Settings

# What every kind of boundary is between; a new kind must be named here.
KINDS = {
    "intended": "after the intent is recorded, before the commit",
    "committed": "after the commit, before its end is recorded",
    "recorded": "after the end is recorded, the lock still in the hands of the dead",
    "before-ledger": "after a table's write, before the ledger's entry",
    "in-ledger": "after the ledger's entry",
    "before-silver": "after quarantine, before silver",
}
LAYERS = ("bronze", "quarantine", "silver", "gold")


def test_every_layer_and_every_kind_of_boundary_is_passed(undisturbed: Undisturbed):
    passed = {tuple(name.rsplit(":", 1)) for name in undisturbed.boundaries}
    assert {kind for _, kind in passed} == set(KINDS)
    for layer in LAYERS:
        assert {(f"{layer}.", kind) for kind in ("intended", "committed", "recorded")} <= {
            (f"{name.partition('.')[0]}.", kind) for name, kind in passed
        }
    # A run meets each of them once: an abort there is the first and the last.
    assert len(set(undisturbed.boundaries)) == len(undisturbed.boundaries)


def one_of_each_kind() -> list[str]:
    """A boundary of each kind in each layer that has it, of tables that others refer to or that merge."""
    return [
        "bronze.users:intended", "bronze.orders:committed", "bronze.order_items:before-ledger",
        "quarantine.orders:committed", "quarantine.orders:before-silver", "silver.prices:committed",
        "silver.orders:before-ledger", "silver.users:in-ledger", "gold.order_features:committed",
        "gold.customer_360:intended", "gold:before-ledger",
    ]  # fmt: skip


# Spark takes ten times as long to start and to build: the boundaries at which an engine's own commit matters.
ON_SPARK = {"bronze.orders:committed", "silver.prices:committed", "gold.order_features:committed"}


# The first of each kind in the chain below is the same but for what lies before it.
FEW = (
    "bronze.orders:committed",
    "silver.orders:before-ledger",
)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in FEW else pytest.mark.long) for name in one_of_each_kind()]
)
def test_an_abort_there_and_a_second_run_is_as_good_as_one_run(name, undisturbed, new_root, engine_name):
    if engine_name == "spark" and name not in ON_SPARK:
        pytest.skip("the embedded engine aborts at all of them")
    build = Build(new_root(), engine_name)
    assert build.run(abort_at=name) == -signal.SIGKILL, f"{name} was never passed"
    build.finish()
    assert differences(Contents.of(build.settings), undisturbed.contents) == []


@pytest.mark.timeout(1800)  # two minutes on a quiet machine
def test_aborts_at_every_boundary_one_after_the_other(
    undisturbed: Undisturbed, new_root: Callable[[], Settings], engine_name: str, everything: bool
):
    if engine_name == "spark":
        pytest.skip("two hundred starts of a JVM: the embedded engine does it")
    # Two chains share the work, and a chain's build has to survive a hundred aborts (without --all: twenty), not one.
    passed = undisturbed.boundaries[:: 1 if everything else 9]
    chains = [passed[0::2], passed[1::2]]
    with ThreadPoolExecutor(2) as pool:
        roots = list(pool.map(lambda chain: aborted_at_each(new_root(), chain), chains))
    for settings, missed in roots:
        # After its own aborts a rerun has no reason to pass some again: what they stand before is done.
        assert len(missed) < 0.2 * len(passed), missed
        assert differences(Contents.of(settings), undisturbed.contents) == []


def aborted_at_each(settings: Settings, chain: list[str]) -> tuple[Settings, list[str]]:
    """Run a build again and again, aborting at the next boundary each time; then to its end."""
    missed = []
    build = Build(settings)
    for name in chain:
        code = build.run(abort_at=name)
        if code == 0:
            missed.append(name)
        else:
            assert code == -signal.SIGKILL, f"{name}: the build ended with {code}"
    build.finish()
    return settings, missed
