"""The repository's own text, for tests about it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ("facade", "tests", "bench", "docs", "specs", "deploy", ".ci")


def modules(*folders: str) -> list[Path]:
    """Python files below these folders of the repository, in order."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    """The parsed module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def texts() -> Iterator[tuple[str, str]]:
    """Every text file of the repository with its relative name; nothing that a tool made."""
    files = [p for folder in KEPT for p in (ROOT / folder).rglob("*")]
    files += [p for p in ROOT.iterdir() if not p.name.startswith((".venv", ".coverage"))]
    for path in sorted(files):
        if path.is_file() and "__pycache__" not in path.parts:
            try:
                yield name_of(path), path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def name_of(path: Path) -> str:
    """The file as the repository names it."""
    return path.relative_to(ROOT).as_posix()
