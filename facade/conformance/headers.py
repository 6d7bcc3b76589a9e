"""Credentials as people give them on a command line."""

from collections.abc import Iterable
from pathlib import Path

from facade.kernel import InvalidRequest


def headers_of(given: Iterable[str], option: str) -> tuple[tuple[str, str], ...]:
    """`Name: value` each, or `@file` with one on every line, so that secrets stay out of process lists.

    Raises:
        InvalidRequest: not of that form, or the file cannot be read; values are never quoted.
    """
    lines = [line for each in given for line in (_lines(each[1:], option) if each.startswith("@") else [each])]
    return tuple(_header(line, option) for line in lines)


def _header(line: str, option: str) -> tuple[str, str]:
    name, colon, value = (part.strip() for part in line.partition(":"))
    if not colon or not name or not value:
        raise InvalidRequest(f"{option} takes 'Name: value', or @FILE with one on every line.", place=option)
    return name, value


def _lines(path: str, option: str) -> list[str]:
    try:
        return [line for line in Path(path).read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"{option} @{path} cannot be read: {error}.", place=option) from None
