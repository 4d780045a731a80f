"""The reading's three plots, as plotly figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emberlake.trials.reading import Daily, Line, Reading

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Okabe and Ito's palette (https://jfly.uni-koeln.de/color/), told apart by the colour-blind too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#4D4D4D", "#F0E442", "#000000")
_GREY = "#8a8a8a"
_FONT = {"family": "system-ui, sans-serif", "size": 14}


def differences(reading: Reading) -> go.Figure:
    """Each metric's relative change and its interval; a guardrail's margin as a small mark."""
    import plotly.graph_objects as go

    figure = go.Figure()
    several = len(reading.trial.treatments) > 1
    for place, variant in enumerate(reading.trial.treatments):
        lines = [line for line in reading.lines if line.variant == variant and line.found]
        figure.add_scatter(
            y=[_label(line, several) for line in lines], x=[line.found.relative for line in lines if line.found],
            error_x=_bars(lines), mode="markers", name=variant,
            marker={"size": 11, "color": COLOURS[place]}, hovertemplate="%{x:+.1%}<extra></extra>",
        )  # fmt: skip
    guards = [line for line in reading.lines if line.role == "guards" and line.found]
    figure.add_scatter(
        y=[_label(line, several) for line in guards], x=[-line.metric.sign * line.metric.margin for line in guards],
        mode="markers", name="margin of a guardrail", showlegend=bool(guards), hoverinfo="skip",
        marker={"symbol": "line-ns-open", "size": 22, "color": "#4D4D4D", "line": {"width": 2}},
    )  # fmt: skip
    figure.add_vline(x=0, line={"color": "#333333", "width": 1})
    figure.update_xaxes(tickformat="+.0%", title="change against the control", zeroline=False)
    figure.update_yaxes(autorange="reversed", automargin=True, ticklabelstandoff=8)
    rows = sum(1 for line in reading.lines if line.found)
    return _framed(figure, 140 + 46 * rows, legend=several or bool(reading.trial.guardrails))


def _label(line: Line, several: bool) -> str:
    return f"{line.metric.title}{f', {line.variant}' if several else ''}"


def _bars(lines: list[Line]) -> dict[str, Any]:
    found = [line.found for line in lines if line.found]
    up, down = [f.relative_high - f.relative for f in found], [f.relative - f.relative_low for f in found]
    return {"type": "data", "symmetric": False, "array": up, "arrayminus": down, "thickness": 2.5, "width": 7}


def by_day(reading: Reading) -> go.Figure:
    """The deciding metric's change with all days up to each one, and its interval."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for place, daily in enumerate(reading.daily):
        _band(figure, daily, COLOURS[place])
    figure.add_hline(y=0, line={"color": "#333333", "width": 1})
    figure.update_yaxes(tickformat="+.0%", title="change against the control", zeroline=False, range=_range(reading))
    # A month's name once, days below it.
    figure.update_xaxes(tickformat="%-d %b", title="")
    return _framed(figure, 420, legend=len(reading.daily) > 1)


def _band(figure: go.Figure, daily: Daily, colour: str) -> None:
    days, found = list(daily.days), daily.found
    pale = f"rgba({int(colour[1:3], 16)},{int(colour[3:5], 16)},{int(colour[5:7], 16)},0.18)"
    edge = {"mode": "lines", "line": {"width": 0}, "showlegend": False, "hoverinfo": "skip"}
    figure.add_scatter(x=days, y=[f.relative_high for f in found], **edge)
    figure.add_scatter(x=days, y=[f.relative_low for f in found], fill="tonexty", fillcolor=pale, **edge)
    figure.add_scatter(
        x=days, y=[f.relative for f in found], mode="lines", name=daily.variant,
        line={"color": colour, "width": 2.5}, hovertemplate="%{x|%-d %b}: %{y:+.1%}<extra></extra>",
    )  # fmt: skip


def _range(reading: Reading) -> list[float] | None:
    """The first days' intervals are so wide that the rest would be a line: what the last three quarters need."""
    kept = [f for daily in reading.daily for f in daily.found[len(daily.found) // 5 :]]
    if not kept:
        return None
    low, high = min(0.0, *(f.relative_low for f in kept)), max(0.0, *(f.relative_high for f in kept))
    room = 0.08 * (high - low)
    return [low - room, high + room]


def users(reading: Reading) -> go.Figure:
    """Users of each variant beside what the plan's shares make of their sum."""
    import plotly.graph_objects as go

    health, names = reading.health, list(reading.health.users)
    colours = [_GREY, *COLOURS][: len(names)]
    figure = go.Figure()
    figure.add_bar(
        x=names, y=list(health.users.values()), marker_color=colours, text=[f"{n:,}" for n in health.users.values()],
        name="users", showlegend=False, hovertemplate="%{y:,}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=names, y=[health.expected[name] for name in names], mode="markers", name="planned",
        marker={"symbol": "line-ew-open", "size": 60, "color": "#000000", "line": {"width": 2}},
        hovertemplate="planned %{y:,.0f}<extra></extra>",
    )  # fmt: skip
    figure.update_yaxes(title="users", rangemode="tozero")
    figure.update_xaxes(type="category")
    figure.update_layout(bargap=0.5)
    return _framed(figure, 340, legend=True)


def _framed(figure: go.Figure, height: int, legend: bool) -> go.Figure:
    figure.update_layout(
        template="plotly_white", height=height, font=_FONT, margin={"t": 40, "l": 60, "r": 20, "b": 50},
        showlegend=legend, legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
    )  # fmt: skip
    return figure
