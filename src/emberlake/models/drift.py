"""Whether the rows of today are still like those that a model has learnt from, and its predictions like those then."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emberlake.errors import ModelError
from emberlake.models.artifacts import REFERENCE, predictions
from emberlake.models.champion import require_champion
from emberlake.models.checks import require_columns, require_rows_of_today
from emberlake.models.distance import chi_square, holm, joined, kolmogorov_smirnov, stability_index
from emberlake.models.drift_page import to_page
from emberlake.models.recipe import Recipe
from emberlake.models.reference import FORMAT, PREDICTION, histograms
from emberlake.models.saving import column_types, load_model
from emberlake.models.store import Store, open_store, said_plainly
from emberlake.models.versions import Version, model_name

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from emberlake.lake import Lake

# Siddiqi's rule of thumb for the index: below 0.1 nothing of note, from 0.25 a change that asks for a new model.
MODERATE, LARGE = 0.1, 0.25
SIGNIFICANT = 0.01


@dataclass(frozen=True)
class FeatureDrift:
    """One feature then and now.

    Attributes:
        index: the population stability index.
        test: its name; `statistic`, `p` (corrected for the number of features) belong to it.
        nulls_before, nulls_now: shares.
        verdict: none, moderate or large: chance is ruled out and the index is above its limit.
    """

    feature: str
    index: float
    test: str
    statistic: float
    p: float
    nulls_before: float
    nulls_now: float
    verdict: str


@dataclass(frozen=True)
class Drift:
    """All features of a model, and its prediction.

    Attributes:
        rows_before, rows_now: compared.
        window: (from, to) as asked; empty texts: all rows of today.
    """

    name: str
    version: int
    at: str
    window: tuple[str, str]
    rows_before: int
    rows_now: int
    features: tuple[FeatureDrift, ...]

    @property
    def drifted(self) -> list[FeatureDrift]:
        """Those that have."""
        return [feature for feature in self.features if feature.verdict != "none"]

    @property
    def sentence(self) -> str:
        """The result in a few words."""
        if not self.drifted:
            return f"none of {len(self.features)} features"
        return f"{len(self.drifted)} of {len(self.features)} features: {', '.join(f.feature for f in self.drifted)}"


def drift(
    lake: Lake, recipe: Recipe, since: str | None = None, until: str | None = None
) -> tuple[Drift, dict[str, Path]]:
    """Measure the champion's drift, and write it as a page and as JSON under the models' folder.

    Args:
        lake: open on a Spark session.
        since: first day of the rows, ISO; needs rows with a `day`.
        until: last day, included.

    Raises:
        ModelError: if the model is untrained, keeps no reference, or its rows cannot be made or cut by day.
    """
    require_measurable(recipe, since, until)
    store = open_store(lake.settings)
    version = require_champion(store, recipe)
    reference = _reference(store, recipe, version)
    model = load_model(store, recipe, version.run_id)
    rows = _rows(lake, recipe, model, version, since, until)
    now = histograms(rows, reference)
    predicted = predictions(model, rows, version.read("columns", {})) if PREDICTION in reference else None
    if predicted is not None:
        now |= histograms(predicted, reference)
    at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    found = measure(recipe.name, version.number, at, (since or "", until or ""), reference, now)
    _remember(store, recipe, version, found)
    return found, _write(lake.settings.models / "drift", found)


def _reference(store: Store, recipe: Recipe, version: Version) -> dict[str, Any]:
    again = f"Train again: emberlake models train {recipe.name} --again."
    if not store.has(version.run_id, REFERENCE):
        raise ModelError(f"Version {version.number} of {recipe.name} did not keep what its rows looked like.", again)
    kept = json.loads(store.artifact(version.run_id, REFERENCE).read_text(encoding="utf-8"))
    if kept.get("format") != FORMAT:
        raise ModelError(f"Version {version.number} of {recipe.name} counted its rows in another way.", again)
    return dict(kept["features"])


def _rows(lake: Lake, recipe: Recipe, model: Any, version: Version, since: str | None, until: str | None) -> DataFrame:
    from pyspark.sql import functions as F

    assert recipe.inputs is not None
    rows = recipe.inputs(model, {name: lake.read(name) for name in recipe.reads})
    require_columns(version.number, version.read("columns", {}), column_types(rows))
    if since or until:
        if "day" not in rows.columns:
            raise ModelError(f"The rows of {recipe.name} have no day.", "Leave --from and --to out: all are compared.")
        rows = rows.where(F.col("day").between(F.lit(since or "0001-01-01").cast("date"),
                                               F.lit(until or "9999-12-31").cast("date")))  # fmt: skip
    staged = lake.stage(rows)
    if staged is None:
        raise ModelError(
            f"There are no rows of {recipe.name} in this time.", "Choose another --from and --to, or none."
        )
    return staged


def require_measurable(recipe: Recipe, since: str | None, until: str | None) -> None:
    """Fail unless the recipe has rows of today, and both ends are days, or not given, and in order.

    Raises:
        ModelError: naming what is wrong.
    """
    require_rows_of_today(recipe, "So its drift is not measured; a new training measures it on newer data.")
    for text in filter(None, (since, until)):
        try:
            dt.date.fromisoformat(text)
        except ValueError as e:
            raise ModelError(f"{text!r} is no day.", "Write it as 2026-01-31.") from e
    if since and until and since > until:
        raise ModelError(f"{since} is after {until}.", "The first day goes to --from, the last one to --to.")


def measure(
    name: str, version: int, at: str, window: tuple[str, str], before: dict[str, Any], now: dict[str, Any]
) -> Drift:
    """Compare two sets of histograms, feature by feature; features that are in one only are left out.

    Args:
        before: as `reference_of` gives them.
        now: counted with the same edges and levels.
    """
    names = [feature for feature in before if feature in now]
    raw = [_compared(before[feature], now[feature]) for feature in names]
    corrected = holm([p for _, _, _, p in raw])
    features = tuple(
        FeatureDrift(
            feature, index, test, statistic, p, _nulls(before[feature]), _nulls(now[feature]), _verdict(index, p)
        )
        for feature, (index, test, statistic, _), p in zip(names, raw, corrected, strict=True)
    )
    rows = [max((_rows_of(histogram) for histogram in side.values()), default=0) for side in (before, now)]
    return Drift(name, version, at, window, rows[0], rows[1], features)


def _compared(before: dict[str, Any], now: dict[str, Any]) -> tuple[float, str, float, float]:
    if before["kind"] == "level":
        old, new = list(before["levels"].values()), list(now["levels"].values())
        return (stability_index(old, new), "chi-square", *chi_square(old, new))
    old, new = joined(before["counts"], now["counts"])
    distance, p = kolmogorov_smirnov(before["counts"], now["counts"])
    if before["nulls"] or now["nulls"]:
        of_nulls = ([sum(old), before["nulls"]], [sum(new), now["nulls"]])
        # Two looks at one feature, so each counts double.
        p = min(1.0, 2 * p, 2 * chi_square(*of_nulls)[1])
        old, new = [*old, before["nulls"]], [*new, now["nulls"]]
    return stability_index(old, new), "Kolmogorov-Smirnov", distance, p


def _rows_of(histogram: dict[str, Any]) -> int:
    return sum(histogram["levels"].values()) if "levels" in histogram else sum(histogram["counts"]) + histogram["nulls"]


def _nulls(histogram: dict[str, Any]) -> float:
    nulls = histogram["levels"].get("(null)", 0) if "levels" in histogram else histogram["nulls"]
    return nulls / max(_rows_of(histogram), 1)


def _verdict(index: float, p: float) -> str:
    if p >= SIGNIFICANT or index < MODERATE:
        return "none"
    return "large" if index >= LARGE else "moderate"


def _remember(store: Store, recipe: Recipe, version: Version, found: Drift) -> None:
    with said_plainly(store):
        store.client.set_model_version_tag(
            model_name(recipe), str(version.number), "emberlake.drift", f"{found.sentence} ({found.at[:10]})"
        )


def _write(folder: Path, found: Drift) -> dict[str, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    files = {"json": folder / f"{found.name}.json", "html": folder / f"{found.name}.html"}
    files["json"].write_text(json.dumps(asdict(found), ensure_ascii=False, indent=1), encoding="utf-8")
    files["html"].write_text(to_page(found), encoding="utf-8")
    return files
