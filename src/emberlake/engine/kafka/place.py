"""Where the broker of our own lies: its folder, its address, its lock."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from filelock import FileLock, Timeout

from emberlake.errors import StreamError
from emberlake.settings import Settings

HOST = "127.0.0.1"
# Below those that systems give to outgoing connections, so that no client takes ours while the broker is down.
_PORTS = range(20_000, 32_000)


@dataclass(frozen=True)
class Ports:
    """The two ports on 127.0.0.1: clients' and the controller's."""

    client: int
    controller: int


@dataclass(frozen=True)
class Place:
    """The broker's folder and log.

    Attributes:
        folder: `ports.json`, `broker.pid`, `server.properties`, `lock`, and the messages in `data/`.
        log: what the broker says.
    """

    folder: Path
    log: Path

    @classmethod
    def of(cls, settings: Settings) -> Place:
        """The place of the broker of a root."""
        return cls(settings.state / "kafka", settings.logs / "kafka.log")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def pid_file(self) -> Path:
        return self.folder / "broker.pid"

    @cached_property
    def ports(self) -> Ports | None:
        """The ports chosen at the first start; None before it."""
        try:
            return Ports(**json.loads((self.folder / "ports.json").read_text()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as e:
            raise StreamError(
                f"{self.folder / 'ports.json'} cannot be read: {e}.",
                'Write it as {"client": 20092, "controller": 20093}, or remove it: the next start chooses anew.',
            ) from e

    def choose_ports(self, client: int | None = None) -> Ports:
        """The ports of this place; chosen and kept if they are not yet, or if another client port is asked for."""
        if self.ports is not None and client in (None, self.ports.client):
            return self.ports
        first = client or _free_port()
        chosen = Ports(first, _free_port(but=first))
        whole = self.folder / "ports.json.new"
        whole.write_text(json.dumps(chosen.__dict__) + "\n")
        whole.replace(self.folder / "ports.json")
        self.__dict__["ports"] = chosen
        return chosen

    @contextmanager
    def held(self, wait: float) -> Iterator[None]:
        """Hold the broker's lock: one start or stop at a time.

        Raises:
            StreamError: if another process holds it longer than `wait` seconds, or the folder cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / "lock")
            lock.acquire(timeout=wait)
        except Timeout as e:
            raise StreamError(
                f"Another command has been starting or stopping the broker for {wait:.0f} s.",
                f"Wait for it to end, then look: emberlake kafka status. The log is {self.log}.",
            ) from e
        except OSError as e:
            raise StreamError(
                f"The broker's folder {self.folder} cannot be written: {e.strerror or e}.",
                "Give --root a folder that you may write to.",
            ) from e
        try:
            yield
        finally:
            lock.release()


def is_free(port: int) -> bool:
    """Whether a port of 127.0.0.1 can be listened on."""
    try:
        with socket.create_server((HOST, port)):
            return True
    except (OSError, OverflowError):
        return False


def _free_port(but: int = 0) -> int:
    for port in random.SystemRandom().sample(_PORTS, 200):
        if port != but and is_free(port):
            return port
    raise StreamError(f"No port of {HOST} could be listened on.", "Run emberlake doctor; its line on ports says more.")
