"""What a model is: what it learns from, how it is fitted, and what it is asked on rows that it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from emberlake.progress import Progress, silent

if TYPE_CHECKING:
    import pyarrow as pa
    from matplotlib.figure import Figure
    from pyspark.sql import DataFrame, SparkSession

    from emberlake.lake import Lake


@dataclass(frozen=True)
class Metric:
    """A measure of a model on the hold-out.

    Attributes:
        unit: EUR, share and the like; empty for pure numbers.
    """

    name: str
    title: str
    higher_is_better: bool
    unit: str = ""


@dataclass(frozen=True)
class Fitting:
    """What a recipe learns from.

    Attributes:
        tables: by `layer.name`, those that the recipe reads, each at one version for the whole training.
        stage: computes rows once and gives them back from a scratch folder that lasts as long as the training.
    """

    session: SparkSession
    tables: Mapping[str, DataFrame]
    stage: Callable[[DataFrame], DataFrame]
    seed: int = 42
    progress: Progress = silent


@dataclass
class Fitted:
    """A fitted model and all that a run keeps of its training.

    Attributes:
        model: a fitted `pyspark.ml.PipelineModel`, or for the flavor `json` a document of plain values.
        metrics: on the hold-out, by `Metric.name`; the recipe's own metric is among them.
        baselines: the same metrics of each honest baseline on the same hold-out, by the baseline's name.
        holdout: what `Recipe.losses` scores: rows that the model has not seen, staged.
        sample: some raw rows with exactly the columns that the model reads; None for the flavor `json`.
        features: the rows it learnt from, one column a feature, for drift later; None where that says nothing.
        windows: name to (from, until) as ISO dates: train, holdout and the like.
        importance: feature to its share of the model's importance, where the model has such a thing.
        figures: name to a function that draws it, called once.
        tried: sentences for the model card: what else was tried on the same hold-out, and what came of it.
        limits: sentences for the model card: what it does not know, where it should not be used.
    """

    model: Any
    params: dict[str, str | int | float | bool]
    metrics: dict[str, float]
    baselines: dict[str, dict[str, float]]
    holdout: Any
    train_rows: int
    holdout_rows: int
    sample: DataFrame | None = None
    features: DataFrame | None = None
    windows: dict[str, tuple[str, str]] = field(default_factory=dict)
    importance: dict[str, float] = field(default_factory=dict)
    figures: dict[str, Callable[[], Figure]] = field(default_factory=dict)
    tried: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """One model of the shop: a line in `RECIPES`.

    Attributes:
        question: what it answers, in a sentence that a shop's owner understands.
        reads: the tables it learns from, as `layer.name`.
        metric: the one that lists and comparisons show.
        fit: trains on the past and measures on the hold-out.
        losses: of any model of this recipe on a hold-out, one row a unit: `unit` (what is judged: an order, a customer,
            a day of a category), `loss` (double, less is better), and where they are known `country` and `age`
            (a band such as 25-34) for the card's comparison of groups. A challenger and a champion are compared by it.
        write: brings the recipe's gold tables up to date with the champion, whose version it puts into each row
            (`model_version`), and says how many rows each has.
        flavor: how the model is kept.
        optional: tables of `reads` that it can do without; any other that is empty makes the recipe not allowed.
        run_name: of its MLflow runs; empty: the recipe's name.
        inputs: the rows of today that a model is asked about, from the tables that the recipe reads: at least the
            columns of `Fitted.sample`; `day` (date) where rows belong to one, and keys such as `order_id` and
            `user_id`. For drift, explanations and the parity of an export; None where there are no such rows.
        why_no_inputs: why there are none, in a sentence.
        registered_name: of its registered model; empty: `emberlake_` and the recipe's name.
        package: that fitting imports and that not everybody has installed; empty: none.
        extra: of this project, that installs the package.
        by_default: whether it is trained when no model is named.
    """

    name: str
    title: str
    question: str
    reads: tuple[str, ...]
    metric: Metric
    fit: Callable[[Fitting], Fitted]
    losses: Callable[[Any, Any], pa.Table]
    write: Callable[[Lake, Any, int, Progress], dict[str, int]] | None = None
    flavor: Literal["spark", "json"] = "spark"
    optional: tuple[str, ...] = ()
    inputs: Callable[[Any, Mapping[str, DataFrame]], DataFrame] | None = None
    why_no_inputs: str = ""
    run_name: str = ""
    registered_name: str = ""
    package: str = ""
    extra: str = ""
    by_default: bool = True
