"""Durations as people and Spark write them: `5 seconds`, `10 minutes`."""

from __future__ import annotations

import re
from datetime import timedelta

from emberlake.errors import StreamError


def interval(text: str, option: str = "interval") -> timedelta:
    """A duration.

    Raises:
        StreamError: if it is none; the message names the option.
    """
    found = re.fullmatch(r"(\d+) (millisecond|second|minute|hour|day)s?", text.strip())
    if found is None:
        raise StreamError(f"{option}={text!r} is no duration.", "Write it as '30 seconds' or '5 minutes'.")
    return timedelta(**{f"{found[2]}s": int(found[1])})
