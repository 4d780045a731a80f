"""Every stream of the platform by its name."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module

from emberlake.errors import StreamError
from emberlake.streams.stream import Stream

# Where they lie, one or a tuple of them a place; imported when somebody asks, because a stream brings Spark, models or
# River with it.
_PLACES: tuple[str, ...] = (
    "emberlake.streams.scoring:STREAM",
    "emberlake.streams.landing:STREAMS",
    "emberlake.streams.windows.queries:STREAMS",
    "emberlake.streams.online.queries:learn_value",
    "emberlake.streams.online.queries:learn_clicks",
    "emberlake.streams.online.queries:live_segments",
)

# Where a process of its own finds them.
REGISTRY = "emberlake.streams.running.registry:streams"


def streams() -> dict[str, Stream]:
    """Name to stream, in the order of the data."""
    found: dict[str, Stream] = {}
    for place in _PLACES:
        module, _, name = place.partition(":")
        there = getattr(import_module(module), name)
        found |= {stream.name: stream for stream in ([there] if isinstance(there, Stream) else there)}
    return found


def registered(registry: str) -> dict[str, Stream]:
    """The streams of a registry, given as `module:function`."""
    module, _, name = registry.partition(":")
    return dict(getattr(import_module(module), name)())


def find_stream(name: str, known: dict[str, Stream] | None = None) -> Stream:
    """The stream of that name.

    Raises:
        StreamError: if there is none; the message lists those there are.
    """
    known = streams() if known is None else known
    if name in known:
        return known[name]
    close = get_close_matches(name, known, 1)
    hint = f"Did you mean {close[0]!r}? " if close else ""
    raise StreamError(f"There is no stream {name!r}.", f"{hint}There are: {', '.join(known)}.")
