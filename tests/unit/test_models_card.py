"""Cards, groups and checks."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from emberlake.errors import ModelError
from emberlake.models.card import write_card
from emberlake.models.card_page import to_html, to_markdown
from emberlake.models.checks import (
    NotAllowed,
    require_columns,
    require_known,
    require_losses,
    require_measured,
    require_rows,
    require_two_classes,
    require_varying,
)
from emberlake.models.groups import groups
from emberlake.models.promotion import Verdict
from emberlake.models.recipe import Fitted, Metric, Recipe

RECIPE = Recipe(
    "tiny", "Tiny <model>", "What will it be?", ("gold.daily_sales",), Metric("rmse", "Root mean squared error", False),
    fit=lambda _: None, losses=lambda *_: None,  # type: ignore[arg-type, return-value]
)  # fmt: skip


def _losses(**means: float) -> pa.Table:
    random = np.random.default_rng(3)
    rows = [(name, value) for name, mean in means.items() for value in random.normal(mean, 1, 100)]
    table = {"unit": range(len(rows)), "loss": [v for _, v in rows], "country": [n for n, _ in rows]}
    return pa.table({**table, "unit": list(table["unit"])})


def _fitted(rmse: float, **baselines: float) -> Fitted:
    return Fitted(
        None, {"depth": 5}, {"rmse": rmse}, {name: {"rmse": value} for name, value in baselines.items()}, None, 80, 20,
        windows={"train": ("2024-01-01", "2024-12-31")}, limits=("Not for <b>returns</b>.",),
    )  # fmt: skip


def test_a_group_that_is_served_worse_is_named():
    found = {group.name: group for group in groups(_losses(DE=1.0, FR=1.0, PL=3.0), "country")}
    assert found["PL"].verdict == "worse"
    assert found["DE"].units == 100
    assert found["PL"].low < found["PL"].loss < found["PL"].high


def test_equal_groups_are_called_equal():
    assert {g.verdict for g in groups(_losses(DE=1.0, FR=1.0, PL=1.0), "country")} == {"as the others"}


def test_few_units_and_no_name_are_said():
    table = pa.table({"unit": [1, 2, 3], "loss": [1.0, 2.0, 9.0], "age": ["25-34", "25-34", None]})
    assert [(g.name, g.units, g.verdict) for g in groups(table, "age")] == [
        ("25-34", 2, "too few"),
        ("not known", 1, "too few"),
    ]
    assert groups(table, "country") == []


def test_a_card_says_plainly_that_a_baseline_is_not_beaten():
    verdict = Verdict("champion", "The first version.", _losses(DE=1.0, PL=3.0))
    card = write_card(RECIPE, _fitted(10.0, mean=9.0, median=11.0), {"gold.daily_sales": 7}, verdict)
    text = to_markdown(card)
    assert "It does NOT beat mean" in text
    assert "| gold.daily_sales | 7 |" in text
    assert "train: 2024-01-01 to 2024-12-31" in text
    assert "Its loss is higher for PL." in text


def test_a_card_that_beats_all_says_so_and_its_page_runs_no_html_of_the_data():
    verdict = Verdict("champion", "The first version.", _losses(DE=1.0))
    card = write_card(RECIPE, _fitted(8.0, mean=9.0), {}, verdict)
    page = to_html(card, {"losses": b"png"})
    assert "It beats every baseline: mean." in page
    assert "<b>returns" not in page and "Tiny &lt;model&gt;" in page
    assert "<b>returns" not in to_markdown(card)


@pytest.mark.parametrize(
    ("check", "says"),
    [
        (lambda: require_rows(3, 100, "orders to learn from"), "3 orders to learn from"),
        (lambda: require_two_classes({0: 50, 1: 0}, "who stayed away"), "all 50 rows say 0"),
        (lambda: require_two_classes({}, "who stayed away"), "there are no rows"),
        (lambda: require_varying(0.0, "order value"), "the same in every row"),
        (lambda: require_varying(float("nan"), "order value"), "order value"),
        (lambda: require_known({"a": 5, "b": 0}, "the features"), "b of the features is null in every row"),
    ],
)
def test_what_data_does_not_allow(check, says):
    with pytest.raises(NotAllowed, match=says):
        check()


def test_what_data_does_allow():
    require_rows(100, 100, "orders")
    require_two_classes({0: 1, 1: 1}, "churn")
    require_varying(0.1, "value")
    require_known({"a": 1}, "the features")


def test_a_metric_that_is_no_number_is_refused():
    with pytest.raises(ModelError, match="the model"):
        require_measured(RECIPE, _fitted(float("nan"), mean=9.0))
    with pytest.raises(ModelError, match="the baseline 'mean'"):
        require_measured(RECIPE, _fitted(1.0, mean=float("inf")))
    with pytest.raises(ModelError, match="any baseline"):
        require_measured(RECIPE, _fitted(1.0))


def test_other_columns_are_refused_with_what_differs():
    with pytest.raises(ModelError, match=r"b \(string\) is missing; a is bigint, not double"):
        require_columns(3, {"a": "double", "b": "string"}, {"a": "bigint", "c": "string"})
    require_columns(3, {"a": "double"}, {"a": "double", "b": "string"})


@pytest.mark.parametrize(
    ("units", "values"), [([1, 1], [0.5, 0.5]), ([1, 2], [0.5, float("nan")]), ([1, 2], [0.5, None])]
)
def test_losses_are_one_finite_number_a_unit(units, values):
    with pytest.raises(ModelError, match="not one number a unit"):
        require_losses(pa.table({"unit": units, "loss": pa.array(values, pa.float64())}), "the champion")
