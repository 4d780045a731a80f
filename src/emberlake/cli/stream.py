"""`stream`: live queries, from start to stop."""

from __future__ import annotations

import dataclasses
import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emberlake.cli import learners, replay
from emberlake.cli.command import Call, command
from emberlake.cli.live import duration, status_screen
from emberlake.cli.meter import one_bar
from emberlake.cli.screen import table
from emberlake.errors import SettingsError, StreamError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from emberlake.streams.running import Entry

app = typer.Typer(no_args_is_help=True, help="Live queries and the orders for them: start, watch, stop, replay.")
Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME…]", help="Default: all that run.")]
Options = Annotated[
    list[str] | None, typer.Option("--option", "-o", metavar="NAME=VALUE", help="Of the stream; repeat it.")
]
_HAPPENINGS = 20


def _list(call: Call) -> None:
    """List the streams: what each reads and writes, how it runs, what it takes, and how it is."""
    from emberlake.streams.running import streams, survey

    found = survey(call.settings)
    rows = [
        {
            "name": stream.name, "title": stream.title, "reads": list(stream.reads), "writes": list(stream.writes),
            "trigger": stream.trigger, "options": stream.options,
            "state": found[stream.name].state if stream.name in found else "never started",
        }
        for stream in streams().values()
    ]  # fmt: skip
    call.screen.show(rows, lambda: table(rows, "Streams" if not rows else "", ("name", "state", "trigger", "title")))


def _start(
    call: Call,
    names: Annotated[list[str], typer.Argument(metavar="NAME…", help="Streams; they share one process.")],
    option: Options = None,
) -> None:
    """Start streams in the background, and wait until their queries run.

    Streams named together share one process and one JVM (about 1 GB); each is restarted by itself when it fails.
    """
    from emberlake.steps import claim_root
    from emberlake.streams.running import start_streams

    claim_root(call.settings)
    with one_bar(call.screen, " ".join(names)) as tell:
        entries = start_streams(call.settings, names, _options(option), tell)
    _say_started(call, entries)


def _say_started(call: Call, entries: list[Entry]) -> None:
    def view() -> list[str]:
        pid, metrics = entries[0].pid, entries[0].metrics
        lines = [f"{' and '.join(entry.name for entry in entries)} {_verb(entries)} (process {pid})."]
        lines += [f"Figures for Prometheus: {metrics}"] * bool(metrics)
        return [*lines, "Next: emberlake stream status"]

    call.screen.show([dataclasses.asdict(entry) for entry in entries], view)


def _verb(entries: list[Entry]) -> str:
    return "runs" if len(entries) == 1 else "run"


def _stop(call: Call, names: Names = None) -> None:
    """End streams, whatever state they are in: in good order, and by force where that does not help."""
    from emberlake.streams.running import running_streams, start_streams, stop_streams

    chosen = _checked(call, names) if names else running_streams(call.settings)
    with one_bar(call.screen, "Stopping") as tell:
        stops = stop_streams(call.settings, chosen, tell)
    rows = [dataclasses.asdict(stop) for stop in stops]
    shown = [{"stream": stop.name, "": stop.how, "after": duration(stop.seconds)} for stop in stops]
    call.screen.show(rows, lambda: table(shown) if shown else "No stream runs.")
    for orphans in {stop.orphans for stop in stops if stop.orphans}:
        call.screen.note(f"{', '.join(orphans)} shared the process, and is started again.")
        with one_bar(call.screen, " ".join(orphans)) as tell:
            start_streams(call.settings, orphans, _options_of(call, orphans), tell)


def _restart(call: Call, names: Names = None, option: Options = None) -> None:
    """Stop streams and start them again from their checkpoints, together in one process, with their options."""
    from emberlake.streams.running import running_streams, start_streams, stop_streams

    chosen = _checked(call, names) if names else running_streams(call.settings)
    if not chosen:
        raise StreamError("No stream runs.", "Start one: emberlake stream start NAME.")
    options = {**_options_of(call, chosen), **_options(option)}
    with one_bar(call.screen, " ".join(chosen)) as tell:
        stops = stop_streams(call.settings, chosen, tell)
        orphans = sorted({orphan for stop in stops for orphan in stop.orphans})
        entries = start_streams(call.settings, [*chosen, *orphans], {**_options_of(call, orphans), **options}, tell)
    _say_started(call, entries)


def _status(
    call: Call,
    names: Names = None,
    once: Annotated[bool, typer.Option("--once", help="Print it once instead of showing it live.")] = False,
    every: Annotated[float, typer.Option("--every", metavar="SECONDS", help="How often it is looked up.")] = 1.0,
) -> None:
    """Show how the streams are: state, rates, batches, lag, latency and alerts. Live in a terminal; Ctrl-C leaves."""
    _checked(call, names or [])
    if once or call.screen.as_json or not sys.stdout.isatty():
        data = _state(call, names)
        call.screen.show(data, lambda: _screen(call, data))
        return
    from rich.live import Live

    with Live(console=call.screen.out, screen=True, auto_refresh=False) as live:
        try:
            while True:
                data = _state(call, names)
                live.update(_screen(call, data), refresh=True)
                time.sleep(max(every, 0.2))
        except KeyboardInterrupt:
            pass
    call.screen.show(data, lambda: _screen(call, data))


def _screen(call: Call, data: list[dict[str, Any]]) -> RenderableType:
    from emberlake.lake.waiting import waiting

    return status_screen(data, _recent(call, data), waiting(call.settings))


def _state(call: Call, names: list[str] | None) -> list[dict[str, Any]]:
    from emberlake.streams.monitor import History, open_alerts
    from emberlake.streams.running import Book, survey

    book = Book(call.settings)
    looks, alerts = History(book).looks(), open_alerts(book)
    return [
        {
            **found.to_dict(),
            "figures": looks.get(name, {}),
            "alerts": [{**dataclasses.asdict(a), "sentence": a.sentence} for a in alerts if a.stream == name],
        }
        for name, found in survey(call.settings).items()
        if not names or name in names
    ]


def _recent(call: Call, data: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    from emberlake.streams.monitor import History
    from emberlake.streams.running import Book

    return {data[0]["name"]: History(Book(call.settings)).recent(data[0]["name"])} if len(data) == 1 else {}


def _alerts(
    call: Call,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Only this stream's.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    kinds: Annotated[bool, typer.Option("--kinds", help="What is looked at, with the thresholds.")] = False,
) -> None:
    """List the alerts that are raised now, or all that were; thresholds are set with --stream-alerts."""
    from emberlake.streams.monitor import ALERTS, open_alerts, read_thresholds
    from emberlake.streams.running import Book

    if kinds:
        limits = read_thresholds(call.settings.stream_alerts)
        rows = [
            {"alert": k.name, "threshold": limits[k.name], "unit": k.unit, "says": k.meaning} for k in ALERTS.values()
        ]
        call.screen.show(rows, lambda: table(rows))
        return
    _checked(call, [name] if name else [])
    found = open_alerts(Book(call.settings), name, every)
    rows = [{**dataclasses.asdict(alert), "sentence": alert.sentence} for alert in found]
    shown = [
        {"stream": a.stream, "alert": a.alert, "since": _moment(a.raised_at), "until": _moment(a.cleared_at),
         "says": a.sentence}
        for a in found
    ]  # fmt: skip
    call.screen.show(rows, lambda: table(shown, "" if shown else "Alerts"))


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else time.strftime("%m-%d %H:%M:%S", time.gmtime(seconds))


def _checked(call: Call, names: list[str]) -> list[str]:
    from emberlake.streams.running import Book, find_stream

    # One that an earlier version started can be ended, too.
    started = Book(call.settings).entries()
    for name in names:
        if name not in started:
            find_stream(name)
    return list(dict.fromkeys(names))


def _options(given: list[str] | None) -> dict[str, str]:
    options = {}
    for pair in given or ():
        name, equals, value = pair.partition("=")
        if not name or not equals:
            raise SettingsError(f"--option is {pair!r}.", "Write it as NAME=VALUE, such as -o sink=console.")
        options[name] = value
    return options


def _options_of(call: Call, names: list[str] | tuple[str, ...]) -> dict[str, str]:
    """What these streams were started with last."""
    from emberlake.streams.running import Book

    entries = Book(call.settings).entries()
    return {key: value for name in names if name in entries for key, value in entries[name].options.items()}


_KNOBS = ("kafka_bootstrap", "kafka_config", "metrics_port", "stream_alerts", "driver_memory")
command(app, "list", "emberlake stream list")(_list)
command(
    app,
    "start",
    ("emberlake stream start scores", "emberlake stream start scores land_orders land_clicks"),
    shown=_KNOBS,
)(_start)
command(app, "stop", ("emberlake stream stop", "emberlake stream stop scores"))(_stop)
command(app, "restart", "emberlake stream restart scores", shown=_KNOBS)(_restart)
command(
    app,
    "status",
    ("emberlake stream status", "emberlake stream status scores --once", "emberlake stream status --json"),
)(_status)
command(app, "alerts", ("emberlake stream alerts --all", "emberlake stream alerts --kinds"), shown=("stream_alerts",))(
    _alerts
)
learners.register(app)
replay.register(app)
