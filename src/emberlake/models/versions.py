"""The registry as this project uses it: versions, who is champion and challenger, and the record of every change.

A change is recorded as a tag of the registered model before the alias moves, and marked as done after. What a kill
left open is finished by whoever holds the models' lock next.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from emberlake.errors import ModelError
from emberlake.lake.boundary import boundary
from emberlake.models.recipe import Recipe
from emberlake.models.saving import MODEL
from emberlake.models.store import Store, pairs, said_plainly

CHAMPION, CHALLENGER = "champion", "challenger"
_CHANGE = "emberlake.change."


@dataclass(frozen=True)
class Version:
    """A registered version.

    Attributes:
        tags: what the training wrote of it: metrics, versions of tables, the verdict.
    """

    number: int
    run_id: str
    tags: dict[str, str]

    def read(self, name: str, default: Any = None) -> Any:
        """A tag that holds JSON."""
        text = self.tags.get(f"emberlake.{name}")
        return default if text is None else json.loads(text)


@dataclass(frozen=True)
class Change:
    """An alias that moved.

    Attributes:
        before: the version that had it; 0: none.
        by: train, promote or rollback.
        done: whether the alias has moved.
    """

    number: int
    at: str
    alias: str
    before: int
    after: int
    by: str
    why: str
    done: bool = False


def model_name(recipe: Recipe) -> str:
    """The registered model's name."""
    return recipe.registered_name or f"emberlake_{recipe.name}"


def versions(store: Store, recipe: Recipe) -> list[Version]:
    """All versions, newest first."""
    with said_plainly(store):
        found = store.client.search_model_versions(f"name = '{model_name(recipe)}'")
    made = [Version(int(v.version), v.run_id or "", pairs(v.tags)) for v in found]
    return sorted(made, key=lambda version: -version.number)


def version_of(store: Store, recipe: Recipe, number: int) -> Version:
    """One version.

    Raises:
        ModelError: if there is none of that number; the message lists those there are.
    """
    every = versions(store, recipe)
    for version in every:
        if version.number == number:
            return version
    there = ", ".join(str(version.number) for version in every) or "none"
    raise ModelError(f"{recipe.name} has no version {number}.", f"There are: {there}.")


def holder(store: Store, recipe: Recipe, alias: str) -> Version | None:
    """The version that has the alias."""
    number = _registered(store, recipe)[1].get(alias)
    return version_of(store, recipe, number) if number else None


def changes(store: Store, recipe: Recipe) -> list[Change]:
    """Every change of an alias, oldest first."""
    tags = _registered(store, recipe)[0]
    made = [Change(**json.loads(value)) for name, value in tags.items() if name.startswith(_CHANGE)]
    return sorted(made, key=lambda change: change.number)


def move(store: Store, recipe: Recipe, alias: str, after: int, by: str, why: str) -> Change:
    """Give an alias to a version; the caller holds the models' lock."""
    before = _registered(store, recipe)[1].get(alias, 0)
    past = changes(store, recipe)
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    change = Change(past[-1].number + 1 if past else 1, now, alias, before, after, by, why)
    _record(store, recipe, change)
    boundary(f"models.{recipe.name}:recorded")
    return _finish(store, recipe, change)


def settle(store: Store, recipe: Recipe) -> None:
    """Finish what a killed training or promotion left open; the caller holds the models' lock."""
    for change in changes(store, recipe):
        if not change.done:
            _finish(store, recipe, change)
    newest = next(iter(versions(store, recipe)), None)
    if newest is None or any(change.after == newest.number for change in changes(store, recipe)):
        return
    if alias := newest.tags.get("emberlake.becomes"):
        move(store, recipe, alias, newest.number, "train", newest.tags.get("emberlake.why", ""))


def drop_alias(store: Store, recipe: Recipe, alias: str) -> None:
    """Take an alias from whoever has it."""
    with said_plainly(store):
        store.client.delete_registered_model_alias(model_name(recipe), alias)


def _finish(store: Store, recipe: Recipe, change: Change) -> Change:
    name, done = model_name(recipe), replace(change, done=True)
    with said_plainly(store):
        store.client.set_registered_model_alias(name, change.alias, str(change.after))
    boundary(f"models.{recipe.name}:aliased")
    # A champion challenges nobody.
    if change.alias == CHAMPION and _registered(store, recipe)[1].get(CHALLENGER) == change.after:
        drop_alias(store, recipe, CHALLENGER)
    _record(store, recipe, done)
    return done


def _record(store: Store, recipe: Recipe, change: Change) -> None:
    text = json.dumps(asdict(change), ensure_ascii=False)
    with said_plainly(store):
        store.client.set_registered_model_tag(model_name(recipe), f"{_CHANGE}{change.number:06}", text)


def _registered(store: Store, recipe: Recipe) -> tuple[dict[str, str], dict[str, int]]:
    """Tags and aliases of the registered model; none while it is not registered."""
    with said_plainly(store):
        found = store.client.search_registered_models(f"name = '{model_name(recipe)}'")
        if not found:
            return {}, {}
        # The search leaves aliases out in some versions of the store.
        model = store.client.get_registered_model(model_name(recipe))
    return pairs(model.tags), {alias: int(number) for alias, number in dict(model.aliases).items()}


def register(store: Store, recipe: Recipe, run_id: str, tags: dict[str, str]) -> int:
    """Register a run's model in one step, with all that is said of it, and give the version's number."""
    from mlflow.exceptions import MlflowException

    name = model_name(recipe)
    with said_plainly(store):
        try:
            store.client.create_registered_model(name, description=recipe.question)
        except MlflowException as e:
            if e.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        source = f"{store.client.get_run(run_id).info.artifact_uri}/{MODEL}"
        made = store.client.create_model_version(name, source, run_id, tags=tags)
    return int(made.version)
