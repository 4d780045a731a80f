"""Answers as interactive charts: one HTML file that needs nothing else, not even a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emberlake.reports.answer import Answer
from emberlake.reports.chart import CELLS_WITH_NUMBERS, COLOURS, SCALE, Axis, Chart, chart, short

if TYPE_CHECKING:
    import plotly.graph_objects as go

_DASHES = ("solid", "dash", "dot", "dashdot")


def to_html(answer: Answer) -> str:
    """A page with the chart; plotly's script comes out of the installed wheel and lies inside the page."""
    return str(plot(answer).to_html(include_plotlyjs=True, full_html=True, config={"displaylogo": False}))


def plot(answer: Answer) -> go.Figure:
    """The answer's chart as a plotly figure."""
    # Imported here, because plotly takes half a second and most answers are never drawn.
    import plotly.graph_objects as go

    drawn = chart(answer)
    figure = go.Figure()
    if drawn.empty:
        figure.add_annotation(text="Nothing to show: no rows for these parameters.", showarrow=False, font_size=16)
    elif drawn.kind == "table":
        _table(figure, drawn)
    elif drawn.kind == "heatmap":
        _heatmap(figure, drawn)
    elif drawn.kind == "bar":
        _bars(figure, drawn)
    else:
        _lines(figure, drawn)
    _frame(figure, drawn)
    return figure


def _frame(figure: go.Figure, drawn: Chart) -> None:
    under = _small(drawn.caption, "0.75em") if drawn.caption else ""
    figure.update_layout(
        template="plotly_white",
        title={
            "text": f"<b>{_safe(drawn.title)}</b>{_small(drawn.subtitle, '0.8em')}{under}",
            "x": 0.02,
            "xanchor": "left",
            "y": 0.97,
            "yanchor": "top",
        },
        margin={"t": 120 if under else 95, "l": 70, "r": 30, "b": 60},
        font={"family": "system-ui, sans-serif"},
        legend={"orientation": "v"},
        height=_height(drawn),
    )


def _height(drawn: Chart) -> int:
    if drawn.kind == "table":
        return 230 + 24 * len(drawn.body)
    if drawn.grid:
        return max(520, 190 + 24 * len(drawn.grid.y))
    return max(520, 170 + 24 * len(drawn.categories)) if drawn.horizontal else 560


def _small(words: str, size: str) -> str:
    return f"<br><span style='font-size:{size}'>{_safe(words)}</span>"


def _lines(figure: go.Figure, drawn: Chart) -> None:
    for place, one in enumerate(drawn.series):
        figure.add_scatter(
            x=one.x, y=one.y, name=_safe(one.name), mode="lines",
            line={"color": one.colour, "width": 2, "dash": _DASHES[place // len(COLOURS) % len(_DASHES)]},
        )  # fmt: skip
    figure.update_layout(showlegend=len(drawn.series) > 1, hovermode="x unified")
    figure.update_xaxes(title=drawn.x.label, tickformat=_ticks(drawn.x))
    days = {x for one in drawn.series for x in one.x}
    if drawn.x.label == "month":
        figure.update_xaxes(tickformat="%b<br>%Y", dtick="M1" if len(days) <= 15 else "M3")
    figure.update_yaxes(title=drawn.y.label, tickformat=_ticks(drawn.y))


def _bars(figure: go.Figure, drawn: Chart) -> None:
    for one in drawn.series:
        x, y = ([_safe(str(label)) for label in one.x], one.y)
        figure.add_bar(
            x=y if drawn.horizontal else x, y=x if drawn.horizontal else y, name=_safe(one.name),
            orientation="h" if drawn.horizontal else "v", marker_color=one.colour,
        )  # fmt: skip
    figure.update_layout(barmode="relative" if drawn.stacked else "group", showlegend=len(drawn.series) > 1, bargap=0.2)
    labels = {"type": "category", "categoryarray": [_safe(c) for c in drawn.categories], "categoryorder": "array"}
    values = {"title": drawn.y.label, "tickformat": _ticks(drawn.y)}
    if drawn.horizontal:
        figure.update_yaxes(**labels, title=drawn.x.label, autorange="reversed", automargin=True, ticklabelstandoff=6)
        figure.update_xaxes(**values)
    else:
        figure.update_xaxes(**labels, title=drawn.x.label)
        figure.update_yaxes(**values)


def _heatmap(figure: go.Figure, drawn: Chart) -> None:
    grid = drawn.grid
    assert grid is not None
    fits = len(grid.x) * len(grid.y) <= CELLS_WITH_NUMBERS
    words = [["" if v is None else short(v, grid.value.unit) for v in row] for row in grid.cells]
    figure.add_heatmap(
        x=[_safe(x) for x in grid.x], y=[_safe(y) for y in grid.y], z=grid.cells, text=words,
        texttemplate="%{text}" if fits else None, colorscale=SCALE, hoverongaps=False, xgap=1, ygap=1,
        zmax=grid.highest, zmin=min(v for row in grid.cells for v in row if v is not None),
        colorbar={"title": {"text": grid.value.label}, "tickformat": _ticks(grid.value)},
    )  # fmt: skip
    figure.update_xaxes(type="category", title=drawn.x.label)
    figure.update_yaxes(
        type="category", title=drawn.y.label, automargin=True, autorange="reversed" if drawn.first_on_top else True
    )


def _table(figure: go.Figure, drawn: Chart) -> None:
    figure.add_table(
        header={"values": [f"<b>{_safe(name)}</b>" for name in drawn.header], "fill_color": "#e8eef3", "align": "left"},
        cells={
            "values": [[_safe(cell) for cell in column] for column in zip(*drawn.body, strict=True)],
            "align": "left",
            "fill_color": "white",
            "height": 24,
        },
    )


def _ticks(axis: Axis) -> str | None:
    if axis.unit == "share":
        return ".2~%"
    return "~s" if axis.unit in ("EUR", "USD", "pieces") else None


def _safe(words: str) -> str:
    """Plotly reads a few HTML tags in texts, and some of ours were typed by visitors of the shop."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
