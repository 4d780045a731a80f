"""Making a shop: its files by several processes, then its Delta logs, then the truth, then "done"."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from emberlake.errors import EmberlakeError, SettingsError
from emberlake.progress import Progress
from emberlake.synth import deltalog
from emberlake.synth.columns import CATALOGUE_TABLES, TABLES
from emberlake.synth.files import Written, replace_with, write_blocks
from emberlake.synth.manifest import Manifest
from emberlake.synth.plan import Shop
from emberlake.synth.truth import Truth, tell

if TYPE_CHECKING:
    # Workers need no settings, and pydantic takes longer to import than a block to make.
    from emberlake.settings import Settings

TRUTH = "truth.json"
# Of the whole time, about this part makes files; the rest is logs and the truth.
_FILES_SHARE = 0.97


def write_shop(settings: Settings, progress: Progress, workers: int | None = None) -> Truth:
    """Make the shop of `settings.seed` and `settings.scale` under `settings.landing`, or finish it.

    A killed run is taken up where it was: files under their own names are whole, and those that the manifest does not
    know are made again, with the same bytes. On a finished shop this reads the truth and returns.

    Args:
        workers: processes; None: one a core. The files do not depend on it.

    Raises:
        SettingsError: if another shop lies there.
        EmberlakeError: if the disk is full or not writable, or a worker dies.
    """
    shop, landing = Shop(settings.seed, settings.scale), settings.landing
    known = Manifest.read(landing)
    if known is not None:
        known.require(shop, landing)
        if _finished(known, landing):
            return truth(settings)
    with writing(landing):
        # Another process may have done the work while this one waited for the lock.
        known = Manifest.read(landing) or Manifest.begin(shop)
        known.require(shop, landing)
        if _finished(known, landing):
            return truth(settings)
        _sweep(landing)
        known = replace(known, done=False, files=known.whole(landing))
        known.write(landing)
        for written in _made(shop, landing, known, workers, progress):
            known = replace(known, files=(*known.files, *written))
            known.write(landing)
        return _finish(shop, landing, known, progress)


def as_made(settings: Settings) -> Settings:
    """The settings with the seed and scale of the shop that is there, where the user named neither."""
    known = Manifest.read(settings.landing)
    if known is None or {"seed", "scale"} & settings.model_fields_set:
        return settings
    return settings.model_copy(update={"seed": known.seed, "scale": known.scale})


def truth(settings: Settings) -> Truth:
    """The truth of the shop under `settings.landing`.

    Raises:
        SettingsError: if no shop was made there, or not to its end.
    """
    path = settings.landing / TRUTH
    try:
        return Truth.from_json(path.read_text())
    except FileNotFoundError as e:
        raise SettingsError(f"There is no finished shop in {settings.landing}.", "Make one: `emberlake synth`.") from e
    except (ValueError, KeyError, TypeError) as e:
        raise SettingsError(f"{path} is not a shop's truth.", "Remove it and make it again: `emberlake synth`.") from e


def _finished(known: Manifest, landing: Path) -> bool:
    return known.done and (landing / TRUTH).exists() and len(known.whole(landing)) == len(known.files)


@contextmanager
def writing(landing: Path) -> Iterator[None]:
    """Hold the landing folder; the system's errors become sentences."""
    try:
        landing.mkdir(parents=True, exist_ok=True)
        with FileLock(landing / ".shop.lock"):
            yield
    except BrokenProcessPool as e:
        raise EmberlakeError(
            "A process that makes the shop was killed, most likely for want of memory.",
            "Run again with fewer at a time, such as --workers 1: what is finished is kept.",
        ) from e
    except OSError as e:
        raise EmberlakeError(
            f"The shop cannot be written to {e.filename or landing}: {e.strerror or e}.",
            "Free some space or give a --root that you can write to, then run again: what is finished is kept.",
        ) from e


def _sweep(landing: Path) -> None:
    """Remove what killed runs left under temporary names."""
    for left in landing.rglob(".*.tmp"):
        left.unlink(missing_ok=True)


def _made(
    shop: Shop, landing: Path, known: Manifest, workers: int | None, progress: Progress
) -> Iterator[list[Written]]:
    """The missing files, made here or by several processes, as they come."""
    done = {file.file_no for file in known.files}
    missing = [file_no for file_no in range(shop.files) if file_no not in done]
    count = min(workers or os.cpu_count() or 1, len(missing))

    def tell_progress(finished: int) -> None:
        fraction = _FILES_SHARE * (shop.files - len(missing) + finished) / shop.files
        progress(f"the shop's users, orders and clicks: {finished} of {len(missing)} parts", fraction)

    tell_progress(0)
    if count <= 1:
        for finished, file_no in enumerate(missing, 1):
            yield write_blocks(landing, shop.seed, shop.scale, file_no)
            tell_progress(finished)
        return
    # Spawned, not forked: the caller may hold threads, a JVM or an engine, none of which survives a fork.
    with ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_die_with_parent) as pool:
        futures = [pool.submit(write_blocks, landing, shop.seed, shop.scale, file_no) for file_no in missing]
        try:
            for finished, future in enumerate(as_completed(futures), 1):
                yield future.result()
                tell_progress(finished)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _die_with_parent() -> None:
    """End this worker when the process that started it ends, however it does."""
    # A pool's workers hold both ends of their queue: they would wait for ever for a parent that was killed.
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _finish(shop: Shop, landing: Path, known: Manifest, progress: Progress) -> Truth:
    files = sorted(known.files, key=lambda file: (file.file_no, file.path))
    for table in (*CATALOGUE_TABLES, *TABLES):
        progress(f"the Delta log of {table}", _FILES_SHARE)
        deltalog.commit(landing, table, [file for file in files if file.table == table])
    told = tell(shop, files)
    replace_with(landing / TRUTH, lambda to: to.write_text(told.to_json()))
    replace(known, done=True, files=tuple(files)).write(landing)
    progress("the shop is open", 1.0)
    return told
