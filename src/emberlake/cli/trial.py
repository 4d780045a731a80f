"""`trial`: A/B tests from plan to reading."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emberlake.cli import reading as views
from emberlake.cli.command import Call, command
from emberlake.cli.meter import one_bar
from emberlake.cli.screen import table
from emberlake.errors import LakeError, SettingsError

if TYPE_CHECKING:
    from emberlake.lake import Lake
    from emberlake.progress import Progress

app = typer.Typer(no_args_is_help=True, help="A/B tests: plan, start, expose, read, stop.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="The trial.")]


def _plan(
    call: Call,
    name: Name,
    metric: Annotated[str, typer.Option("--metric", help="The metric that decides.")] = "conversion",
    effect: Annotated[str, typer.Option("--effect", help="The smallest relative change worth knowing.")] = "5%",
    since: Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day, UTC.")] = None,
    days: Annotated[int | None, typer.Option("--days", help="Length; else as long as it needs.")] = None,
    variant: Annotated[
        list[str] | None, typer.Option("--variant", metavar="NAME=PERCENT", help="Repeat it; the first is the control.")
    ] = None,
    also: Annotated[list[str] | None, typer.Option("--also", metavar="METRIC", help="Look at it too.")] = None,
    guard: Annotated[list[str] | None, typer.Option("--guard", metavar="METRIC", help="Must not get worse.")] = None,
    alpha: Annotated[float, typer.Option("--alpha", help="Chance of a false alarm.")] = 0.05,
    power: Annotated[float, typer.Option("--power", help="Chance to find the effect.")] = 0.8,
    sequential: Annotated[bool, typer.Option("--sequential", help="May be read at any time.")] = False,
    assign: Annotated[str, typer.Option("--assign", help="How: hash, multiplicative or file.")] = "hash",
    expose: Annotated[str, typer.Option("--expose", help="Who: active before, during, or in a log.")] = "before",
    salt: Annotated[str, typer.Option("--salt", help="Of the hash; else the trial's name.")] = "",
) -> None:
    """Say how many users and days a trial needs, and keep its plan."""
    from emberlake import trials
    from emberlake.trials.sources import data_until

    given: dict[str, Any] = {
        "name": name, "metric": trials.find_metric(metric).name, "effect": share(effect, "--effect"), "alpha": alpha,
        "power": power, "sequential": sequential, "salt": salt, "days": 1 if days is None else days,
        "method": _choice(assign, "--assign", ("hash", "multiplicative", "file")),
        "exposure": _choice(expose, "--expose", ("before", "during", "log")),
        **({"shares": _shares(variant)} if variant else {}),
    }  # fmt: skip
    first = _day(since, "--from")
    named = [tuple(trials.find_metric(m).name for m in names) if names else None for names in (also, guard)]
    trials.Trial(**given, since=first or dt.date(2000, 1, 1))  # what is wrong is said before an engine starts
    with _lake(call, name) as (lake, tell):
        tell("looking at the weeks before", 0.3)
        usual = trials.usual(lake, given["metric"])
        others, guardrails = (usual[i] if names is None else names for i, names in enumerate(named))
        others = tuple(m for m in others if m not in guardrails)
        trial = trials.Trial(**given, since=first or data_until(lake), others=others, guardrails=guardrails)
        trial, found = trials.plan(lake, trial, days)
    call.screen.show(views.plan_data(trial, found), lambda: views.plan_view(trial, found))


def _start(
    call: Call,
    name: Name,
    since: Annotated[str | None, typer.Option("--from", metavar="DATE", help="First day, if not as planned.")] = None,
) -> None:
    """Begin a trial; from then on its plan is fixed."""
    from emberlake import trials

    trial = trials.start(call.settings, name, _day(since, "--from")).trial
    call.screen.show(
        trial.to_dict(),
        lambda: f"{name} runs from {trial.since} to before {trial.until}. Next: {views.next_step(trial)}",
    )


def _expose(
    call: Call,
    name: Name,
    source: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="CSV, JSONL or Parquet.")] = None,
) -> None:
    """Take in who saw what from a file, or work it out as planned."""
    from emberlake import trials
    from emberlake.trials import Diary

    Diary(call.settings).require(name, "exposed")
    with _lake(call, name) as (lake, _):
        users = trials.expose(lake, name, source)
    rows = [{"variant": variant, "rows" if source else "users": n} for variant, n in users.items()]
    call.screen.show(rows, lambda: table(rows))


def _read(
    call: Call,
    name: Name,
    peek: Annotated[bool, typer.Option("--peek", help="Look before the planned end; decides nothing.")] = False,
    page: Annotated[Path | None, typer.Option("--page", metavar="FILE.html", help="Where to write the page.")] = None,
) -> None:
    """Compare the variants, and write a page that says what it means."""
    from emberlake import trials
    from emberlake.trials import Diary

    Diary(call.settings).require(name, "read")
    with _lake(call, name) as (lake, tell):
        reading = trials.read(lake, name, peek, tell)
    path = page or call.settings.trials / name / f"{reading.until}.html"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(trials.page(reading), encoding="utf-8")
    except OSError as e:
        raise SettingsError(f"{path} cannot be written: {e.strerror}.", "Name another file: --page FILE.html.") from e
    call.screen.show({**reading.to_dict(), "page": str(path)}, lambda: views.reading_view(reading))
    call.screen.note(f"Wrote {path}")


def _stop(
    call: Call,
    name: Name,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="First day that does not count.")] = None,
    why: Annotated[str, typer.Option("--why", help="The reason, for those who ask later.")] = "",
) -> None:
    """End a trial before its planned end."""
    from emberlake import trials

    day = _day(on, "--on") or dt.datetime.now(dt.UTC).date()
    story = trials.stop(call.settings, name, day, why)
    call.screen.show(
        {"trial": name, "on": day, "why": why}, lambda: f"{story.name} stopped: {day} and later do not count."
    )


def _list(call: Call) -> None:
    """List the trials and how far each is."""
    from emberlake.trials import Diary

    stories = Diary(call.settings).stories()
    rows = [views.story_row(story) for story in stories]
    data = [row | {"plan": story.trial.to_dict()} for row, story in zip(rows, stories, strict=True)]
    call.screen.show(data, lambda: table(rows, "Trials" if not rows else ""))


def _metrics(call: Call) -> None:
    """List the metrics that a trial can have."""
    from emberlake.trials import trial_metrics

    rows = [{"metric": m.name, "kind": m.kind, "better": m.better, "meaning": m.meaning} for m in trial_metrics()]
    call.screen.show(rows, lambda: table(rows))


@contextmanager
def _lake(call: Call, title: str) -> Iterator[tuple[Lake, Progress]]:
    from emberlake.engine import open_engine, resolve_engine
    from emberlake.lake import Lake

    if not call.settings.lake.exists():
        raise LakeError(f"There is no lakehouse in {call.settings.root} yet.", "Build it first: emberlake up.")
    with one_bar(call.screen, title) as tell:
        kind = resolve_engine(call.settings)
        tell(f"starting {kind}", 0.0)
        with open_engine(call.settings, kind, short=True) as engine, Lake(engine.session, call.settings) as lake:
            yield lake, tell


def _day(text: str | None, option: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise SettingsError(f"{option} is {text!r}, which is no day.", "Write it as 2025-09-01 (UTC).") from None


def share(text: str, option: str) -> float:
    """A share that was written as 5% or 0.05.

    Raises:
        SettingsError: if it is no number.
    """
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        raise SettingsError(f"{option} is {text!r}, which is no number.", "Write it as 5% or 0.05.") from None
    return value / 100 if text.endswith("%") else value


def _shares(given: list[str]) -> dict[str, float]:
    shares: dict[str, float] = {}
    for pair in given:
        name, _, percent = pair.partition("=")
        if not name or not percent or name in shares:
            raise SettingsError(f"--variant is {pair!r}.", "Write each variant once, as NAME=PERCENT: control=50.")
        shares[name] = share(percent.removesuffix("%") + "%", "--variant")
    return shares


def _choice(value: str, option: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise SettingsError(f"{option} is {value!r}.", f"Give one of: {', '.join(choices)}.")
    return value


_FLOW = "emberlake trial plan checkout --metric conversion --effect 5%"
command(
    app,
    "plan",
    (_FLOW, "emberlake trial plan checkout --variant control=80 --variant a=10 --variant b=10 --sequential"),
)(_plan)
command(app, "start", "emberlake trial start checkout --from 2025-09-01")(_start)
command(app, "expose", "emberlake trial expose checkout exposures.csv")(_expose)
command(app, "read", ("emberlake trial read checkout", "emberlake trial read checkout --peek"))(_read)
command(app, "stop", "emberlake trial stop checkout --why 'errors at payment'")(_stop)
command(app, "list", "emberlake trial list")(_list)
command(app, "metrics", "emberlake trial metrics")(_metrics)
