"""The recipe `forecast`: it beats a repeated week, its intervals hold, and stock is set against what it says."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.fitting import fitting
from tests.rows import assert_rows

from emberlake.errors import ModelError
from emberlake.lake import Lake
from emberlake.models.demand import FORECAST
from emberlake.models.demand.ahead import ahead
from emberlake.models.demand.cover import demand_cover
from emberlake.models.demand.series import daily
from emberlake.models.recipe import Fitted

# `up` trains it in test_up_models.py.
pytestmark = [pytest.mark.only("spark"), pytest.mark.timeout(900), pytest.mark.long]

SOLD = "product_id long, category string, day date, units long"
STOCK = "product_id long, category string, as_of date, on_hand long"


@pytest.fixture(scope="module")
def fitted(engine, made_lake: Lake, tmp_path_factory) -> Fitted:
    inputs = {name: made_lake.read(name) for name in FORECAST.reads}
    return FORECAST.fit(fitting(engine.session, inputs, tmp_path_factory.mktemp("demand")))


def test_the_forecast_beats_the_seasonal_naive_and_the_weeks_mean(fitted):
    assert set(fitted.baselines) == {"seasonal naive", "mean of 4 weeks"}
    for baseline in fitted.baselines.values():
        assert fitted.metrics["wape"] < 0.9 * baseline["wape"]


def test_intervals_hold_what_they_promise(fitted):
    assert 0.75 <= fitted.metrics["coverage_80"] <= 0.85
    assert 0.92 <= fitted.metrics["coverage_95"] <= 0.98


def test_losses_are_one_number_a_category_and_day(fitted):
    losses = FORECAST.losses(fitted.model, fitted.holdout).to_pydict()
    assert len(set(losses["unit"])) == len(losses["unit"]) == fitted.holdout_rows
    assert sum(losses["loss"]) / len(losses["loss"]) == pytest.approx(fitted.metrics["mase"])


def test_each_category_gets_28_days_after_the_last_one(fitted):
    rows = ahead(fitted.holdout, fitted.model, 4).toArrow().to_pylist()
    last = max(fitted.holdout.select("day").toArrow()["day"].to_pylist())
    days = {last + timedelta(days=number) for number in range(1, 29)}
    for category in fitted.model["categories"]:
        assert {row["day"] for row in rows if row["category"] == category} == days
    for row in rows:
        assert 0 <= row["low_95"] <= row["low_80"] <= row["units"] <= row["high_80"] <= row["high_95"]
    assert {row["model_version"] for row in rows} == {4}


def test_days_without_sales_are_zeros_up_to_the_shops_last_day(engine):
    sold = engine.rows(
        SOLD,
        (1, "toys", "2025-01-01", 3),
        (2, "toys", "2025-01-01", 1),
        (1, "toys", "2025-01-03", 2),
        (3, None, "2025-01-02", 5),
        (3, None, "2025-01-04", 0),
    )
    assert_rows(
        daily(sold).select("category", "day", "units", "total"),
        [
            ("toys", "2025-01-01", 4.0, 4.0),
            ("toys", "2025-01-02", 0.0, 5.0),
            ("toys", "2025-01-03", 2.0, 2.0),
            ("unknown", "2025-01-02", 5.0, 5.0),
            ("unknown", "2025-01-03", 0.0, 2.0),
        ],
    )


def test_cover_by_hand(engine):
    sold = engine.rows(SOLD, *[(product, "toys", "2025-01-31", 10) for product in (1, 2, 3, 4)])
    stock = engine.rows(
        STOCK,
        (1, "toys", "2025-01-31", 0),
        (2, "toys", "2025-01-31", 25),
        (3, "toys", "2025-01-31", 1000),
        (5, "toys", "2025-01-31", 7),
    )
    # 40 pieces a day over four products: ten each.
    said = [("toys", date(2025, 2, 1) + timedelta(days=n), 40.0, 1) for n in range(28)]
    forecast = engine.rows("category string, day date, units double, model_version int", *said)
    rows = demand_cover(stock, sold, forecast).select("product_id", "demand_28d", "cover_days", "state")
    assert_rows(
        rows, [(1, 280.0, 0.0, "out"), (2, 280.0, 2.5, "low"), (3, 280.0, None, "fine"), (5, 0.0, None, "fine")]
    )


@pytest.mark.parametrize(
    ("days", "units", "said"), [(0, 1, "Nothing was sold"), (200, 0, "Nothing was sold"), (100, 1, "100 days of sales")]
)
def test_what_cannot_be_learnt_from_is_told(engine, tmp_path, days, units, said):
    rows = [(1, "toys", date(2025, 1, 1) + timedelta(days=n), units) for n in range(days)]
    tables = {"gold.product_daily": engine.rows(SOLD, *rows)}
    with pytest.raises(ModelError, match=said):
        FORECAST.fit(fitting(engine.session, tables, tmp_path))


def test_a_single_category_is_forecast(engine, tmp_path):
    rows = [(1, "toys", date(2025, 1, 1) + timedelta(days=n), 5) for n in range(200)]
    fitted = FORECAST.fit(fitting(engine.session, {"gold.product_daily": engine.rows(SOLD, *rows)}, tmp_path))
    assert fitted.metrics["wape"] < 0.01
