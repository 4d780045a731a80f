"""The recipe `forecast`: how many pieces each category sells on each of the next 28 days."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from emberlake.errors import ModelError
from emberlake.models.demand import choice, pictures
from emberlake.models.demand.ahead import ahead
from emberlake.models.demand.backtest import FEWEST_ORIGINS, FEWEST_PAST, ORIGINS, backtest, origins_of
from emberlake.models.demand.cover import demand_cover
from emberlake.models.demand.intervals import POWER
from emberlake.models.demand.methods import HORIZON
from emberlake.models.demand.series import daily
from emberlake.models.recipe import Fitted, Fitting, Metric, Recipe

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

    from emberlake.lake import Lake
    from emberlake.progress import Progress

READS = ("gold.product_daily", "gold.inventory_cover")
_YEAR = 365


def fit(fitting: Fitting) -> Fitted:
    """Choose each category's method and intervals by forecasts of the past year, and judge them on the last 112 days.

    Raises:
        ModelError: if nothing was sold, or for too short a time.
    """
    fitting.progress("Pieces a day of each category", 0.0)
    series = fitting.stage(daily(fitting.tables["gold.product_daily"]))
    spans = series.groupBy("category").agg(F.count("*").alias("days"), F.min("day"), F.max("day")).collect()
    lengths = {row.category: int(row.days) for row in sorted(spans)}
    _check(lengths)
    fitting.progress("Forecasts as they would have been made", 0.2)
    begun = perf_counter()
    made = backtest(series).toPandas()
    fit_seconds = perf_counter() - begun
    made["day"] = made["day"].astype("datetime64[s]")
    document = choice.document_of(made, list(lengths))
    metrics, baselines = choice.judged(made, document)
    judging = made[made["origin"] < choice.JUDGING]["day"]
    first, last = min(row[2] for row in spans), max(row[3] for row in spans)
    return Fitted(
        model=document,
        params={
            "horizon": HORIZON, "origins": ORIGINS, "judging_origins": choice.JUDGING, "interval_power": POWER,
            **{f"method_{name}": said["method"] for name, said in document["categories"].items()},
        },
        metrics={**metrics, "fit_seconds": fit_seconds},
        baselines=baselines,
        holdout=series,
        train_rows=sum(lengths.values()),
        holdout_rows=len(judging.unique()) * len(set(made["category"])),
        windows={
            "series": (first.isoformat(), last.isoformat()),
            "holdout": (judging.min().date().isoformat(), judging.max().date().isoformat()),
        },
        figures={"past_forecasts": lambda: pictures.past_forecasts(made, document)},
        limits=_limits(lengths, metrics, baselines),
    )  # fmt: skip


def _check(lengths: dict[str, int]) -> None:
    need = FEWEST_PAST + FEWEST_ORIGINS * HORIZON
    if not lengths:
        raise ModelError(
            "Nothing was sold: there is no demand to learn from.",
            "Take in order lines first: order, product and quantity.",
        )
    longest = max(lengths.values())
    if longest < need:
        raise ModelError(
            f"{longest} days of sales are too few to try forecasts on {FEWEST_ORIGINS} months of the past.",
            f"The forecast needs {need} days of sales.",
        )


def _limits(
    lengths: dict[str, int], metrics: dict[str, float], baselines: dict[str, dict[str, float]]
) -> tuple[str, ...]:
    short = [name for name, days in lengths.items() if origins_of(days) < FEWEST_ORIGINS]
    peak = metrics.get("coverage_80_in_november_december")
    best = min(baselines, key=lambda name: baselines[name]["wape"])
    beaten = metrics["wape"] < baselines[best]["wape"]
    said = [
        f"It {'beats' if beaten else 'does NOT beat'} the best simple answer, {best}: WAPE {metrics['wape']:.3f}"
        f" against {baselines[best]['wape']:.3f}.",
        f"Intervals of 80 % held {100 * metrics['coverage_80']:.0f} % of the days of the backtest"
        + (f", {100 * peak:.0f} % in November and December." if peak is not None else "."),
        "It knows weekdays, months and Black Friday, if the past has seen them; not sales campaigns or prices to come.",
    ]
    if max(lengths.values()) < 2 * _YEAR:
        said.append("Less than two years of sales: what a month does and what growth does cannot be told apart well.")
    if short:
        said.append(f"Too short a past for more than the last weeks' mean by weekday: {', '.join(short)}.")
    return tuple(said)


def losses(model: dict[str, Any], holdout: DataFrame) -> pa.Table:
    """The absolute scaled error of each category and day at the judging origins."""
    methods = {name: said["method"] for name, said in model["categories"].items()}
    made = backtest(holdout, methods, choice.JUDGING)
    error = F.abs(F.col("expected") - F.col("units")) / F.col("scale")
    return made.select(F.concat_ws(" ", "category", "day").alias("unit"), error.alias("loss")).toArrow()


def write(lake: Lake, model: dict[str, Any], version: int, progress: Progress) -> dict[str, int]:
    """Forecast the 28 days after the data's end, and say how long stock lasts at that pace."""
    progress("The next 28 days of each category", 0.0)
    products = lake.read("gold.product_daily")
    lake.overwrite("gold.demand_forecast", ahead(daily(products), model, version))
    progress("How long the stock lasts", 0.7)
    forecast = lake.read("gold.demand_forecast")
    lake.overwrite("gold.demand_cover", demand_cover(lake.read("gold.inventory_cover"), products, forecast))
    return {name: lake.rows(name) for name in ("gold.demand_forecast", "gold.demand_cover")}


FORECAST = Recipe(
    name="forecast",
    title="Demand forecast",
    question="How many pieces will each category sell a day in the next four weeks, and how long does the stock last?",
    reads=READS,
    metric=Metric("wape", "Absolute error over all pieces, up to 28 days ahead", higher_is_better=False, unit="share"),
    fit=fit,
    losses=losses,
    write=write,
    flavor="json",
    why_no_inputs="It reads no row of features: it continues each category's own series of days.",
    optional=("gold.inventory_cover",),
)
