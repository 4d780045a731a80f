"""`stream replay`: the lake's orders and clicks, played into Kafka."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emberlake.cli.command import Call, command
from emberlake.cli.meter import one_bar
from emberlake.cli.screen import table
from emberlake.errors import SettingsError

if TYPE_CHECKING:
    from emberlake.progress import Progress
    from emberlake.streams.replay import Replayed

EXAMPLES = (
    "emberlake stream replay --from 2025-12-01 --speed 3600",
    "emberlake stream replay --rate 1000 --loops 0 --fresh",
    "emberlake stream replay --late 20 --duplicates 50 --malformed 11 --out-of-order 100",
)


def register(app: typer.Typer) -> None:
    """Add the command to the `stream` group."""
    command(app, "replay", EXAMPLES)(_replay)


def _replay(
    call: Call,
    start: Annotated[str | None, typer.Option("--from", metavar="DAY", help="First day; the shop's first.")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="DAY", help="Last day, within; the shop's last.")] = None,
    topics: Annotated[str, typer.Option("--topics", help="orders, clicks or both: orders,clicks.")] = "orders,clicks",
    speed: Annotated[str, typer.Option("--speed", help="Times as fast as it happened, or max.")] = "max",
    rate: Annotated[float | None, typer.Option("--rate", help="At most so many events a second.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", help="At most so many events of each loop.")] = None,
    loops: Annotated[int, typer.Option("--loops", help="How often; 0: until Ctrl-C.")] = 1,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="New numbers and times, as if the days came again after the shop's last.")
    ] = False,
    late: Annotated[int, typer.Option("--late", help="Plant so many late events.")] = 0,
    duplicates: Annotated[int, typer.Option("--duplicates", help="Plant so many duplicates.")] = 0,
    malformed: Annotated[int, typer.Option("--malformed", help="Plant so many broken copies.")] = 0,
    out_of_order: Annotated[int, typer.Option("--out-of-order", help="Swap so many events with the next.")] = 0,
    late_by: Annotated[int, typer.Option("--late-by", metavar="SECONDS", help="How late a late event is.")] = 3_600,
    disorder: Annotated[int, typer.Option("--disorder", metavar="SECONDS", help="The most of a swap.")] = 300,
    draw: Annotated[int, typer.Option("--plant-seed", help="Decides which events the faults are in.")] = 42,
    record: Annotated[Path | None, typer.Option("--record", metavar="FILE", help="Where the truth is kept.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on behind what an earlier run sent.")] = False,
) -> None:
    """Play the lake's orders, with their lines, and clicks into Kafka, in the order of their times.

    Faults are planted at exact counts, and told in the record. Ctrl-C ends it with all counted; --resume goes on.
    """
    from emberlake.engine.kafka import open_connection
    from emberlake.streams.replay import Faults, Plan, replay

    plan = Plan(
        start=_day("--from", start), end=_day("--to", end),
        topics=tuple(name.strip() for name in topics.split(",") if name.strip()), speed=_speed(speed), rate=rate,
        limit=limit, loops=loops, fresh=fresh, seed=draw,
        faults=Faults(late, duplicates, malformed, out_of_order, late_by, disorder),
    )  # fmt: skip
    connection = open_connection(call.settings)
    with one_bar(call.screen, "Playing") as tell:
        done = replay(call.settings, connection, plan, progress=_with_time_left(tell), resume=resume, record=record)
    call.screen.show(asdict(done), lambda: [table(_rows(done)), "", _story(done)])
    if done.stopped:
        raise typer.Exit(130)


def _with_time_left(tell: Progress) -> Callable[[str, float], None]:
    began = dt.datetime.now(dt.UTC)
    first: list[float] = []

    def told(doing: str, fraction: float) -> None:
        # A resumed replay begins with a fraction done.
        first.append(fraction) if not first else None
        gone, done = (dt.datetime.now(dt.UTC) - began).total_seconds(), fraction - first[0]
        left = f", {dt.timedelta(seconds=round(gone / done * (1 - fraction)))} left" if done > 0.005 else ""
        tell(f"{doing}{left}", fraction)

    return told


def _rows(done: Replayed) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = [{"topic": topic, "messages": sent} for topic, sent in done.sent.items()]
    return rows + [{"topic": f"planted: {kind.replace('_', ' ')}", "messages": n} for kind, n in done.faults.items()]


def _story(done: Replayed) -> str:
    sent = sum(done.sent.values())
    told = f"{sent:,} messages in {done.seconds:,.1f} s, {sent / max(done.seconds, 0.001):,.0f} a second."
    if done.skipped:
        told += f" {done.skipped:,} were there before."
    if done.behind > 1:
        told += f" It was up to {done.behind:,.1f} s behind its schedule."
    return f"{told} Planted faults and the position: {done.record}" + ("\nStopped; --resume goes on." * done.stopped)


def _speed(given: str) -> float | None:
    if given == "max":
        return None
    try:
        return float(given.rstrip("x×"))
    except ValueError as e:
        raise SettingsError(f"--speed is {given!r}.", "Give max, or a number: 60 plays an hour in a minute.") from e


def _day(option: str, given: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(given) if given else None
    except ValueError as e:
        raise SettingsError(f"{option} is {given!r}, which is no day.", "Write it like 2025-12-01.") from e
