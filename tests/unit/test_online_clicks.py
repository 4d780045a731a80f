"""Views are asked about at once, and told when their outcome is known."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from tests.unit.test_online_value import orders

from emberlake.streams.online.clicks import BASE, CHAMPION, Click, ClickLearner
from emberlake.streams.online.drift import plant_drift
from emberlake.streams.online.once import Once
from emberlake.streams.online.retraining import contest
from emberlake.streams.online.segments import Groups
from emberlake.streams.online.value import LINE, TREE, ValueLearner

MINUTE = 60.0


def click(number: int, session: int, minute: float, event: str, product: int = 1) -> Click:
    return Click(number, session, 1e9 + minute * MINUTE, event, product, "mobile", True)


def outcome(*clicks: Click, same_product: bool = False) -> tuple[int, int, int]:
    """Views told, of these with a cart, and still waiting."""
    learner = ClickLearner(same_product)
    learner.learn(list(clicks))
    return learner.learned, learner.carts, sum(not view.closed for view in learner.waiting)


def test_a_view_waits_until_its_cart_comes():
    view = click(1, 7, 0, "page_view")
    assert outcome(view) == (0, 0, 1)
    assert outcome(view, click(2, 7, 5, "add_to_cart")) == (1, 1, 0)
    assert outcome(view, click(2, 8, 5, "add_to_cart")) == (0, 0, 1)


def test_a_cart_after_half_an_hour_is_too_late():
    view = click(1, 7, 0, "page_view")
    assert outcome(view, click(2, 7, 30, "add_to_cart")) == (1, 1, 0)
    assert outcome(view, click(2, 7, 30.1, "add_to_cart")) == (0, 0, 1)
    # Ten more minutes for those that are on their way.
    assert outcome(view, click(2, 8, 40, "search")) == (0, 0, 1)
    assert outcome(view, click(2, 8, 40.1, "search")) == (1, 0, 0)


def test_a_cart_before_the_view_is_not_its_outcome():
    assert outcome(click(1, 7, 0, "add_to_cart"), click(2, 7, 1, "page_view")) == (0, 0, 1)


def test_a_view_is_told_once_and_a_copy_is_none():
    view, cart = click(1, 7, 0, "page_view"), click(2, 7, 1, "add_to_cart")
    assert outcome(view, view, cart, cart, click(3, 7, 2, "add_to_cart"), click(4, 8, 90, "search")) == (1, 1, 0)


def test_a_cart_of_another_product_counts_for_the_visit_only():
    view, cart = click(1, 7, 0, "page_view", 1), click(2, 7, 1, "add_to_cart", 2)
    assert outcome(view, cart) == (1, 1, 0)
    assert outcome(view, cart, same_product=True) == (0, 0, 1)


def test_the_prediction_is_the_one_that_was_made_at_the_view():
    learner = ClickLearner()
    learner.learn([click(1, 7, 0, "page_view")])
    said = dict(learner.waiting[0].said)
    learner.learn([click(10 + n, 100 + n, 1, e) for n in range(0, 60, 2) for e in ("page_view",)])
    learner.learn([click(1000 + n, 100 + n, 2, "add_to_cart") for n in range(0, 60, 2)])
    assert learner.waiting[0].said == said


def test_visits_that_searched_are_told_apart():
    draw, learner, number = random.Random(1), ClickLearner(), 0
    for session in range(3000):
        searched = draw.random() < 0.5
        came = draw.random() < (0.6 if searched else 0.1)
        steps = ["search"] * searched + ["page_view"] + ["add_to_cart"] * came
        for step, event in enumerate(steps):
            number += 1
            learner.learn([click(number, session, session + step / 10, event)])
    found = {(row.model, row.measure.name): row.measure for row in learner.rows()}
    # The best that there is: area 0.76, loss 0.50; who knows nothing loses 0.65.
    assert found[CHAMPION, "roc_auc"].rolling > 0.74
    assert found[CHAMPION, "log_loss"].fading < 0.53 < 0.63 < found[BASE, "log_loss"].fading


def test_a_drift_that_was_planted_is_found_and_the_challenger_begins_anew():
    steady = orders(4000)
    noise = np.random.default_rng(5).lognormal(0, 0.3, 4000)
    steady.amount *= noise
    calm = ValueLearner().learn(steady)[1]
    drifted = ValueLearner().learn(plant_drift(steady, 3000, 1.5))[1]
    assert [one.event for one in calm if one.what == "drift"] == []
    found = [one.event for one in drifted if one.what == "drift"]
    assert found and 3000 < found[0] <= 3300


def test_an_undone_promotion_is_followed_before_the_next_batch_once(tmp_path: Path):
    import pyarrow as pa

    none = pa.table({"_partition": pa.array([], pa.int32()), "_offset": pa.array([], pa.int64())})

    class Value(ValueLearner):
        def take(self, rows):
            return []

    Value.__module__, Value.__qualname__ = "emberlake.streams.online.value", "Value"
    __import__("emberlake.streams.online.value", fromlist=["_"]).Value = Value
    once = Once(tmp_path, Value)
    once.take("q", 0, lambda: none)
    saved = once.take("q", 1, lambda: none, undo=4)
    assert (saved.learner.duel.champion, [one.what for one in saved.happened]) == (TREE, ["undone"])
    saved = once.take("q", 2, lambda: none, undo=4)
    assert (saved.learner.duel.champion, saved.happened) == (TREE, ())
    assert once.take("q", 3, lambda: none, undo=5).learner.duel.champion == LINE


def test_groups_follow_points_that_lie_apart():
    draw = np.random.default_rng(2)
    truth = draw.integers(0, 3, 3000)
    points = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])[truth] + draw.normal(0, 1, (3000, 2))
    groups, placed = Groups(3), []
    for point in points.tolist():
        placed.append(groups.place(point))
        groups.learn(point)
    assert adjusted_rand_score(truth[500:], [one[0] for one in placed[500:]]) > 0.99


def test_training_anew_and_learning_predict_the_same_orders():
    found = contest(orders(600), every_minutes=1440)
    # Ten minutes apart: 144 a day.
    assert found.trainings == 4
    assert {len(errors) for errors in found.errors.values()} == {600}
    assert found.errors["batch"][:144] == pytest.approx(found.errors["usual"][:144])
