"""`models`: train, compare, promote and explain."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, help="Models: train, compare, promote, roll back, explain.")
