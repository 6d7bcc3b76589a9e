"""Request path -> the operations that an application might serve for it although the contract spells them otherwise.

Frameworks and servers fold letter case, empty segments, encoded separators, a trailing slash, path parameters
(`;v=1`) and format suffixes (`.json`); which of them an application folds, nobody tells us. So whoever judges a path
that matches nothing exactly judges it by every operation that it could mean.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from facade.contract.records import Contract, Match
from facade.contract.trie import PCHAR, Branch, Entry, Segment, ends, split
from facade.kernel import Operation

_SEPARATORS: Final = re.compile(r"[/\\]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """An operation that a path could mean.

    Attributes:
        path: the decoded values of the template's names that the path reaches.
        whole: False when the path goes on where the template ends, or ends before it does.
    """

    operation: Operation
    path: Mapping[str, str]
    whole: bool


def meant(contract: Contract, raw_path: str) -> tuple[Meant, ...]:
    """Every operation, of any method, whose template the path follows in some spelling up to a name or to its end.

    Where the path is described as it stands, for whatever method, those alone.

    Args:
        raw_path: as for `match`.
    """
    plain = split(raw_path)
    if plain is None:
        return ()
    exact = next(ends(contract.routes, plain), None)
    if exact is not None:
        return tuple(Meant(operation=e.operation, path=_values(e, plain), whole=True) for e in exact.values())
    segments = _folded(raw_path)
    if split("/" + "/".join(segments)) is None:
        return ()
    return tuple(_found(contract.routes, segments))


def match_of(meant: Meant) -> Match:
    """The match of a path that means an operation as a whole, as if it were spelled as the contract has it."""
    raw = {name: quote(value, safe="") for name, value in meant.path.items()}
    return Match(operation=meant.operation, path=meant.path, raw=raw)


def _folded(raw_path: str) -> tuple[str, ...]:
    """Decoded once and without path parameters and empty segments; encoded again as templates are."""
    plain = (segment.partition(";")[0] for segment in _SEPARATORS.split(unquote(raw_path)))
    return tuple(quote(segment, safe=PCHAR) for segment in plain if segment)


def _found(routes: Branch, segments: tuple[str, ...]) -> Iterator[Meant]:
    for branch, at, named in _walk(routes, segments):
        if named:
            for entry in _below(branch):
                whole = at == len(segments) and _length(entry) == at
                yield Meant(operation=entry.operation, path=_values(entry, segments[:at]), whole=whole)
        elif at == len(segments):
            for entry in _here(branch):
                yield Meant(operation=entry.operation, path=_values(entry, segments), whole=True)


def _walk(branch: Branch, segments: tuple[str, ...], at: int = 0) -> Iterator[tuple[Branch, int, bool]]:
    """The branches that the segments reach, how many of them it took, and whether the last one is a name's value."""
    if at == 0 and not segments:
        yield branch, 0, False
    if at >= len(segments):
        return
    for child, named in _steps(branch, segments[at]):
        yield child, at + 1, named
        yield from _walk(child, segments, at + 1)


def _steps(branch: Branch, segment: str) -> Iterator[tuple[Branch, bool]]:
    plain = unquote(segment).casefold()
    spellings = {plain, plain.rpartition(".")[0]}
    for literal, child in branch.literals.items():
        if literal and literal.casefold() in spellings:
            yield child, False
    for template, child in branch.templates:
        if template.capture(segment) is not None:
            yield child, True


def _here(branch: Branch) -> Iterator[Entry]:
    yield from branch.ends.values()
    slashed = branch.literals.get("")
    if slashed is not None:
        yield from slashed.ends.values()


def _below(branch: Branch) -> Iterator[Entry]:
    pending = [branch]
    while pending:
        each = pending.pop()
        yield from each.ends.values()
        pending.extend(each.literals.values())
        pending.extend(child for _, child in each.templates)


def _length(entry: Entry) -> int:
    return len(_told(entry))


def _told(entry: Entry) -> tuple[Segment, ...]:
    """Without the empty segment of a template that ends in a slash."""
    return tuple(segment for segment in entry.segments if segment.names or segment.literals[0])


def _values(entry: Entry, segments: tuple[str, ...]) -> dict[str, str]:
    return {
        name: unquote(value)
        for segment, raw in zip(_told(entry), segments, strict=False)
        if segment.names
        for name, value in zip(segment.names, segment.capture(raw) or (), strict=False)
    }
