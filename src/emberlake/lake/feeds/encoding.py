"""Which encoding a text file is in: by its BOM, its NUL bytes, then by whether it is UTF-8, then by its letters."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from charset_normalizer import from_bytes

from emberlake.lake.feeds.lines import is_utf8
from emberlake.lake.feeds.stream import BOMS, raw_pieces

_SAMPLE = 256 * 1024
# Half of the text must be ASCII-free of doubt: what shops' systems write. Rarer ones are given by hand.
_LIKELY = ["cp1252", "cp1250", "cp1251", "iso8859_15", "iso8859_2", "cp1253", "cp1254", "koi8_r", "mac_roman",
           "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"]  # fmt: skip


def guess_encoding(path: str) -> str:
    """The likely encoding of a file; `utf-8` for one that is all ASCII.

    Reads on until it has met enough letters beyond ASCII: the first name with an umlaut may be far down.
    """
    pieces = raw_pieces(path, 1024 * 1024)
    first = next(pieces, b"")
    for bom, name in BOMS:
        if first.startswith(bom):
            return name
    if wide := _wide(first[:4096]):
        return wide
    lines = list(itertools.islice(_telling(itertools.chain([first], pieces)), 2000))
    if not lines:
        return "utf-8"
    valid = sum(is_utf8(line) for line in lines)
    # Stray bytes rarely make valid UTF-8 by chance: where half of the telling lines do, the others are the dirt.
    if valid * 2 >= len(lines):
        return "utf-8"
    sample = b"".join(line + b"\n" for line in lines if not is_utf8(line))[:_SAMPLE]
    best = from_bytes(sample, cp_isolation=_LIKELY, threshold=0.4).best()
    name = best.encoding if best else "cp1252"
    # Western texts look alike in these; cp1252 is what Windows writes and has every letter of latin-1.
    return "cp1252" if name in ("iso8859_1", "latin_1", "cp1250", "cp1254", "iso8859_15") and _western(sample) else name


def _telling(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Lines with bytes beyond ASCII."""
    rest = b""
    for piece in pieces:
        if piece.isascii() and rest.isascii():
            rest = piece[piece.rfind(b"\n") + 1 :][-65536:]
            continue
        lines = (rest + piece).split(b"\n")
        rest = lines.pop()[-65536:]
        yield from (line for line in lines if not line.isascii())
    if not rest.isascii():
        yield rest


def _wide(head: bytes) -> str | None:
    """UTF-16 without a BOM: every other byte of Latin text is zero."""
    if len(head) < 4:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 0.6 * (len(head) // 2) and even == 0:
        return "utf-16-le"
    if even > 0.6 * (len(head) // 2) and odd == 0:
        return "utf-16-be"
    return None


def _western(sample: bytes) -> bool:
    letters = [byte for byte in sample if byte > 127]
    usual = "äöüÄÖÜßéèêàâçñóíáúôîïë€£°´’“”–åæøÉ".encode("cp1252")
    return sum(byte in usual for byte in letters) >= 0.8 * len(letters)
