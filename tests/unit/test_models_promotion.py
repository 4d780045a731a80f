"""A model's life in the registry: first version, challenger, champion, by hand, and back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.tiny_recipe import UNITS, tiny, tiny_lake, train_tiny

from emberlake.errors import LakeBusy, ModelError
from emberlake.models import promotion, unchanged
from emberlake.models.champion import require_champion
from emberlake.models.checks import NotAllowed
from emberlake.models.listing import compare_versions
from emberlake.models.promotion import before_champion
from emberlake.models.saving import load_model
from emberlake.models.store import Store, open_store
from emberlake.models.training import train, training_lock
from emberlake.models.unchanged import fingerprint
from emberlake.models.versions import CHALLENGER, CHAMPION, Change, changes, holder, versions
from emberlake.settings import Settings, read_settings

# One life, in the order of the tests: making a store takes seconds.
RECIPE = tiny(0.0)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with pytest.MonkeyPatch.context() as patched:
        patched.delenv("MLFLOW_TRACKING_URI", raising=False)
        yield read_settings(root=tmp_path_factory.mktemp("life"))


@pytest.fixture(scope="module")
def store(settings: Settings) -> Store:
    """After four trainings of what is 10: 8 is first, 5 is worse, 9.5 is better, 10.5 is as good."""
    for guess in (8.0, 5.0, 9.5, 10.5):
        train_tiny(settings, guess)
    return open_store(settings)


def roles(store: Store) -> tuple[int, int]:
    found = [holder(store, RECIPE, alias) for alias in (CHAMPION, CHALLENGER)]
    return tuple(version.number if version else 0 for version in found)  # type: ignore[return-value]


def test_the_first_is_champion_a_worse_one_challenges_and_a_better_one_takes_the_title(store):
    became = {version.number: version.tags["emberlake.becomes"] for version in versions(store, RECIPE)}
    assert became == {1: "champion", 2: "challenger", 3: "champion", 4: "challenger"}
    assert roles(store) == (3, 4)


def test_a_version_says_what_it_was_compared_with_and_how_that_ended(store):
    two = versions(store, RECIPE)[-2]
    compared = two.read("comparison")
    assert two.read("champion") == 1
    assert compared["units"] == UNITS
    # (10 - 8)² and (10 - 5)², each with the variance of 1 on top.
    assert compared["champion_loss"] == pytest.approx(4 + 1, abs=1)
    assert compared["challenger_loss"] == pytest.approx(25 + 1, abs=2.5)
    assert "more by" in two.tags["emberlake.why"]


def test_the_run_has_numbers_baselines_and_versions_of_tables(store):
    run = store.client.get_run(require_champion(store, RECIPE).run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params["guess"] == "9.5"
    assert set(run.data.metrics) >= {"mse", "baseline/zero/mse", "baseline/seven/mse", "train_rows"}
    assert run.data.metrics["baseline/seven/mse"] == pytest.approx(10, abs=1)
    found = store.client.search_runs([store.experiment_id], "metrics.mse < 2 and tags.`emberlake.recipe` = 'tiny'")
    assert {each.data.params["guess"] for each in found} == {"9.5", "10.5"}


def test_a_model_is_loaded_as_it_was_fitted(store):
    assert load_model(store, RECIPE, require_champion(store, RECIPE).run_id) == {"guess": 9.5}


def test_comparing_shows_both_and_every_change(settings, store):
    found = compare_versions(settings, RECIPE)
    assert found["champion"]["version"] == 3
    assert found["champion"]["baseline"] == "seven"
    assert [change["after"] for change in found["changes"]] == [1, 2, 3, 4]
    json.dumps(found)


def test_one_that_did_not_win_is_promoted_with_force_and_a_reason_only(store):
    for given in (
        {"reason": "", "force": False},
        {"reason": "because", "force": False},
        {"reason": " ", "force": True},
    ):
        with pytest.raises(ModelError, match="Version 2 of tiny did not win"):
            promotion.promote(store, RECIPE, 2, **given)
    assert roles(store)[0] == 3
    promotion.promote(store, RECIPE, 2, "it is simpler", force=True)
    assert roles(store)[0] == 2
    assert changes(store, RECIPE)[-1].why == "it is simpler"


def test_rolling_back_goes_down_to_the_first(store):
    for expected in (3, 1):
        promotion.rollback(store, RECIPE)
        assert roles(store)[0] == expected
    with pytest.raises(ModelError, match="had no champion before version 1"):
        promotion.rollback(store, RECIPE)


def test_what_is_not_there_is_said(store):
    with pytest.raises(ModelError, match="no version 99") as raised:
        promotion.promote(store, RECIPE, 99, "", force=False)
    assert "There are: 4, 3, 2, 1." in str(raised.value)
    with pytest.raises(ModelError, match="champion already"):
        promotion.promote(store, RECIPE, 1, "", force=False)


def test_a_champion_whose_files_are_gone_keeps_the_title_and_is_said_to_be_broken(settings, store):
    champion = require_champion(store, RECIPE)
    file = store.artifact(champion.run_id, "model/model.json")
    kept = file.read_text()
    file.unlink()
    done = train_tiny(settings, 9.9)
    file.write_text(kept)
    assert not done.promoted
    assert "could not be compared" in done.why
    assert roles(store)[0] == champion.number


def test_a_second_training_is_refused_with_the_holders_pid(settings, store):
    with training_lock(settings), pytest.raises(LakeBusy, match=f"process {os.getpid()}"):
        train_tiny(settings, 1.0)


def test_a_missing_table_registers_nothing(settings, store):
    before = len(versions(store, RECIPE))
    with tiny_lake(settings) as lake, pytest.raises(NotAllowed, match=r"gold\.order_features has no rows"):
        train(lake, tiny(1.0, reads=("gold.order_features",)))
    assert len(versions(store, RECIPE)) == before


def test_a_failed_fit_closes_its_run(settings, store):
    with pytest.raises(ModelError, match="gave no mse"):
        train_tiny(settings, float("nan"))
    newest = store.client.search_runs([store.experiment_id], max_results=1)[0]
    assert newest.info.status == "FAILED"
    assert "gave no mse" in newest.data.tags["emberlake.error"]


def test_what_has_not_changed_is_not_fitted_again(settings, store):
    """The tiny recipe reads no table, so that only the seed and the code count; the guess is no part of either."""
    newest = versions(store, RECIPE)[0]
    done = train_tiny(settings, 1.0, again=False)
    assert (done.repeated, done.version, done.run_id) == (True, newest.number, newest.run_id)
    assert done.value == newest.read("metrics")["mse"]
    assert done.promoted == (roles(store)[0] == newest.number)
    assert len(versions(store, RECIPE)) == newest.number
    with tiny_lake(settings) as lake:
        other = train(lake, tiny(9.9), seed=43, again=False)
    assert (other.repeated, other.version) == (False, newest.number + 1)


def test_a_fingerprint_is_of_tables_code_and_seed(monkeypatch):
    pinned = {"gold.order_features": 3}
    mark = fingerprint(RECIPE, pinned, 42)
    assert fingerprint(tiny(1.0), dict(pinned), 42) == mark
    assert fingerprint(RECIPE, {"gold.order_features": 4}, 42) != mark
    assert fingerprint(RECIPE, pinned, 43) != mark
    monkeypatch.setattr(unchanged, "_code", lambda: "other code")
    assert fingerprint(RECIPE, pinned, 42) != mark


def test_a_promotion_does_not_let_an_old_champion_come_back_twice():
    def to(number: int, before: int, after: int, by: str = "train") -> Change:
        return Change(number, "", CHAMPION, before, after, by, "", True)

    past = [to(1, 0, 1), to(2, 1, 2), to(3, 2, 3), to(4, 3, 2, "rollback")]
    assert before_champion(past, 2) == 1
    assert before_champion(past, 1) == 0
    # 3 by hand again, and 2 is what it took the title from.
    assert before_champion([*past, to(5, 2, 3, "promote")], 3) == 2


def test_nothing_is_left_in_the_environment_or_on_the_terminal(tmp_path: Path, capfd, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    train_tiny(read_settings(root=tmp_path), 1.0)
    assert "MLFLOW_TRACKING_URI" not in os.environ
    said = capfd.readouterr()
    assert said.out + said.err == ""
