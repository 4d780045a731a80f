"""Places at which a test can kill the process, to prove that a second run mends.

Each is between two durable effects. `EMBERLAKE_ABORT_AT=silver.orders:committed` kills this process with SIGKILL
when it gets there; `EMBERLAKE_BOUNDARY_LOG=file` appends every name passed, so that a test can find them all.
"""

from __future__ import annotations

import os
import signal

_ABORT_AT = os.environ.get("EMBERLAKE_ABORT_AT")
_LOG = os.environ.get("EMBERLAKE_BOUNDARY_LOG")


def boundary(name: str) -> None:
    """Pass the place called `name`; does nothing outside tests."""
    if _LOG:
        with open(_LOG, "a", encoding="utf-8") as log:
            log.write(f"{name}\n")
    if name == _ABORT_AT:
        os.kill(os.getpid(), signal.SIGKILL)
