"""What every command shares: the settings as options before or after its name, `--json`, and how it fails."""

from __future__ import annotations

import datetime as dt
import errno
import inspect
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, get_type_hints

import typer
from rich.markup import escape

from emberlake.cli.screen import Screen
from emberlake.errors import EmberlakeError
from emberlake.settings import Settings, read_settings
from emberlake.steps.wire import known

PANEL = "For every command"
# In each command's help; the other settings are taken there too, and listed by `emberlake --help`.
_COMMON = ("root", "engine", "debug")


@dataclass(frozen=True)
class Call:
    """What a command gets beside its own arguments."""

    settings: Settings
    screen: Screen


def shared_parameters(shown: Sequence[str]) -> list[inspect.Parameter]:
    """One option a setting, and `--json`; those not in `shown` are taken, but not in the help."""
    options = []
    for name, field in Settings.model_fields.items():
        kind: Any = bool if field.annotation is bool else field.annotation
        if field.annotation is None or "Path" in str(field.annotation):
            kind = str
        info = typer.Option(
            f"--{name.replace('_', '-')}",
            help=_sentence(field.description or ""),
            rich_help_panel=PANEL,
            hidden=name not in shown,
            show_default=False,
        )
        options.append(_keyword(name, Annotated[kind | None, info]))
    as_json = typer.Option("--json", help="Print JSON.", rich_help_panel=PANEL, show_default=False)
    return [*options, _keyword("as_json", Annotated[bool | None, as_json])]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _keyword(name: str, annotation: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def command(
    app: typer.Typer, name: str, example: str | Sequence[str], shown: Sequence[str] = (), hidden: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register `function(call, …)` as a command; the settings become options of it.

    Args:
        app: the group.
        name: the command's name.
        example: command lines that its help shows.
        shown: settings that its help lists beside the common ones.
        hidden: leave the command out of the list of commands.
    """
    examples = [example] if isinstance(example, str) else example
    epilog = "\n\n".join(f"Example: [bold]{escape(line)}[/bold]" for line in examples)

    def register(function: Callable[..., None]) -> Callable[..., None]:
        hints = get_type_hints(function, include_extras=True)
        own = [p.replace(annotation=hints[p.name]) for p in list(inspect.signature(function).parameters.values())[1:]]
        taken = {parameter.name for parameter in own}
        shared = [p for p in shared_parameters((*_COMMON, *shown)) if p.name not in taken]

        def run(ctx: typer.Context, **given: Any) -> None:
            before = ctx.find_root().obj or {}
            options = {p.name: given.pop(p.name) for p in shared}
            answer(function, {k: v if v is not None else before.get(k) for k, v in options.items()}, given)

        context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
        keyword = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
        parameters = [context, *keyword, *shared]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in parameters}
        run.__doc__ = inspect.getdoc(function)
        app.command(name, epilog=epilog, hidden=hidden)(run)
        return function

    return register


def answer(function: Callable[..., None], options: dict[str, Any], given: dict[str, Any]) -> None:
    """Call a command's function, and turn whatever it raises into a sentence and an exit code.

    Raises:
        typer.Exit: with the error's exit code; 130 after Ctrl-C.
    """
    screen = Screen(bool(options.pop("as_json", None)))
    settings = None
    try:
        settings = read_settings(**options)
        function(Call(settings, screen), **given)
    except EmberlakeError as error:
        if options.get("debug") or (settings and settings.debug):
            screen.err.print(getattr(error, "story", "") or traceback.format_exc(), markup=False, soft_wrap=True)
        screen.error(error.problem, error.hint)
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        screen.err.print("\nStopped; run the same command to go on.")
        raise typer.Exit(130) from None
    except Exception as error:
        if isinstance(error, (typer.Exit, typer.Abort, typer.BadParameter)) or _pipe_closed(error):
            raise
        if not (settings and settings.debug) and (meant := known(error)):
            screen.error(meant.problem, meant.hint)
            raise typer.Exit(meant.exit_code) from None
        _unforeseen(screen, settings, error)
        raise typer.Exit(1) from None


def _pipe_closed(error: Exception) -> bool:
    # `emberlake report … | head`: Typer knows how to leave quietly.
    return isinstance(error, OSError) and error.errno == errno.EPIPE


def _unforeseen(screen: Screen, settings: Settings | None, error: Exception) -> None:
    said = (str(error).strip().splitlines() or [""])[0][:300]
    sentence = f"{type(error).__name__}: {said}".rstrip(": ")
    if settings is None or settings.debug:
        screen.err.print(traceback.format_exc(), markup=False, soft_wrap=True)
        screen.error(f"Something unforeseen happened: {sentence}.")
        return
    try:
        from emberlake.steps import claim_root

        claim_root(settings)
        settings.logs.mkdir(exist_ok=True)
        log = settings.logs / f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}-command.log"
        log.write_text(f"{' '.join(sys.argv)}\n\n{traceback.format_exc()}", encoding="utf-8")
    except (OSError, EmberlakeError):
        screen.error(f"Something unforeseen happened: {sentence}.", "Run it again with --debug to see where.")
        return
    screen.error(f"Something unforeseen happened: {sentence}.", f"The whole story is in {log}.")
