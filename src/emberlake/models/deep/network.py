"""The two towers, and the loss that teaches them: softmax over the products of a batch, corrected for their frequency.

Towers as in Covington, Adams, Sargin, "Deep neural networks for YouTube recommendations" (2016); the correction as in
Yi et al., "Sampling-bias-corrected neural modeling for large corpus item recommendations" (2019).

The functions take numpy or `autograd.numpy` as `np`: one text for training and for scoring.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy

from emberlake.models.taste.ranking import Matrix

Weights = dict[str, Any]

SIZE = 32


def new_weights(things: int, popularity: Matrix, traits: int, random: numpy.random.Generator) -> Weights:
    """Where training starts: small vectors, and each product's bias at the logarithm of its share of purchases.

    Args:
        things: products and habits that a past is made of.
        popularity: share of each product, above zero.
        traits: kinds of category, price level and shelf.
    """

    def small(*shape: int, scale: float) -> Matrix:
        return random.normal(0, scale, shape).astype(numpy.float32)

    return {
        "thing": small(things, SIZE, scale=0.1),
        "lines": numpy.zeros(SIZE, numpy.float32),
        "user_bias": numpy.zeros(SIZE, numpy.float32),
        "user_out": small(SIZE, SIZE, scale=SIZE**-0.5),
        "product": small(len(popularity), SIZE, scale=0.01),
        "trait": small(traits, SIZE, scale=0.1),
        "item_out": small(SIZE, SIZE, scale=SIZE**-0.5),
        "popular": numpy.log(popularity).astype(numpy.float32),
    }


def users(np: ModuleType, weights: Weights, shares: Matrix, lines: Matrix) -> Any:
    """The user tower: a vector for each past.

    Args:
        shares: of each product and habit in the customer's lines.
        lines: how many lines there are.
    """
    embedded = np.dot(shares, weights["thing"]) + np.log1p(lines)[:, None] * weights["lines"] + weights["user_bias"]
    return embedded + np.dot(np.tanh(embedded), weights["user_out"])


def items(np: ModuleType, weights: Weights, traits: Matrix, which: Any = slice(None)) -> Any:
    """The item tower: a vector for each product, or for those at `which`."""
    embedded = weights["product"][which] + np.dot(traits[which], weights["trait"])
    return embedded + np.dot(np.tanh(embedded), weights["item_out"])


def corrected_loss(np: ModuleType, scores: Any, wanted: Matrix, count: Matrix, log_share: Matrix) -> Any:
    """The mean of minus the logarithm of what the batch's softmax gives to the product wanted.

    A product stands in a batch as often as it is bought: by its score less the logarithm of its share, the sum over the
    batch estimates the sum over all products. Products that occur twice count twice; to leave them out, as is often
    done, would take best sellers for rarer than they are where products are few.

    Args:
        scores: a row an example, a column each different product of the batch.
        wanted: the column of each example's product.
        count: how often each column's product is in the batch.
        log_share: logarithm of each column's share of all examples.
    """
    corrected = scores - log_share
    terms = corrected + np.log(count)
    highest = numpy.max(getattr(terms, "_value", terms), axis=1, keepdims=True)
    total = np.log(np.sum(np.exp(terms - highest), axis=1)) + highest[:, 0]
    return np.mean(total - corrected[numpy.arange(len(wanted)), wanted])


def full_loss(scores: Matrix, wanted: Matrix) -> float:
    """The same over all products, where nothing is sampled: what early stopping watches."""
    highest = scores.max(axis=1, keepdims=True)
    total = numpy.log(numpy.exp(scores - highest).sum(axis=1)) + highest[:, 0]
    return float((total - scores[numpy.arange(len(wanted)), wanted]).mean())
