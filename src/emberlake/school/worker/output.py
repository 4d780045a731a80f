"""What a process prints: read all the time, so that it never waits, and kept up to a limit: no flood."""

from __future__ import annotations

import threading
from typing import IO

_KEPT = 8_000


class Output:
    """The beginning of what comes through a pipe."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe, self._lock = pipe, threading.Lock()
        self._kept, self._total = b"", 0
        threading.Thread(target=self._read, daemon=True).start()

    def clear(self) -> None:
        """Forget what came so far."""
        with self._lock:
            self._kept, self._total = b"", 0

    def text(self) -> str:
        """What came since the last `clear`, and how much of it is left out."""
        with self._lock:
            said = self._kept.decode(errors="replace")
            more = self._total - len(self._kept)
        return f"{said}\n… and {more:,} more bytes" if more > 0 else said

    def _read(self) -> None:
        try:
            while data := self._pipe.read1(65536):  # type: ignore[attr-defined]
                with self._lock:
                    self._total += len(data)
                    self._kept += data[: max(_KEPT - len(self._kept), 0)]
        except (OSError, ValueError):
            return  # closed
