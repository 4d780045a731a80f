"""A part of a process, measured by itself: where the start is not to be counted."""

from __future__ import annotations

import resource
import time


class Part:
    """Wall and CPU seconds of a block, in this process and in children that it waited for."""

    figures: dict[str, float]

    def __enter__(self) -> Part:
        self._wall, self._cpu = time.perf_counter(), _cpu()
        return self

    def __exit__(self, *_: object) -> None:
        self.figures = {"seconds": time.perf_counter() - self._wall, "cpu": _cpu() - self._cpu}


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)
