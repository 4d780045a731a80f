"""The screen of `stream status`: one line a stream, what is wrong below it, all in 80 columns."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from emberlake.cli.screen import size

if TYPE_CHECKING:
    from emberlake.lake.waiting import Waiting

# A sign and a word beside the colour, and blue against orange: nobody has to tell red from green.
_STATES = {
    "running": ("●", "bold dodger_blue1"),
    "starting": ("◌", "dodger_blue1"),
    "waiting": ("◐", "bold dark_orange"),
    "frozen": ("◐", "bold dark_orange"),
    "failed": ("✗", "bold white on dark_orange3"),
    "died": ("✗", "bold white on dark_orange3"),
    "stopped": ("○", "dim"),
    "finished": ("○", "dim"),
}
_BARS = "▁▂▃▄▅▆▇█"
_SPARK = 40


def status_screen(
    streams: Sequence[dict[str, Any]], recent: dict[str, list[dict[str, Any]]], waits: Sequence[Waiting] = ()
) -> RenderableType:
    """The whole screen.

    Args:
        streams: what `stream status --json` prints, one entry a stream.
        recent: stream to its newest batches, for a picture of its rate; for one stream alone, more is shown.
        waits: rows in bronze that silver may not see yet.
    """
    if not streams:
        return Text("No stream was started yet. Next: emberlake stream list")
    parts: list[RenderableType] = [_table(streams)]
    for stream in streams:
        parts += _notes(stream)
    parts += [_wait(each, streams) for each in waits]
    if len(streams) == 1:
        parts += _details(streams[0], recent.get(streams[0]["name"], []))
    return Group(*parts)


def _table(streams: Sequence[dict[str, Any]]) -> Table:
    grid = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    grid.add_column("stream", no_wrap=True, min_width=12)
    grid.add_column("state", no_wrap=True)
    for column in ("for", "rows/s", "batch", "lag", "p50", "p99", "kept"):
        grid.add_column(column, justify="right", no_wrap=True)
    for stream in streams:
        sign, style = _STATES[stream["state"]]
        figures = stream["figures"] if stream["state"] in ("running", "waiting", "frozen") else {}
        grid.add_row(
            Text(stream["name"]),
            Text(f"{sign} {stream['state']}", style=style),
            duration(stream["seconds"]),
            number(figures.get("rate")),
            duration(figures.get("batch_seconds")),
            number(figures.get("lag")),
            duration(figures.get("latency_p50")),
            duration(figures.get("latency_p99")),
            number(figures["state_rows"]) if figures.get("state_rows") else "–",
        )
    return grid


def _notes(stream: dict[str, Any]) -> Iterator[RenderableType]:
    for alert in stream["alerts"]:
        text = Text(f"! {stream['name']}: ", style="bold dark_orange")
        yield text.append(f"{alert['sentence']} Since {_clock(alert['raised_at'])}.", style="not bold default")
    if stream["cause"] and stream["state"] in ("waiting", "failed", "stopped"):
        again = stream.get("again_at")
        when = f" Again in {max(again - time.time(), 0):.0f} s." if stream["state"] == "waiting" and again else ""
        said = f"{_sentence(stream['cause'])} {stream['hint']}".rstrip()
        yield Text(f"  {stream['name']}: {said}{when}", style="dark_orange" if when else "default")
    if stream["state"] == "died":
        yield Text(f"  {stream['name']}: its process is gone without a word. What it said last: {stream['log']}")
    if stream["state"] == "frozen":
        yield Text(f"  {stream['name']}: its process is suspended. emberlake stream stop {stream['name']} ends it.")


def _wait(waits: Waiting, streams: Sequence[dict[str, Any]]) -> RenderableType:
    """Told from the ledger, so that it is seen though no stream runs that could raise an alert."""
    name = f"land_{waits.topic.rpartition('.')[2]}"
    runs = any(stream["name"] == name and stream["state"] == "running" for stream in streams)
    told = f"{waits.rows:,} rows of {waits.feed.removeprefix('kafka:')} wait in bronze for {waits.topic}"
    what = f"{name} is behind" if runs else f"emberlake stream start {name}"
    return Text("! ", style="bold dark_orange").append(
        f"{told}, the oldest for {duration(waits.seconds())}: {what}.", style="not bold default"
    )


def _details(stream: dict[str, Any], recent: list[dict[str, Any]]) -> Iterator[RenderableType]:
    figures = stream["figures"]
    if recent:
        yield ""
        rates = [row["rate"] or 0.0 for row in recent[-_SPARK:]]
        yield Text("rows/s of the last batches  ").append(spark(rates), style="dodger_blue1")
    grid = Table.grid(padding=(0, 2))
    facts = {
        "process": f"{stream['pid']}, JVM {stream['jvm'] or '–'}, with {_others(stream)}",
        "restarts": str(stream["restarts"]),
        "lag": ", ".join(f"{place} {count:,}" for place, count in figures.get("lag_by_partition", {}).items()),
        "state": f"{number(figures.get('state_rows'))} rows, {size(figures.get('state_bytes') or 0)}",
        "watermark": _clock(figures["watermark"], date=True) if figures.get("watermark") else "",
        "delay": duration(figures.get("watermark_delay")) if figures.get("watermark") else "",
        "dropped": f"{figures.get('dropped', 0):,} rows later than the watermark" if figures.get("dropped") else "",
        "metrics": stream["metrics"],
        "log": stream["log"],
    }
    for name, fact in facts.items():
        if fact:
            grid.add_row(Text(name, style="dim"), Text(fact, overflow="fold"))
    yield ""
    yield grid


def _others(stream: dict[str, Any]) -> str:
    others = [name for name in stream["shares"] if name != stream["name"]]
    return ", ".join(others) or "no other stream"


def spark(values: Sequence[float]) -> str:
    """Values as a line of bars, from 0 to the highest."""
    top = max(values, default=0.0) or 1.0
    return "".join(_BARS[min(int(value / top * len(_BARS)), len(_BARS) - 1)] for value in values)


def duration(seconds: float | None) -> str:
    """Seconds in the unit that shows them in at most four digits."""
    if seconds is None:
        return "–"
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    for limit, unit, per in ((120, "s", 1), (7200, "min", 60), (172_800, "h", 3600)):
        if seconds < limit:
            return f"{seconds / per:.1f} {unit}" if seconds < 10 * per else f"{seconds / per:.0f} {unit}"
    return f"{seconds / 86_400:.0f} d"


def number(value: float | None) -> str:
    """A count or a rate; from a hundred thousand on in thousands."""
    if value is None:
        return "–"
    if abs(value) >= 99_999.5:
        return f"{value / 1e6:,.1f} M" if abs(value) >= 999_950 else f"{value / 1e3:,.0f} k"
    return f"{value:,.0f}" if abs(value) >= 10 or float(value).is_integer() else f"{value:.1f}"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "…", "?", "!")) else f"{text}."


def _clock(seconds: float, date: bool = False) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S" if date else "%H:%M:%S", time.gmtime(seconds)) + " UTC"
