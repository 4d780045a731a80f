"""A source file, what its name and content tell, and why it cannot be opened."""

from __future__ import annotations

import glob
import hashlib
import os
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from emberlake.errors import SourceError

SUFFIXES = {
    ".parquet": "parquet", ".pq": "parquet",
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".dat": "csv", ".tbl": "csv",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl",
}  # fmt: skip


@dataclass(frozen=True)
class SourceFile:
    """One file as it was found.

    Attributes:
        size: in bytes.
        digest: BLAKE2b of its bytes, 32 hex digits.
    """

    path: str
    size: int
    mtime_ns: int
    digest: str


def digest(path: str) -> str:
    """BLAKE2b of a file's bytes, 32 hex digits."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    except OSError as e:
        raise unreadable(path, e) from e


def unreadable(path: str, error: OSError) -> SourceError:
    """The system's refusal to open a file, as a sentence."""
    if isinstance(error, FileNotFoundError):
        return SourceError(f"{path}: there is no such file.", neighbours(path))
    if isinstance(error, PermissionError):
        return SourceError(f"{path}: no permission to read it.", f"Allow it: chmod u+r {glob.escape(path)!r}.")
    if isinstance(error, IsADirectoryError):
        return SourceError(f"{path}: is a folder, not a file.", "Give the files in it, or the folder itself.")
    return SourceError(f"{path}: {error.strerror or error}.", "Check the disk or the mount, then try again.")


def format_of(path: str) -> str | None:
    """The format that a file's name tells (`gz` put aside), or None."""
    name = path.lower().removesuffix(".gz")
    return SUFFIXES.get(os.path.splitext(name)[1])


def neighbours(path: str) -> str:
    """A hint for a path that does not exist: what is there instead."""
    folder = Path(path).parent
    if not folder.is_dir():
        return f"The folder {folder} does not exist either."
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except OSError:
        return f"The folder {folder} cannot be listed."
    close = get_close_matches(Path(path).name, names, 1)
    return f"Did you mean {close[0]!r}?" if close else f"{folder} has {len(names)} entries, none of a similar name."
