"""The file of an exported model: a header with version, sizes and checksum, a JSON document, and plain arrays.

Nothing in it is code: it is safe to open one that a stranger sent.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from emberlake.errors import ModelError

VERSION = 1
_MAGIC = b"EMBSCORE"
# Magic, version, bytes of the document, bytes of the arrays, SHA-256 of both.
_HEAD = struct.Struct("<8sIQQ32s")
_TYPES = ("<i4", "<f8", "|u1")
_MOST_BYTES = 2 << 30
_AGAIN = "Export the model again."

Arrays = dict[str, npt.NDArray[Any]]


def pack(document: Mapping[str, Any], arrays: Arrays) -> bytes:
    """The bytes of a file."""
    listed = [[name, array.dtype.str, len(array)] for name, array in arrays.items()]
    text = json.dumps({**document, "arrays": listed}).encode()
    payload = b"".join(array.tobytes() for array in arrays.values())
    return _HEAD.pack(_MAGIC, VERSION, len(text), len(payload), _checksum(text, payload)) + text + payload


def read(path: Path) -> tuple[dict[str, Any], Arrays]:
    """The document and the arrays of a file.

    Raises:
        ModelError: if there is no such file, or it is not whole, of another version, or no exported model.
    """
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            if size > _MOST_BYTES:
                raise ModelError(f"{path} has {size:,} bytes: too many for an exported model.")
            return _unpack(path, file.read())
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror or error}.", "Export a model to it first.") from error


def _unpack(path: Path, data: bytes) -> tuple[dict[str, Any], Arrays]:
    if not data.startswith(_MAGIC):
        raise ModelError(f"{path} is no exported model.", "Give a file that `emberlake models export` wrote.")
    if len(data) < _HEAD.size:
        raise ModelError(f"{path} is cut short: it has {len(data):,} bytes.", _AGAIN)
    _, version, text_bytes, payload_bytes, checksum = _HEAD.unpack_from(data)
    if version != VERSION:
        raise ModelError(f"{path} is of version {version}; this Emberlake reads version {VERSION}.", _AGAIN)
    expected = _HEAD.size + text_bytes + payload_bytes
    if len(data) != expected:
        what = "cut short" if len(data) < expected else "longer than it says"
        raise ModelError(f"{path} is {what}: {len(data):,} bytes instead of {expected:,}.", _AGAIN)
    text, payload = data[_HEAD.size : _HEAD.size + text_bytes], data[_HEAD.size + text_bytes :]
    if checksum != _checksum(text, payload):
        raise ModelError(f"{path} was changed after it was written: its checksum is another.", _AGAIN)
    try:
        document = json.loads(text)
        return document, _arrays(document.pop("arrays"), payload)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(f"{path} is not written as an exported model is: {error}.", _AGAIN) from error


def _arrays(listed: list[list[Any]], payload: bytes) -> Arrays:
    arrays: Arrays = {}
    place = 0
    for name, kind, length in listed:
        if kind not in _TYPES or type(length) is not int or length < 0:
            raise ValueError(f"array {name} is of type {kind} and length {length}")
        end = place + np.dtype(kind).itemsize * length
        if end > len(payload):
            raise ValueError(f"array {name} ends after the file")
        arrays[name] = np.frombuffer(payload[place:end], dtype=kind)
        place = end
    if place != len(payload):
        raise ValueError("the arrays end before the file")
    return arrays


def _checksum(text: bytes, payload: bytes) -> bytes:
    return hashlib.sha256(text + payload).digest()
