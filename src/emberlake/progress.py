"""How long work tells where it is: one function, handed down; rooms below the command line never print."""

from __future__ import annotations

from collections.abc import Callable

# Called with what is being done now and the fraction done so far, 0 to 1.
Progress = Callable[[str, float], None]


def silent(doing: str, fraction: float) -> None:
    """A progress that nobody watches."""
