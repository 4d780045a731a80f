"""`explain_plan(df)`: a DataFrame's plan as a picture and in plain words."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from emberlake.errors import EmberlakeError
from emberlake.school.plans.advice import Advice, advise
from emberlake.school.plans.drawing import draw
from emberlake.school.plans.node import Plan
from emberlake.school.plans.reading import read_plan
from emberlake.school.plans.words import STATES, Movement, cost, movements

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class Explained:
    """A plan, explained: a picture in notebooks, words on a terminal."""

    plan: Plan

    @cached_property
    def movements(self) -> list[Movement]:
        """Where rows move, in the order in which the data flow."""
        return movements(self.plan)

    @cached_property
    def advice(self) -> list[Advice]:
        """What would change the plan."""
        return advise(self.plan)

    @property
    def svg(self) -> str:
        """The picture."""
        return draw(self.plan, self.advice)

    def text(self) -> str:
        """What the picture's captions say."""
        lines = [STATES[self.plan.state]]
        if not self.plan.ran:
            lines.append("It has not run yet, so there are no rows, bytes or times: explain_plan(df, run=True).")
        lines += ["", f"Where data move ({len(self.movements) or 'nowhere'}):"]
        for each in self.movements:
            figures = cost(each)
            lines.append(f"  ({each.node}) {each.what}{f' – {figures}' if figures else ''}")
        if self.advice:
            lines += ["", "What would change it:"]
            lines += [f"  {number}. {each.what}\n     {each.instead}" for number, each in enumerate(self.advice, 1)]
        return "\n".join(lines)

    def html(self) -> str:
        """Picture and words, as a part of a page."""
        moved = "".join(f"<li>{escape(each.what)} <b>{escape(cost(each))}</b></li>" for each in self.movements)
        said = "".join(f"<li>{escape(each.what)} <i>{escape(each.instead)}</i></li>" for each in self.advice)
        parts = [f'<div style="max-width:100%;overflow:auto">{self.svg}</div>']
        parts.append(f"<p><b>Where data move</b></p><ul>{moved or '<li>nowhere</li>'}</ul>")
        if said:
            parts.append(f"<p><b>What would change it</b></p><ol>{said}</ol>")
        return "".join(parts)

    def save(self, path: str | Path) -> Path:
        """Write the picture (`.svg`), or picture and words (`.html`).

        Raises:
            EmberlakeError: if the name ends in neither, or cannot be written.
        """
        path = Path(path).expanduser()
        if path.suffix not in (".svg", ".html"):
            raise EmberlakeError(
                f"{path.name} is neither a .svg nor a .html.", "Choose one: the page has the words, too."
            )
        head = '<!doctype html><meta charset="utf-8"><title>Plan</title><body style="font-family:sans-serif">'
        page = f"{head}{self.html()}"
        try:
            path.write_text(self.svg if path.suffix == ".svg" else page, encoding="utf-8")
        except OSError as e:
            raise EmberlakeError(f"{path} cannot be written: {e.strerror}.", "Name another file.") from e
        return path.absolute()

    def _repr_html_(self) -> str:
        return self.html()

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        # A terminal shows the words and where the picture is.
        with tempfile.NamedTemporaryFile(prefix="plan-", suffix=".html", delete=False) as file:
            place = Path(file.name)
        return f"{self.text()}\n\nPicture: {self.save(place).as_uri()}"


def explain_plan(df: DataFrame, run: bool = False) -> Explained:
    """The plan of a DataFrame as a picture, with where data move, what that costs, and what would change it.

    Works with classic Spark and Spark Connect. Figures are there after `df.collect()`, `toPandas()` or `toArrow()` of
    this very DataFrame, or with `run=True`.

    Args:
        df: any DataFrame.
        run: run it now. On classic Spark rows are thrown away where they are made; over Connect they come here.

    Raises:
        EmberlakeError: if the session has no plans of Spark's kind.
    """
    return Explained(read_plan(df, run))
