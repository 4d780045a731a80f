"""A training that is killed at any of its boundaries: nothing half-registered, and the next one mends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.tiny_recipe import tiny, train_tiny

from emberlake.models.saving import load_model
from emberlake.models.store import open_store
from emberlake.models.versions import CHALLENGER, CHAMPION, changes, holder, versions
from emberlake.settings import Settings, read_settings

RECIPE = tiny(0.0)
REPOSITORY = Path(__file__).parents[2]
TRAINING = """
import sys
from pathlib import Path
from tests.tiny_recipe import train_tiny
from emberlake.settings import read_settings
train_tiny(read_settings(root=Path(sys.argv[1])), float(sys.argv[2]))
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A root with a first version, whose store is in use already."""
    with pytest.MonkeyPatch.context() as patched:
        patched.delenv("MLFLOW_TRACKING_URI", raising=False)
        found = read_settings(root=tmp_path_factory.mktemp("killed"))
        train_tiny(found, 5.0)
        return found


def train_in_a_child(settings: Settings, guess: float, **environment: str) -> int:
    given = {**os.environ, **environment, "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-c", TRAINING, str(settings.root), str(guess)]
    return subprocess.run(command, env=given, check=False, timeout=300).returncode


def test_killed_at_each_boundary_in_turn(settings, monkeypatch, tmp_path, everything):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    log = tmp_path / "boundaries"
    assert train_in_a_child(settings, 6.0, EMBERLAKE_BOUNDARY_LOG=str(log)) == 0
    passed = log.read_text().split()
    assert [name.rpartition(":")[2] for name in passed] == [
        "begun", "fitted", "kept", "registered", "recorded", "aliased",
    ]  # fmt: skip
    # Without --all: behind the fit, behind the registration, and at the very end.
    for number, name in enumerate(passed if everything else passed[1::3]):
        before = len(versions(open_store(settings), RECIPE))
        # Each is better than all before it.
        guess = 7.0 + 0.3 * number
        assert train_in_a_child(settings, guess, EMBERLAKE_ABORT_AT=name) == -signal.SIGKILL
        store = open_store(settings)
        registered = versions(store, RECIPE)
        assert len(registered) == before + (name.rpartition(":")[2] in ("registered", "recorded", "aliased"))
        # Whatever is registered is whole: its run has ended and its model is there.
        for version in registered:
            assert store.client.get_run(version.run_id).info.status == "FINISHED"
            assert load_model(store, RECIPE, version.run_id)["guess"] <= guess
        after = train_tiny(settings, guess + 0.1)
        assert after.promoted
        assert holder(store, RECIPE, CHAMPION).number == after.version
        left = store.client.search_runs([store.experiment_id], "attributes.status = 'RUNNING'")
        assert left == []
        assert not (settings.models / "making" / "tiny").exists()
    done = changes(open_store(settings), RECIPE)
    assert all(change.done for change in done)
    # The record of changes is a chain: each champion took the title from the one before.
    champions = [(change.before, change.after) for change in done if change.alias == CHAMPION]
    assert [before for before, _ in champions[1:]] == [after for _, after in champions[:-1]]
    assert holder(open_store(settings), RECIPE, CHALLENGER) is None
