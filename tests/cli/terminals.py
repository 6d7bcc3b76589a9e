"""The command line as a test sees it: arguments in, exit code and both streams out."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from facade.cli import run


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


Facade = Callable[..., Ran]


def facade_in(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Facade:
    """`facade` run in a folder; keyword arguments are its environment."""
    monkeypatch.chdir(folder)

    def call(*args: str, **environ: str) -> Ran:
        code = run(args, environ=environ)
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return call
