"""The files of a run: the model, its card and pictures, and what later drift and explanations are measured from."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emberlake.models import pictures
from emberlake.models.card import write_card
from emberlake.models.card_page import to_html, to_markdown
from emberlake.models.promotion import Verdict
from emberlake.models.recipe import Fitted, Recipe
from emberlake.models.reference import reference_of
from emberlake.models.saving import MODEL, column_types, save_model

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

CARD, CARD_PAGE, REFERENCE, HOLDOUT = "card.md", "card.html", "reference.json", "holdout.parquet"
IMPORTANCE, COMPARISON = "importance.json", "comparison.json"
# Enough for a feature's importance; a row's features are personal data, so no more than is needed.
HOLDOUT_ROWS = 2_000


def write_artifacts(
    recipe: Recipe, fitted: Fitted, pinned: dict[str, int], verdict: Verdict, folder: Path, run_id: str
) -> None:
    """Write all files of a run into a folder that does not exist yet."""
    folder.mkdir(parents=True)
    save_model(recipe, fitted, folder / MODEL, run_id)
    drawn = _pictures(fitted, verdict)
    (folder / "figures").mkdir()
    for name, png in drawn.items():
        (folder / "figures" / f"{name}.png").write_bytes(png)
    card = write_card(recipe, fitted, pinned, verdict, tuple(drawn))
    (folder / CARD).write_text(to_markdown(card), encoding="utf-8")
    (folder / CARD_PAGE).write_text(to_html(card, drawn), encoding="utf-8")
    _write_json(folder / IMPORTANCE, fitted.importance)
    _write_json(folder / COMPARISON, asdict(verdict.comparison) if verdict.comparison else None)
    if fitted.features is not None:
        predicted = predictions(fitted.model, fitted.holdout, column_types(fitted.sample))
        if predicted is not None:
            # Counted in two passes, and scored in one.
            predicted = predicted.sparkSession.createDataFrame(predicted.toArrow())
        _write_json(folder / REFERENCE, reference_of(fitted.features, predicted))
    _keep_holdout(fitted, folder / HOLDOUT)


def predictions(model: Any, rows: Any, columns: dict[str, str]) -> DataFrame | None:
    """What the model predicts, as one column `prediction`; None where it has no such column or rows lack some."""
    if not columns or not hasattr(rows, "columns") or not set(columns) <= set(rows.columns):
        return None
    scored = model.transform(rows.select(*columns))
    return scored.select("prediction") if "prediction" in scored.columns else None


def _pictures(fitted: Fitted, verdict: Verdict) -> dict[str, bytes]:
    figures = dict(fitted.figures)
    if fitted.importance:
        figures.setdefault("importance", lambda: pictures.importance(fitted.importance))
    figures.setdefault("losses", lambda: pictures.losses(verdict.losses))
    return pictures.draw(figures)


def _keep_holdout(fitted: Fitted, file: Path) -> None:
    """Some of the hold-out, whole rows, for explanations; only where it is rows that the model reads."""
    rows = fitted.holdout
    if fitted.sample is None or not hasattr(rows, "columns") or not set(fitted.sample.columns) <= set(rows.columns):
        return
    import pyarrow.parquet as pq

    # The hold-out has no order of its own; limit() would take one file's first rows, often one month's.
    plain = [field.name for field in rows.schema.fields if not hasattr(field.dataType, "sqlType")]
    share = min(1.0, 1.2 * HOLDOUT_ROWS / max(fitted.holdout_rows, 1))
    pq.write_table(rows.select(*plain).sample(fraction=share, seed=1).limit(HOLDOUT_ROWS).toArrow(), file)


def _write_json(file: Path, value: Any) -> None:
    file.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
