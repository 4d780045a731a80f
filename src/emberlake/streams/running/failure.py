"""What a query's failure means: its first cause in one sentence, and whether trying again is of any use."""

from __future__ import annotations

import re
from dataclasses import dataclass

import emberlake.errors as errors
from emberlake.errors import EmberlakeError
from emberlake.streams.disk import is_full

# Their causes do not go away by themselves.
_FINAL = (errors.StreamError, errors.SettingsError, errors.SchemaDrift, errors.LedgerMismatch)
_LONGEST = 300

_OURS = re.compile(r"emberlake\.(?:[\w.]+\.)?(\w+): (.+)")
_PYTHON = re.compile(r"^(?:[A-Za-z_][\w.]*\.)?([A-Z]\w*(?:Error|Exception|Interrupt|Timeout)): (.+)$", re.MULTILINE)
_CAUSED = re.compile(r"^Caused by: (?:[\w.$]+\.)?([\w$]+)(?:: (.+))?$", re.MULTILINE)
_WRAPPERS = ("Py4JException", "PythonException", "StreamingQueryException", "Py4JJavaError", "SparkException")


@dataclass(frozen=True)
class Fault:
    """A failure understood.

    Attributes:
        sentence: what went wrong first.
        hint: what to do; may be empty.
        final: trying again would fail again.
    """

    sentence: str
    hint: str = ""
    final: bool = False


def understand(error: BaseException) -> Fault:
    """What an exception means, raised by us, by Spark, or by our Python inside Spark's callback."""
    if isinstance(error, EmberlakeError):
        # A broker that is away comes back.
        away = error.problem.startswith("No Kafka answers")
        return Fault(error.problem, error.hint, isinstance(error, _FINAL) and not away)
    text = _text(error)
    if is_full(text):
        return Fault("The disk is full.", "Make room (emberlake lake vacuum frees old versions).")
    if ours := _ours(text):
        return ours
    return Fault(_shortened(_first_cause(error, text)))


def _text(error: BaseException) -> str:
    java = getattr(error, "java_exception", None)
    parts = [str(error), getattr(error, "_stackTrace", None) or "", "" if java is None else str(java)]
    cause = getattr(error, "_cause", None)
    return "\n".join([*map(str, parts), _text(cause) if isinstance(cause, BaseException) else ""])


def _ours(text: str) -> Fault | None:
    """One of our errors, raised in Python that Spark called and came back as text."""
    for kind, said in _OURS.findall(text):
        found = getattr(errors, kind, None)
        if isinstance(found, type) and issubclass(found, EmberlakeError):
            problem, dot, hint = said.strip().partition(". ")
            return Fault(_shortened(problem + dot.strip()), hint.strip(), issubclass(found, _FINAL))
    return None


def _first_cause(error: BaseException, text: str) -> str:
    python = [f"{kind}: {said}" for kind, said in _PYTHON.findall(text) if kind not in _WRAPPERS]
    if python and "Traceback (most recent call last)" in text:
        return python[-1]
    for kind, said in reversed(_CAUSED.findall(text)):
        if kind not in _WRAPPERS or said:
            return f"{kind}: {said}" if said else kind
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    ours = type(error).__module__.partition(".")[0] not in ("pyspark", "py4j")
    return (f"{type(error).__name__}: {first}" if ours else first).rstrip(": ") or type(error).__name__


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
