"""How a full disk is told by those who find it: the system, Spark, SQLite."""

from __future__ import annotations

_SAID = ("No space left on device", "Disk quota exceeded", "File too large", "database or disk is full")


def is_full(said: str) -> bool:
    """Whether an error's text says that a disk is full."""
    return any(words in said for words in _SAID)
