"""The commands, group by group; each group is a file, and imports the rooms when a command runs."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import typer

from emberlake.cli import data, graph, job, kafka, lake, learn, machine, models, network, report, stream, trial
from emberlake.cli.command import shared_parameters
from emberlake.settings import Settings

app = typer.Typer(
    name="emberlake",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    epilog="Start with: [bold]emberlake up[/bold]",
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"emberlake {version('emberlake')}")
        raise typer.Exit


def _emberlake(ctx: typer.Context, **given: Any) -> None:
    """A working e-commerce lakehouse on Apache Spark, and the course on it."""
    given.pop("version", None)
    # Each command's own options go before these.
    ctx.obj = given


def _with_settings() -> None:
    version = Annotated[
        bool | None, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ]
    parameters = [
        inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context),
        inspect.Parameter("version", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=version),
        *shared_parameters(tuple(Settings.model_fields)),
    ]
    _emberlake.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    _emberlake.__annotations__ = {p.name: p.annotation for p in parameters}
    app.callback()(_emberlake)


_with_settings()
for group in (job, data, report, machine):
    group.register(app)
app.add_typer(kafka.app, name="kafka")
app.add_typer(lake.app, name="lake")
app.add_typer(models.app, name="models")
network.register(graph.app)
app.add_typer(graph.app, name="graph")
app.add_typer(trial.app, name="trial")
app.add_typer(stream.app, name="stream")
app.add_typer(learn.app, name="learn")
