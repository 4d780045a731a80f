"""Vectors are learnt the same each time, from follows alone, and see planted communities."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from emberlake.errors import GraphError
from emberlake.graphs.links import embedding, network
from emberlake.graphs.links.compact import Compact


@pytest.fixture(scope="module")
def net() -> Compact:
    """Two hundred users in two communities, even and odd; nineteen of twenty follows stay inside."""
    random = np.random.default_rng(3)
    src = random.integers(0, 200, 1_200)
    dst = 2 * random.integers(0, 100, 1_200) + (src + (random.random(1_200) < 0.05)) % 2
    return Compact(np.arange(200), src[src != dst], dst[src != dst])


def pairs() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs drawn anew, and whether they are of one community."""
    a, b = np.random.default_rng(4).integers(0, 200, (2, 2_000))
    return a[a != b], b[a != b], (a % 2 == b % 2)[a != b]


def test_eigenvectors_tell_the_communities_apart_the_same_each_time(net: Compact) -> None:
    a, b, together = pairs()
    first, again = (embedding.embed(net, 1).scores(a, b) for _ in range(2))
    assert np.array_equal(first, again)
    assert np.median(first[together]) > 0 and np.median(first[together]) > 3 * np.abs(np.median(first[~together]))


def test_the_network_is_the_same_for_the_same_seed_and_no_other(net: Compact, monkeypatch) -> None:
    monkeypatch.setattr(network, "MOST_EPOCHS", 60)
    a, b, together = pairs()
    first, again, other = (network.train(net, seed).scores(a, b) for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    assert roc_auc_score(together, first) > 0.9


def test_walks_of_one_to_three_steps_are_what_all_eigenvectors_say(net: Compact) -> None:
    few = Compact(np.arange(6), np.array([0, 1, 2, 3, 4, 0]), np.array([1, 2, 3, 4, 5, 3]))
    beside = few.beside().toarray()
    # One neighbour more for everybody: the walk rests nowhere, and ends with that chance.
    step = beside / (beside.sum(axis=1) + 1)[:, None]
    wanted = sum(np.linalg.matrix_power(step, power) for power in (1, 2, 3)) / 3
    found = embedding._vectors(few, 5)
    values, vectors = np.linalg.eigh(beside / np.sqrt(np.outer(beside.sum(axis=1) + 1, beside.sum(axis=1) + 1)))
    full = embedding.Embedding(vectors, values, found.degree)
    often = sum(values**power for power in (1, 2, 3)) / 3
    a, b = np.divmod(np.arange(36), 6)
    # Eigenvalues that speak against a link are left out; with them it is the walk exactly.
    left_out = np.einsum("ik,k,jk->ij", vectors, np.minimum(often, 0), vectors)
    left_out *= np.sqrt((found.degree[None, :] + 1) / (found.degree[:, None] + 1))
    assert full.scores(a, b).reshape(6, 6) + left_out == pytest.approx(wanted)
    assert found.values == pytest.approx(np.sort(values)[::-1][:5])


def test_without_autograd_the_extra_is_named(net: Compact, monkeypatch) -> None:
    monkeypatch.setattr(network, "installed", lambda: False)
    with pytest.raises(GraphError, match=r"pip install 'emberlake\[deep\]'"):
        network.train(net, 1)
