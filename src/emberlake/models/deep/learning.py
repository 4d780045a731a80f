"""Training on the processor, with early stopping; the same data and seed give the same weights, bit by bit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from emberlake.errors import ModelError
from emberlake.models.deep.examples import Examples
from emberlake.models.deep.network import Weights, corrected_loss, full_loss, items, new_weights, users
from emberlake.models.taste.ranking import Matrix
from emberlake.progress import Progress, silent

BATCH = 1024
RATE = 0.003
DECAY = 0.003
MOST_EPOCHS = 30
# Epochs without a better loss before training ends.
PATIENCE = 2
CHECKED_DAYS = 14
FEWEST_CHECKED = 50


@dataclass(frozen=True)
class Learnt:
    """Trained towers.

    Attributes:
        epochs: after which the last days of the past were foretold best.
        losses: of those days, by epoch.
    """

    weights: Weights
    epochs: int
    losses: tuple[float, ...]


def learn(given: Examples, traits: Matrix, seed: int, progress: Progress = silent) -> Learnt:
    """Find the number of epochs on the last 14 days of the past, then train on all of it for as many.

    Args:
        traits: a row a product.

    Raises:
        ModelError: if these days have too few examples, or training runs away.
    """
    from threadpoolctl import threadpool_limits

    day = given.day[given.line]
    late = day > day.max() - CHECKED_DAYS
    train, check = np.flatnonzero(~late), np.flatnonzero(late)
    if len(check) < FEWEST_CHECKED or len(train) < FEWEST_CHECKED:
        raise ModelError(
            f"{len(train):,} new products bought before the last {CHECKED_DAYS} days of the past and {len(check):,} in"
            f" them: at least {FEWEST_CHECKED} of each are needed to know when to stop training.",
            "Take in a longer time of orders, or use recommendations.",
        )
    # One thread: sums have one order then, and matrices this small gain nothing from more.
    with threadpool_limits(limits=1):
        losses: list[float] = []
        for weights in _epochs(given, train, traits, seed):
            losses.append(_checked(given, check, traits, weights))
            progress(f"Epoch {len(losses)}, loss {losses[-1]:.3f}", len(losses) / (2 * MOST_EPOCHS))
            if len(losses) - 1 - int(np.argmin(losses)) >= PATIENCE or len(losses) == MOST_EPOCHS:
                break
        best = int(np.argmin(losses)) + 1
        both = np.arange(len(given.line))
        trained = _epochs(given, both, traits, seed)
        for number in range(best):
            weights = next(trained)
            progress(f"Epoch {number + 1} of {best}, on all days", 0.5 + (number + 1) / (2 * best))
    return Learnt(weights, best, tuple(losses))


def _checked(given: Examples, which: Matrix, traits: Matrix, weights: Weights) -> float:
    vectors = items(np, weights, traits)
    total = 0.0
    for start in range(0, len(which), BATCH):
        some = which[start : start + BATCH]
        scores = users(np, weights, *given.pasts(some)) @ vectors.T + weights["popular"]
        total += full_loss(scores, given.wanted[some]) * len(some)
    if not np.isfinite(total):
        raise ModelError("The towers' training ran away: its loss is no number any more.", "Train with another seed.")
    return total / len(which)


def shares(wanted: Matrix, products: int) -> Matrix:
    """Each product's share of the examples, as if each had one more: none is zero."""
    counts: Matrix = np.bincount(wanted, minlength=products) + 1.0
    return counts / counts.sum()


def _epochs(given: Examples, which: Matrix, traits: Matrix, seed: int) -> Iterator[Weights]:
    """The weights after each epoch, without end."""
    import autograd.numpy as anp
    from autograd import grad

    random = np.random.default_rng(seed)
    share = shares(given.wanted[which], len(traits))
    log_share = np.log(share).astype(np.float32)
    weights = new_weights(len(given.things), share, traits.shape[1], random)

    def loss(now: Weights, past: Matrix, lines: Matrix, columns: Matrix, wanted: Matrix, count: Matrix) -> Any:
        vectors = items(anp, now, traits, columns)
        scores = anp.dot(users(anp, now, past, lines), vectors.T) + now["popular"][columns]
        return corrected_loss(anp, scores, wanted, count, log_share[columns])

    gradient, adam = grad(loss), Adam(weights)
    while True:
        mixed = random.permutation(which)
        for start in range(0, len(mixed), BATCH):
            some = mixed[start : start + BATCH]
            columns, wanted, count = np.unique(given.wanted[some], return_inverse=True, return_counts=True)
            weights = adam.step(weights, gradient(weights, *given.pasts(some), columns, wanted, count.astype("f4")))
        yield weights


class Adam:
    """Adam with decoupled weight decay: Loshchilov and Hutter, "Decoupled weight decay regularization" (2019)."""

    def __init__(self, weights: Weights) -> None:
        """Start with no memory."""
        self._mean = {name: np.zeros_like(value) for name, value in weights.items()}
        self._square = {name: np.zeros_like(value) for name, value in weights.items()}
        self._steps = 0

    def step(self, weights: Weights, gradients: Weights) -> Weights:
        """The weights a step further down."""
        self._steps += 1
        new = {}
        for name, value in weights.items():
            slope = gradients[name]
            self._mean[name] = mean = 0.9 * self._mean[name] + 0.1 * slope
            self._square[name] = square = 0.999 * self._square[name] + 0.001 * slope * slope
            size = (mean / (1 - 0.9**self._steps)) / (np.sqrt(square / (1 - 0.999**self._steps)) + 1e-8)
            # Biases are not drawn to zero: popularity is no accident.
            decay = DECAY if value.ndim == 2 else 0.0
            new[name] = (value - RATE * size - RATE * decay * value).astype(np.float32)
        return new
