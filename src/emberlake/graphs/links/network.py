"""A small graph neural network: vectors that are learnt so that, mixed over neighbours, they foretell links.

He et al., "LightGCN: simplifying and powering graph convolution network for recommendation" (2020): no weights between
the layers, the mean over all of them. Links that teach are hidden from the mixing, drawn anew each epoch (Zhang and
Chen, "Link prediction based on graph neural networks", 2018, section 3): else it would learn to see what it mixes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from emberlake.errors import GraphError
from emberlake.graphs.links.checking import checking
from emberlake.graphs.links.compact import Array, Compact
from emberlake.progress import Progress, silent

Weights = dict[str, Array]

SIZE = 16
LAYERS = 2
HIDDEN = 0.3
NEGATIVES = 4
RATE = 0.01
DECAY = 0.3
MOST_EPOCHS = 200
CHECK_EVERY = 10
# Checks without a better one before training ends.
PATIENCE = 3


def installed() -> bool:
    """Whether the optional extra `deep` is there."""
    from importlib.util import find_spec

    return find_spec("autograd") is not None


class Network:
    """A trained network over the users it was trained on."""

    def __init__(self, weights: Weights, net: Compact, epochs: int) -> None:
        """Mix once, with all links."""
        self.epochs = epochs
        self._weights = weights
        self._fame = _fame(net)
        self._vectors = _mixed(lambda matrix, rows: matrix @ rows, weights, _normalised(net.beside()))

    def scores(self, a: Array, b: Array) -> Array:
        """How much `a` following `b` is to be expected."""
        near: Array = np.einsum("ij,ij->i", self._vectors[a], self._vectors[b])
        return self._weights["scale"] * near + self._weights["fame"] * self._fame[b]


def train(net: Compact, seed: int, progress: Progress = silent) -> Network:
    """Find the number of epochs on the newest known follows, then train on all for as many.

    The same follows and seed give the same network, bit by bit.

    Raises:
        GraphError: without the extra, or if training runs away.
    """
    if not installed():
        raise GraphError("autograd is not installed.", "Install it: pip install 'emberlake[deep]'.")
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        best = _best_epochs(net, seed, progress)
        epochs = _epochs(net, seed)
        for number in range(1, best + 1):
            weights = next(epochs)
            if number % CHECK_EVERY == 0:
                progress(f"Graph neural network, epoch {number} of {best}", 0.5 + number / (2 * best))
    if not all(np.isfinite(value).all() for value in weights.values()):
        raise GraphError("The network's training ran away: its weights are no numbers.", "Train with another seed.")
    return Network(weights, net, best)


def _best_epochs(net: Compact, seed: int, progress: Progress) -> int:
    check = checking(net, seed)
    if check is None:
        return CHECK_EVERY
    found: list[float] = []
    for number, weights in enumerate(_epochs(check.before, seed), 1):
        if number % CHECK_EVERY:
            continue
        found.append(check.auc(Network(weights, check.before, number).scores(check.a, check.b)))
        progress(f"Graph neural network, epoch {number}, AUC {found[-1]:.3f}", number / (2 * MOST_EPOCHS))
        if len(found) - 1 - int(np.argmax(found)) >= PATIENCE or number >= MOST_EPOCHS:
            break
    return CHECK_EVERY * (int(np.argmax(found)) + 1)


def _epochs(net: Compact, seed: int) -> Iterator[Weights]:
    """The weights after each epoch, without end."""
    import autograd.numpy as anp
    from autograd import grad
    from autograd.extend import defvjp, primitive

    times = primitive(lambda matrix, rows: matrix @ rows)
    defvjp(times, None, lambda _, matrix, __: lambda slope: matrix.T @ slope)

    def loss(now: Weights, mixing: Any, of_a: Any, of_b: Any, fame: Array, linked: Array) -> Any:
        rows = _mixed(times, now, mixing)
        near = anp.sum(times(of_a, rows) * times(of_b, rows), axis=1)
        score = now["scale"] * near + now["fame"] * fame + now["bias"]
        return anp.mean(anp.logaddexp(0, score) - linked * score)

    random = np.random.default_rng(seed)
    weights: Weights = {
        "vectors": random.normal(0, 0.1, (len(net), SIZE)),
        "scale": np.ones(1), "fame": np.full(1, 0.1), "bias": np.zeros(1),
    }  # fmt: skip
    fame, known = _fame(net), np.unique(np.concatenate([net.src, net.dst]))
    gradient, adam = grad(loss), _Adam(weights)
    while True:
        hidden = random.random(len(net.src)) < HIDDEN
        seen = Compact(net.ids, net.src[~hidden], net.dst[~hidden])
        a = np.concatenate([net.src[hidden], np.repeat(net.src[hidden], NEGATIVES)])
        other = known[random.integers(0, len(known), NEGATIVES * int(hidden.sum()))]
        b = np.concatenate([net.dst[hidden], other])
        linked = (np.arange(len(a)) < hidden.sum()).astype(float)
        if len(a):
            chosen = (_choosing(a, len(net)), _choosing(b, len(net)))
            slopes = gradient(weights, _normalised(seen.beside()), *chosen, fame[b], linked)
            weights = adam.step(weights, slopes)
        yield weights


def _mixed(times: Any, weights: Weights, mixing: Any) -> Any:
    layer = total = weights["vectors"]
    for _ in range(LAYERS):
        layer = times(mixing, layer)
        total = total + layer
    return total / (LAYERS + 1)


def _normalised(beside: Any) -> Any:
    from scipy.sparse import diags

    half = diags(1 / np.sqrt(np.asarray(beside.sum(axis=1)).ravel() + 1))
    return (half @ beside @ half).tocsr()


def _choosing(places: Array, users: int) -> Any:
    """The matrix that picks rows; its transpose adds slopes up where they came from."""
    from scipy.sparse import csr_matrix

    return csr_matrix((np.ones(len(places)), places, np.arange(len(places) + 1)), (len(places), users))


def _fame(net: Compact) -> Array:
    """The logarithm of the number of followers, around its mean."""
    fame = np.log1p(np.bincount(net.dst, minlength=len(net)))
    return fame - fame.mean()


class _Adam:
    """Kingma and Ba, "Adam: a method for stochastic optimization" (2015); vectors alone are drawn to zero."""

    def __init__(self, weights: Weights) -> None:
        self._mean = {name: np.zeros_like(value) for name, value in weights.items()}
        self._square = {name: np.zeros_like(value) for name, value in weights.items()}
        self._steps = 0

    def step(self, weights: Weights, slopes: Weights) -> Weights:
        """The weights a step further down."""
        self._steps += 1
        new = {}
        for name, value in weights.items():
            self._mean[name] = mean = 0.9 * self._mean[name] + 0.1 * slopes[name]
            self._square[name] = square = 0.999 * self._square[name] + 0.001 * slopes[name] ** 2
            size = (mean / (1 - 0.9**self._steps)) / (np.sqrt(square / (1 - 0.999**self._steps)) + 1e-8)
            new[name] = value - RATE * size - (RATE * DECAY * value if name == "vectors" else 0)
        return new
