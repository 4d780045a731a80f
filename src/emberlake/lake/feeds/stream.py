"""A text file as UTF-8 bytes, in pieces that end with a line: gz opened, encoding translated, BOM cut off."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

from emberlake.errors import SourceError
from emberlake.lake.feeds.files import unreadable

PIECE = 4 * 1024 * 1024
# One line may be long, but a file without any line end is not a table, and must not fill the memory.
LONGEST_LINE = 256 * 1024 * 1024
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip


def is_gzip(path: str) -> bool:
    """Whether a file is gzip, by its first bytes: a name may lie."""
    try:
        with open(path, "rb") as file:
            return file.read(2) == b"\x1f\x8b"
    except OSError as e:
        raise unreadable(path, e) from e


def raw_pieces(path: str, size: int = PIECE) -> Iterator[bytes]:
    """The file's bytes, unpacked.

    Raises:
        SourceError: if the file cannot be read, or its gz stream is broken or ends early.
    """
    try:
        with cast(BinaryIO, gzip.open(path, "rb") if is_gzip(path) else open(path, "rb")) as file:
            while piece := file.read(size):
                yield piece
    except EOFError as e:
        raise SourceError(f"{path}: the gz file ends before its end: it is truncated.", _AGAIN) from e
    except (gzip.BadGzipFile, zlib.error) as e:
        raise SourceError(f"{path}: the gz file is damaged ({e}).", _AGAIN) from e
    except OSError as e:
        raise unreadable(path, e) from e


_AGAIN = "Nothing of it was loaded; copy or export it again."


def text_pieces(path: str, encoding: str, size: int = PIECE) -> Iterator[bytes]:
    """The file as UTF-8 in pieces of whole lines (line feed), the last one perhaps without a line end.

    Bytes that are not text in `encoding` come as bytes that are not UTF-8, so that the lines with them can be told
    from the others later. A lone carriage return ends a line only in a file that begins without line feeds (old Mac).
    """
    rest: list[bytes] = []
    held = 0
    old_mac: bool | None = None
    for piece in _utf8(raw_pieces(path, size), encoding):
        if old_mac is None:
            old_mac = b"\n" not in piece and b"\r" in piece
        if old_mac:
            piece = piece.replace(b"\r", b"\n")
        cut = piece.rfind(b"\n") + 1
        if not cut:
            rest.append(piece)
            held += len(piece)
            if held > LONGEST_LINE:
                raise SourceError(
                    f"{path}: a line is longer than {LONGEST_LINE >> 20} MB, so this is not a file of lines.",
                    "CSV and JSON lines have one record a line; give the format if it is another: --format parquet.",
                )
            continue
        yield b"".join((*rest, piece[:cut]))
        rest, held = [piece[cut:]], len(piece) - cut
    if tail := b"".join(rest):
        yield tail


def _utf8(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    name = codecs.lookup(encoding).name
    if name in ("utf-8", "ascii", "utf-8-sig"):
        first = True
        for piece in pieces:
            yield piece.removeprefix(codecs.BOM_UTF8) if first else piece
            first = False
        return
    codecs.register_error("emberlake-mark", _mark)
    decoder = codecs.getincrementaldecoder(encoding)("emberlake-mark")
    first = True
    for piece in pieces:
        text = decoder.decode(piece)
        yield (text.removeprefix("\ufeff") if first else text).encode("utf-8", "surrogatepass")
        first = False
    yield decoder.decode(b"", True).encode("utf-8", "surrogatepass")


def _mark(error: UnicodeError) -> tuple[str, int]:
    """A lone surrogate in the place of bytes that are no text: it cannot be valid UTF-8 later."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


def check_gzip(path: str) -> None:
    """Unpack a gz file to its end, so that a truncated one is refused before any row of it is loaded."""
    if is_gzip(path):
        for _ in raw_pieces(path):
            pass
