"""`trial`: A/B tests from plan to reading."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, help="A/B tests: plan, start, read, stop.")
