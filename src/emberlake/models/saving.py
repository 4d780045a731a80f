"""Fitted models as files: what `mlflow.spark.load_model` reads, and documents of plain values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emberlake.errors import ModelError
from emberlake.models.recipe import Fitted, Recipe
from emberlake.models.store import Store

if TYPE_CHECKING:
    from mlflow.models import ModelSignature
    from pyspark.sql import DataFrame

MODEL = "model"
_SPARK, _JSON = "sparkml", "model.json"
# MLflow's word for each of the engine's types.
_TYPES = {
    "string": "string", "bigint": "long", "int": "integer", "smallint": "integer", "tinyint": "integer",
    "double": "double", "float": "float", "boolean": "boolean", "date": "datetime", "timestamp": "datetime",
    "binary": "binary",
}  # fmt: skip


def column_types(rows: DataFrame | None) -> dict[str, str]:
    """The engine's type by column; empty for None."""
    return {} if rows is None else {field.name: field.dataType.simpleString() for field in rows.schema.fields}


def save_model(recipe: Recipe, fitted: Fitted, folder: Path, run_id: str) -> None:
    """Write the model into a folder that does not exist yet, in MLflow's layout.

    `mlflow.spark.log_model` would write it to a temporary folder first, and copy it from there twice.
    """
    folder.mkdir(parents=True)
    if recipe.flavor == "json":
        text = json.dumps(fitted.model, ensure_ascii=False, allow_nan=False)
        (folder / _JSON).write_text(text, encoding="utf-8")
        return
    # file: or a cluster's default file system would be taken.
    fitted.model.save((folder / _SPARK).as_uri())
    _describe(fitted, folder, run_id)


def _describe(fitted: Fitted, folder: Path, run_id: str) -> None:
    import pyspark
    from mlflow import pyfunc
    from mlflow.models import Model

    described = Model(artifact_path=MODEL, run_id=run_id, signature=signature(fitted))
    kind = type(fitted.model)
    described.add_flavor(
        "spark", pyspark_version=pyspark.__version__, model_data=_SPARK, code=None,
        model_class=f"{kind.__module__}.{kind.__name__}",
    )  # fmt: skip
    pyfunc.add_to_model(described, loader_module="mlflow.spark", data=_SPARK, conda_env=None)
    described.save(str(folder / "MLmodel"))
    (folder / "requirements.txt").write_text("\n".join(requirements()) + "\n", encoding="utf-8")


def requirements() -> list[str]:
    """What loading a model needs, told and not inferred: inferring loads the model in a process of its own."""
    import mlflow
    import pyspark

    return [f"mlflow=={mlflow.__version__}", f"pyspark=={pyspark.__version__}"]


def signature(fitted: Fitted) -> ModelSignature | None:
    """Names and types of the columns that the model reads and adds; vectors are left out."""
    if fitted.sample is None:
        return None
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, Schema

    def schema(columns: dict[str, str]) -> Schema:
        known = {n: "double" if kind.startswith("decimal") else _TYPES.get(kind) for n, kind in columns.items()}
        return Schema([ColSpec(DataType[kind], name) for name, kind in known.items() if kind])

    read = column_types(fitted.sample)
    added = {n: k for n, k in column_types(fitted.model.transform(fitted.sample)).items() if n not in read}
    return ModelSignature(schema(read), schema(added))


def load_model(store: Store, recipe: Recipe, run_id: str) -> Any:
    """The model of a run, from its own files; no code that came with it is run.

    Raises:
        ModelError: if the files are gone or are no model.
    """
    folder = store.artifact(run_id, MODEL)
    try:
        if recipe.flavor == "json":
            return json.loads((folder / _JSON).read_text(encoding="utf-8"))
        from pyspark.ml import PipelineModel

        return PipelineModel.load((folder / _SPARK).as_uri())
    except Exception as e:
        said = (str(e).strip().splitlines() or [type(e).__name__])[0][:200]
        raise ModelError(f"The model in {folder} cannot be loaded: {said}", "Roll back, or train again.") from e
