"""Who is champion: a new version only if it wins on the same hold-out; by hand with a reason; and the way back."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from emberlake.errors import ModelError
from emberlake.models.checks import require_columns, require_losses
from emberlake.models.comparison import Comparison, compare_losses
from emberlake.models.recipe import Fitted, Recipe
from emberlake.models.saving import column_types, load_model
from emberlake.models.store import Store
from emberlake.models.versions import CHALLENGER, CHAMPION, Change, Version, changes, holder, move, version_of

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Verdict:
    """What a new version becomes, and why.

    Attributes:
        becomes: champion or challenger.
        champion: the version that it was compared with; 0: there was none.
        losses: the new version's, on its hold-out.
        comparison: None where there was nobody to compare with, or the champion could not be asked.
    """

    becomes: str
    why: str
    losses: pa.Table
    champion: int = 0
    comparison: Comparison | None = None
    at: str = field(default_factory=lambda: dt.datetime.now(dt.UTC).isoformat(timespec="seconds"))

    def tags(self, recipe: Recipe, fitted: Fitted) -> dict[str, str]:
        """What the version says of itself in the registry."""
        values: dict[str, Any] = {
            "metrics": fitted.metrics,
            "baselines": fitted.baselines,
            "columns": column_types(fitted.sample),
            "windows": fitted.windows,
            "comparison": asdict(self.comparison) if self.comparison else None,
            "champion": self.champion,
        }
        written = {f"emberlake.{name}": json.dumps(value) for name, value in values.items()}
        plain = {"becomes": self.becomes, "why": self.why, "trained_at": self.at, "recipe": recipe.name}
        return written | {f"emberlake.{name}": value for name, value in plain.items()}


def judge(store: Store, recipe: Recipe, fitted: Fitted) -> Verdict:
    """Compare a fitted model with the champion on the new hold-out, which neither has learnt from.

    A champion that cannot be asked (other columns, files gone) stays champion: only a person takes its place away.

    Raises:
        ModelError: if the model's own losses are not one finite number a unit.
    """
    losses = recipe.losses(fitted.model, fitted.holdout)
    require_losses(losses, "the new model")
    champion = holder(store, recipe, CHAMPION)
    if champion is None:
        return Verdict(CHAMPION, "The first version.", losses)
    try:
        require_columns(champion.number, champion.read("columns", {}), column_types(fitted.sample))
        model = load_model(store, recipe, champion.run_id)
        compared = compare_losses(losses_of(recipe, model, fitted.holdout, champion.number), losses)
    except ModelError as e:
        return Verdict(CHALLENGER, f"It could not be compared: {e.problem}", losses, champion.number)
    becomes = CHAMPION if compared.wins else CHALLENGER
    return Verdict(becomes, compared.why, losses, champion.number, compared)


def losses_of(recipe: Recipe, model: Any, holdout: Any, version: int) -> pa.Table:
    """The losses of a registered version.

    Raises:
        ModelError: if it cannot be asked about this hold-out.
    """
    try:
        return recipe.losses(model, holdout)
    except ModelError:
        raise
    except Exception as e:
        raise asked_in_vain(recipe, version, e) from e


def asked_in_vain(recipe: Recipe, version: int, error: Exception) -> ModelError:
    """The error for a registered version that does not take the rows of today."""
    said = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
    return ModelError(
        f"Version {version} of {recipe.name} does not take the rows that there are now: {said}",
        "It was registered for other columns or values: train again, then compare and promote.",
    )


def promote(store: Store, recipe: Recipe, number: int | None, reason: str, force: bool) -> Change:
    """Make a version champion by hand; the caller holds the models' lock.

    Args:
        number: None: the challenger.
        reason: kept in the record of changes.
        force: also if it did not win.

    Raises:
        ModelError: if there is no such version, it is champion already, or did not win and `force` is not given.
    """
    version = version_of(store, recipe, number) if number else holder(store, recipe, CHALLENGER)
    if version is None:
        raise ModelError(f"{recipe.name} has no challenger.", f"Train one: emberlake models train {recipe.name}.")
    champion = holder(store, recipe, CHAMPION)
    if champion and champion.number == version.number:
        raise ModelError(f"Version {version.number} of {recipe.name} is champion already.")
    if not (won(version, champion) or (force and reason.strip())):
        raise ModelError(
            f"Version {version.number} of {recipe.name} did not win: {version.tags.get('emberlake.why', '')}",
            "To promote it all the same, say why: --force --reason '…'.",
        )
    return move(store, recipe, CHAMPION, version.number, "promote", reason.strip() or version.tags["emberlake.why"])


def won(version: Version, champion: Version | None) -> bool:
    """Whether the version's own training found it better than this champion."""
    if champion is None:
        return True
    compared = version.read("comparison")
    return bool(compared and compared["wins"] and version.read("champion") == champion.number)


def rollback(store: Store, recipe: Recipe, reason: str = "") -> Change:
    """Give the title back to the champion before this one; again and again, down to the first.

    Raises:
        ModelError: if there is no champion, or none before it.
    """
    champion = holder(store, recipe, CHAMPION)
    if champion is None:
        raise ModelError(f"{recipe.name} has no champion.", f"Train one: emberlake models train {recipe.name}.")
    before = before_champion(changes(store, recipe), champion.number)
    if not before:
        raise ModelError(f"{recipe.name} had no champion before version {champion.number}.")
    previous = version_of(store, recipe, before)
    return move(store, recipe, CHAMPION, previous.number, "rollback", reason or f"Back from {champion.number}.")


def before_champion(past: list[Change], champion: int) -> int:
    """The version that this champion took the title from; 0: from nobody.

    A rollback is no taking: after 1, 2, 3 and one rollback, the one before 2 is 1 and not 3.
    """
    taken = [c for c in past if c.alias == CHAMPION and c.after == champion and c.by != "rollback"]
    return taken[-1].before if taken else 0
