"""A process of streams, started by `emberlake stream start` only: the job comes as one JSON line on stdin.

python -m emberlake.streams NAME…
"""

from __future__ import annotations

import faulthandler
import sys

from emberlake.streams.running.job import read_job
from emberlake.streams.running.runner import Runner, leave, set_up_log


def main() -> int:
    """Run the streams of the job; 0 if all of them ended well."""
    faulthandler.enable()
    job = read_job(sys.stdin.buffer.readline())
    set_up_log(job)
    return Runner(job).run()


if __name__ == "__main__":
    leave(main())
