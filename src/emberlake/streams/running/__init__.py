"""Streams as processes: started, watched, restarted, and always ended.

Public: `streams`, `find_stream`, `start_streams`, `stop_streams`, `running_streams`, `survey`, `Book`.
"""

from emberlake.streams.running.book import Book, Entry
from emberlake.streams.running.registry import find_stream, streams
from emberlake.streams.running.starting import start_streams
from emberlake.streams.running.stopping import stop_streams
from emberlake.streams.running.survey import Survey, running_streams, survey

__all__ = [
    "Book",
    "Entry",
    "Survey",
    "find_stream",
    "running_streams",
    "start_streams",
    "stop_streams",
    "streams",
    "survey",
]
