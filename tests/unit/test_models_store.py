"""The store of trainings when it is gone, locked, broken, of another version, or a server that is down."""

from __future__ import annotations

import shutil
import socket
import sqlite3
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from tests.tiny_recipe import tiny, train_tiny

from emberlake.errors import ModelError
from emberlake.models.champion import require_champion
from emberlake.models.store import open_store, without_secret
from emberlake.settings import Settings, read_settings

RECIPE = tiny(0.0)


@pytest.fixture(autouse=True)
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patched:
        patched.delenv("MLFLOW_TRACKING_URI", raising=False)
        train_tiny(read_settings(root=root), 8.0)
    return root


@pytest.fixture
def settings(trained: Path, tmp_path: Path) -> Settings:
    """A root with a copy of a trained store."""
    shutil.copytree(trained / "models", tmp_path / "models")
    return read_settings(root=tmp_path)


def database(settings: Settings) -> Path:
    return settings.models / "mlflow.sqlite"


def test_untrained(tmp_path):
    with pytest.raises(ModelError, match="There is no model store") as raised:
        open_store(read_settings(root=tmp_path))
    assert "emberlake models train" in str(raised.value)


def test_a_store_that_is_gone_says_that_trainings_lie_beside_it(settings):
    database(settings).unlink()
    with pytest.raises(ModelError, match="though trainings lie beside it"):
        open_store(settings)


def test_a_file_that_is_no_store(settings):
    database(settings).write_bytes(b"a letter to my aunt " * 100)
    with pytest.raises(ModelError, match="is no MLflow store"):
        require_champion(open_store(settings), RECIPE)


def test_a_store_of_another_version(settings):
    with sqlite3.connect(database(settings)) as con:
        con.execute("update alembic_version set version_num = '0123456789ab'")
    with pytest.raises(ModelError, match="another version of MLflow") as raised:
        require_champion(open_store(settings), RECIPE)
    assert "mlflow db upgrade" in str(raised.value)


def test_a_locked_store_loses_nothing(settings):
    assert require_champion(open_store(settings), RECIPE).number == 1
    with sqlite3.connect(database(settings), isolation_level=None) as con:
        con.execute("begin exclusive")
        with pytest.raises(ModelError, match="locked by another program"):
            train_tiny(settings, 9.0)
        con.execute("rollback")
    assert train_tiny(settings, 9.0).version == 2


def test_a_server_that_is_down_is_said_within_seconds_and_without_its_password(tmp_path, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://anna:hunter2@127.0.0.1:{port}")
    with pytest.raises(ModelError, match=f"http://127.0.0.1:{port} does not answer") as raised:
        open_store(read_settings(root=tmp_path))
    assert "hunter2" not in str(raised.value)


def test_a_server_is_reached_whose_address_has_a_password(tmp_path, monkeypatch):
    class Healthy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Healthy) as server:
        Thread(target=server.handle_request, daemon=True).start()
        uri = f"http://anna:hunter2@127.0.0.1:{server.server_port}"
        monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
        found = open_store(read_settings(root=tmp_path))
    assert (found.uri, found.shown) == (uri, f"http://127.0.0.1:{server.server_port}")


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("postgresql://anna:hunter2@db:5432/runs", "postgresql://db:5432/runs"),
        ("https://token@tracking.example/x", "https://tracking.example/x"),
        ("sqlite:////data/a@b.sqlite", "sqlite:////data/a@b.sqlite"),
    ],
)
def test_addresses_are_shown_without_secrets(uri, shown):
    assert without_secret(uri) == shown
