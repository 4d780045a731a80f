"""`emberlake up` trains every model that the data allows, and says what each reached or why there is none."""

from __future__ import annotations

from types import SimpleNamespace

import duckdb
import pytest
from tests.engine.test_up_summary import done
from tests.lake_tools import arrow_of

from emberlake.models.recipes import recipes
from emberlake.tables import SCORES

# Models are Spark's, whichever engine the tables are built by: once is enough.
pytestmark = [pytest.mark.once, pytest.mark.timeout(1800)]

USERS = 1_000
UP = ("up", "--scale", "0.1")
WITHOUT_DATA = {"tpch_order_value", "tpch_order_value_lines"}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    root = tmp_path_factory.mktemp("models") / "root"
    said = done(root, *UP)
    return SimpleNamespace(root=root, said=said, models={model["name"]: model for model in said["models"]})


def scores(built, sql: str):
    with duckdb.connect() as db:
        for name in SCORES:
            db.register(name, arrow_of(built.root / "lake" / "gold" / name))
        return db.sql(sql).fetchall()


def test_every_model_is_trained_or_says_why_not(built):
    assert list(built.models) == [name for name, recipe in recipes().items() if recipe.by_default]
    assert {name for name, model in built.models.items() if model["why_not"]} == WITHOUT_DATA
    assert "emberlake synth --tpch 1" in built.models["tpch_order_value"]["why_not"]
    trained = [model for name, model in built.models.items() if name not in WITHOUT_DATA]
    assert {model["is"] for model in trained} == {"champion 1"}


def test_a_model_is_said_to_beat_what_is_simpler_only_if_it_does(built):
    for name in built.models.keys() - WITHOUT_DATA:
        model, better = built.models[name], recipes()[name].metric.higher_is_better
        ahead = model["value"] - model["baseline_value"]
        assert model["beats_baseline"] == (ahead > 0 if better else ahead < 0), name


def test_graphs_are_built_before_the_models_that_try_them(built):
    did = built.said["did"]
    assert did.index("gold") < did.index("graphs") < did.index("models")
    graphs = built.said["graphs"]
    assert graphs["why_not"] == "" and graphs["communities"] > 1 and graphs["follows"] > 4 * USERS
    assert 0 < graphs["inside_share"] < 1 and graphs["invited"] > 0.1 * USERS
    tables = built.said["tables"]["gold"]
    assert tables["influence"] == USERS and tables["recommended_follows"] == 10 * USERS
    with duckdb.connect() as db:
        db.register("history", arrow_of(built.root / "lake" / "gold" / "graph_history"))
        assert db.sql("SELECT count(DISTINCT as_of) FROM history").fetchall() == [(6,)]


@pytest.mark.parametrize("name", ["churn", "recommendations"])
def test_a_card_says_whether_the_graphs_helped(built, name):
    card = done(built.root, "models", "card", name)["markdown"]
    said = card.partition("What else was tried")[2].split("\n#")[0]
    assert "the mean loss is" in said and "95% interval" in said and "used" in said


def test_live_orders_are_scored_within_the_run_and_nothing_of_it_is_left(built):
    live = built.said["live"]
    assert live["why_not"] == "" and live["scored"] == live["orders"] > 0
    # The broker's clock ticks in milliseconds: the median may be within one.
    assert 0 <= live["p50_ms"] <= live["p99_ms"] and live["p99_ms"] > 0 and live["off_by"] > 0
    assert not (built.root / "scratch" / "live").exists() and not (built.root / "state" / "streams").exists()


def test_what_champions_say_lies_in_gold_with_their_version(built):
    assert set(SCORES) <= set(built.said["tables"]["gold"])
    assert scores(built, "SELECT count(*), count(DISTINCT user_id), max(rank) FROM recommendations") == [
        (10 * USERS, USERS, 10)
    ]
    assert scores(built, "SELECT DISTINCT model_version FROM churn_scores") == [(1,)]
    assert scores(built, "SELECT min(probability) >= 0 AND max(probability) <= 1 FROM churn_scores") == [(True,)]
    assert scores(built, "SELECT count(DISTINCT day), count(DISTINCT category) FROM demand_forecast") == [(28, 8)]
    assert scores(built, "SELECT count(*) FROM demand_forecast WHERE NOT units BETWEEN low_80 AND high_80") == [(0,)]


def test_the_summary_names_the_engine_of_the_tables(built):
    assert built.said["engine"].startswith("sail")
    assert next(step for step in built.said["steps"] if step["name"] == "models")["seconds"] > 1


def test_a_second_up_trains_nothing_and_says_the_same(built):
    again = done(built.root, *UP)
    assert again["did"] == []
    assert again["models"] == built.said["models"]
    assert {row["name"]: row["champion"] for row in done(built.root, "models", "list")}["churn"] == 1
