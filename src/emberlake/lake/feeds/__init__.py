"""Source files, found, understood and read into batches for bronze; nothing is lost on the way.

Public: `Feed`, `Mapping`, `ColumnMap`, `Dialect`; `list_feeds`, `save_feed`, `read_mapping`; `find_files`,
`SourceFile`; `split`, `parse`, `ParseTask`, `batch_schema`.
"""

from emberlake.lake.feeds.feed import ColumnMap, Dialect, Feed, Mapping
from emberlake.lake.feeds.files import SourceFile
from emberlake.lake.feeds.find import find_files
from emberlake.lake.feeds.schema import batch_schema
from emberlake.lake.feeds.store import list_feeds, read_mapping, save_feed
from emberlake.lake.feeds.tasks import ParseTask, parse, split

__all__ = [
    "ColumnMap",
    "Dialect",
    "Feed",
    "Mapping",
    "ParseTask",
    "SourceFile",
    "batch_schema",
    "find_files",
    "list_feeds",
    "parse",
    "read_mapping",
    "save_feed",
    "split",
]
