"""A training: data at fixed versions, a fit, a run with all that belongs to it, and then a version in the registry.

The version is registered last, in one step, with the verdict on it; so a kill leaves a run that the next training
marks as killed, or a whole version whose alias the next training moves.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emberlake.errors import ModelError
from emberlake.lake.boundary import boundary
from emberlake.lake.locks import hold
from emberlake.models.checks import NotAllowed, require_measured, require_package
from emberlake.models.promotion import Verdict, judge
from emberlake.models.recipe import Fitted, Fitting, Recipe
from emberlake.models.runs import keep_run, mark_killed, new_run
from emberlake.models.store import Store, open_store
from emberlake.models.unchanged import FINGERPRINT, fingerprint, trained_before
from emberlake.models.versions import CHAMPION, Version, holder, move, register, settle
from emberlake.progress import Progress, silent
from emberlake.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.lake import Lake


@dataclass(frozen=True)
class Training:
    """What a training came to.

    Attributes:
        value: of the recipe's metric, on the hold-out.
        baseline, baseline_value: the best of what is simpler.
        promoted: whether the version is the champion now.
        why: the verdict in a sentence.
        seconds: of the whole training.
        repeated: whether nothing had changed since this version was trained, so that nothing was fitted.
    """

    name: str
    version: int
    run_id: str
    metric: str
    value: float
    baseline: str
    baseline_value: float
    beats_baseline: bool
    promoted: bool
    why: str
    seconds: float
    repeated: bool = False


def train(
    lake: Lake, recipe: Recipe, progress: Progress = silent, wait: float = 0.0, seed: int = 42, again: bool = True
) -> Training:
    """Train one model, keep the run, register a version, and make it champion if it is the first or better.

    Args:
        lake: open on a Spark session.
        wait: seconds to wait for another training of this root; 0 refuses at once.
        again: also where a version was trained on the same versions of the tables, with the same code and seed.

    Raises:
        NotAllowed: if this data does not allow the model; nothing is registered.
        LakeBusy: if another training holds the root; the message names its pid.
        ModelError: if the store cannot be used, or the training gave no measure.
    """
    begun = time.perf_counter()
    with training_lock(lake.settings, wait):
        pinned = pin(lake, recipe)
        store = open_store(lake.settings, make=True)
        mark_killed(store, recipe)
        settle(store, recipe)
        mark = fingerprint(recipe, pinned, seed)
        if not again and (before := trained_before(store, recipe, mark)):
            return _repeated(store, recipe, before, begun)
        run_id = new_run(store, recipe, pinned, seed)
        boundary(f"models.{recipe.name}:begun")
        try:
            fitted = _fit(lake, recipe, pinned, progress, seed)
            require_measured(recipe, fitted)
            progress("comparing with the champion", 0.75)
            verdict = judge(store, recipe, fitted)
            boundary(f"models.{recipe.name}:fitted")
            progress("keeping the run", 0.8)
            keep_run(store, recipe, fitted, pinned, verdict, run_id)
        except BaseException as e:
            _failed(store, run_id, e)
            raise
        boundary(f"models.{recipe.name}:kept")
        tags = verdict.tags(recipe, fitted) | {FINGERPRINT: mark}
        return _registered(store, recipe, fitted, verdict, run_id, tags, begun)


@contextmanager
def training_lock(settings: Settings, wait: float = 0.0) -> Iterator[None]:
    """Hold the root's models: one training, promotion or rollback at a time."""
    with hold(settings.state / "locks" / "models.lock", f"The registry of models in {settings.root}", wait):
        yield


def pin(lake: Lake, recipe: Recipe) -> dict[str, int]:
    """The version of each table that the recipe reads; -1 for an optional one that is not there.

    Raises:
        NotAllowed: if one that it needs is missing or empty, or the package that it is fitted with is not installed.
    """
    require_package(recipe)
    pinned = {name: lake.version(name) for name in recipe.reads}
    empty = [n for n in recipe.reads if n not in recipe.optional and (pinned[n] < 0 or not lake.rows(n))]
    if empty:
        raise NotAllowed(
            f"{', '.join(empty)} {'has' if len(empty) == 1 else 'have'} no rows.",
            "Take in such data first: emberlake import, or emberlake synth --tpch 1 for TPC-H; then emberlake build.",
        )
    return pinned


def _fit(lake: Lake, recipe: Recipe, pinned: dict[str, int], progress: Progress, seed: int) -> Fitted:
    def stage(rows: DataFrame) -> DataFrame:
        staged = lake.stage(rows)
        return staged if staged is not None else lake.session.createDataFrame([], rows.schema)

    tables = {name: lake.read(name, version=version) for name, version in pinned.items()}
    fitting = Fitting(
        lake.session, tables, stage, seed, lambda doing, fraction: progress(doing, 0.75 * min(fraction, 1.0))
    )
    try:
        return recipe.fit(fitting)
    except NotAllowed:
        raise
    except ModelError as e:
        raise NotAllowed(e.problem, e.hint) from e


def _failed(store: Store, run_id: str, error: BaseException) -> None:
    """Close the run; the store's own troubles must not hide the error."""
    said = (str(error).strip().splitlines() or [type(error).__name__])[0][:500]
    try:
        store.client.set_tag(run_id, "emberlake.error", said)
        store.client.set_terminated(run_id, "KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED")
    except Exception as e:
        error.add_note(f"The run {run_id} could not be closed: {e}")


def _repeated(store: Store, recipe: Recipe, version: Version, begun: float) -> Training:
    champion = holder(store, recipe, CHAMPION)
    baseline, value = best_baseline(recipe, version.read("baselines"))
    reached = version.read("metrics")[recipe.metric.name]
    return Training(
        recipe.name, version.number, version.run_id, recipe.metric.name, reached, baseline, value,
        is_better(recipe, reached, value), champion is not None and champion.number == version.number,
        f"Nothing has changed since {version.tags['emberlake.trained_at'][:16].replace('T', ' ')} UTC.",
        time.perf_counter() - begun, repeated=True,
    )  # fmt: skip


def _registered(
    store: Store, recipe: Recipe, fitted: Fitted, verdict: Verdict, run_id: str, tags: dict[str, str], begun: float
) -> Training:
    number = register(store, recipe, run_id, tags)
    boundary(f"models.{recipe.name}:registered")
    move(store, recipe, verdict.becomes, number, "train", verdict.why)
    baseline, value = best_baseline(recipe, fitted.baselines)
    reached = fitted.metrics[recipe.metric.name]
    return Training(
        recipe.name, number, run_id, recipe.metric.name, reached, baseline, value,
        is_better(recipe, reached, value), verdict.becomes == CHAMPION, verdict.why, time.perf_counter() - begun,
    )  # fmt: skip


def best_baseline(recipe: Recipe, baselines: dict[str, dict[str, float]]) -> tuple[str, float]:
    """The baseline that comes nearest to the model, and its metric."""
    sign = -1 if recipe.metric.higher_is_better else 1
    values = {name: of[recipe.metric.name] for name, of in baselines.items()}
    best = min(values, key=lambda name: sign * values[name])
    return best, values[best]


def is_better(recipe: Recipe, value: float, than: float) -> bool:
    """Whether one value of the recipe's metric beats another."""
    return value > than if recipe.metric.higher_is_better else value < than
