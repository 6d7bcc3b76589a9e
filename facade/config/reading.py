"""Text -> mapping: YAML with JSON's scalars, no duplicate keys, and `${env:NAME}` filled in."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from facade.config.problems import Place, dotted
from facade.kernel import Finding, SettingsInvalid

_REFERENCE = re.compile(r"(?P<escaped>\$)?\$\{env:(?P<name>[^}]*)\}")


class _Loader(yaml.SafeLoader):
    """YAML read as its 1.2 JSON schema: `off`, `no` and `0123` stay text, and nothing is a date."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own shape


_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:null|~|)\Z"), ["n", "~", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|false)\Z"), ["t", "f"])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"-?(?:0|[1-9][0-9]*)\Z"), list("-0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)\Z"),
    list("-0123456789"),
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile(r"<<\Z"), ["<"])


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[str] = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode) and key.value in seen and key.value != "<<":
            raise yaml.constructor.ConstructorError(None, None, f"`{key.value}` stands twice", key.start_mark)
        if isinstance(key, yaml.ScalarNode):
            seen.add(key.value)
    loader.flatten_mapping(node)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def mapping_of(path: Path) -> dict[str, Any]:
    """The settings file as a mapping, nothing in it checked yet.

    Raises:
        SettingsInvalid: unreadable, not YAML, or not a mapping; with line and column where there is one.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise _unreadable(path, "does not exist; `facade init` writes one") from None
    except (OSError, UnicodeDecodeError):
        raise _unreadable(path, "cannot be read as UTF-8 text; check its permissions and encoding") from None
    return mapping_in(text, path)


def mapping_in(text: str, path: Path) -> dict[str, Any]:
    """The same of a text that stands, or will stand, in the file at `path`.

    Raises:
        SettingsInvalid: not YAML, or not a mapping.
    """
    try:
        value = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except RecursionError:
        raise _unreadable(path, "is nested too deeply") from None
    except (yaml.YAMLError, ValueError) as error:
        raise _unreadable(path, _yaml_problem(error)) from None
    if not isinstance(value, dict):
        raise _unreadable(path, "should be a mapping that begins with `version: 1`")
    return value


def _unreadable(path: Path, message: str) -> SettingsInvalid:
    finding = Finding(code="settings.file", place=str(path), message=message)
    return SettingsInvalid(f"{path} {message}", findings=(finding,))


def _yaml_problem(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"is not well-formed YAML at line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    return "is not well-formed YAML"


def filled(value: Any, environ: Mapping[str, str]) -> tuple[Any, tuple[Finding, ...]]:
    """Replace `${env:NAME}` in every text by the variable; `$${env:NAME}` stands for itself.

    Returns:
        The value with what could be replaced, and a finding for each variable that is not set.
    """
    findings: list[Finding] = []
    return _filled(value, environ, (), findings), tuple(findings)


def _filled(value: Any, environ: Mapping[str, str], place: Place, findings: list[Finding]) -> Any:
    if isinstance(value, dict):
        return {k: _filled(v, environ, (*place, k), findings) for k, v in value.items()}
    if isinstance(value, list):
        return [_filled(v, environ, (*place, i), findings) for i, v in enumerate(value)]
    if not isinstance(value, str):
        return value
    findings.extend(_unset(value, environ, place))
    return _REFERENCE.sub(lambda m: m[0][1:] if m["escaped"] else environ.get(m["name"], ""), value)


def _unset(text: str, environ: Mapping[str, str], place: Place) -> Iterator[Finding]:
    for found in _REFERENCE.finditer(text):
        if not found["escaped"] and found["name"] not in environ:
            message = f"the environment variable {found['name']} is not set; set it, or name another"
            yield Finding(code="settings.env", place=dotted(place), message=message)
