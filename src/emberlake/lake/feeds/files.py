"""Finding a feed's files, and knowing each by its content."""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from emberlake.errors import SourceError
from emberlake.lake.feeds.feed import Feed

SUFFIXES = {
    ".parquet": "parquet", ".pq": "parquet",
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".dat": "csv", ".tbl": "csv",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl",
}  # fmt: skip
# (path, size, mtime_ns) → digest, of files seen before.
Known = Mapping[tuple[str, int, int], str]


@dataclass(frozen=True)
class SourceFile:
    """One file as it was found: its place, size in bytes, time of change, and the digest of its bytes."""

    path: str
    size: int
    mtime_ns: int
    digest: str


def find_files(feed: Feed, known: Known | None = None) -> list[SourceFile]:
    """The feed's files, sorted by path; hidden ones and those that begin with `_` or `.` are left out.

    Args:
        known: digests of files by (path, size, mtime_ns): those are not read again.

    Raises:
        SourceError: if a path that is not a pattern does not exist or cannot be read.
    """
    paths = sorted({path for given in feed.paths for path in _matches(given)})
    stats = [(path, *_stat(path)) for path in paths]
    # Hashing lets go of the interpreter, so threads do read and hash at once.
    with ThreadPoolExecutor(min(8, (os.cpu_count() or 1) * 2)) as pool:
        digests = pool.map(lambda stat: (known or {}).get(stat) or digest(stat[0]), stats)
        return [SourceFile(*stat, found) for stat, found in zip(stats, digests, strict=True)]


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
        return SourceError(f"{path}: there is no such file.", _neighbours(path))
    if isinstance(error, PermissionError):
        return SourceError(f"{path}: no permission to read it.", f"Allow it: chmod u+r {glob.escape(path)!r}.")
    if isinstance(error, IsADirectoryError):
        return SourceError(f"{path}: is a folder, not a file.", "Give the files in it, or the folder itself.")
    return SourceError(f"{path}: {error.strerror or error}.", "Check the disk or the mount, then try again.")


def format_of(path: str) -> str | None:
    """The format that a file's name tells (`gz` put aside), or None."""
    name = path.lower().removesuffix(".gz")
    return SUFFIXES.get(os.path.splitext(name)[1])


def _matches(given: str) -> Iterable[str]:
    # A name with [ or * in it that exists is that file, not a pattern.
    if os.path.isdir(given):
        return _shown(path for path in glob.glob(os.path.join(glob.escape(given), "*")) if format_of(path))
    if os.path.lexists(given):
        return [given]
    if glob.has_magic(given):
        return _shown(glob.glob(given, recursive=True))
    raise SourceError(f"{given}: there is no such file or folder.", _neighbours(given))


def _shown(paths: Iterable[str]) -> list[str]:
    return [path for path in paths if os.path.basename(path)[0] not in "._" and os.path.isfile(path)]


def _stat(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError as e:
        raise unreadable(path, e) from e
    if not os.path.isfile(path):
        raise SourceError(f"{path}: is not a regular file.", "Give files, folders or patterns of files.")
    return found.st_size, found.st_mtime_ns


def _neighbours(path: str) -> str:
    from difflib import get_close_matches

    folder = Path(path).parent
    if not folder.is_dir():
        return f"The folder {folder} does not exist either."
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except OSError:
        return f"The folder {folder} cannot be listed."
    close = get_close_matches(Path(path).name, names, 1)
    return f"Did you mean {close[0]!r}?" if close else f"{folder} has {len(names)} entries, none of a similar name."
