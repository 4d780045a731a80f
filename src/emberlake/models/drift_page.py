"""A drift report as a page."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING

from emberlake.models.canvas import BLUE, GREY, ORANGE, RED, canvas, with_caption
from emberlake.models.card import Grid
from emberlake.models.card_page import html_table, page
from emberlake.models.pictures import draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from emberlake.models.drift import Drift

_COLOURS = {"none": BLUE, "moderate": ORANGE, "large": RED}
_SHOWN = 30
# What lies beyond is far more than large: drawn in full it would squeeze all others.
_MOST = 1.0


def to_page(found: Drift) -> str:
    """The report with its picture inside, and nothing from elsewhere."""
    rows = tuple(
        (f.feature, f.verdict, f"{f.index:.3f}", f.test, f"{f.statistic:.3g}", _chance(f.p),
         f"{f.nulls_before:.1%}", f"{f.nulls_now:.1%}")
        for f in sorted(found.features, key=lambda f: -f.index)
    )  # fmt: skip
    header = ("feature", "drift", "index", "test", "statistic", "p, corrected", "null then", "null now")
    png = base64.b64encode(draw({"drift": lambda: index_by_feature(found)})["drift"]).decode()
    since, until = found.window
    when = f"days {since or 'from the first'} to {until or 'the last'}" if since or until else "all rows of today"
    title = f"Drift of {found.name}, version {found.version}"
    moment = found.at[:16].replace("T", " ")
    body = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="lead">Drifted: {escape(found.sentence)}.</p>',
        f"<p>{found.rows_now:,} rows ({escape(when)}) beside {found.rows_before:,} that it learnt from; "
        f"measured {escape(moment)} UTC.</p>",
        f'<img alt="Stability index by feature" src="data:image/png;base64,{png}">',
        html_table(Grid(header, rows)),
        "<p>Drifted means both: chance is ruled out (p below 1 %, corrected for the number of features by Holm's "
        "method), and the population stability index is at least 0.1 (moderate) or 0.25 (large).</p>",
    ]
    return page(title, "\n".join(body))


def index_by_feature(found: Drift) -> Figure:
    """The stability index of each feature, with its two limits."""
    figure, axes = canvas("How far features have moved")
    ranked = sorted(found.features, key=lambda feature: feature.index)[-_SHOWN:]
    figure.set_figheight(max(3.5, 1.6 + 0.24 * len(ranked)))
    axes.barh(
        [f.feature for f in ranked], [min(f.index, _MOST) for f in ranked], color=[_COLOURS[f.verdict] for f in ranked]
    )
    for limit, name in ((0.1, "moderate"), (0.25, "large")):
        axes.axvline(limit, color=GREY, linestyle="--", linewidth=1)
        axes.text(limit, 1.0, f" {name}", transform=axes.get_xaxis_transform(), fontsize=8.5, color=GREY, va="bottom")
    axes.set_xlabel("population stability index")
    axes.set_xlim(0, max(0.5, min(_MOST, 1.1 * max((f.index for f in ranked), default=0))))
    axes.set_title("How far features have moved", loc="left", fontweight="bold", pad=18)
    return with_caption(
        figure,
        "Orange and red: moved, and not by chance. Blue: not, or too little to matter. "
        f"An index above {_MOST:g} is drawn as {_MOST:g}.",
    )


def _chance(p: float) -> str:
    return f"{p:.2g}" if p >= 1e-15 else "< 1e-15"
