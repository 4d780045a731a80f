"""Where trainings are kept: MLflow, in SQLite under the root, or on the server that MLFLOW_TRACKING_URI names.

All calls go through clients with explicit addresses. `mlflow.set_tracking_uri` would write the address into the
environment, where a second root in the same process finds it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen

from emberlake.errors import ModelError
from emberlake.settings import Settings

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT = "emberlake"
_FILE = "mlflow.sqlite"
_REACH_SECONDS = 5.0


@dataclass(frozen=True)
class Store:
    """MLflow's runs, artefacts and registry.

    Attributes:
        uri: of the tracking store and the registry.
    """

    settings: Settings
    uri: str

    @property
    def is_local(self) -> bool:
        """Whether it is the root's own."""
        return self.uri == f"sqlite:///{self.settings.models / _FILE}"

    @property
    def shown(self) -> str:
        """The address without a password."""
        return without_secret(self.uri)

    @property
    def artifacts(self) -> Path:
        """The folder of the local store's artefacts."""
        return self.settings.models / "artifacts"

    @cached_property
    def client(self) -> MlflowClient:
        """The client of this store."""
        _quiet(self.settings)
        from mlflow import MlflowClient

        return MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)

    @cached_property
    def experiment_id(self) -> str:
        """The experiment of all trainings, made when it is not there."""
        with said_plainly(self):
            found = self.client.get_experiment_by_name(EXPERIMENT)
            if found is not None:
                return str(found.experiment_id)
            where = self.artifacts.as_uri() if self.is_local else None
            return str(self.client.create_experiment(EXPERIMENT, artifact_location=where))

    def keep(self, run_id: str, folder: Path) -> None:
        """Make the folder's files the run's artefacts: all of them or, in the root's own store, none."""
        if not self.is_local:
            with said_plainly(self):
                self.client.log_artifacts(run_id, str(folder))
            return
        target = self.artifacts / run_id / "artifacts"
        target.parent.mkdir(parents=True, exist_ok=True)
        folder.replace(target)

    def artifact(self, run_id: str, path: str) -> Path:
        """A run's artefact as a local file or folder; from a server it is fetched once.

        Raises:
            ModelError: if it is not there.
        """
        if self.is_local:
            local = self.artifacts / run_id / "artifacts" / path
        else:
            local = self.settings.models / "fetched" / run_id / path
            if not local.exists():
                self._fetch(run_id, path)
        if not local.exists():
            raise ModelError(f"The artefact {path} of run {run_id} is gone from {local.parent}.", "Train again.")
        return local

    def _fetch(self, run_id: str, path: str) -> None:
        folder = self.settings.models / "fetched" / run_id
        folder.mkdir(parents=True, exist_ok=True)
        with said_plainly(self):
            self.client.download_artifacts(run_id, path, str(folder))

    def has(self, run_id: str, path: str) -> bool:
        """Whether the run has this artefact."""
        if self.is_local:
            return (self.artifacts / run_id / "artifacts" / path).exists()
        with said_plainly(self):
            parent = path.rpartition("/")[0] or None
            return any(found.path == path for found in self.client.list_artifacts(run_id, parent))


def open_store(settings: Settings, make: bool = False) -> Store:
    """The store that the environment names, or that of the root.

    Args:
        make: create the root's store when it is not there.

    Raises:
        ModelError: if it is gone, locked, of another version, no store at all, or a server that does not answer.
    """
    uri = os.environ.get("MLFLOW_TRACKING_URI", "")
    if uri:
        store = Store(settings, uri)
        if uri.startswith(("http://", "https://")):
            _reach(store)
        return store
    file = settings.models / _FILE
    store = Store(settings, f"sqlite:///{file}")
    if file.exists():
        return store
    if not make:
        left = " though trainings lie beside it" if store.artifacts.exists() else ""
        raise ModelError(f"There is no model store {file}{left}.", "Train first: emberlake models train.")
    _make(store, file)
    return store


def _make(store: Store, file: Path) -> None:
    from emberlake.lake.locks import hold

    with hold(store.settings.state / "locks" / "models.store.lock", "The model store"):
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise ModelError(f"{file.parent} cannot be made: {e.strerror}.", "Give --root a folder to write to.") from e
        _ = store.experiment_id


def _reach(store: Store) -> None:
    """A server that is down is told in seconds: MLflow itself tries again for minutes."""
    try:
        with urlopen(f"{store.shown.rstrip('/')}/health", timeout=_REACH_SECONDS):
            return
    except HTTPError:
        return  # it answers; what it refuses, it will say itself
    except (URLError, OSError, ValueError) as e:
        why = getattr(e, "reason", e)
        raise ModelError(
            f"The MLflow server {store.shown} does not answer: {why}.",
            "Start it, or take MLFLOW_TRACKING_URI out of the environment to use the store under the root.",
        ) from e


def without_secret(uri: str) -> str:
    """The address without user and password."""
    parts = urlsplit(uri)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if "@" in parts.netloc else uri


@contextmanager
def said_plainly(store: Store) -> Iterator[None]:
    """Turn what MLflow and its database raise into one sentence with what to do."""
    try:
        yield
    except ModelError:
        raise
    except Exception as e:
        if not _of_store(e):
            raise
        raise _meant(store, e) from e


def _of_store(error: Exception) -> bool:
    return type(error).__module__.split(".")[0] in ("mlflow", "sqlalchemy", "alembic", "sqlite3", "requests")


def _meant(store: Store, error: Exception) -> ModelError:
    text = str(error)
    if "database is locked" in text:
        return ModelError(
            f"The model store {store.shown} is locked by another program.", "Wait for it to end, then run this again."
        )
    if "schema" in text and "version" in text or "locate revision" in text:
        return ModelError(
            f"The model store {store.shown} was written by another version of MLflow.",
            "Bring it up to date with `mlflow db upgrade`, after a copy of the file; or use the version that wrote it.",
        )
    if "not a database" in text or "malformed" in text or "no such table" in text:
        return ModelError(f"{store.shown} is no MLflow store.", "Move the file away, and train again.")
    if "readonly" in text or "unable to open" in text:
        return ModelError(f"The model store {store.shown} cannot be written.", "Give --root a folder to write to.")
    first = next((line for line in text.splitlines() if line.strip()), type(error).__name__)
    secret = store.uri
    return ModelError(f"The model store {store.shown} refused: {first.replace(secret, store.shown)[:300]}")


def _quiet(settings: Settings) -> None:
    """MLflow and its migrations talk on the terminal and call home: their words go to a file, and nobody is called."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    # Models are loaded from their own files below; whoever else loads one in this process runs no code of it either.
    os.environ["MLFLOW_ALLOW_MODEL_CODE_EXECUTION"] = "false"
    os.environ["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] = "false"
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    # At a run's end its address would be printed, password and all, and into the JSON of a command.
    os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    import mlflow  # noqa: F401  its import sets its loggers up, and would undo the lines below

    settings.logs.mkdir(parents=True, exist_ok=True)
    path = str(settings.logs / "mlflow.log")
    for name in ("mlflow", "alembic"):
        logger = logging.getLogger(name)
        for old in list(logger.handlers):
            logger.removeHandler(old)
            old.close()
        handler = logging.FileHandler(path, delay=True, encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logger.addHandler(handler)
        logger.propagate = False


def pairs(tags: Any) -> dict[str, str]:
    """MLflow's tags as a plain dictionary, whichever of its two forms they have."""
    return dict(tags) if isinstance(tags, dict) else {tag.key: tag.value for tag in tags or ()}
