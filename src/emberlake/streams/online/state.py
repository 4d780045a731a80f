"""What a learner knows, on disk: written whole or not at all, and opened only if it is our own."""

from __future__ import annotations

import hashlib
import hmac
import io
import os
import pickle
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emberlake.errors import StreamError

_KEY, _STATE, _MARK = "key", "state", b"emberlake-learner-1\n"
_DIGEST = hashlib.sha256().digest_size
# A file may name classes of these modules, and nothing else: no function, so that opening one calls nothing.
_ROOMS = ("river.", "emberlake.streams.online.", "collections")
_PLAIN = {
    ("builtins", name)
    for name in ("bool", "bytearray", "complex", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple")
}
# The tree keeps one of its own methods in each node.
_HELPERS = {
    ("random", "Random"),
    ("river.tree.splitter.ebst_splitter", "EBSTNode._update_estimator_univariate"),
}


@dataclass
class Saved:
    """One state.

    Attributes:
        query: the id of the query's checkpoint.
        batch: its last micro-batch that is in `learner`.
        learner: plain values and River's models.
        offsets: by partition the offset at which learning goes on.
        happened: drifts and promotions of that batch.
        undone: number of the last request to undo a promotion that was followed.
        topic_id: the broker's own name of the topic that the offsets count; "": not known.
    """

    query: str
    batch: int
    learner: Any
    offsets: dict[int, int] = field(default_factory=dict)
    happened: tuple[Any, ...] = ()
    undone: int = 0
    topic_id: str = ""


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _PLAIN | _HELPERS:
            return super().find_class(module, name)
        found = super().find_class(module, name) if module.startswith(_ROOMS) and "." not in name else None
        if not isinstance(found, type):
            raise pickle.UnpicklingError(f"{module}.{name} is nothing that a learner consists of")
        return found


def save(folder: Path, saved: Saved) -> None:
    """Put a state in the place of the one before; a kill at any moment leaves one of the two, whole.

    Args:
        folder: the learner's own; readable to its user alone.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    body = pickle.dumps(saved, protocol=5)
    temporary = folder / f"{_STATE}.new"
    with open(temporary, "wb", opener=_private) as file:
        file.write(_MARK + _sign(_key(folder), body) + body)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / _STATE)
    _sync(folder)


def load(folder: Path) -> Saved | None:
    """The state that was saved last; None: there is none.

    Raises:
        StreamError: if the file is damaged, or was not written with the key that lies beside it. Nothing in it is
            opened then.
    """
    try:
        text = (folder / _STATE).read_bytes()
    except FileNotFoundError:
        return None
    head = len(_MARK) + _DIGEST
    body = text[head:]
    if not text.startswith(_MARK) or not hmac.compare_digest(text[len(_MARK) : head], _sign(_key(folder), body)):
        raise _foreign(folder, "it was changed, or written with another key")
    try:
        saved = _Reader(io.BytesIO(body)).load()
    except (pickle.UnpicklingError, AttributeError, ImportError, TypeError, EOFError) as e:
        raise _foreign(folder, str(e)) from e
    if not isinstance(saved, Saved):
        raise _foreign(folder, "it holds something else")
    return saved


def _key(folder: Path) -> bytes:
    path = folder / _KEY
    if not path.exists():
        temporary = folder / f"{_KEY}.new"
        with open(temporary, "wb", opener=_private) as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync(folder)
    return path.read_bytes()


def _sign(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, _MARK + body, "sha256")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _foreign(folder: Path, why: str) -> StreamError:
    return StreamError(
        f"The state of the learner in {folder} cannot be opened: {why}.",
        "Put back that folder and the checkpoint beside it from one backup, or remove both to learn anew.",
    )
