"""Soon."""

import typer

app = typer.Typer()


@app.callback()
def lake() -> None:
    """The lake."""
