"""Commands as documents and pages show them, held against those that there are."""

from __future__ import annotations

import functools
import re
import shlex

from typer.main import get_command

from emberlake.cli.app import app


@functools.cache
def _root():
    # Half a second each time.
    return get_command(app)


def command_of(words: list[str]):
    """The Typer command that the words call, and what is left of them."""
    found = _root()
    while words and hasattr(found, "commands") and words[0] in found.commands:
        found, words = found.commands[words[0]], words[1:]
    return found, words


def fault_of(line: str) -> str | None:
    """What is wrong with a line `emberlake …`: there is no such command, or it has no such option."""
    words = shlex.split(re.sub(r"\s[|>].*", "", line))[1:]
    command, rest = command_of(words)
    alone = getattr(command, "invoke_without_command", False) and not rest
    if hasattr(command, "commands") and not alone and rest[:1] != ["--help"]:
        return f"{line!r} names no command"
    known = {option for parameter in command.params for option in getattr(parameter, "opts", [])} | {"--help"}
    strange = {word.split("=")[0] for word in rest if word.startswith("--")} - known
    return f"{line!r}: no option {sorted(strange)}" if strange else None


def shown_in(text: str) -> list[str]:
    """Every command line in a text: in a block of code, or between backticks."""
    lines = []
    for block in re.findall(r"```(?:sh|bash|console)?\n(.*?)```", text, re.DOTALL):
        lines += [
            line.split("  #")[0].removeprefix("$ ").removeprefix(".venv/bin/").strip() for line in block.splitlines()
        ]
    # `emberlake learn …` is a family of commands, and what stands in capitals is the reader's to fill in.
    inline = re.findall(
        r"(?<!`)`((?:\.venv/bin/)?emberlake [^`…]+)`(?!`)", re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    )
    lines += [line.removeprefix(".venv/bin/") for line in inline]
    return sorted({line for line in lines if line.startswith("emberlake ")})
