"""The recipe `two_tower` on the made shop: the factorisation and the simple answers stand in the same table."""

from __future__ import annotations

import pytest
from tests.fitting import fitting

from emberlake.errors import ModelError
from emberlake.lake import Lake
from emberlake.models.deep import TWO_TOWER, examples

# An optional extra, which `up` does not train.
pytestmark = [pytest.mark.only("spark"), pytest.mark.timeout(900), pytest.mark.long]


def test_it_is_measured_beside_the_factorisation_on_the_same_customers(engine, made_lake: Lake, tmp_path, monkeypatch):
    inputs = {name: made_lake.read(name) for name in TWO_TOWER.reads}
    fitted = TWO_TOWER.fit(fitting(engine.session, inputs, tmp_path))
    metrics, rivals = fitted.metrics, fitted.baselines
    assert set(rivals) == {"als", "popularity", "popular in favourite category", "item to item"}
    assert all({"ndcg_at_10", "map_at_10", "coverage"} <= set(of) for of in (metrics, *rivals.values()))
    # Whoever sees customers one by one beats what is the same for everyone; ALS may be better or not.
    assert metrics["ndcg_at_10"] > rivals["popularity"]["ndcg_at_10"]
    losses = TWO_TOWER.losses(fitted.model, fitted.holdout)
    assert losses.num_rows == fitted.holdout_rows
    assert 1 - sum(losses["loss"].to_pylist()) / losses.num_rows == pytest.approx(metrics["ndcg_at_10"])
    monkeypatch.setattr(examples, "MOST_LINES", 10)
    with pytest.raises(ModelError, match="more than the 10"):
        examples.compact(engine.rows(LINES, *ROWS))


LINES = "user_id long, product_id long, day date, channel string, has_coupon boolean, category string, level int"
ROWS = [(1, number, "2026-01-01", "web", False, "toys", 1) for number in range(11)]
