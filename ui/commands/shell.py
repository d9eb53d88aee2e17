"""What every command shares: settings and how things are opened, streams, and errors as one sentence.

Exit codes: 0 done, 1 a part failed, 2 it could not start or a person is needed, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from store.errors import RazborError, StoreError
from ui.commands.output import clean

if TYPE_CHECKING:
    from pipeline.deps import Deps
    from pipeline.models.progress import ModelProgress
    from pipeline.settings import Settings
    from store.library import Library
    from store.search import Search

    OnModel = Callable[[ModelProgress], None]
    OpenDeps = Callable[[Settings, OnModel], AbstractContextManager[Deps]]

DONE, FAILED, PERSON, STOPPED = 0, 1, 2, 130
log = logging.getLogger(__name__)


class Shell:
    """Handed to every command as `ctx.obj`. `open_deps` is there for tests, which pass models that answer at once."""

    def __init__(self, open_deps: OpenDeps | None = None) -> None:
        self._open_deps = open_deps
        self.debug = False
        self.as_json = False

    @cached_property
    def settings(self) -> Settings:
        """Raises: SettingsError."""
        from pipeline.settings import load

        return load()

    @contextmanager
    def library(self) -> Iterator[Library]:
        """The library alone. Raises: StoreError."""
        from pipeline.wiring import open_library

        self._log()
        with open_library(self.settings) as library:
            yield library

    def search(self, library: Library) -> Search:
        """Raises: EmbeddingError."""
        from pipeline.wiring import open_search

        return open_search(self.settings, library)

    @contextmanager
    def deps(self, on_model: OnModel) -> Iterator[Deps]:
        """Everything a digest needs.

        Raises:
            SettingsError, PromptError, StoreError: something cannot be opened.
        """
        from pipeline.wiring import open_deps

        self._log()
        with (self._open_deps or open_deps)(self.settings, on_model) as deps:
            yield deps

    def _log(self) -> None:
        from store.files import Home
        from ui import logs

        logs.start(Home(self.settings.home).logs)


def shell_of(ctx: typer.Context) -> Shell:
    return ctx.ensure_object(Shell)


def require_model(deps: Deps) -> None:
    """Refuse early, before a paper is fetched and read, where the embedded model shall write and is not there.

    Raises:
        ModelFileError: the mend says how to fetch it.
    """
    from pipeline.models import files

    writer = deps.models.endpoint("writer")
    if writer.local:
        files.require(files.known(writer.model), deps.home.models)


def _as_json(ctx: typer.Context, value: bool) -> bool:
    shell_of(ctx).as_json = value
    return value


AsJson = Annotated[
    bool, typer.Option("--json", callback=_as_json, help="Print one JSON value on stdout and nothing else.")
]


def print_json(value: Any) -> None:
    """The one value of `--json`, in characters that stdout can carry."""
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    typer.echo(json.dumps(value, ensure_ascii=not utf8, indent=2))


def say(words: str = "") -> None:
    """A line for a person, on stderr."""
    typer.echo(words, err=True)


class Guard(TyperGroup):
    """The outermost door: an error leaves as one clean sentence and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        shell = shell_of(ctx)
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, TyperException, BrokenPipeError):
            raise
        except RazborError as error:
            log.error("%s: %s", type(error).__name__, error)
            fail(shell, error)
        except KeyboardInterrupt:
            say("Stopped. The same command goes on where it can.")
            raise typer.Exit(STOPPED) from None
        except Exception as error:
            log.exception("unexpected")
            fail(shell, unexpected(error))


def unexpected(error: Exception) -> RazborError:
    """What a defect of ours looks like to a person."""
    typed = RazborError(
        f"Unexpected {type(error).__name__}: {error}.", "This is a defect in Razbor; --debug shows the traceback."
    )
    typed.__cause__ = error
    return typed


def fail(shell: Shell, error: RazborError, /, **facts: Any) -> NoReturn:
    """Say what happened and what mends it, and leave; with `--json` also as the one value, `facts` first.

    With `--debug` the traceback comes before it.
    """
    if shell.debug:
        import traceback

        traceback.print_exception(error)
    say(" ".join(clean(error).split()))
    if shell.as_json:
        print_json({**facts, "error": error.message, "mend": error.mend})
    raise typer.Exit(exit_code(error)) from error


def exit_code(error: RazborError) -> int:
    """2 where a person must mend something first (the command, a setting, a file, the disk), else 1."""
    from pipeline.errors import InputError, ModelFileError, NeedsLogin, PaperBusy, PromptError, SettingsError

    mend_first = (InputError, SettingsError, PromptError, ModelFileError, NeedsLogin, PaperBusy, StoreError)
    return PERSON if isinstance(error, mend_first) else FAILED


@contextmanager
def stops_at_once(continue_with: str, tidy: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C ends the process at once, with the command that continues.

    The workflow survives `kill -9`; an orderly end would first wait, perhaps for minutes, for the model's reply.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        tidy()
        say(f"\nStopped. Continue with: {continue_with}")
        sys.stdout.flush()
        os._exit(STOPPED)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
