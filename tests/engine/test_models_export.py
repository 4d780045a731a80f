"""Exported pipelines against `PipelineModel.transform`, on every kind of trees and every way with invalid values."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emberlake.errors import ModelError
from emberlake.models.export import export_pipeline
from emberlake.models.export.pipeline import translated, write_checked
from emberlake.models.scorer import Scorer

pytestmark = pytest.mark.only("spark")

ROWS, TRAINED_ON = 100_000, 3_000
# Of each kind of trees: how StringIndexer, OneHotEncoder and VectorAssembler treat invalid values.
KINDS = {
    "RandomForestRegressor": ("keep", "keep", "keep"),
    "GBTRegressor": ("skip", "error", "error"),
    "RandomForestClassifier": ("error", "keep", "keep"),
    "GBTClassifier": ("keep", "keep", "skip"),
    "DecisionTreeClassifier": ("skip", "keep", "error"),
}


def orders() -> pa.Table:
    """Orders with skewed levels, numbers of every type, and an amount that depends on most of them."""
    draw = np.random.default_rng(7)
    country = np.minimum(draw.geometric(0.2, ROWS), 14)
    device, hour = draw.integers(0, 4, ROWS), draw.integers(0, 24, ROWS)
    basket, items = draw.gamma(2.0, 30.0, ROWS), draw.integers(1, 9, ROWS)
    amount = basket * (1 + (country * 7 % 5) / 4) + items * (device + 1) + 9 * (hour % 3) + draw.normal(0, 5, ROWS)
    gaps = draw.random((3, ROWS)) < 0.06
    return pa.table(
        {
            "country": pa.array([f"c{c}" for c in country], mask=gaps[0]),
            "device": pa.array([("phone", "desktop", "tablet", "tv set")[d] for d in device]),
            "hour": pa.array(hour, pa.int32()),
            "basket": pa.array(basket, mask=gaps[1]),
            "items": pa.array(items, pa.int64(), mask=gaps[2]),
            "spent": pa.array(np.round(draw.random(ROWS) * 1e6).astype(np.int64)).cast(pa.decimal128(21, 2)),
            "fresh": pa.array(draw.random(ROWS) < 0.4),
            "ratio": pa.array(draw.random(ROWS), pa.float32()),
            "amount": pa.array(amount),
            "large": pa.array((amount > np.median(amount)).astype(np.float64)),
        }
    )


@pytest.fixture(scope="module")
def sample(engine):
    return engine.session.createDataFrame(orders()).cache()


@pytest.fixture(scope="module")
def models(sample):
    """One fitted pipeline of each kind."""
    from pyspark.ml import Pipeline, classification, regression
    from pyspark.ml.feature import Imputer, OneHotEncoder, StringIndexer, VectorAssembler

    train = sample.limit(TRAINED_ON).na.drop(subset=["country"]).cache()
    fitted = {}
    for kind, (indexed, encoded, assembled) in KINDS.items():
        room = regression if kind.endswith("Regressor") else classification
        trees = getattr(room, kind)(labelCol="amount" if room is regression else "large", maxBins=64, seed=3)
        if kind.startswith("RandomForest"):
            trees.setNumTrees(8).setMaxDepth(6)
        if kind.startswith("GBT"):
            trees.setMaxIter(3)
        full = ["basket_full", "items_full"]
        features = ["country_index", "device_vector", "hour_index", *full, "spent", "fresh", "ratio"]
        stages = [
            StringIndexer(inputCols=["country", "device"], outputCols=["country_index", "device_index"]),
            StringIndexer(inputCol="hour", outputCol="hour_index", stringOrderType="alphabetDesc"),
            OneHotEncoder(inputCols=["device_index"], outputCols=["device_vector"], dropLast=kind[0] != "G"),
            # Whole numbers take a mean cut to a whole number.
            Imputer(inputCols=["basket"], outputCols=["basket_full"], strategy="median"),
            Imputer(inputCol="items", outputCol="items_full", missingValue=8.0),
            VectorAssembler(inputCols=features, outputCol="features", handleInvalid=assembled),
            trees,
        ]
        for stage in stages[:2]:
            stage.setHandleInvalid(indexed)
        stages[2].setHandleInvalid(encoded)
        fitted[kind] = Pipeline(stages=stages).fit(train)
    return fitted


@pytest.fixture(scope="module")
def scorers(models, sample, tmp_path_factory) -> dict[str, Scorer]:
    """Each pipeline, exported on some rows; the tests compare all."""
    folder = tmp_path_factory.mktemp("exported")
    made = {}
    for kind, model in models.items():
        rows = sample if KINDS[kind][0] != "error" else sample.na.drop(subset=["country"])
        done = export_pipeline(model, rows, folder / kind, rows=5_000)
        assert done.parity.rows == 5_000
        assert done.parity.made > 10_000
        assert done.parity.largest <= 1e-9
        assert (done.parity.refused > 0) == ("error" in (KINDS[kind][0], KINDS[kind][2]))
        assert done.score == ("prediction" if kind.endswith("Regressor") else "probability")
        made[kind] = Scorer.open(done.path)
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_trees_agrees_on_100_000_rows(kind, models, sample, scorers):
    # Not by the exporter's own comparison: rows and scores are asked again, and counted here.
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions as F

    clean = sample.na.drop(subset=["country"])
    classifier = kind.endswith("Classifier")
    score = vector_to_array("probability").getItem(1) if classifier else F.col("prediction")
    theirs = models[kind].transform(clean).select(score.alias("score")).toArrow()["score"].to_numpy()
    table = clean.toArrow()
    ours = scorers[kind].score_batch(table)
    assert len(theirs) == len(ours) > 90_000
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=0)
    one_by_one = [scorers[kind].score(row) for row in table.slice(0, 500).to_pylist()]
    np.testing.assert_allclose(one_by_one, theirs[:500], rtol=1e-12, atol=0)
    assert len(set(theirs.tolist())) > 8


LEVEL = st.sampled_from([None, "c1", "c2", "c9", "never", "", " c1", "C1", "ü"])
ANY_ROW = st.fixed_dictionaries(
    {
        "country": LEVEL,
        "device": st.sampled_from(["phone", "desktop", "tablet", "", None, "never"]),
        "hour": st.none() | st.integers(-2, 30),
        "basket": st.none() | st.floats(),
        "items": st.none() | st.integers(-(2**63) + 1024, 2**63 - 1024),
        "spent": st.none() | st.decimals(-(10**18), 10**18, places=2),
        "fresh": st.none() | st.booleans(),
        "ratio": st.none() | st.floats(width=32),
    }
)


@settings(max_examples=3, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(ANY_ROW, min_size=100, max_size=300))
def test_any_row_is_kept_or_dropped_as_by_the_pipeline(rows, models, sample, scorers):
    from pyspark.sql.types import LongType, StructField, StructType

    names = list(scorers["GBTClassifier"].columns)
    schema = StructType([StructField(n, sample.schema[n].dataType) for n in names] + [StructField("row", LongType())])
    numbered = [tuple(row[name] for name in names) + (number,) for number, row in enumerate(rows)]
    asked = sample.sparkSession.createDataFrame(numbered, schema)
    # The three kinds that refuse nothing but what the encoder, here unreachable, refuses.
    for kind, column in [("RandomForestRegressor", "prediction"), ("GBTClassifier", "probability")]:
        said = {r["row"]: r[column] for r in models[kind].transform(asked).select("row", column).collect()}
        ours = [scorers[kind].score(row) for row in rows]
        assert {number for number, score in enumerate(ours) if score is not None} == set(said)
        theirs = [float(said[n][1] if column == "probability" else said[n]) for n in said]
        np.testing.assert_allclose([ours[n] for n in said], theirs, rtol=1e-9, atol=0)


def test_a_changed_threshold_is_refused_and_leaves_no_file(models, sample, tmp_path: Path):
    model = models["GBTRegressor"]
    true = translated(model, sample)
    node = int(np.flatnonzero(true.forest.kind == 1)[0])
    value = true.forest.value.copy()
    value[node] *= 1.01
    changed = Scorer(true.plan, replace(true.forest, value=value))
    (tmp_path / "model").write_text("the one before")
    with pytest.raises(ModelError, match=r"rows score differently, by up to .* the pipeline says"):
        write_checked(model, changed, sample.limit(20_000), tmp_path / "model", 100_000)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert (tmp_path / "model").read_text() == "the one before"


@pytest.mark.parametrize(("stage", "invalid"), [(0, "keep"), (0, "error"), (5, "keep")])
def test_another_way_with_invalid_values_is_refused(stage, invalid, models, sample, tmp_path: Path):
    model = models["GBTRegressor"]
    true = translated(model, sample)
    stages = [s.model_copy(update={"invalid": invalid}) if n == stage else s for n, s in enumerate(true.plan.stages)]
    changed = Scorer(true.plan.model_copy(update={"stages": stages}), true.forest)
    with pytest.raises(ModelError, match="is not the pipeline, and was not kept"):
        write_checked(model, changed, sample.limit(2_000), tmp_path / "model", 100_000)
    assert not list(tmp_path.iterdir())


def test_other_stages_are_named_with_what_is_supported(models, sample, tmp_path: Path):
    from pyspark.ml import PipelineModel
    from pyspark.ml.feature import SQLTransformer

    model = models["DecisionTreeClassifier"]
    strange = PipelineModel([SQLTransformer(statement="select * from __THIS__"), *model.stages])
    with pytest.raises(ModelError, match="stage SQLTransformer cannot be exported.*StringIndexer, OneHotEncoder"):
        export_pipeline(strange, sample, tmp_path / "x")
    with pytest.raises(ModelError, match="ends in VectorAssembler"):
        export_pipeline(PipelineModel(model.stages[:-1]), sample, tmp_path / "x")
    with pytest.raises(ModelError, match="'basket', which the sample does not have"):
        export_pipeline(model, sample.drop("basket"), tmp_path / "x")
    with pytest.raises(ModelError, match="has no row to compare"):
        export_pipeline(model, sample.limit(0), tmp_path / "x")
    assert not list(tmp_path.iterdir())
