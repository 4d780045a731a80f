"""Later days of the shop, as new files beside the history: what an incremental build has to take in."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from emberlake.errors import SettingsError
from emberlake.synth import calendar, deltalog
from emberlake.synth.day import Day, make_day
from emberlake.synth.files import Written, replace_with, write_parquet
from emberlake.synth.manifest import Manifest
from emberlake.synth.plan import Shop
from emberlake.synth.shop import writing

if TYPE_CHECKING:
    # Workers need no settings, and pydantic takes longer to import than a block to make.
    from emberlake.settings import Settings


@dataclass(frozen=True)
class Increment:
    """A day that was written.

    Attributes:
        share: new orders as a share of the history's.
        updates: rows of `orders` that are new versions of earlier orders; all others are new.
        files: one a table.
    """

    day: int
    share: float
    updates: int
    files: tuple[Written, ...]

    @property
    def rows(self) -> dict[str, int]:
        """Rows by table."""
        return {file.table: file.rows for file in self.files}


def write_increment(settings: Settings, share: float = 0.01, day: int = 1) -> Increment:
    """Add a day after the history to the finished shop: `landing/<table>/day-<day>.parquet`, the same ones each time.

    No row of it is dirty: new users, orders with items, payments, events and receipts, returns of earlier orders, and
    status changes of the day before's orders. If that day was not written, these are of the history's last day, and
    there are some on day 1 only. A second call does nothing.

    Args:
        share: new orders as a share of the history's, above 0 and at most 1.
        day: 1 is 1 January 2026.

    Raises:
        SettingsError: on a share or day out of range, without a finished shop, or when that day has another share.
        EmberlakeError: if the disk is full or not writable.
    """
    if not 0 < share <= 1:
        raise SettingsError(f"A day with {share} of the history's orders cannot be made.", "Give a share in (0, 1].")
    if not 1 <= day <= calendar.MOST_INCREMENTS:
        raise SettingsError(f"There is no day {day} after the history.", f"Give 1 to {calendar.MOST_INCREMENTS}.")
    shop, landing = Shop(settings.seed, settings.scale), settings.landing
    known = Manifest.read(landing)
    if known is None or not known.done:
        raise SettingsError(f"There is no finished shop in {landing} to add a day to.", "Make one: `emberlake synth`.")
    known.require(shop, landing)
    with writing(landing):
        made = _read(landing, day)
        if made is None:
            made = _write(landing, Day(shop, share, day))
        if made.share != share:
            raise SettingsError(
                f"Day {day} in {landing} has {made.share:g} of the history's orders, not {share:g}.",
                "Give that share, the next day, or another --root.",
            )
        for file in made.files:
            deltalog.commit(landing, file.table, [file], append=True)
    return made


def _write(landing: Path, day: Day) -> Increment:
    earlier = _read(landing, day.number - 1)
    before = None if earlier is None else Day(day.shop, earlier.share, earlier.day)
    files = []
    tables = make_day(day, before)
    for table, rows in tables.items():
        path = f"{table}/day-{day.number:04d}.parquet"
        replace_with(landing / path, partial(write_parquet, table=table, rows=rows))
        size = (landing / path).stat().st_size
        files.append(Written(day.number, table, path, len(next(iter(rows.values()))), size))
    made = Increment(day.number, day.share, len(tables["orders"]["order_id"]) - day.orders, tuple(files))
    # Last: files that it does not name are made again.
    replace_with(_path(landing, day.number), lambda to: to.write_text(json.dumps(asdict(made))))
    return made


def _read(landing: Path, day: int) -> Increment | None:
    path = _path(landing, day)
    if not path.exists():
        return None
    known = json.loads(path.read_text())
    return Increment(**{**known, "files": tuple(Written(**file) for file in known["files"])})


def _path(landing: Path, day: int) -> Path:
    return landing / "days" / f"day-{day:04d}.json"
