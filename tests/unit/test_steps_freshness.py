"""Which steps have work: found from files alone, and only those that read what has changed."""

from __future__ import annotations

import pytest

from emberlake.settings import read_settings
from emberlake.steps import STEPS
from emberlake.steps.freshness import inputs_of, work_left
from emberlake.steps.record import StepRun

READERS = [step for step in STEPS if step.name in ("reports", "graphs", "models", "catalog")]


@pytest.fixture
def settings(tmp_path):
    settings = read_settings(root=tmp_path)
    commit(settings, "gold/daily_sales")
    (tmp_path / "models").mkdir()
    return settings


def commit(settings, table, version=0):
    log = settings.lake / table / "_delta_log"
    log.mkdir(parents=True, exist_ok=True)
    (log / f"{version:020}.json").write_text("{}")


def done(settings):
    return {step.name: StepRun(step.name, 1.0, inputs=inputs_of(step.name, settings)) for step in READERS}


def test_nothing_new_is_no_work(settings):
    assert work_left(settings, READERS, done(settings)) == {}


def test_what_models_write_asks_for_a_new_catalog_only(settings):
    before = done(settings)
    commit(settings, "gold/recommendations")
    assert work_left(settings, READERS, before) == {"catalog": "its input changed"}


def test_a_new_version_of_a_mart_asks_for_all(settings):
    before = done(settings)
    commit(settings, "gold/daily_sales", version=1)
    assert list(work_left(settings, READERS, before)) == ["reports", "models", "catalog"]


def test_graphs_are_made_again_for_new_follows_only(settings):
    before = done(settings)
    commit(settings, "silver/order_items")
    assert "graphs" not in work_left(settings, READERS, before)
    commit(settings, "silver/follows")
    assert work_left(settings, READERS, before)["graphs"] == "its input changed"


def test_what_graphs_write_is_learnt_from_and_answers_no_report(settings):
    before = done(settings)
    commit(settings, "gold/graph_history")
    # The first of its versions: that a table of theirs is there now is no work for them, that one is gone is.
    assert list(work_left(settings, READERS[2:], before)) == ["models", "catalog"]
    assert "reports" not in work_left(settings, READERS[:1], before)
    before = done(settings)
    commit(settings, "gold/graph_history", version=1)
    assert list(work_left(settings, READERS, before)) == ["models", "catalog"]


def test_a_report_that_somebody_deleted_is_written_again_and_trains_no_model(settings):
    settings.reports.mkdir()
    (settings.reports / "funnel.csv").write_text("a report")
    before = done(settings)
    (settings.reports / "funnel.csv").unlink()
    assert list(work_left(settings, READERS, before)) == ["reports"]


def test_models_whose_store_is_gone_are_trained_again(settings):
    before = done(settings)
    settings.models.rmdir()
    assert list(work_left(settings, READERS, before)) == ["models", "catalog"]


def test_a_training_that_was_left_out_is_made_up_for(settings):
    before = done(settings)
    del before["models"]
    assert work_left(settings, READERS, before) == {"models": "has not run yet", "catalog": "after models"}
