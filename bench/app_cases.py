"""The cases of a real application: what is asked, what must then be true. See `bench/apps.py`.

A case file has one JSON object a line: `{id, as, kind, utterance, gold: [{method, path, args}], check, answer?}`.
`check` is a read with expectations over dotted paths; `{{name}}` stands for a seeded id.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_NAME = re.compile(r"\{\{([^}]+)\}\}")
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One request in words and its proof."""

    id: str
    login: str
    kind: str
    utterance: str
    gold: Sequence[Mapping[str, Any]]
    check: Mapping[str, Any]
    answer: Sequence[str]

    @property
    def one_call(self) -> bool:
        """One operation serves it."""
        return len(self.gold) == 1

    def gold_writes(self) -> frozenset[tuple[str, str]]:
        """Method and concrete path of every write that the case wants."""
        return frozenset(
            (step["method"], _filled(step["path"], step.get("args", {}).get("path", {})))
            for step in self.gold
            if step["method"] not in _READS
        )


def cases(path: Path, ids: Mapping[str, Any]) -> Iterator[Case]:
    """Read a cases file, seeded ids put in."""
    for line in path.read_text().splitlines():
        raw = substituted(json.loads(line), ids)
        yield Case(
            id=raw["id"],
            login=raw["as"],
            kind=raw["kind"],
            utterance=raw["utterance"],
            gold=raw["gold"],
            check=raw["check"],
            answer=raw.get("answer", ()),
        )


def substituted(value: Any, ids: Mapping[str, Any]) -> Any:
    """Replace `{{name}}` by its seeded id, keeping the id's type where it is the whole text."""
    match value:
        case str():
            whole = _NAME.fullmatch(value)
            if whole:
                return ids.get(whole.group(1), value)
            return _NAME.sub(lambda m: str(ids.get(m.group(1), m.group(0))), value)
        case list():
            return [substituted(v, ids) for v in value]
        case dict():
            return {k: substituted(v, ids) for k, v in value.items()}
        case _:
            return value


def holds(expectation: Mapping[str, Any], document: Any) -> bool:
    """Is one expectation true of a JSON document?"""
    found = list(_at(document, expectation["at"].split(".") if expectation["at"] not in ("", "$") else []))
    checks = {
        "eq": lambda want: found == [want],
        "contains": lambda want: any(want in v if isinstance(v, str | list) else v == want for v in found),
        "absent": lambda want: want not in found,
        "has": lambda want: want in found,
        "set": lambda want: sorted(map(str, found)) == sorted(map(str, want)),
        "len": lambda want: bool(found) and len(found[0]) == want,
        "missing": lambda _: not found,
    }
    return all(check(expectation[name]) for name, check in checks.items() if name in expectation)


def _at(document: Any, path: Sequence[str]) -> Iterator[Any]:
    if not path:
        yield document
        return
    head, rest = path[0], path[1:]
    for child in _children(document, head):
        yield from _at(child, rest)


def _children(document: Any, key: str) -> Sequence[Any]:
    if key == "*":
        return list(document.values()) if isinstance(document, dict) else document if isinstance(document, list) else []
    if isinstance(document, dict):
        return [document[key]] if key in document else []
    if isinstance(document, list) and key.lstrip("-").isdigit() and -len(document) <= int(key) < len(document):
        return [document[int(key)]]
    return []


def _filled(path: str, values: Mapping[str, Any]) -> str:
    return re.sub(r"\{([^{}]+)\}", lambda m: str(values.get(m.group(1), m.group(0))), path)
