"""Finding a feed's files, and knowing each by its content."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from emberlake.errors import SourceError
from emberlake.lake.feeds.feed import Feed
from emberlake.lake.feeds.files import SourceFile, digest, format_of, neighbours, unreadable

# (path, size, mtime_ns) → digest, of files seen before.
Known = Mapping[tuple[str, int, int], str]


def find_files(feed: Feed, known: Known | None = None) -> list[SourceFile]:
    """The feed's files, sorted by path; hidden ones and those that begin with `_` or `.` are left out.

    Args:
        feed: whose paths to look at.
        known: digests of files by (path, size, mtime_ns): those are not read again.

    Raises:
        SourceError: if a path that is not a pattern does not exist or cannot be read.
    """
    paths = sorted({path for given in feed.paths for path in _matches(given)})
    stats = [(path, *_stat(path)) for path in paths]
    # Hashing lets go of the interpreter, so threads do read and hash at once.
    with ThreadPoolExecutor(min(8, (os.cpu_count() or 1) * 2)) as pool:
        digests = list(pool.map(lambda stat: (known or {}).get(stat) or digest(stat[0]), stats))
    return [SourceFile(*stat, found) for stat, found in zip(stats, digests, strict=True)]


def _matches(given: str) -> Iterable[str]:
    # A name with [ or * in it that exists is that file, not a pattern.
    if os.path.isdir(given):
        return _shown(path for path in glob.glob(os.path.join(glob.escape(given), "*")) if format_of(path))
    if os.path.lexists(given):
        return [given]
    if glob.has_magic(given):
        return _shown(glob.glob(given, recursive=True))
    raise SourceError(f"{given}: there is no such file or folder.", neighbours(given))


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
