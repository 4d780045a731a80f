"""`models compare`, `promote` and `rollback`: who is champion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from emberlake.cli.command import Call
from emberlake.cli.workbench import Name, baseline, minute, narrow, short

Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Kept in the record of changes.")]


def compare(call: Call, name: Name) -> None:
    """Show champion and challenger on the same hold-out, with the interval of their difference."""
    from emberlake.models.listing import compare_versions
    from emberlake.models.recipes import recipe

    chosen = recipe(name)
    found = compare_versions(call.settings, chosen)

    def view() -> Iterator[RenderableType]:
        sides = [{"is": role, **found[role]} for role in ("champion", "challenger") if found[role]]
        unit = chosen.metric.unit
        shown = [
            {
                **side,
                "value": short(side["value"], unit),
                "best baseline": baseline(side, unit),
                "trained (UTC)": minute(side["trained_at"]),
            }
            for side in sides
        ]
        yield Text(chosen.metric.title, style="bold")
        yield narrow(shown, columns=("is", "version", "value", "best baseline", "trained (UTC)"))
        yield Text(f"\n{found['why']}")
        if found["changes"]:
            yield ""
            changes = [{**change, "at (UTC)": minute(change["at"])} for change in found["changes"]]
            yield narrow(changes, "Changes", ("at (UTC)", "alias", "before", "after", "by", "why"))

    call.screen.show(found, view)


def promote(
    call: Call,
    name: Name,
    version: Annotated[int | None, typer.Option("--version", help="Default: the challenger.")] = None,
    reason: Reason = "",
    force: Annotated[bool, typer.Option("--force", help="Also one that did not win; needs --reason.")] = False,
) -> None:
    """Make a version champion: one that won, or any other with a reason."""
    from emberlake.models import promotion
    from emberlake.models.recipes import recipe
    from emberlake.models.store import open_store
    from emberlake.models.training import training_lock
    from emberlake.models.versions import settle

    chosen = recipe(name)
    store = open_store(call.settings)
    with training_lock(call.settings):
        settle(store, chosen)
        change = promotion.promote(store, chosen, version, reason, force)
    _changed(call, name, asdict(change))


def rollback(call: Call, name: Name, reason: Reason = "") -> None:
    """Give the title back to the champion before this one."""
    from emberlake.models import promotion
    from emberlake.models.recipes import recipe
    from emberlake.models.store import open_store
    from emberlake.models.training import training_lock
    from emberlake.models.versions import settle

    chosen = recipe(name)
    store = open_store(call.settings)
    with training_lock(call.settings):
        settle(store, chosen)
        change = promotion.rollback(store, chosen, reason)
    _changed(call, name, asdict(change))


def _changed(call: Call, name: str, change: dict[str, Any]) -> None:
    said = f"Version {change['after']} of {name} is champion now"
    said += f"; before it was version {change['before']}." if change["before"] else "."
    call.screen.show(change, lambda: [Text(said), Text(f"Bring gold up to date: emberlake models write {name}")])
