"""What this machine has: cores and memory that this process may use."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

GIB = 1024**3


def cores() -> int:
    """Cores that this process may run on; fewer than the machine's in a container or under taskset."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        return os.cpu_count() or 1


def memory() -> int:
    """Bytes of memory that this process may use: the machine's, or its container's limit."""
    total = int(psutil.virtual_memory().total)
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            text = Path(limit).read_text().strip()
        except OSError:
            continue
        if text.isdigit():
            total = min(total, int(text))
    return total


def driver_heap() -> str:
    """A third of the memory, at least 1 and at most 4 GiB, as Java writes it ("3072m")."""
    return f"{min(4 * GIB, max(GIB, memory() // 3)) // 1024**2}m"
