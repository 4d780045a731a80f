"""Three signs of an odd order on one scale: the chance that an ordinary order shows such a sign, as its -log10."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import log, log10, pi, sqrt
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

if TYPE_CHECKING:
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
        tail_at, tail_scale: location and scale of the normal distribution that has the upper tail of the standardised
            amounts.
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
    tail_at: float
    tail_scale: float
    prior_hours: float
    profile: tuple[float, ...]
    busy: float
    new_country: float
    threshold: float

    def to_json(self) -> dict[str, Any]:
        """As the model's document holds it."""
        return {**asdict(self), "profile": list(self.profile)}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Ordinary:
        """From what `to_json` gave."""
        return cls(**{**document, "profile": tuple(document["profile"])})


def standardised(center: float, deviation: float, weight: float) -> Column:
    """How far an order's log_amount is from what the earlier orders let expect, in standard deviations.

    The customer's mean is that of the normal model with a known variance: the shop's median and the customer's own
    orders, weighted by how much each says (Gelman et al., "Bayesian Data Analysis", 2013, 2.5); the spread allows for
    not knowing it.
    """
    n = F.col("earlier").cast("double")
    own = F.coalesce(F.col("mean_log"), F.lit(0.0))
    mean = (F.lit(weight * center) + n * own) / (n + F.lit(weight))
    return (F.col("log_amount") - mean) / (F.lit(deviation) * F.sqrt(1 + 1 / (n + F.lit(weight))))


def with_scores(rows: DataFrame, ordinary: Ordinary) -> DataFrame:
    """With the score of each sign, and of the order.

    Args:
        rows: the columns of `history.judged`.

    Returns:
        The same, with `amount_score`, `velocity_score` and `address_score` (-log10 of the chance, 0 or more), the
        order's `score` and the `reason`, its strongest sign. Three signs are three chances of a false alarm, and so the
        order's score is the strongest one's less log10 3 (Bonferroni).
    """
    z = standardised(ordinary.center, ordinary.deviation, ordinary.weight)
    amount = _normal_score((z - F.lit(ordinary.tail_at)) / F.lit(ordinary.tail_scale))
    rare = -log10(ordinary.new_country)
    address = F.when(F.col("new_country"), F.col("amount_score") + F.lit(rare)).otherwise(0.0)
    scored = (
        rows.withColumn("amount_score", amount)
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
    whose = F.when(F.col("earlier") > 0, "this customer's earlier orders").otherwise("an order of this shop")
    times = F.format_string(
        "%.0f times %s (about EUR %.0f)", F.col("amount").cast("double") / F.greatest(usual, F.lit(1.0)), whose, usual
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
