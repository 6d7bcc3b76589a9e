"""What a contract test is made of: exchanges, what was due, problems, and the report of a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import orjson

from facade.kernel import Json, Operation, deeper

DEEPEST = 100
"""Levels of a JSON body that are looked at; more of them are somebody's attack on whoever reads it."""
_ERROR = 400
_SERVER_ERROR = 500


class Level(StrEnum):
    """How much a problem matters: failures decide the exit code, warnings only with `--strict`."""

    FAILURE = "failure"
    WARNING = "warning"


class Who(StrEnum):
    """Whose credential a request carries."""

    FIRST = "first"
    SECOND = "second"
    NOBODY = "none"
    BROKEN = "broken"


class Due(StrEnum):
    """What kind of answer a request asks for.

    ACCEPTED: a valid request about something that is there. ANSWERED: a valid request that the application may have
    reasons to refuse. ABSENT: about an id that nothing has. REFUSED: against the description. UNREADABLE: against HTTP
    or JSON itself. DENIED: without a valid credential. HIDDEN: about another tenant's data. GONE: about something that
    was deleted. ANY: whatever, but no server error.
    """

    ACCEPTED = "accepted"
    ANSWERED = "answered"
    ABSENT = "absent"
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    DENIED = "denied"
    HIDDEN = "hidden"
    GONE = "gone"
    ANY = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it goes on the wire, but for the credential: origin-form target, base path included."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    who: Who = Who.FIRST

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The raw query, without `?`."""
        return self.target.partition("?")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer.

    Attributes:
        value: what the body says as JSON; None when it is not JSON.
        readable: the body is JSON, or empty.
        cut: why the body is not whole; empty when it is.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    value: Json = None
    readable: bool = True
    cut: str = ""

    @property
    def ok(self) -> bool:
        """True for 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's range of success

    @property
    def refused(self) -> bool:
        """True for 4xx."""
        return _ERROR <= self.status < _SERVER_ERROR

    @property
    def broken(self) -> bool:
        """True for 5xx."""
        return self.status >= _SERVER_ERROR

    @property
    def media_type(self) -> str:
        """The Content-Type as sent."""
        return self.header("content-type") or ""

    def header(self, lower_name: str) -> str | None:
        """First value of a header."""
        return next((value for name, value in self.headers if name.lower() == lower_name), None)


def response_of(status: int, headers: tuple[tuple[str, str], ...], body: bytes, *, cut: str = "") -> Response:
    """An answer with its body read as JSON where it is JSON."""
    value: Json = None
    readable = True
    if body:
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError:
            readable = False
    if deeper(value, DEEPEST):
        value, cut = None, f"a body nested deeper than {DEEPEST} levels, which is not looked at"
    return Response(status=status, headers=headers, body=body, value=value, readable=readable, cut=cut)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request, what was due, and what came.

    Attributes:
        why: what the request tries, in a few words: `an id that no list holds`.
    """

    operation: Operation
    request: Request
    response: Response
    due: Due
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a check has to say about an exchange; `level` is its own, policy may raise it."""

    check: str
    expected: str
    seen: str
    level: Level = Level.FAILURE


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A finding with where it was met.

    Attributes:
        operation: its id; empty for what concerns the whole application.
        curl: a command that repeats the request, secrets masked; empty where there is none.
        times: how often it was met.
    """

    operation: str
    check: str
    level: Level
    expected: str
    seen: str
    why: str = ""
    curl: str = ""
    status: int | None = None
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One check of one operation: how often it was made, and what it found."""

    operation: str
    check: str
    made: int
    problems: tuple[Problem, ...] = ()

    @property
    def failed(self) -> bool:
        """True when a failure is among the problems."""
        return any(p.level is Level.FAILURE for p in self.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run found.

    Attributes:
        title: of the description.
        target: address of the application or name of the trace.
        operations: `METHOD /path` by operation id, those that were tried.
        skipped: why an operation was left alone, by id.
        disagreements: where openapi-core judged otherwise, one line each.
        leftovers: what the run made and could not remove, one line each.
        notes: what else a reader should know.
        complete: False when time ran out or somebody stopped the run (`interrupted`).
    """

    title: str
    target: str
    operations: Mapping[str, str] = field(default_factory=dict)
    outcomes: tuple[Outcome, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)
    disagreements: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    requests: int = 0
    cross_checked: int = 0
    seconds: float = 0.0
    seed: int = 0
    complete: bool = True
    interrupted: bool = False

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All of them, failures first."""
        found = [p for outcome in self.outcomes for p in outcome.problems]
        return tuple(sorted(found, key=lambda p: p.level is not Level.FAILURE))

    @property
    def failures(self) -> tuple[Problem, ...]:
        """Those that fail the run."""
        return tuple(p for p in self.problems if p.level is Level.FAILURE)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Those that do not."""
        return tuple(p for p in self.problems if p.level is Level.WARNING)
