"""Making a shop: the same files by any number of processes, after any kill, and never two shops in one place."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from emberlake.errors import EmberlakeError, SettingsError
from emberlake.progress import silent
from emberlake.settings import Settings
from emberlake.synth import shop as shop_module
from emberlake.synth import shop_files, truth, write_blocks, write_shop

# Two files a table: one of 40 blocks, one of a single small block.
TWO_FILES = 10.02
SMALL = 0.3


def files(landing: Path) -> dict[str, str]:
    """Digests of all data files; logs and manifests tell times."""
    return {
        str(path.relative_to(landing)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(landing.rglob("*"))
        if path.suffix in (".parquet", ".csv", ".jsonl") or path.name == "truth.json"
    }


def make(settings: Settings, workers: int | None) -> None:
    write_shop(settings, silent, workers)


def start(settings: Settings, workers: int | None = 1) -> multiprocessing.process.BaseProcess:
    child = multiprocessing.get_context("spawn").Process(target=make, args=(settings, workers))
    child.start()
    return child


@pytest.fixture(scope="module")
def two_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    settings = Settings(root=tmp_path_factory.mktemp("inline"), scale=TWO_FILES)
    write_shop(settings, silent, workers=1)
    return files(settings.landing)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    settings = Settings(root=tmp_path_factory.mktemp("small"), scale=SMALL)
    write_shop(settings, silent)
    return files(settings.landing)


def test_two_processes_write_the_bytes_that_one_writes(two_files, tmp_path):
    settings = Settings(root=tmp_path, scale=TWO_FILES)
    write_shop(settings, silent, workers=2)
    assert files(settings.landing) == two_files


def test_a_cluster_that_shares_out_the_files_writes_the_same_bytes(small, tmp_path):
    rows = [row for file_no in shop_files(SMALL) for row in write_blocks(str(tmp_path), 42, SMALL, file_no)]
    made = files(tmp_path)
    assert made == {path: found for path, found in small.items() if path != "truth.json"}
    assert {row.path for row in rows} == set(made)
    assert all((tmp_path / row.path).stat().st_size == row.bytes for row in rows)


def test_another_seed_writes_other_bytes(small, tmp_path):
    settings = Settings(root=tmp_path, scale=SMALL, seed=43)
    write_shop(settings, silent)
    other = files(settings.landing)
    assert set(other) == set(small)
    assert not [path for path in small if other[path] == small[path]]


def test_killed_while_several_processes_write_then_finished(two_files, tmp_path):
    settings = Settings(root=tmp_path, scale=TWO_FILES)
    child = start(settings, workers=2)
    wait_for(lambda: (settings.landing / "orders" / "part-00001.parquet").exists(), child)
    workers = psutil.Process(child.pid).children(recursive=True)
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    assert files(settings.landing) != two_files
    # A worker that outlived its parent would wait for work for ever.
    assert workers and psutil.wait_procs(workers, timeout=20)[1] == []
    write_shop(settings, silent, workers=1)
    assert files(settings.landing) == two_files
    assert not list(settings.landing.rglob("*.tmp"))


def test_killed_again_and_again_it_still_becomes_the_same_shop(small, tmp_path):
    settings = Settings(root=tmp_path, scale=SMALL)
    for there in (1, 7, 14):
        child = start(settings)
        wait_for(lambda there=there: len(files(settings.landing)) >= there and settings.landing.exists(), child)
        os.kill(child.pid, signal.SIGKILL)
        child.join()
    write_shop(settings, silent)
    assert files(settings.landing) == small
    assert not list(settings.landing.rglob("*.tmp"))


def wait_for(reached, child, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not reached() and child.is_alive():
        assert time.monotonic() < end, "the child did not get there"
        time.sleep(0.002)


def test_what_a_killed_process_left_is_swept(small, tmp_path):
    settings = Settings(root=tmp_path, scale=SMALL)
    left = settings.landing / "orders" / ".part-00000.parquet.99999.tmp"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half a file")
    write_shop(settings, silent)
    assert files(settings.landing) == small and not left.exists()


def test_a_second_run_does_nothing_at_once(small, tmp_path, monkeypatch):
    settings = Settings(root=tmp_path, scale=SMALL)
    first = write_shop(settings, silent)
    stamps = {path: path.stat().st_mtime_ns for path in settings.landing.rglob("*")}
    monkeypatch.setattr(shop_module, "write_blocks", lambda *_: pytest.fail("made again"))
    began = time.perf_counter()
    assert write_shop(settings, silent) == first
    assert time.perf_counter() - began < 0.5
    assert {path: path.stat().st_mtime_ns for path in settings.landing.rglob("*")} == stamps


def test_a_file_that_was_lost_or_cut_is_made_again(small, tmp_path):
    settings = Settings(root=tmp_path, scale=SMALL)
    write_shop(settings, silent)
    (settings.landing / "users" / "part-00000.parquet").unlink()
    (settings.landing / "orders" / "legacy.csv").write_text("order_id\n")
    write_shop(settings, silent)
    assert files(settings.landing) == small


@pytest.mark.parametrize("change", [{"seed": 43}, {"scale": 0.2}])
def test_another_shop_in_the_same_place_is_refused(tmp_path, change):
    write_shop(Settings(root=tmp_path, scale=0.1), silent)
    before = files(tmp_path / "landing")
    with pytest.raises(SettingsError, match=r"seed 42 and scale 0\.1.*--root.*emberlake clean"):
        write_shop(Settings(root=tmp_path, **{"scale": 0.1, **change}), silent)
    assert files(tmp_path / "landing") == before


def test_another_version_of_the_generator_is_refused(tmp_path, monkeypatch):
    settings = Settings(root=tmp_path, scale=0.01)
    write_shop(settings, silent)
    monkeypatch.setattr("emberlake.synth.manifest.GENERATOR", 4)
    with pytest.raises(SettingsError, match="version 3 of the generator"):
        write_shop(settings, silent)


def test_a_broken_manifest_is_told(tmp_path):
    settings = Settings(root=tmp_path, scale=0.01)
    write_shop(settings, silent)
    (settings.landing / "shop.json").write_text("{}")
    with pytest.raises(SettingsError, match="does not describe a shop"):
        write_shop(settings, silent)


def test_no_truth_without_a_shop(tmp_path):
    with pytest.raises(SettingsError, match="no finished shop"):
        truth(Settings(root=tmp_path))


def test_a_place_that_is_no_folder_is_told_in_a_sentence(tmp_path):
    (tmp_path / "landing").write_text("in the way")
    with pytest.raises(EmberlakeError, match="cannot be written"):
        write_shop(Settings(root=tmp_path, scale=0.01), silent)


def test_a_full_disk_is_told_and_leaves_nothing_half(tmp_path, monkeypatch):
    settings = Settings(root=tmp_path, scale=0.01)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", str(tmp_path))

    with monkeypatch.context() as patch:
        patch.setattr("emberlake.synth.files.pq.ParquetWriter.write_table", full)
        with pytest.raises(EmberlakeError, match="No space left on device.*Free some space"):
            write_shop(settings, silent)
    assert files(settings.landing) == {} and not list(settings.landing.rglob("*.tmp"))
    write_shop(settings, silent)


def test_progress_rises_to_one(tmp_path):
    told: list[float] = []
    write_shop(Settings(root=tmp_path, scale=0.01), lambda doing, fraction: told.append(fraction))
    assert told == sorted(told) and told[-1] == 1.0
