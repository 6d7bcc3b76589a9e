"""Raw request paths -> operations.

Matching works on the still encoded path, segment by segment, each decoded once. Literal segments beat templates,
templates with more literal text beat those with less, trailing slashes count. A path that only matches for another
method is left to a more general template that has the method, since that is how applications route.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, unquote

from facade.contract.faults import broken
from facade.kernel import Operation

PCHAR: Final = "-._~!$&'()*+,;=:@"
_VARIABLE: Final = re.compile(r"\{([^{}]*)\}")
_UNUSABLE: Final = re.compile(r"[?#\\\x00-\x1f\x7f-\x9f]")
_WHOLE: Final = ("", "")
"""The literals of a segment that is one name, as nearly all with a name are."""
_DEEPEST: Final = 128
_LONGEST: Final = 8_192


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One segment of a template: `literals[0] names[0] literals[1] ...`, literals as they stand on the wire."""

    literals: tuple[str, ...]
    names: tuple[str, ...] = ()

    def capture(self, raw: str) -> tuple[str, ...] | None:
        """The raw values of the names, each as far left as possible; None when the segment does not fit.

        Linear in the segment: separators are searched from the right, which leaves the earlier names the most room.
        """
        if self.literals == _WHOLE:
            return (raw,) if raw else None
        end = len(raw) - len(self.literals[-1])
        if end < len(self.literals[0]) or not raw.startswith(self.literals[0]) or not raw.endswith(self.literals[-1]):
            return None
        values = []
        for separator in reversed(self.literals[1:-1]):
            at = raw.rfind(separator, len(self.literals[0]) + 1, end - 1)
            if at < 0:
                return None
            values.append(raw[at + len(separator) : end])
            end = at
        values.append(raw[len(self.literals[0]) : end])
        return tuple(reversed(values)) if all(values) else None


def template_of(path: str, place: str) -> tuple[Segment, ...]:
    """Compile a path template that begins with `/`.

    Raises:
        Broken: braces that do not pair, names that repeat or touch, characters that no path can carry.
    """
    if _UNUSABLE.search(path):
        raise broken("path.characters", place, "a path cannot hold '?', '#', '\\' or control characters")
    segments = tuple(_segment(part, place) for part in path[1:].split("/"))
    names = [name for segment in segments for name in segment.names]
    if len(names) != len(set(names)):
        raise broken("path.template", place, "the path names a parameter twice")
    return segments


def _segment(part: str, place: str) -> Segment:
    pieces = _VARIABLE.split(part)
    literals, names = pieces[::2], pieces[1::2]
    if any("{" in text or "}" in text for text in literals) or not all(names):
        raise broken("path.template", place, "the braces of the path do not pair, or hold no name")
    if not all(literals[1:-1]):
        raise broken("path.template", place, "two parameters of the path touch, so nothing tells them apart")
    if unquote(part) in {".", ".."}:
        raise broken("path.dots", place, "the path holds '.' or '..' as a segment")
    return Segment(literals=tuple(quote(unquote(t), safe=PCHAR) for t in literals), names=tuple(names))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An operation at the end of a template; `reachable` when agents may call it."""

    operation: Operation
    segments: tuple[Segment, ...]
    reachable: bool


@dataclass(slots=True)
class Branch:
    """A node of the trie. Filled at compile time, only read afterwards."""

    literals: dict[str, "Branch"] = field(default_factory=dict)
    templates: list[tuple[Segment, "Branch"]] = field(default_factory=list)
    ends: dict[str, Entry] = field(default_factory=dict)


def insert(root: Branch, entry: Entry) -> Entry | None:
    """Add an operation; the entry that has its method and shape already, when there is one (nothing is added then)."""
    branch = root
    for segment in entry.segments:
        branch = _child(branch, segment)
    held = branch.ends.setdefault(entry.operation.method, entry)
    return None if held is entry else held


def _child(branch: Branch, segment: Segment) -> Branch:
    if not segment.names:
        return branch.literals.setdefault(unquote(segment.literals[0]), Branch())
    for known, child in branch.templates:
        if known.literals == segment.literals:
            return child
    child = Branch()
    branch.templates.append((segment, child))
    branch.templates.sort(key=lambda pair: (-sum(map(len, pair[0].literals)), pair[0].literals))
    return child


def split(path: str) -> tuple[str, ...] | None:
    """The raw segments of an origin-form path; None when it cannot belong to any template."""
    if not path.startswith("/") or len(path) > _LONGEST or path.count("/") > _DEEPEST:
        return None
    return tuple(path[1:].split("/"))


def ends(branch: Branch, segments: tuple[str, ...], at: int = 0) -> Iterator[Mapping[str, Entry]]:
    """Operations by method at every template that fits, the most literal first."""
    for here in range(at, len(segments)):
        raw = segments[here]
        literal = branch.literals.get(unquote(raw))
        ways = [] if literal is None else [literal]
        ways += [child for segment, child in branch.templates if segment.capture(raw) is not None]
        if len(ways) != 1:
            for way in ways:
                yield from ends(way, segments, here + 1)
            return
        branch = ways[0]
    if branch.ends:
        yield branch.ends


def captured(entry: Entry, segments: tuple[str, ...]) -> dict[str, str]:
    """The raw value of every name in an entry's template."""
    return {
        name: value
        for segment, raw in zip(entry.segments, segments, strict=True)
        if segment.names
        for name, value in zip(segment.names, segment.capture(raw) or (), strict=True)
    }
