"""Churn: its features by hand and by DuckDB, what it refuses, and the model on the made shop."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score
from tests.fitting import fitting
from tests.made_shop import look_at
from tests.planted import chance_to_stay_away, parameters
from tests.rows import assert_rows

from emberlake.errors import ModelError
from emberlake.models.churn import CHURN, customers_at
from emberlake.models.churn.features import AHEAD_DAYS, GRAPH, OBSERVED_DAYS
from emberlake.models.churn.today import probability, scores, span

# `up` trains it in test_up_models.py.
pytestmark = [pytest.mark.only("spark"), pytest.mark.long]

ORDERS = (
    "user_id long, ordered_at timestamp, amount decimal(12,2), has_coupon boolean, lines long, channel string, "
    "country string, days_since_previous int"
)
USERS = "user_id long, birth_year int, country string, channel string, loyalty string, signed_up_at timestamp"
MOMENT = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def orders(engine) -> DataFrame:
    """7 comes back after the moment; 8 stays away; 9 was gone before; 10 begins at the moment itself."""
    return engine.rows(
        ORDERS,
        (7, "2026-01-02 00:00", "10.00", True, 1, "web", "DE", None),
        (7, "2026-06-01 00:00", "30.00", False, 3, "app", "DE", 150),
        (7, "2026-06-21 00:00", "20.00", False, 2, "web", "FR", 20),
        (7, "2026-07-05 00:00", "99.00", True, 9, "app", "DE", 14),
        (8, "2026-05-02 00:00", "50.00", False, None, None, None, None),
        (9, "2025-12-01 00:00", "5.00", False, 1, "web", "DE", None),
        (10, "2026-07-01 00:00", "5.00", False, 1, "web", "DE", None),
    )


def test_recency_frequency_and_money_are_as_of_the_moment(engine, orders):
    rows = customers_at({"gold.order_features": orders}, [MOMENT]).select(
        "user_id", "recency_days", "orders", "orders_30d", "orders_90d", "orders_180d", "revenue", "mean_amount",
        "mean_gap_days", "longest_gap_days", "tenure_days", "coupon_share", "channel", "orders_ahead",
    )  # fmt: skip
    assert_rows(
        rows,
        [
            (7, 10.0, 3.0, 2.0, 2.0, 3.0, 60.0, 20.0, 85.0, 150.0, 180.0, 1 / 3, "web", 1),
            # A single order: the gap that has not ended yet.
            (8, 60.0, 1.0, 0.0, 1.0, 1.0, 50.0, 50.0, 60.0, 60.0, 60.0, 0.0, "unknown", 0),
        ],
    )


def test_a_shop_without_users_has_nulls_and_unknowns(orders):
    rows = customers_at({"gold.order_features": orders}, [MOMENT])
    assert_rows(
        rows.select("user_id", "age", "age_band", "country", "acquired_by", "loyalty", "known_days"),
        [
            (7, None, None, "FR", "unknown", "unknown", 180.0),
            (8, None, None, "unknown", "unknown", "unknown", 60.0),
        ],
    )


def test_what_the_customer_told_counts_as_of_the_moment(engine, orders):
    users = engine.rows(USERS, (7, 1990, "IT", "mail", "gold", "2025-07-01 00:00"))
    rows = customers_at({"gold.order_features": orders, "silver.users": users}, [MOMENT])
    told = rows.where("user_id = 7").select("age", "age_band", "country", "acquired_by", "loyalty", "known_days")
    assert_rows(told, [(36.0, "35-44", "IT", "mail", "gold", 365.0)])


def test_who_follows_counts_as_it_was_when_the_quarter_began(engine, orders):
    history = engine.rows(
        "user_id long, as_of date, followers long, following long, rank double, community long",
        (7, "2026-04-01", 1, 2, 0.5, None), (7, "2026-07-01", 3, 4, 1.5, 1), (7, "2026-10-01", 9, 9, 9.0, 1),
        (9, "2026-01-01", 5, 6, 2.5, None),
    )  # fmt: skip
    moments = [MOMENT, dt.datetime(2026, 6, 30, tzinfo=dt.UTC), dt.datetime(2026, 1, 15, tzinfo=dt.UTC)]
    rows = customers_at({"gold.order_features": orders, "gold.graph_history": history}, moments)
    found = rows.where("user_id <> 8").select("user_id", "moment", *GRAPH)
    assert_rows(
        found,
        [
            (7, "2026-07-01 00:00", 3.0, 4.0, 1.5), (7, "2026-06-30 00:00", 1.0, 2.0, 0.5),
            # Nothing is known of the first quarter of 7.
            (7, "2026-01-15 00:00", None, None, None), (9, "2026-01-15 00:00", 5.0, 6.0, 2.5),
        ],
    )  # fmt: skip


def test_orders_after_the_moment_change_no_feature(orders):
    names = ("moment", "orders_ahead")
    now = customers_at({"gold.order_features": orders}, [MOMENT]).drop(*names)
    then = customers_at({"gold.order_features": orders.where(F.col("ordered_at") < F.lit(MOMENT))}, [MOMENT])
    assert_rows(now, [tuple(row) for row in then.drop(*names).collect()])


def test_a_customer_has_a_row_for_each_moment_of_activity(orders):
    earlier = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    rows = customers_at({"gold.order_features": orders}, [MOMENT, earlier]).select("user_id", "moment", "orders_ahead")
    assert_rows(rows, [(7, "2026-07-01 00:00", 1), (8, "2026-07-01 00:00", 0), (9, "2026-01-01 00:00", 0)])


def shop_of(engine, come_again: bool) -> DataFrame:
    """120 customers who order once a month for two years, or do so for the first year and a half only."""
    months = 24 if come_again else 18
    return engine.session.range(120 * months).select(
        (F.col("id") % 120).alias("user_id"),
        F.timestamp_seconds(F.floor(F.col("id") / 120) * 30 * 86_400 + 1_704_067_200).alias("ordered_at"),
        F.lit("10.00").cast("decimal(12,2)").alias("amount"),
        F.lit(False).alias("has_coupon"),
        F.lit(1).cast("long").alias("lines"),
        F.lit("web").alias("channel"),
        F.lit("DE").alias("country"),
        F.lit(30).alias("days_since_previous"),
    )


def test_a_single_class_is_refused(engine, tmp_path):
    tables = {"gold.order_features": shop_of(engine, come_again=True)}
    with pytest.raises(ModelError, match="no active customer orders nothing"):
        CHURN.fit(fitting(engine.session, tables, tmp_path))


def test_a_short_history_is_refused(engine, orders, tmp_path):
    with pytest.raises(ModelError, match="span 217 days; .* takes 360"):
        CHURN.fit(fitting(engine.session, {"gold.order_features": orders}, tmp_path))


def test_no_order_at_all_is_refused(engine, orders, tmp_path):
    with pytest.raises(ModelError, match="span 0 days"):
        CHURN.fit(fitting(engine.session, {"gold.order_features": orders.limit(0)}, tmp_path))


@pytest.fixture(scope="module")
def inputs(made_lake):
    return {name: made_lake.read(name) for name in CHURN.reads}


@pytest.fixture(scope="module")
def fitted(engine, inputs, tmp_path_factory):
    return CHURN.fit(fitting(engine.session, inputs, tmp_path_factory.mktemp("churn")))


@pytest.fixture(scope="module")
def scored(fitted):
    rows = fitted.model.transform(fitted.holdout)
    return rows.select("user_id", "stays_away", probability().alias("said"), "recency_days").toPandas()


def test_the_model_ranks_nearly_as_well_as_one_who_knows_hazard_and_rate(made_lake, scored, fitted):
    truth = look_at(made_lake.settings)
    best = chance_to_stay_away(truth, parameters(made_lake.settings.landing), OBSERVED_DAYS, AHEAD_DAYS)
    rows = scored.set_index("user_id").join(best, rsuffix="_in_truth", how="outer")
    assert rows["said"].notna().all() and rows["chance"].notna().all()
    assert (rows["stays_away"] == rows["stays_away_in_truth"]).all()
    ours, theirs = (roc_auc_score(rows["stays_away"], rows[by]) for by in ("said", "chance"))
    assert theirs > 0.7
    assert ours >= 0.9 * theirs


def test_its_measures_are_those_of_scikit_learn(scored, fitted):
    came, said = scored["stays_away"], scored["said"]
    assert fitted.metrics["roc_auc"] == pytest.approx(roc_auc_score(came, said), abs=1e-4)
    assert fitted.metrics["pr_auc"] == pytest.approx(average_precision_score(came, said), abs=1e-3)
    assert fitted.metrics["brier"] == pytest.approx(brier_score_loss(came, said), abs=1e-9)
    recency = fitted.baselines["recency"]["roc_auc"]
    assert recency == pytest.approx(roc_auc_score(came, scored["recency_days"]), abs=1e-3)


def test_it_beats_recency_and_the_base_rate(fitted):
    for name, measures in fitted.baselines.items():
        assert fitted.metrics["pr_auc"] > measures["pr_auc"], name
        assert fitted.metrics["roc_auc"] > measures["roc_auc"], name
    assert fitted.metrics["brier"] < fitted.baselines["base_rate"]["brier"]


def test_its_probabilities_are_true_within_a_season(fitted):
    assert fitted.metrics["calibration_error"] < 0.08


def test_it_learns_from_nothing_that_the_holdout_measures(fitted):
    assert fitted.windows["train"][1] < fitted.windows["holdout"][0]
    assert fitted.windows["holdout"] == ("2025-10-03", "2025-12-31")


def test_features_of_the_made_shop_are_those_that_duckdb_finds(made_lake, fitted):
    truth = look_at(made_lake.settings)
    theirs = (
        truth.execute(
            """SELECT user_id, count(*)::DOUBLE AS orders, sum(amount)::DOUBLE AS revenue,
                min(epoch(TIMESTAMPTZ '2025-10-03 00:00:00+00') - epoch(ordered_at)) / 86400 AS recency_days,
                avg((coupon IS NOT NULL)::INT)::DOUBLE AS coupon_share
            FROM good_orders
            WHERE ordered_at < TIMESTAMPTZ '2025-10-03 00:00:00+00' AND (status IS NULL OR status <> 'cancelled')
            GROUP BY user_id HAVING recency_days <= 180"""
        )
        .df()
        .set_index("user_id")
        .sort_index()
    )
    ours = fitted.holdout.select("user_id", *theirs.columns).toPandas().set_index("user_id").sort_index()
    assert ours.index.equals(theirs.index)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_losses_are_the_log_loss_of_each_customer(fitted, scored):
    table = CHURN.losses(fitted.model, fitted.holdout)
    assert table.column_names == ["unit", "loss", "country", "age"]
    assert np.mean(table["loss"].to_numpy()) == pytest.approx(log_loss(scored["stays_away"], scored["said"]), rel=1e-9)


def test_active_customers_are_scored_as_of_the_last_day(inputs, fitted):
    _, end = span(inputs["gold.order_features"])
    assert end == dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    rows = scores(customers_at(inputs, [end]), fitted.model, dt.date(2025, 12, 31), 3)
    assert rows.columns == ["user_id", "as_of", "probability", "decile", "model_version"]
    table = rows.toPandas()
    active = inputs["gold.order_features"].where("ordered_at >= '2025-07-05'").select("user_id").distinct().count()
    assert len(table) == active == table["user_id"].nunique()
    assert table["probability"].between(0, 1).all()
    tenths = table.groupby("decile")["probability"].mean()
    assert list(tenths.index) == list(range(1, 11)) and tenths.is_monotonic_decreasing
    sizes = table["decile"].value_counts()
    assert sizes.max() - sizes.min() <= 1
