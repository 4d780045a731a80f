"""Three signs of an odd order on one scale: the chance that an ordinary order shows such a sign, as its -log10."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import log, log10, pi, sqrt
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import Column, DataFrame

SIGNS = ("amount", "velocity", "address")
# The factorial of more is no 64-bit number; nobody needs to know how odd the 21st order within an hour is.
_MOST_WITHIN_HOUR = 20
_MOST_SCORE = 99.0
_BURST = "Order %d within an hour, from a customer with %.1f a month."


@dataclass(frozen=True)
class Ordinary:
    """What ordinary orders are like: the whole model, plain numbers.

    Attributes:
        center: median of the logarithms of amounts (of EUR + 1).
        deviation: of those logarithms about their customer's mean, robust.
        weight: how many orders of the customer's own the shop's median is worth, as evidence of their mean.
        low, high: between which amounts' logarithms are kept where they become history.
        levels: expected logarithms between which customers are alike: those who spend much do so more evenly.
        tails: for those without an earlier order, then for each level, location and scale of the normal distribution
            that has the upper tail of the standardised amounts.
        pieces_tail: the same of the logarithm of the pieces of an order's largest line.
        prior_hours: hours between two orders of a typical customer: the evidence for one who has not ordered yet.
        profile: order intensity of each hour of the day over the mean one.
        busy: orders of a busy day over those of the mean one.
        new_country: share of orders that go to a country where the customer never lived or ordered before.
        threshold: the score from which an order is odd.
    """

    center: float
    deviation: float
    weight: float
    low: float
    high: float
    levels: tuple[float, ...]
    tails: tuple[tuple[float, float], ...]
    pieces_tail: tuple[float, float]
    prior_hours: float
    profile: tuple[float, ...]
    busy: float
    new_country: float
    threshold: float

    def to_json(self) -> dict[str, Any]:
        """As the model's document holds it."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Ordinary:
        """From what `to_json` gave."""
        return cls(**{name: _frozen(value) for name, value in document.items()})


def _plain(value: Any) -> Any:
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _frozen(value: Any) -> Any:
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value


def expected_log(center: float, weight: float) -> Column:
    """The logarithm that a customer's next amount is expected to have.

    The mean of the normal model with a known variance: the shop's median and the customer's own orders, weighted by
    how much each says (Gelman et al., "Bayesian Data Analysis", 2013, 2.5).
    """
    n = F.col("earlier").cast("double")
    return (F.lit(weight * center) + n * F.coalesce("mean_log", F.lit(0.0))) / (n + F.lit(weight))


def standardised(center: float, deviation: float, weight: float) -> Column:
    """How far an order's log_amount is from what was expected, in standard deviations of not knowing better."""
    unsure = F.sqrt(1 + 1 / (F.col("earlier").cast("double") + F.lit(weight)))
    return (F.col("log_amount") - expected_log(center, weight)) / (F.lit(deviation) * unsure)


def level(center: float, weight: float, levels: Sequence[float]) -> Column:
    """0 for those without an earlier order, else 1 and more with what they are expected to spend."""
    expected = expected_log(center, weight)
    above = sum(((expected >= F.lit(edge)).cast("int") for edge in levels), F.lit(1))
    return F.when(F.col("earlier") == 0, F.lit(0)).otherwise(above)


def with_scores(rows: DataFrame, ordinary: Ordinary) -> DataFrame:
    """With the score of each sign, and of the order.

    Args:
        rows: the columns of `history.judged`.

    Returns:
        The same, with `amount_score`, `velocity_score` and `address_score` (-log10 of the chance, 0 or more), the
        order's `score` and the `reason`, its strongest sign. Three signs are three chances of a false alarm, and so the
        order's score is the strongest one's less log10 3 (Bonferroni).
    """
    rare = -log10(ordinary.new_country)
    address = F.when(F.col("new_country"), F.col("amount_score") + F.lit(rare)).otherwise(0.0)
    scored = (
        rows.withColumn("amount_score", _amount_score(ordinary))
        .withColumn("velocity_score", _velocity_score(ordinary))
        .withColumn("address_score", F.coalesce(address, F.lit(0.0)))
    )
    names = [f"{sign}_score" for sign in SIGNS]
    strongest = F.greatest(*names)
    # The more telling sign first: an amount that is odd by itself needs no country.
    reason = F.when(F.col("velocity_score") == strongest, "velocity").when(F.col("amount_score") == strongest, "amount")
    return scored.withColumn("reason", reason.otherwise("address")).withColumn(
        "score", F.greatest(F.lit(0.0), F.least(strongest, F.lit(_MOST_SCORE)) - F.lit(log10(len(SIGNS))))
    )


def _amount_score(ordinary: Ordinary) -> Column:
    """-log10 of the chance of such an amount, or of so many pieces of one product: the better of two, less log10 2."""
    z = standardised(ordinary.center, ordinary.deviation, ordinary.weight)
    group = level(ordinary.center, ordinary.weight, ordinary.levels)
    at, scale = (F.get(F.array(*[F.lit(tail[i]) for tail in ordinary.tails]), group) for i in (0, 1))
    value = _normal_score((z - at) / scale)
    pieces = (F.ln("pieces") - F.lit(ordinary.pieces_tail[0])) / F.lit(ordinary.pieces_tail[1])
    return F.greatest(value, F.coalesce(_normal_score(pieces), F.lit(0.0))) - F.lit(log10(2))


def _normal_score(z: Column) -> Column:
    """-log10 of the normal distribution's upper tail, to 0.3 % of the tail (Borjesson and Sundberg 1979)."""
    x = F.greatest(z, F.lit(0.0))
    a, b = 0.339, 5.510
    divisor = (F.lit(1 - a) * x + F.lit(a) * F.sqrt(x * x + F.lit(b))) * F.lit(sqrt(2 * pi))
    return (x * x / 2 + F.ln(divisor)) / F.lit(log(10))


def _velocity_score(ordinary: Ordinary) -> Column:
    """-log10 of an upper bound of the Poisson tail, m^k / k!: for the small means of an hour it is the tail itself.

    The mean is the customer's rate by the gamma-Poisson model, one order in `prior_hours` being the evidence before
    their own orders, times the hour's and a busy day's intensity.
    """
    k = F.least(F.col("within_hour"), F.lit(_MOST_WITHIN_HOUR))
    hour = F.get(F.array(*[F.lit(value) for value in ordinary.profile]), F.col("hour"))
    rate = (F.col("earlier_orders_old") + 1) / (F.greatest("known_hours", F.lit(0.0)) + F.lit(ordinary.prior_hours))
    tail = k * F.log10(rate * F.greatest(hour, F.lit(0.05)) * F.lit(ordinary.busy)) - F.log10(F.factorial(k))
    return F.when(k > 0, F.greatest(-tail, F.lit(0.0))).otherwise(0.0)


def with_explanation(rows: DataFrame, ordinary: Ordinary) -> DataFrame:
    """With a sentence on the strongest sign of each scored order."""
    usual = F.exp(F.coalesce("mean_log", F.lit(ordinary.center))) - 1
    whose = F.when(F.col("earlier") > 0, "what the customer usually spends").otherwise("what is usual in this shop")
    times = F.format_string(
        "%.0f times %s (about EUR %.0f), with %d pieces of one product",
        F.col("amount").cast("double") / F.greatest(usual, F.lit(1.0)),
        whose,
        usual,
        F.coalesce("pieces", F.lit(0)),
    )
    month = (F.col("earlier_orders_old") + 1) / (F.col("known_hours") + F.lit(ordinary.prior_hours)) * 730
    amount = F.format_string("EUR %.2f", F.col("amount").cast("double"))
    said = (
        F.when(F.col("reason") == "amount", F.format_string("%s is %s.", amount, times))
        .when(
            F.col("reason") == "velocity",
            F.format_string(_BURST, F.col("within_hour") + 1, month),
        )
        .otherwise(F.format_string("To %s for the first time, and %s is %s.", F.col("country"), amount, times))
    )  # fmt: skip
    return rows.withColumn("explanation", said)
