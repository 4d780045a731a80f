"""Prequential measures, duels, drift, and what is written down of them."""

from __future__ import annotations

import math
import random
import sqlite3
from contextlib import closing

import numpy as np
import pytest
from sklearn.metrics import log_loss, mean_absolute_error, r2_score, roc_auc_score

from emberlake.errors import StreamError
from emberlake.settings import read_settings
from emberlake.streams.online import diary
from emberlake.streams.online.drift import Drift
from emberlake.streams.online.duel import Duel
from emberlake.streams.online.learner import Happening
from emberlake.streams.online.prequential import ChanceJudge, ValueJudge


def test_errors_of_three_events_by_hand():
    judge = ValueJudge(window=2, fading=0.5)
    for said, came in ((1.0, 2.0), (5.0, 2.0), (2.0, 4.0)):
        judge.tell(said, came)
    mae, _ = judge.measures()
    assert (mae.so_far, mae.rolling) == (2.0, 2.5)
    # Weights 1/4, 1/2, 1 of errors 1, 3, 2.
    assert mae.fading == pytest.approx((0.25 + 1.5 + 2) / 1.75)


def test_value_measures_are_scikit_learns():
    draw = np.random.default_rng(3)
    came = draw.normal(100, 20, 3000)
    said = came + draw.normal(0, 9, 3000)
    judge = ValueJudge(window=400)
    for pair in zip(said.tolist(), came.tolist(), strict=True):
        judge.tell(*pair)
    mae, r2 = judge.measures()
    weights = 0.999 ** np.arange(2999, -1, -1)
    assert mae.so_far == pytest.approx(mean_absolute_error(came, said))
    assert mae.rolling == pytest.approx(mean_absolute_error(came[-400:], said[-400:]))
    assert r2.so_far == pytest.approx(r2_score(came, said))
    assert r2.fading == pytest.approx(r2_score(came, said, sample_weight=weights))


def test_chance_measures_are_scikit_learns():
    draw = np.random.default_rng(4)
    # The middles of the bins: no score is rounded.
    said = (draw.integers(0, 500, 2000) + 0.5) / 500
    came = draw.random(2000) < said**2
    judge = ChanceJudge(window=300, fading=0.99)
    for chance, one in zip(said.tolist(), came.tolist(), strict=True):
        judge.tell(chance, one)
    loss, auc = judge.measures()
    weights = 0.99 ** np.arange(1999, -1, -1)
    assert loss.so_far == pytest.approx(log_loss(came, said))
    assert auc.so_far == pytest.approx(roc_auc_score(came, said))
    assert auc.rolling == pytest.approx(roc_auc_score(came[-300:], said[-300:]))
    assert loss.fading == pytest.approx(log_loss(came, said, sample_weight=weights))
    assert auc.fading == pytest.approx(roc_auc_score(came, said, sample_weight=weights))


def test_fading_chances_stay_finite_for_ever():
    judge = ChanceJudge(window=2, fading=0.9)
    for number in range(8000):
        judge.tell(0.75, number % 2 == 0)
    loss, _ = judge.measures()
    assert loss.fading == pytest.approx(-(0.9 * math.log(0.75) + math.log(0.25)) / 1.9)


def test_before_the_first_event_nothing_is_defined():
    assert all(math.isnan(m.so_far) for m in (*ValueJudge().measures(), *ChanceJudge().measures()))


def told(duel: Duel, old: float, new: float, n: int, noise: float = 0.1, seed: int = 1) -> list[int]:
    draw = random.Random(seed)
    return [i for i in range(n) if duel.tell(old + draw.gauss(0, noise), new + draw.gauss(0, noise))]


def test_a_better_challenger_is_promoted_after_a_window_and_not_sent_back():
    duel = Duel("a", "b", window=100, rest=50)
    assert told(duel, 1.0, 0.8, 100) == [99]
    assert (duel.champion, duel.challenger) == ("b", "a")
    # Now b is the champion, and stays it.
    assert told(duel, 0.8, 1.0, 1000) == []


def test_after_a_promotion_nothing_is_judged_for_a_rest():
    duel = Duel("a", "b", window=100, rest=50)
    assert told(duel, 1.0, 0.8, 350) == [99, 249]


def test_a_challenger_that_is_better_by_less_than_the_margin_waits():
    assert told(Duel("a", "b", window=100, margin=0.05), 1.0, 0.97, 2000, noise=0.01) == []


def test_a_gain_that_may_be_chance_does_not_count():
    # Better by 5 % on average of all; an interval of 100 such differences is from about -0.5 to 0.6.
    promoted = sum(bool(told(Duel("a", "b", window=100), 1.0, 1.0, 100, noise=2.0, seed=s)) for s in range(60))
    # One side of a 95 % interval: 2.5 % of 60.
    assert promoted <= 6


def test_drift_is_found_soon_and_never_without_one():
    false, delays = 0, []
    for seed in range(20):
        draw, drift = random.Random(seed), Drift()
        for number in range(8000):
            if drift.tell(draw.gauss(0.0 if number < 6000 else 0.26, 0.4)):
                if number < 6000:
                    false += 1
                else:
                    delays.append(number - 6000)
                    break
    assert false <= 1
    assert len(delays) == 20 and max(delays) <= 250


def test_the_diary_is_written_once_and_never_changed(tmp_path):
    settings = read_settings(root=tmp_path)
    happened = [Happening(1000, "promoted", "line", "tree", "better"), Happening(1200, "drift", "line", "line")]
    for _ in range(2):
        diary.write(settings, "learn_value", "q", 7, happened)
    assert [(e.batch, e.event, e.what, e.old, e.new) for e in diary.entries(settings, "learn_value")] == [
        (7, 1000, "promoted", "line", "tree"), (7, 1200, "drift", "line", "line"),
    ]  # fmt: skip
    with closing(sqlite3.connect(settings.streams / "learn_value" / "diary.db")) as db:
        for change in ("DELETE FROM happenings", "UPDATE happenings SET new = 'line'"):
            with pytest.raises(sqlite3.IntegrityError, match="append only"):
                db.execute(change)


def test_a_promotion_can_be_undone_once(tmp_path):
    settings = read_settings(root=tmp_path)
    with pytest.raises(StreamError, match="no promotion"):
        diary.undo_promotion(settings, "learn_value", "why not")
    diary.write(settings, "learn_value", "q", 7, [Happening(1000, "promoted", "line", "tree")])
    number = diary.undo_promotion(settings, "learn_value", "it was a sale")
    assert diary.last_request(settings, "learn_value") == number > 0
    with pytest.raises(StreamError, match="no promotion"):
        diary.undo_promotion(settings, "learn_value", "again")
