"""`stream`: live orders and clicks."""

from __future__ import annotations

import typer

from emberlake.cli import replay

app = typer.Typer(no_args_is_help=True, help="Live orders and clicks.")
replay.register(app)
