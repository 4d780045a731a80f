"""A training as a run of MLflow: what it was given, what it measured, and its files."""

from __future__ import annotations

import getpass
import json
import re
import shutil
import socket
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emberlake.models.artifacts import write_artifacts
from emberlake.models.promotion import Verdict
from emberlake.models.recipe import Fitted, Recipe
from emberlake.models.store import Store, said_plainly

if TYPE_CHECKING:
    from mlflow.entities import DatasetInput

_BATCH = 100
_LONGEST = 6_000


def new_run(store: Store, recipe: Recipe, pinned: dict[str, int], seed: int) -> str:
    """Open a run that says which tables it reads at which version, and give its id."""
    tags = {
        "emberlake.recipe": recipe.name,
        "emberlake.root": _root(store),
        "mlflow.user": getpass.getuser(),
        "mlflow.source.name": "emberlake models train",
        "mlflow.note.content": recipe.question,
        **{f"emberlake.table.{name}": str(version) for name, version in pinned.items()},
    }
    with said_plainly(store):
        run = store.client.create_run(store.experiment_id, tags=tags, run_name=recipe.run_name or recipe.name)
        store.client.log_inputs(run.info.run_id, [_dataset(store, *each) for each in pinned.items() if each[1] >= 0])
        store.client.log_param(run.info.run_id, "seed", seed)
    return str(run.info.run_id)


def mark_killed(store: Store, recipe: Recipe) -> list[str]:
    """Close the runs that a kill left open; the caller holds the models' lock, so nobody is at work on them.

    Returns:
        Their ids.
    """
    asked = f"attributes.status = 'RUNNING' and tags.`emberlake.recipe` = '{recipe.name}'"
    with said_plainly(store):
        left = store.client.search_runs([store.experiment_id], asked)
        mine = [run.info.run_id for run in left if run.data.tags.get("emberlake.root") == _root(store)]
        for run_id in mine:
            store.client.set_terminated(run_id, "KILLED")
    shutil.rmtree(_making(store, recipe), ignore_errors=True)
    return mine


def keep_run(
    store: Store, recipe: Recipe, fitted: Fitted, pinned: dict[str, int], verdict: Verdict, run_id: str
) -> None:
    """Write the run's numbers and files, and close it."""
    making = _making(store, recipe)
    shutil.rmtree(making, ignore_errors=True)
    write_artifacts(recipe, fitted, pinned, verdict, making, run_id)
    store.keep(run_id, making)
    shutil.rmtree(making, ignore_errors=True)
    with said_plainly(store):
        log_numbers(store, recipe, fitted, pinned, run_id)
        for name, value in {"becomes": verdict.becomes, "why": verdict.why}.items():
            store.client.set_tag(run_id, f"emberlake.{name}", value)
        store.client.set_terminated(run_id, "FINISHED")


def log_numbers(store: Store, recipe: Recipe, fitted: Fitted, pinned: dict[str, int], run_id: str) -> None:
    """Log what a training was given and what it measured, in few calls."""
    from mlflow.entities import Metric, Param

    now = int(time.time() * 1000)
    values = {_key(name): value for name, value in fitted.metrics.items()}
    for baseline, of in fitted.baselines.items():
        values |= {_key(f"baseline/{baseline}/{name}"): value for name, value in of.items()}
    values |= {"train_rows": float(fitted.train_rows), "holdout_rows": float(fitted.holdout_rows)}
    params: dict[str, Any] = {**fitted.params, **{f"table.{n}": v for n, v in pinned.items()}}
    params |= {f"window.{name}": " to ".join(ends) for name, ends in fitted.windows.items()}
    params |= {"metric": recipe.metric.name}
    params.pop("seed", None)  # there already
    for metrics in _batches([Metric(name, value, now, 0) for name, value in values.items()]):
        store.client.log_batch(run_id, metrics=metrics)
    for some in _batches([Param(_key(name), str(value)[:_LONGEST]) for name, value in params.items()]):
        store.client.log_batch(run_id, params=some)


def _batches(every: Sequence[Any]) -> Iterator[list[Any]]:
    left = iter(every)
    while batch := list(islice(left, _BATCH)):
        yield batch


def _key(name: str) -> str:
    """A name as MLflow takes it."""
    return re.sub(r"[^\w\-. /]", "_", name)[:250]


def _dataset(store: Store, name: str, version: int) -> DatasetInput:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    source = json.dumps({"path": str(store.settings.lake / name.replace(".", "/")), "version": version})
    return DatasetInput(
        Dataset(name, f"version-{version}", "delta_dataset_source", source),
        [InputTag("mlflow.data.context", "training")],
    )


def _making(store: Store, recipe: Recipe) -> Path:
    """Where the files of a run are made; beside their place, so that they get there in one step."""
    return store.settings.models / "making" / recipe.name


def _root(store: Store) -> str:
    return f"{socket.gethostname()}:{store.settings.root}"
