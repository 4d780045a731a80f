"""What a child process tells its parent: JSON lines over a pipe of their own, never stdout."""

from __future__ import annotations

import dataclasses
import datetime as dt
import errno
import json
import traceback
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal

from emberlake.errors import EmberlakeError, LakeError

Kind = Literal["engine", "started", "progress", "finished", "failed", "waiting"]


class StepFailed(EmberlakeError):
    """A step stopped for a reason nobody foresaw; `story` is the child's traceback, if it could still tell."""

    def __init__(self, problem: str, hint: str = "", story: str = "") -> None:
        super().__init__(problem, hint)
        self.story = story


@dataclass(frozen=True)
class Event:
    """One thing that happened: an engine is up, a step started, goes on, finished or failed."""

    kind: Kind
    step: str = ""
    doing: str = ""
    fraction: float = 0.0
    seconds: float = 0.0
    figures: dict[str, Any] = field(default_factory=dict)

    def line(self) -> bytes:
        """The event as one JSON line."""
        return json.dumps(dataclasses.asdict(self), default=plain).encode() + b"\n"


def read_event(line: bytes) -> Event:
    """The event that `Event.line` wrote."""
    return Event(**json.loads(line))


def plain(value: object) -> object:
    """What JSON has no word for: dataclasses as objects, paths and times as text, decimals and numpy's as numbers."""
    if isinstance(value, EmberlakeError):
        return {"problem": value.problem, "hint": value.hint}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat()
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if type(value).__name__ == "Decimal":
        return float(value)  # type: ignore[arg-type]
    item = getattr(value, "item", None)
    return item() if callable(item) else str(value)


def known(error: BaseException) -> EmberlakeError | None:
    """The error of ours that says what the machine's own error means; None if it is not one we know.

    Engines wrap what the system says into exceptions of their own, so the text decides, too.
    """
    number = getattr(error, "errno", None)
    where = f" ({error.filename})" if isinstance(error, OSError) and error.filename else ""
    if number in (errno.ENOSPC, errno.EDQUOT) or "No space left on device" in str(error):
        return LakeError(
            f"The disk is full{where}.",
            "Make room (emberlake lake vacuum frees old versions), then run the same command to go on.",
        )
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return LakeError(
            f"This may not be read or written{where}: {error.strerror}.",  # type: ignore[attr-defined]
            "Change its rights, or choose another --root.",
        )
    return None


def failure(step: str, error: BaseException) -> Event:
    """An exception as an event, so that the parent can raise it again as the same type."""
    story = "".join(traceback.format_exception(error))
    error = known(error) or error
    if isinstance(error, EmberlakeError):
        kind = type(error)
        figures = {"type": f"{kind.__module__}:{kind.__qualname__}", "problem": error.problem, "hint": error.hint}
    else:
        # A JVM's message runs over pages; its first line says what happened.
        said = (str(error).strip().splitlines() or [""])[0][:300]
        figures = {"type": "", "problem": f"{type(error).__name__}: {said}".rstrip(": "), "hint": ""}
    return Event("failed", step, figures={**figures, "exit_code": getattr(error, "exit_code", 1), "story": story})


def raise_again(event: Event, log: str) -> None:
    """Raise what `failure` packed: our errors as themselves, any other as StepFailed with the log's path.

    Raises:
        EmberlakeError: always.
    """
    told = event.figures
    if not told["type"]:
        where = f"Step {event.step!r}" if event.step else "Starting the engine"
        raise StepFailed(f"{where} stopped: {told['problem']}", f"The whole story is in {log}.", told["story"])
    module, _, name = told["type"].partition(":")
    kind = getattr(import_module(module), name) if module.split(".")[0] == "emberlake" else EmberlakeError
    # Children of EmberlakeError may take other arguments; what they say is all that is needed here.
    error = kind.__new__(kind)
    EmberlakeError.__init__(error, told["problem"], told["hint"])
    error.story = told["story"]
    raise error
