from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from emberlake.errors import StreamError
from emberlake.streams.online.checkout import Orders, Past
from emberlake.streams.online.recent import Recent
from emberlake.streams.online.state import Saved, load, save
from emberlake.streams.online.value import LINE, ValueLearner


def orders(n: int, seed: int = 1, factor: float = 1.0) -> Orders:
    draw = np.random.default_rng(seed)
    price = draw.uniform(5, 50, n).round(2)
    return Orders(
        order_id=np.arange(n), user_id=draw.integers(1, 20, n), at=1.7e9 + 600.0 * np.arange(n),
        channel=["web"] * n, country=["DE"] * n, amount=price * 2 * factor, coupon=np.zeros(n, dtype=bool),
        first=np.arange(n + 1), product=draw.integers(1, 9, n), price=price, pieces=np.full(n, 2.0),
    )  # fmt: skip


def part(whole: Orders, begin: int, end: int) -> Orders:
    cut = {name: value[begin:end] for name, value in vars(whole).items() if name != "first"}
    return Orders(**cut, first=np.arange(end - begin + 1))


def test_the_outcome_of_an_order_is_no_feature_of_it():
    one, other = orders(50), orders(50, factor=7.0)
    other.pieces[:] = 9.0
    other.coupon[:] = True
    assert Past().features(one, 30) == Past().features(other, 30)


def test_baselines_by_hand():
    few = orders(3)
    few.amount[:] = [10.0, 20.0, 60.0]
    learner = ValueLearner()
    said = learner.learn(few)[0]
    assert [one["mean"] for one in said] == [0.0, 10.0, 15.0]
    assert [one["list"] for one in said] == few.price.tolist()
    assert learner.mae("mean") == (10 + 10 + 45) / 3


def test_it_learns_what_lines_come_to():
    learner = ValueLearner()
    learner.learn(orders(2000))
    # Every order comes to twice its price, 55 EUR on average; the last thousand are judged.
    assert learner.judges[LINE].measures()[0].rolling < 2.0
    assert learner.mae("mean") > 15.0


@pytest.mark.parametrize("cut", [1, 77, 299])
def test_a_learner_goes_on_from_its_state_as_if_nothing_had_happened(tmp_path: Path, cut: int):
    whole = orders(300)
    uninterrupted = ValueLearner()
    expected = uninterrupted.learn(whole)[0]
    first = ValueLearner()
    said = first.learn(part(whole, 0, cut))[0]
    save(tmp_path, Saved("query", 0, first))
    again = load(tmp_path)
    assert again is not None and again.batch == 0
    said += again.learner.learn(part(whole, cut, 300))[0]
    assert said == expected
    assert again.learner.rows() == uninterrupted.rows()


def test_no_state_is_none(tmp_path: Path):
    assert load(tmp_path) is None


def test_a_state_that_was_changed_is_not_opened(tmp_path: Path):
    save(tmp_path, Saved("query", 3, {"a": 1}))
    text = bytearray((tmp_path / "state").read_bytes())
    text[-3] ^= 1
    (tmp_path / "state").write_bytes(text)
    with pytest.raises(StreamError, match="changed"):
        load(tmp_path)


def test_a_state_with_another_key_is_not_opened(tmp_path: Path):
    save(tmp_path / "mine", Saved("query", 3, 1))
    save(tmp_path / "theirs", Saved("query", 4, 2))
    (tmp_path / "theirs" / "state").replace(tmp_path / "mine" / "state")
    with pytest.raises(StreamError, match="another key"):
        load(tmp_path / "mine")


class Calls:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self):
        return (open, (self.path, "w"))


def test_even_a_signed_state_calls_nothing(tmp_path: Path):
    made = tmp_path / "made"
    save(tmp_path / "mine", Saved("query", 1, Calls(str(made))))
    with pytest.raises(StreamError, match="nothing that a learner consists of"):
        load(tmp_path / "mine")
    assert not made.exists()
    # The same bytes do call it where any class is let in.
    pickle.loads(pickle.dumps(Calls(str(made)))).close()
    assert made.exists()


def test_key_and_state_are_for_their_user_alone(tmp_path: Path):
    save(tmp_path / "mine", Saved("query", 1, 1))
    assert {p.name: p.stat().st_mode & 0o777 for p in (tmp_path / "mine").iterdir()} == {"key": 0o600, "state": 0o600}


def test_what_was_not_used_for_longest_is_forgotten():
    memory: Recent[list[int]] = Recent(2, list)
    memory.use(1).append(1)
    memory.use(2)
    memory.use(1)
    memory.use(3)
    assert list(memory) == [1, 3]
    assert memory.peek(1) == [1]
