"""The command line: argument parsing, progress bars and tables, nothing else. Entry: `main`."""

from __future__ import annotations


def main() -> None:
    """Run `emberlake` with the process's arguments."""
    import sys

    from emberlake.school.begun import begin_for

    begin_for(sys.argv[1:])
    from emberlake.cli.app import app

    app(prog_name="emberlake")


__all__ = ["main"]
