"""Source files, found, understood and read into batches for bronze; nothing is lost on the way.

Public: `Feed`, `Mapping`, `ColumnMap`, `Dialect`; `list_feeds`, `save_feed`, `read_mapping`, `check_source`;
`find_files`, `SourceFile`; `split`, `parse`, `ParseTask`, `batch_schema`; `inspect`, `Inspection`, `FileInspection`,
`Guess`, `Unread`; `import_files`, `import_feed`, `guess_mapping`.
"""

from emberlake.lake.feeds.feed import ColumnMap, Dialect, Feed, Mapping
from emberlake.lake.feeds.files import SourceFile
from emberlake.lake.feeds.find import find_files
from emberlake.lake.feeds.guesses import Guess
from emberlake.lake.feeds.importing import import_feed, import_files, list_feeds
from emberlake.lake.feeds.inspection import FileInspection, Inspection, Unread, inspect
from emberlake.lake.feeds.schema import batch_schema, check_source
from emberlake.lake.feeds.store import read_mapping, save_feed
from emberlake.lake.feeds.synonyms import guess_mapping
from emberlake.lake.feeds.tasks import ParseTask, parse, split

__all__ = [
    "ColumnMap",
    "Dialect",
    "Feed",
    "FileInspection",
    "Guess",
    "Inspection",
    "Mapping",
    "ParseTask",
    "SourceFile",
    "Unread",
    "batch_schema",
    "check_source",
    "find_files",
    "guess_mapping",
    "import_feed",
    "import_files",
    "inspect",
    "list_feeds",
    "parse",
    "read_mapping",
    "save_feed",
    "split",
]
