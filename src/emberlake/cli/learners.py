"""`stream learners`: how models that learn from live events stand, what happened to them, and a promotion undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from emberlake.cli.command import Call, command
from emberlake.cli.screen import table
from emberlake.cli.workbench import minute, narrow, short
from emberlake.errors import SettingsError, StreamError

if TYPE_CHECKING:
    from emberlake.streams.online.standing import Standing


def register(app: typer.Typer) -> None:
    """Add the command."""
    examples = (
        "emberlake stream learners",
        "emberlake stream learners learn_value --png learning.png",
        "emberlake stream learners learn_value --undo --why 'there was a sale'",
    )
    command(app, "learners", examples)(_learners)


def _learners(
    call: Call,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One of them, with its diary.")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Bring back the champion before the last promotion.")] = False,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason to undo, for the diary.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Undo it without asking.")] = False,
    png: Annotated[Path | None, typer.Option("--png", metavar="FILE.png", help="Write a picture of errors.")] = None,
) -> None:
    """Show models that learn from live events: how good they are, who is champion, promotions and drifts."""
    from emberlake.streams.online.standing import MEASURES, standing

    if name is None and (undo or png):
        raise SettingsError("--undo and --png are of one learner.", f"Name it: {', '.join(MEASURES)}.")
    if name is not None and name not in MEASURES:
        raise StreamError(f"There is no learner {name!r}.", f"There are: {', '.join(MEASURES)}.")
    if name is None:
        every = [standing(call.settings, each) for each in MEASURES]
        call.screen.show([_brief(one) for one in every], lambda: narrow([_shown(one) for one in every]))
        return
    if png:
        _draw(call, name, png)
    if undo:
        _undo(call, name, why, yes)
        return
    one = standing(call.settings, name)
    call.screen.show(asdict(one), lambda: _view(one))


def _brief(one: Standing) -> dict[str, Any]:
    champion, served = one.of("champion"), one.of("served")
    return {
        "name": one.name, "champion": champion and champion["model"], "events": one.events, "newest": one.at,
        "measure": one.measure, "unit": one.unit, "so_far": served and served["so_far"],
        "rolling": served and served["rolling"], "promotions": one.count("promoted"), "undone": one.count("undone"),
        "drifts": one.count("drift"), "gaps": one.count("gap"),
    }  # fmt: skip


def _shown(one: Standing) -> dict[str, Any]:
    row = _brief(one)
    return {
        "name": row["name"], "champion": row["champion"], "events": row["events"],
        "newest (UTC)": minute(row["newest"]), "measure": row["measure"], "so far": short(row["so_far"], row["unit"]),
        "latest": short(row["rolling"], row["unit"]), "promotions": row["promotions"], "drifts": row["drifts"],
    }  # fmt: skip


def _view(one: Standing) -> Iterator[RenderableType]:
    yield Text(f"{one.name}: {one.events:,} events learned", style="bold")
    numbers = ("so_far", "rolling", "fading")
    yield table([{**row, **{n: row[n] is not None and short(row[n]) or "–" for n in numbers}} for row in one.rows])
    yield ""
    yield narrow(
        [
            {"at (UTC)": minute(e.written_at), "after events": e.event if e.event >= 0 else None, "what": e.what,
             "before": e.old or None, "after": e.new or None, "why": e.why or None}
            for e in one.diary
        ],
        "" if one.diary else "Diary",
    )  # fmt: skip


def _undo(call: Call, name: str, why: str, yes: bool) -> None:
    from emberlake.streams.online.diary import standing_promotion, undo_promotion

    promotion = standing_promotion(call.settings, name)
    when = f"promoted after {promotion.event:,} events"
    said = f"{promotion.old} becomes champion again, in place of {promotion.new} ({when})."
    if not yes and not call.screen.confirm(f"{said} Undo it?"):
        raise StreamError(f"Nothing was undone. {said}", "Answer y, or add --yes where nobody can answer.")
    number = undo_promotion(call.settings, name, why)
    call.screen.show(
        {"stream": name, "request": number, "champion": promotion.old, "why": why},
        lambda: f"{said} The stream {name} follows before its next micro-batch.",
    )


def _draw(call: Call, name: str, path: Path) -> None:
    from emberlake.streams.online.diary import entries
    from emberlake.streams.online.picture import line_figure
    from emberlake.streams.online.standing import MEASURES, lines, marks

    found = lines(call.settings, name)
    if not found:
        raise StreamError(f"{name} has not learned anything yet.", f"Start it: emberlake stream start {name}.")
    measure, unit = MEASURES[name]
    figure = line_figure(
        found, marks(entries(call.settings, name)), name, f"{measure} of the latest events ({unit})", "events"
    )
    try:
        figure.savefig(path, format="png")
    except OSError as e:
        raise SettingsError(f"{path} cannot be written: {e.strerror}.", "Name a file in a folder that is there.") from e
    call.screen.note(f"Wrote {path}")
