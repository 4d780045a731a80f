"""A learner's file: loaded without its trial cells, and errors told by its lines."""

from __future__ import annotations

import ast
import re
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from emberlake.school.verdict import Verdict

# What stands below this cell is for the learner's own looking around, and is not run by a check.
TRY = "# %% Try it"
_CLASS = re.compile(r"\[([A-Z_]+(?:\.[A-Z_]+)?)\]\s*")
# As Spark begins its own messages, perhaps behind the name of a class of Java.
_CONDITION = re.compile(r"(?:[\w.$]+: )?\[[A-Z0-9_.]+\]")


class Unfinished(Exception):
    """A verdict that is known before anything was compared."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.message)
        self.verdict = verdict


def load(path: Path, number: str) -> Callable[..., Any]:
    """The function `answer` of a file.

    Raises:
        Unfinished: with the verdict, if the file cannot be read or has no such function.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        said = f"{path} cannot be read: {getattr(e, 'strerror', None) or e}."
        raise Unfinished(Verdict(number, "error", said, look="`emberlake learn reset` brings it back.")) from e
    module = ModuleType("exercise")
    module.__file__ = str(path)
    try:
        exec(compile(text.split(f"\n{TRY}")[0], str(path), "exec"), module.__dict__)
    except SyntaxError as e:
        said = f"Line {e.lineno} cannot be read as Python: {e.msg}."
        raise Unfinished(Verdict(number, "error", said, came=(e.text or "").strip(), line=e.lineno)) from e
    except BaseException as e:
        raise Unfinished(of_error(e, path, number)) from e
    function = module.__dict__.get("answer")
    if not callable(function):
        names = [node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
        raise Unfinished(
            Verdict(
                number,
                "error",
                "The file has no function `answer`.",
                "def answer(spark, lake):",
                ", ".join(names) or "no function",
                "`emberlake learn reset` brings the first version back.",
            )  # fmt: skip
        )
    return function


# What a message of an engine means that does not say it.
_LOOKS = {
    "ambiguous": 'Both sides of a join have this name. A table with itself: df.alias("a"), then F.col("a.name").',
    "file does not exist": "A folder was overwritten that the plan still reads: give each round a folder of its own.",
}


def of_error(error: BaseException, path: Path, number: str) -> Verdict:
    """What a learner is told of an exception: the line in the file, and what the message says."""
    line = line_of(error, path)
    at = f"Line {line}" if line else "The code"
    source = _source(path, line)
    if isinstance(error, KeyboardInterrupt):
        raise error
    if isinstance(error, SystemExit):
        said = f"{at} ends the program; a check goes on after `answer`."
        return Verdict(number, "error", said, came=source, look="Use return instead of exit().", line=line)
    if isinstance(error, NotImplementedError):
        return unsolved(number, line)
    if isinstance(error, MemoryError):
        return Verdict(
            number, "limit", f"{at} asked for more memory than an exercise may have.", came=source, line=line,
            look="Let Spark do the work: rows that are collected must fit into Python.", replace=True,
        )  # fmt: skip
    kind, said = _said(error)
    look = ""
    if "OutOfMemoryError" in said or "OutOfMemoryError" in str(error):
        return Verdict(
            number, "limit", f"{at} asked for more memory than Spark has.", came=source, line=line, replace=True,
            look="Look for collect, toPandas, and for a join that pairs all with all.",
        )  # fmt: skip
    if kind == "EOFError":
        look = "A check has no keyboard: input() cannot be used."
    look = next((told for word, told in _LOOKS.items() if word in str(error).lower()), look)
    return Verdict(number, "error", f"{at} raised {kind}: {said}", came=source, look=look, line=line)


def unsolved(number: str, line: int | None = None) -> Verdict:
    """What is told while nothing is returned."""
    return Verdict(
        number, "unsolved", "`answer` returns nothing yet.", "a DataFrame", "None",
        "Put your code where the three dots are, and return its result.", line,
    )  # fmt: skip


def line_of(error: BaseException, path: Path) -> int | None:
    """The last line of the learner's file in the error's story; a UDF's error tells its own."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    inner = re.findall(rf'File "{re.escape(str(path))}", line (\d+)', str(error))
    if inner:
        return int(inner[-1])
    return lines[-1] if lines else None


def _source(path: Path, line: int | None) -> str:
    try:
        return path.read_text(encoding="utf-8").splitlines()[line - 1].strip() if line else ""
    except (OSError, IndexError):
        return ""


def _said(error: BaseException) -> tuple[str, str]:
    # A stream's error tells that a task failed; why, its innermost cause.
    while (cause := getattr(error, "_cause", None)) is not None and _CONDITION.match(str(cause)):
        error = cause
    kind = type(error).__name__
    java = getattr(error, "java_exception", None)
    text = str(java) if java is not None else str(error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if kind == "PythonException" or "Traceback (most recent call last)" in text:
        # The last line of the worker's own traceback is the error that the learner's function raised.
        told = [line for line in lines if re.match(r"^(\w+\.)*\w*(Error|Exception|Warning)\b", line)]
        if told:
            kind, _, said = told[-1].partition(":")
            return kind.split(".")[-1], said.strip() or "no message"
    first = _CLASS.sub("", lines[0] if lines else "no message", count=1)
    return kind, first.split(" SQLSTATE")[0][:400]


def line_of_stack(text: str, path: Path) -> int | None:
    """The innermost line of the learner's file in the stacks that `faulthandler` wrote."""
    found = re.search(rf'File "{re.escape(str(path))}", line (\d+)', text)
    return int(found[1]) if found else None
