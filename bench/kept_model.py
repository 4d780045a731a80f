"""A fitted pipeline kept: the model by us, the whole run as a training keeps it, or the model by MLflow's own call.

python -m bench.kept_model ROOT WORK ours|whole|default
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bench.part import Part
from emberlake.engine import open_engine
from emberlake.lake import Lake
from emberlake.models.promotion import judge
from emberlake.models.recipe import Fitted, Fitting
from emberlake.models.runs import keep_run, log_numbers, new_run
from emberlake.models.saving import MODEL, save_model
from emberlake.models.segments import SEGMENTS
from emberlake.models.store import open_store
from emberlake.models.training import pin
from emberlake.models.versions import CHAMPION, move, register
from emberlake.settings import read_settings


def main(root: Path, work: Path, way: str) -> None:
    """Fit once, then keep the model; only the keeping is told."""
    settings = read_settings(root=root)
    with open_engine(settings, "spark") as engine, Lake(engine.session, settings) as lake:
        pinned = pin(lake, SEGMENTS)
        tables = {name: lake.read(name, version=version) for name, version in pinned.items()}
        fitted = SEGMENTS.fit(Fitting(engine.session, tables, lake.stage))
        files = kept_by_default(work, fitted) if way == "default" else kept_by_us(work, fitted, pinned, way == "whole")
    print(json.dumps(files))


def kept_by_us(work: Path, fitted: Fitted, pinned: dict[str, int], whole: bool) -> dict[str, float]:
    """A run with numbers and model, and a version with its alias; `whole`: also card, pictures, histograms, losses."""
    settings = read_settings(root=work)
    # Making the database takes seconds, once in a root's life; both have theirs before the clock starts.
    store = open_store(settings, make=True)
    verdict = judge(store, SEGMENTS, fitted)
    with Part() as part:
        run_id = new_run(store, SEGMENTS, pinned, 42)
        if whole:
            keep_run(store, SEGMENTS, fitted, pinned, verdict, run_id)
        else:
            making = settings.models / "making"
            save_model(SEGMENTS, fitted, making / MODEL, run_id)
            store.keep(run_id, making)
            log_numbers(store, SEGMENTS, fitted, pinned, run_id)
            store.client.set_terminated(run_id, "FINISHED")
        number = register(store, SEGMENTS, run_id, verdict.tags(SEGMENTS, fitted))
        move(store, SEGMENTS, CHAMPION, number, "train", verdict.why)
    return {**part.figures, "files": _files(settings.models / "artifacts")}


def kept_by_default(work: Path, fitted: Fitted) -> dict[str, float]:
    """`mlflow.spark.log_model` as its documentation shows it, with a version in the registry: the model alone."""
    import mlflow
    import mlflow.spark

    mlflow.set_tracking_uri(f"sqlite:///{work / 'mlflow.sqlite'}")
    mlflow.set_experiment(experiment_id=mlflow.create_experiment("peer", artifact_location=(work / "runs").as_uri()))
    with Part() as part, mlflow.start_run():
        mlflow.log_params(fitted.params)
        mlflow.log_metrics(fitted.metrics)
        mlflow.spark.log_model(fitted.model, "model", registered_model_name="segments")
    return {**part.figures, "files": _files(work / "runs")}


def _files(folder: Path) -> int:
    return sum(1 for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
