"""Each stage of a scorer by itself, and the numbers that go into one; by both of its ways."""

from __future__ import annotations

import math
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emberlake.errors import ModelError
from emberlake.models.scoring.batch import Batch
from emberlake.models.scoring.columns import Column
from emberlake.models.scoring.stages import Encoder, Imputer, Indexer


def through(stage, values: dict, column: Column, value):
    """What a stage makes of one value, by both of its ways."""
    one = {column.name: column.reader()(value)}
    kept = stage.step()(one)
    types = {"string": pa.string(), "int": pa.int32(), "float": pa.float32(), "double": pa.float64()}
    batch = Batch({column.name: column.read(pa.array([value], types[column.type]))}, 1)
    stage.run(batch)
    assert bool(batch.alive[0]) == kept
    made = {name: batch.values[name].values[0].tolist() for name in values}
    assert made == {name: one[name] for name in values} == values


@pytest.mark.parametrize(
    ("keep", "drop_last", "index", "vector"),
    [
        (False, True, 0.0, [1.0, 0.0]),
        (False, True, 2.0, [0.0, 0.0]),
        (False, False, 2.0, [0.0, 0.0, 1.0]),
        (True, True, 2.0, [0.0, 0.0, 1.0]),
        (True, True, 3.0, [0.0, 0.0, 0.0]),
        (True, False, 3.0, [0.0, 0.0, 0.0, 1.0]),
        (True, False, -1.0, [0.0, 0.0, 0.0, 1.0]),
    ],
)
def test_one_hot_vectors(keep, drop_last, index, vector):
    stage = Encoder(
        inputs=["x"], outputs=["v"], categories=[3], drop_last=drop_last, invalid="keep" if keep else "error"
    )
    through(stage, {"v": vector}, Column(name="x", type="double"), index)


def test_a_category_beyond_the_encoder_is_refused():
    stage = Encoder(inputs=["x"], outputs=["v"], categories=[3], drop_last=True, invalid="error")
    with pytest.raises(ModelError, match="'x' is 3, which lies outside"):
        stage.step()({"x": 3.0})


@pytest.mark.parametrize(
    ("missing", "value", "made"),
    [(math.nan, None, 7.5), (math.nan, math.nan, 7.5), (math.nan, 2.0, 2.0), (-1.0, -1.0, 7.5), (-1.0, None, 7.5)],
)
def test_missing_values_get_the_surrogate(missing, value, made):
    stage = Imputer(inputs=["x"], outputs=["y"], surrogates=[7.5], missing=missing)
    through(stage, {"y": made}, Column(name="x", type="double"), value)


def test_whole_numbers_are_levels_as_text():
    stage = Indexer(inputs=["x"], outputs=["i"], labels=[["10", "2"]], invalid="keep")
    for value, index in [(10, 0.0), (2, 1.0), (3, 2.0), (None, 2.0)]:
        through(stage, {"i": index}, Column(name="x", type="int"), value)


# Numbers
@given(st.decimals(min_value=-(10**10) + 1, max_value=10**10 - 1, places=2))
def test_decimals_become_the_nearest_double(value):
    column = Column(name="x", type="decimal(12,2)")
    # Python's division of whole numbers is rounded correctly, once.
    expected = int(value.scaleb(2)) / 100
    assert column.reader()(value) == expected
    array = pa.array([Decimal(0), value, None], pa.decimal128(12, 2)).slice(1)
    assert column.read(array).values[0] == expected
    assert column.read(pa.array([value], pa.decimal128(38, 20))).values[0] == expected


def test_decimals_of_many_digits_are_exact_too():
    digits = Decimal("123456789012345678901234567890.12345678")
    column = Column(name="x", type="decimal(38,8)")
    assert column.read(pa.array([digits], pa.decimal128(38, 8))).values[0] == 1.2345678901234568e29


def test_doubles_are_rounded_to_decimals_half_up():
    column = Column(name="x", type="decimal(12,2)")
    for value, rounded in [(1.005, 1.01), (-1.005, -1.01), (2.675, 2.68), (3, 3.0)]:
        assert column.reader()(value) == rounded == column.read(pa.array([value])).values[0]
    for value in (1e10, 9999999999.999, math.inf, math.nan, "1"):
        with pytest.raises(ModelError, match="at most 12 digits, 2 of them decimals"):
            column.reader()(value)


def test_singles_are_rounded_as_a_float_column_holds_them():
    column = Column(name="x", type="float")
    assert column.reader()(0.1) == 0.10000000149011612 == column.read(pa.array([0.1])).values[0]
