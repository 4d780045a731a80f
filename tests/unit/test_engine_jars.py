"""The cache of JARs: what a crash, a full disk or a second start may leave is noticed and mended.

Only the network is replaced: `retrieve`, which runs Ivy, writes three small files instead.
"""

from __future__ import annotations

import json
import multiprocessing
import time
from pathlib import Path

import pytest

from emberlake.engine import jars as jars_module
from emberlake.engine.jars import MANIFEST, ensure_jars, jars_folder, read_jars
from emberlake.engine.java import Java
from emberlake.errors import EngineError
from emberlake.settings import Settings

JAVA = Java(Path("/nowhere"), "17.0.1", "a test")
NAMES = ["a-1.jar", "b-1.jar", "c-1.jar"]


@pytest.fixture
def settings(tmp_path):
    return Settings(root=tmp_path / "root", cache=tmp_path / "a cache")


@pytest.fixture
def fetches(monkeypatch):
    """Counts the fetches."""
    calls: list[str] = []

    def retrieve(java, configuration, into, work, log, progress):
        calls.append(configuration)
        for name in NAMES:
            (into / name).write_bytes(name.encode() * 100)
        return [into / name for name in NAMES]

    monkeypatch.setattr(jars_module, "retrieve", retrieve)
    return calls


def test_a_second_start_fetches_nothing(settings, fetches):
    first = ensure_jars(settings, JAVA)
    assert [path.name for path in first.paths] == NAMES
    assert ensure_jars(settings, JAVA) == first
    assert fetches == ["spark"]


def test_what_was_fetched_works_offline(settings, fetches):
    ensure_jars(settings, JAVA)
    assert ensure_jars(settings.model_copy(update={"offline": True}), JAVA).paths
    assert fetches == ["spark"]


def test_the_broker_is_fetched_only_when_asked_for(settings, fetches):
    ensure_jars(settings, JAVA)
    assert not jars_folder(settings, "kafka").exists()
    ensure_jars(settings, JAVA, "kafka")
    assert fetches == ["spark", "kafka"]


def truncate(folder: Path) -> None:
    jar = folder / NAMES[1]
    jar.write_bytes(jar.read_bytes()[:-1])


@pytest.mark.parametrize(
    "harm",
    [
        truncate,
        lambda folder: (folder / NAMES[2]).unlink(),
        lambda folder: (folder / MANIFEST).unlink(),
        lambda folder: (folder / MANIFEST).write_text('{"a-1.jar": {"si'),
        lambda folder: (folder / MANIFEST).write_text("{}"),
        lambda folder: (folder / MANIFEST).write_text("[1, 2]"),
        lambda folder: (folder / MANIFEST).write_text('{"a-1.jar": 7}'),
        lambda folder: [(folder / name).write_bytes(b"") for name in NAMES],
    ],
    ids=[
        "truncated",
        "missing",
        "no manifest",
        "half a manifest",
        "empty manifest",
        "a list",
        "a number",
        "empty JARs",
    ],
)
def test_a_broken_cache_is_mended(settings, fetches, harm):
    folder = ensure_jars(settings, JAVA).folder
    harm(folder)
    assert read_jars(folder) is None
    mended = ensure_jars(settings, JAVA)
    assert fetches == ["spark", "spark"]
    assert read_jars(folder, hashes=True) == mended
    assert (folder / NAMES[1]).read_bytes() == NAMES[1].encode() * 100


def test_a_changed_byte_is_seen_by_its_hash_only(settings, fetches):
    folder = ensure_jars(settings, JAVA).folder
    jar = folder / NAMES[0]
    jar.write_bytes(jar.read_bytes()[:-1] + b"!")
    assert read_jars(folder) is not None
    assert read_jars(folder, hashes=True) is None


def test_a_broken_cache_offline_says_what_to_do(settings, fetches):
    truncate(ensure_jars(settings, JAVA).folder)
    with pytest.raises(EngineError, match=r"missing or broken .* offline"):
        ensure_jars(settings.model_copy(update={"offline": True}), JAVA)


def test_a_fetch_that_dies_leaves_nothing_that_looks_whole(settings, monkeypatch):
    def die(java, configuration, into, work, log, progress):
        (into / NAMES[0]).write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(jars_module, "retrieve", die)
    with pytest.raises(KeyboardInterrupt):
        ensure_jars(settings, JAVA)
    folder = jars_folder(settings, "spark")
    assert not folder.exists()
    assert [path.name for path in folder.parent.iterdir()] == ["spark.lock"]


def test_half_a_download_in_ivys_own_cache_is_thrown_away_once(settings, monkeypatch):
    work = settings.cache / "ivy"
    work.mkdir(parents=True)
    (work / "half").touch()

    def retrieve(java, configuration, into, work, log, progress):
        if (work / "half").exists():
            raise EngineError("a half file")
        (into / NAMES[0]).write_bytes(b"whole")
        return [into / NAMES[0]]

    monkeypatch.setattr(jars_module, "retrieve", retrieve)
    assert [path.name for path in ensure_jars(settings, JAVA).paths] == NAMES[:1]


def test_a_cache_that_cannot_be_written_says_so(settings, fetches, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(EngineError, match="cannot be written"):
        ensure_jars(settings.model_copy(update={"cache": tmp_path / "file"}), JAVA)


def test_another_list_of_jars_has_another_folder(settings, monkeypatch):
    before = jars_folder(settings, "spark")
    monkeypatch.setattr(jars_module, "ivy_xml", lambda: "<another/>")
    assert jars_folder(settings, "spark") != before


def _start(settings: Settings, calls: Path) -> None:
    def slow(java, configuration, into, work, log, progress):
        with calls.open("a") as file:
            file.write("x")
        (into / NAMES[0]).write_bytes(b"half")
        time.sleep(0.5)
        (into / NAMES[0]).write_bytes(b"a whole one")
        return [into / NAMES[0]]

    jars_module.retrieve = slow
    found = ensure_jars(settings, JAVA)
    assert (found.paths[0]).read_bytes() == b"a whole one"


def test_starts_at_once_fetch_once(settings, tmp_path):
    calls = tmp_path / "calls"
    spawn = multiprocessing.get_context("spawn")
    starts = [spawn.Process(target=_start, args=(settings, calls)) for _ in range(2)]
    for start in starts:
        start.start()
    for start in starts:
        start.join(60)
    assert [start.exitcode for start in starts] == [0] * 2
    assert calls.read_text() == "x"


def test_the_manifest_has_sizes_and_hashes(settings, fetches):
    folder = ensure_jars(settings, JAVA).folder
    listed = json.loads((folder / MANIFEST).read_text())
    assert list(listed) == NAMES
    assert listed["a-1.jar"]["size"] == 700
    # sha256 of "a-1.jar" a hundred times, worked out with sha256sum
    assert listed["a-1.jar"]["sha256"] == "b226bfed4eff5317a21118e999b4ba7186c9246b174ec84202ffa05ba574fc1a"
