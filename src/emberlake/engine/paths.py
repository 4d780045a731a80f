"""A way to a table that the embedded engine does not get wrong.

Sail 0.7.2 writes the Delta table `/data/my shop/t` to `/data/my%20shop/t`, and its rows to `/data/my%2520shop/t`:
it finds them again, but nobody else does. The same with `#`, `%`, `?`, brackets and letters beyond ASCII. It follows
links, so a link with a plain name leads it to the right place.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from emberlake.errors import EngineError

# Tried one by one; everything else goes through a link.
PLAIN = re.compile(r"[A-Za-z0-9_./'-]+")


def plain_path(path: Path) -> Path:
    """The same place under a name that every engine reads as it is written.

    The link lies in a folder of this user under the system's temporary one, has the same name in every process, and
    costs nothing to leave behind.

    Raises:
        EngineError: when a link is needed and cannot be made.
    """
    path = path.expanduser().absolute()
    if PLAIN.fullmatch(str(path)):
        return path
    # From the end on, as much of the path as is plain stays: one link for a root serves all its tables.
    kept: list[str] = []
    while PLAIN.fullmatch(path.name):
        kept.insert(0, path.name)
        path = path.parent
    return _link(path).joinpath(*kept)


def _link(target: Path) -> Path:
    try:
        folder = _folder()
        link = folder / hashlib.sha256(os.fsencode(target)).hexdigest()[:16]
        if not (link.is_symlink() and Path(os.readlink(link)) == target):
            fresh = folder / f"{link.name}.{os.getpid()}"
            fresh.symlink_to(target, target_is_directory=True)
            fresh.replace(link)
        target.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise EngineError(
            f"The folder {target} has a name that the embedded engine misreads, and no link to it could be made: "
            f"{e.strerror or e}.",
            "Use a folder of plain letters, digits, '-', '_' and '.', or give --engine spark.",
        ) from e
    return link


def _folder() -> Path:
    """A folder that only this user may write to: elsewhere, somebody could turn our link around."""
    own = f"emberlake-{os.getuid()}" if hasattr(os, "getuid") else "emberlake"
    for base in (tempfile.gettempdir(), "/tmp", "/var/tmp"):
        folder = Path(base).absolute() / own
        if not PLAIN.fullmatch(str(folder)):
            continue
        folder.mkdir(mode=0o700, exist_ok=True)
        stat = folder.lstat()
        if folder.is_symlink() or (hasattr(os, "getuid") and (stat.st_uid != os.getuid() or stat.st_mode & 0o022)):
            continue
        return folder
    raise OSError("no temporary folder is only yours to write to")
