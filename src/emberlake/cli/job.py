"""`up`, `build` and `steps`: the main job."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from emberlake.cli.command import Call, command
from emberlake.cli.meter import StepMeter
from emberlake.cli.screen import size, table
from emberlake.steps import STEPS, build, choose, summarize, up

Wait = Annotated[bool, typer.Option("--wait", help="Wait for another build of this root instead of refusing.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(
        app,
        "up",
        ("emberlake up", "emberlake up --scale 10 --root big", "emberlake up --skip models"),
        shown=("seed", "scale"),
    )(_up)
    command(app, "build", ("emberlake build --from silver", "emberlake build --to gold --skip data"))(_build)
    command(app, "steps", "emberlake steps")(_steps)


Skip = Annotated[list[str] | None, typer.Option("--skip", metavar="STEP", help="Leave a step out; repeat it.")]


def _up(
    call: Call,
    skip: Skip = None,
    wait: Wait = False,
    picture: Annotated[Path | None, typer.Option("--picture", hidden=True, help="Write the summary as SVG.")] = None,
) -> None:
    """Build the lakehouse from what is new, run the reports, train the models, and print a summary.

    Makes a shop first, unless you imported files of your own. Does nothing, in a second, when nothing is new.
    """
    chosen = choose(skip=skip or ())
    with StepMeter(call.screen, chosen) as meter:
        run = up(call.settings, meter, wait, steps=chosen)
    summary = summarize(call.settings, run)
    from emberlake.cli.summary import as_svg, view

    call.screen.show(asdict(summary), lambda: view(summary))
    if picture:
        picture.write_text(as_svg(summary), encoding="utf-8")


def _build(
    call: Call,
    first: Annotated[str | None, typer.Option("--from", metavar="STEP", help="First step to run.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="STEP", help="Last step to run.")] = None,
    skip: Skip = None,
    wait: Wait = False,
) -> None:
    """Run steps of the main job, all or some, whether they have work or not (`emberlake steps` lists them)."""
    chosen = choose(first, last, skip or ())
    with StepMeter(call.screen, chosen) as meter:
        run = build(call.settings, chosen, meter, wait)
    rows = [
        {"step": step.name, "seconds": round(step.seconds, 2), "peak_bytes": step.peak, "figures": step.figures}
        for step in run.did
    ]
    shown = [
        {"step": r["step"], "seconds": r["seconds"], "peak memory": size(float(str(r["peak_bytes"])))} for r in rows
    ]
    call.screen.show(
        {"steps": rows, "seconds": round(run.seconds, 2), "peak_bytes": run.peak},
        lambda: [table(shown), f"{run.seconds:.1f} s in all, at most {size(run.peak)}"],
    )


def _steps(call: Call) -> None:
    """List the steps of the main job in their order."""
    rows = [{"step": step.name, "does": step.title, "engine": step.engine} for step in STEPS]
    call.screen.show(rows, lambda: table(rows))
