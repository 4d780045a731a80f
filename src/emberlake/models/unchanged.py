"""Whether a training would only repeat another: same versions of the same tables, same code, same seed."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.metadata import version as package_version
from pathlib import Path

from emberlake.models.recipe import Recipe
from emberlake.models.store import Store
from emberlake.models.versions import Version, versions

FINGERPRINT = "emberlake.fingerprint"
# What fits: another version of these may fit otherwise.
_FITTING = ("pyspark", "statsforecast", "numpy")


def fingerprint(recipe: Recipe, pinned: dict[str, int], seed: int) -> str:
    """A short text that is the same for trainings that would come to the same."""
    given = {"recipe": recipe.name, "tables": pinned, "seed": seed, "code": _code(), "packages": _packages(recipe)}
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()[:16]


def trained_before(store: Store, recipe: Recipe, mark: str) -> Version | None:
    """The newest version with this fingerprint whose model is still there; it need not have won."""
    same = (version for version in versions(store, recipe) if version.tags.get(FINGERPRINT) == mark)
    return next((version for version in same if store.has(version.run_id, "model")), None)


@cache
def _code() -> str:
    """The files of this room: what a recipe does is in them, SQL included."""
    room = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(path for path in room.rglob("*") if path.suffix in (".py", ".sql")):
        digest.update(f"{path.relative_to(room)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _packages(recipe: Recipe) -> dict[str, str]:
    own = (recipe.package,) if recipe.package else ()
    return {name: package_version(name) for name in (*_FITTING, *own)}
