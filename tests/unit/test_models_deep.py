"""Two towers on a small planted shop: they find its tastes, the same each time, and come back from a file the same."""

from __future__ import annotations

import json
import math

import numpy as np
import pyarrow as pa
import pytest

from emberlake.errors import ModelError
from emberlake.models import checks
from emberlake.models.checks import NotAllowed
from emberlake.models.deep import TWO_TOWER, learning
from emberlake.models.deep.examples import examples
from emberlake.models.deep.network import corrected_loss
from emberlake.models.deep.towers import Towers, document_of
from emberlake.models.recipes import recipes
from emberlake.models.taste.factors import NEVER, Histories

PRODUCTS = np.arange(100, 140)
# Products 100 to 119 stand on the one shelf, the others on the other.
TRAITS = np.repeat(np.eye(2, dtype=np.float32), 20, axis=0)
SHOP = {"products": PRODUCTS.tolist(), "popularity": [1 / 40] * 40, "categories": ["left"] * 20 + ["right"] * 20}


def lines(*rows: tuple[int, int, int]) -> pa.Table:
    """Each row a customer, a product and a day; the product's shelf is a habit."""
    user, product, day = (np.array(column, np.int32) for column in zip(*rows, strict=True))
    things = [[int(p), -1 if p < 120 else -2] for p in product]
    given = {"user_id": user, "product_id": product, "day": day, "things": pa.array(things, pa.list_(pa.int32()))}
    return pa.table(given)


def planted() -> list[tuple[int, int, int]]:
    """Two hundred customers who keep to one shelf each, eight products each over eighty days."""
    random, rows = np.random.default_rng(7), []
    for user in range(200):
        mine = 100 + 20 * (user % 2) + random.permutation(20)[:8]
        rows += [(user, int(product), 10 * at + user % 10) for at, product in enumerate(mine)]
    return rows


@pytest.fixture(scope="module")
def learnt():
    given = examples(lines(*planted()), PRODUCTS)
    return given, learning.learn(given, TRAITS, seed=1)


@pytest.fixture(scope="module")
def document(learnt):
    given, found = learnt
    return document_of(found.weights, given.things, TRAITS, SHOP)


def histories() -> Histories:
    """One who bought on the left, one on the right, and one who only looked to the right."""
    item, owner = np.array([-1, 100, 101, -2, 130]), np.array([0, 0, 0, 1, 1])
    looked = np.array([None, None, "right"], dtype=object)
    return Histories(np.arange(3), item, np.array([2.0, 1.0, 1.0, 1.0, 1.0]), owner, looked)


def test_planted_shelves_are_found_and_what_was_bought_is_left_out(document):
    scores = Towers(document).scores(histories())
    best = np.argsort(-scores, axis=1)[:, :10]
    assert set(best[0]) <= set(range(2, 20)) and set(best[1]) <= set(range(20, 40)) - {30}
    assert scores[0, 0] == scores[0, 1] == scores[1, 30] == NEVER
    assert set(best[2]) <= set(range(20, 40))


def test_the_same_data_in_another_order_gives_the_same_weights(learnt):
    rows = planted()
    shuffled = [rows[at] for at in np.random.default_rng(3).permutation(len(rows))]
    again = learning.learn(examples(lines(*shuffled), PRODUCTS), TRAITS, seed=1)
    assert again.losses == learnt[1].losses
    for name, value in learnt[1].weights.items():
        assert np.array_equal(again.weights[name], value), name
    other = learning.learn(learnt[0], TRAITS, seed=2)
    assert other.losses != learnt[1].losses


def test_a_document_from_a_file_scores_the_same(document):
    read = json.loads(json.dumps(document, allow_nan=False))
    assert np.array_equal(Towers(read).scores(histories()), Towers(document).scores(histories()))


def test_a_past_ends_before_its_day_and_says_shares():
    rows = [(user, product, day) for user in range(260) for day, product in ((1, 100), (2, 101), (2, 120), (3, 100))]
    given = examples(lines(*rows, (999, 102, 1)), PRODUCTS)
    # The first day has no past, and 100 on the third day is not new.
    assert len(given.line) == 520 and set(given.wanted) == {1, 20}
    shares, length = given.pasts(np.array([0, 1]))
    # Both on the second day: neither is in the other's past, which is one line: product 100, on the left.
    assert given.things.tolist() == [-2, -1, 100, 101, 102, 120]
    assert shares.tolist() == [[0, 1, 1, 0, 0, 0]] * 2 and length.tolist() == [1, 1]


def test_the_batch_is_corrected_for_how_often_products_are_bought():
    # Product A is three quarters of all purchases, B one quarter; a batch of A, A, B. Scores 1 and 2 for everyone.
    scores, wanted = np.array([[1.0, 2.0]] * 3), np.array([0, 0, 1])
    found = corrected_loss(np, scores, wanted, np.array([2.0, 1.0]), np.log([0.75, 0.25]))
    a, b = math.e / 0.75, math.e**2 / 0.25
    assert found == pytest.approx((2 * -math.log(a / (2 * a + b)) - math.log(b / (2 * a + b))) / 3)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(1, 100 + n, n) for n in range(40)], "customer"),
        ([(user, 100 + n, n) for user in range(50) for n in range(20)], "have bought the same 20 products"),
        ([(1, 100, 1), (2, 101, 1)], "at least 500 are needed"),
    ],
)
def test_data_without_tastes_is_refused(rows, said):
    with pytest.raises(ModelError, match=said):
        examples(lines(*rows), PRODUCTS)


def test_no_lines_at_all_are_refused():
    with pytest.raises(ModelError, match="0 customers"):
        examples(lines((1, 100, 1)).slice(0, 0), PRODUCTS)


def test_a_past_too_short_to_know_when_to_stop_is_refused():
    rows = [(user, product, day) for user, product, day in planted() if day < 80]
    given = examples(lines(*((user, product, day // 10) for user, product, day in rows)), PRODUCTS)
    with pytest.raises(ModelError, match="needed to know when to stop"):
        learning.learn(given, TRAITS, seed=1)


def test_without_the_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(checks, "find_spec", lambda name: None)
    with pytest.raises(NotAllowed, match=r"install it: pip install 'emberlake\[deep\]'"):
        checks.require_package(TWO_TOWER)
    checks.require_package(recipes()["recommendations"])


def test_only_this_one_is_left_out_when_no_model_is_named():
    assert [each.name for each in recipes().values() if not each.by_default] == ["two_tower"]
