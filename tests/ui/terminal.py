"""The command line in this process, over a data folder of its own, with a fake model where one is wanted."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from pipeline import wiring
from pipeline.deps import Deps
from pipeline.models.progress import ModelProgress
from pipeline.settings import Settings
from tests.fakes import FakeModels
from ui.cli import app
from ui.commands.shell import Shell

OTHERS = [name for name in os.environ if name.startswith(("RAZBOR_", "OPENAI_"))]


@dataclasses.dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Stdout as the one JSON value that it must be."""
        return json.loads(self.out)


class Terminal:
    """Calls `razbor` with arguments; `models` answer where a command asks a model."""

    def __init__(self, home: Path, models: FakeModels | None = None, **variables: str) -> None:
        self.home, self.models, self.variables = home, models, variables

    def __call__(self, *arguments: object, typed: str | None = None) -> Answer:
        shell = Shell(self._opened if self.models else None)
        environment: dict[str, str | None] = dict.fromkeys(OTHERS)
        environment |= {"RAZBOR_HOME": str(self.home), "COLUMNS": "200", **self.variables}
        done = CliRunner().invoke(app, [str(word) for word in arguments], obj=shell, env=environment, input=typed)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert "Traceback" not in done.stderr
        return Answer(done.exit_code, done.stdout, done.stderr)

    @contextmanager
    def _opened(self, settings: Settings, on_model: Callable[[ModelProgress], None]) -> Iterator[Deps]:
        assert self.models is not None
        with wiring.open_deps(settings, on_model) as deps:
            yield dataclasses.replace(deps, models=self.models)
