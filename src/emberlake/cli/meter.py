"""How far a long command is: bars on a terminal, a line a step elsewhere; always on stderr."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from emberlake.cli.screen import Screen
from emberlake.progress import Progress as Tell
from emberlake.progress import silent
from emberlake.steps import Event, Step


class _Said:
    """Without a terminal: a line in two seconds at most, and none for what takes no longer than that."""

    def __init__(self, screen: Screen) -> None:
        self.screen, self.last, self.at = screen, "", time.monotonic()

    def __call__(self, doing: str, fraction: float) -> None:
        if doing != self.last and time.monotonic() - self.at > 2:
            self.last, self.at = doing, time.monotonic()
            self.screen.note(f"  {doing} ({fraction:.0%})")


@contextmanager
def one_bar(screen: Screen, title: str) -> Iterator[Tell]:
    """A bar for one piece of work; gives the function that moves it."""
    if not screen.err.is_terminal:
        yield silent if screen.as_json else _Said(screen)
        return
    with _bars(screen) as bars:
        task = bars.add_task(title, total=1.0, doing="")

        def tell(doing: str, fraction: float) -> None:
            bars.update(task, completed=fraction, doing=doing)

        yield tell


class StepMeter:
    """A line for each step of the main job, fed with its events."""

    def __init__(self, screen: Screen, steps: Sequence[Step]) -> None:
        self.screen = screen
        self.titles = {step.name: step.title for step in steps}
        self.width = max(len(step.name) for step in steps)
        self.bars = _bars(screen) if screen.err.is_terminal else None
        self.task: TaskID | None = None

    def __enter__(self) -> StepMeter:
        if self.bars:
            self.bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.bars:
            if self.task is not None:
                self.bars.remove_task(self.task)
            self.bars.stop()

    def __call__(self, event: Event) -> None:
        """Show one event."""
        match event.kind:
            case "waiting":
                self.screen.note(f"Waiting for another build of this root ({event.doing}) …")
            case "started" if self.bars:
                title = f"{event.step:{self.width}}  {self.titles[event.step]}"
                self.task = self.bars.add_task(title, total=1.0, doing="")
            case "progress" if self.bars and self.task is not None:
                self.bars.update(self.task, completed=event.fraction, doing=event.doing)
            case "finished":
                self._finished(event)

    def _finished(self, event: Event) -> None:
        line = f"{event.step:{self.width}}  {self.titles[event.step]:42} {event.seconds:6.1f} s"
        if self.bars is None:
            self.screen.note(line)
            return
        if self.task is not None:
            self.bars.remove_task(self.task)
            self.task = None
        if not self.screen.as_json:
            self.bars.console.print(Text("✓ ", style="green").append(line, style="default"))


def _bars(screen: Screen) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        TextColumn("{task.fields[doing]}", style="dim", markup=False),
        console=screen.err,
        transient=True,
    )
