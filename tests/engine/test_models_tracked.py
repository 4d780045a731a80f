"""A small model through its whole life: trained, loaded by MLflow, drifted, explained, challenged, rolled back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from emberlake.errors import ModelError
from emberlake.lake import Lake
from emberlake.models import promotion
from emberlake.models.drift import drift
from emberlake.models.explain import explain_row, importance
from emberlake.models.recipe import Fitted, Metric, Recipe
from emberlake.models.saving import load_model
from emberlake.models.store import EXPERIMENT, open_store
from emberlake.models.training import train
from emberlake.models.versions import changes, holder
from emberlake.settings import read_settings

pytestmark = pytest.mark.only("spark")

# y = 3 a - 2 b, and c says nothing.
A, B = 3.0, -2.0
METRIC = Metric("mse", "Mean squared error", higher_is_better=False)


def _rows(session, rows=1_000, shift=0.0):
    """a in 0…9 (+ shift), b in 0…4, c in 0…2; y exactly."""
    number = F.col("id")
    made = session.range(rows).select(
        number.alias("unit"),
        ((number % 10) + F.lit(shift)).cast("double").alias("a"),
        ((number * 7 + 3) % 5).cast("double").alias("b"),
        ((number * 11 + 1) % 3).cast("double").alias("c"),
    )
    return made.withColumn("y", A * F.col("a") + B * F.col("b"))


def _losses(model, holdout) -> pa.Table:
    error = (F.col("y") - F.col("prediction")) ** 2
    return model.transform(holdout).select("unit", error.alias("loss")).toArrow()


def _recipe(columns: tuple[str, ...], shift: float = 0.0) -> Recipe:
    def fit(fitting) -> Fitted:
        from pyspark.ml import Pipeline
        from pyspark.ml.feature import VectorAssembler
        from pyspark.ml.regression import LinearRegression

        rows = fitting.stage(_rows(fitting.session))
        stages = [VectorAssembler(inputCols=list(columns), outputCol="features"), LinearRegression(labelCol="y")]
        model = Pipeline(stages=stages).fit(rows)
        loss = float(np.mean(_losses(model, rows)["loss"].to_numpy()))
        return Fitted(
            model, {"columns": ", ".join(columns)}, {"mse": loss}, {"mean": {"mse": 90.0}}, rows, 1_000, 1_000,
            sample=rows.select(*columns).limit(3), features=rows.select(*columns),
        )  # fmt: skip

    return Recipe(
        "tiny", "Tiny", "What is y?", (), METRIC, fit, _losses,
        inputs=lambda model, tables: _rows(SparkSession.getActiveSession(), 800, shift),
    )  # fmt: skip


@pytest.fixture(scope="module")
def lake(engine, tmp_path_factory):
    with Lake(engine.session, read_settings(root=tmp_path_factory.mktemp("tracked"))) as opened:
        yield opened


@pytest.fixture(scope="module")
def trained(lake):
    """A poor first version that knows `a` only, and a second that knows all."""
    return train(lake, _recipe(("a",))), train(lake, _recipe(("a", "b", "c")))


def test_the_first_is_champion_and_a_better_one_takes_its_place(lake, trained):
    first, second = trained
    store = open_store(lake.settings)
    assert (first.promoted, first.version, second.promoted, second.version) == (True, 1, True, 2)
    assert holder(store, _recipe(("a",)), "champion").number == 2
    assert second.value < 1e-6 < first.value < 90
    assert "less by" in second.why


def test_a_run_is_found_again_and_mlflow_loads_it(lake, trained, monkeypatch):
    import mlflow.spark

    store = open_store(lake.settings)
    experiment = store.client.get_experiment_by_name(EXPERIMENT)
    runs = store.client.search_runs([experiment.experiment_id], "tags.`emberlake.recipe` = 'tiny'")
    found = {run.info.run_id: run for run in runs}[trained[1].run_id]
    assert (found.info.status, found.data.params["columns"]) == ("FINISHED", "a, b, c")
    folder = Path(found.info.artifact_uri.removeprefix("file://")) / "model"
    model = mlflow.spark.load_model(str(folder), dfs_tmpdir=str(lake.settings.scratch / "mlflow"))
    got = model.transform(_rows(lake.session, 3)).select("prediction").collect()
    # a 0, 1, 2 and b 3, 0, 2.
    assert [row.prediction for row in got] == pytest.approx([-6.0, 3.0, 2.0], abs=1e-6)
    signature = mlflow.models.Model.load(str(folder)).signature
    assert signature.inputs.input_names() == ["a", "b", "c"]
    for name in ("card.md", "card.html", "reference.json", "holdout.parquet", "figures/losses.png"):
        assert store.has(trained[1].run_id, name), name


def test_drift_is_found_where_it_was_planted_and_nowhere_else(lake, trained):
    quiet, _ = drift(lake, _recipe(("a",)))
    assert quiet.drifted == []
    moved, files = drift(lake, _recipe(("a",), shift=3.0))
    # The prediction moves with it: y is 9 higher.
    assert {feature.feature for feature in moved.drifted} == {"a", "prediction"}
    assert "Drifted" in files["html"].read_text()
    assert "2 of 4" in holder(open_store(lake.settings), _recipe(("a",)), "champion").tags["emberlake.drift"]


def test_a_row_is_explained_by_parts_that_add_up(lake, trained):
    recipe, store = _recipe(("a", "b", "c")), open_store(lake.settings)
    version = holder(store, recipe, "champion")
    model = load_model(store, recipe, version.run_id)
    found = explain_row(lake.session, store, recipe, version, model, {"a": 9, "b": 0, "c": 1})
    assert found.prediction == pytest.approx(27.0, abs=1e-6)
    assert found.average + sum(found.parts.values()) == pytest.approx(found.prediction, abs=1e-9)
    # The mean of a is 4.5 and of b 2; a hundred rows of the hold-out are near it.
    assert found.parts["a"] == pytest.approx(A * 4.5, abs=3.0)
    assert found.parts["b"] == pytest.approx(B * -2.0, abs=1.5)
    assert found.parts["c"] == pytest.approx(0.0, abs=1e-6)
    shares, method = importance(lake.session, store, recipe, version, model)
    assert list(shares)[:2] == ["a", "b"] and abs(shares["c"]) < 1e-6
    assert "shuffled" in method
    with pytest.raises(ModelError, match="lacks b, c"):
        explain_row(lake.session, store, recipe, version, model, {"a": 1})


def test_a_champion_of_other_columns_keeps_its_place_and_the_way_back_is_open(lake, trained):
    recipe, store = _recipe(("a",)), open_store(lake.settings)
    third = train(lake, recipe)
    assert not third.promoted and "registered for other columns: b (double) is missing" in third.why
    with pytest.raises(ModelError, match="did not win"):
        promotion.promote(store, recipe, None, "", force=False)
    assert promotion.promote(store, recipe, None, "a is all we have", force=True).after == 3
    assert [promotion.rollback(store, recipe).after for _ in range(2)] == [2, 1]
    with pytest.raises(ModelError, match="no champion before version 1"):
        promotion.rollback(store, recipe)
    assert [c.by for c in changes(store, recipe)] == ["train", "train", "train", "promote", "rollback", "rollback"]
    assert all(change.done for change in changes(store, recipe))
