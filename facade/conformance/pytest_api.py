"""What the pytest plugin's fixtures hand out."""

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from threading import Thread
from typing import Any, Final, TypeVar

import pytest

from facade.conformance.checks import judge
from facade.conformance.client import fetched
from facade.conformance.consumers import consumer_of, declared, present
from facade.conformance.engine import Options, examine, opened
from facade.conformance.headers import headers_of
from facade.conformance.records import Due, Exchange, Found, Level, Problem, Report, Request, Response, Who
from facade.conformance.session import Session
from facade.contract import ContractSettings, compile_contract, parse
from facade.kernel import Arguments, FacadeError, Json, JsonObject, Location, Operation

_T = TypeVar("_T")
_NAMES: Final = {"first": Who.FIRST, "second": Who.SECOND, "nobody": Who.NOBODY}


def options_of(config: pytest.Config) -> Options:
    """The command line's options.

    Raises:
        pytest.UsageError: an option is missing, or what it names cannot be used.
    """
    given = config.getoption
    spec, url = given("--facade-spec"), given("--facade-url")
    if not spec or not url:
        raise pytest.UsageError("contract tests need --facade-spec and --facade-url")
    try:
        return Options(
            document=_document(spec),
            url=url,
            credential=headers_of(given("--facade-header"), "--facade-header"),
            other=headers_of(given("--facade-other-header"), "--facade-other-header"),
            writes=given("--facade-writes"),
            only=tuple(given("--facade-only")),
            examples=given("--facade-examples"),
            seed=given("--facade-seed"),
        )
    except FacadeError as error:
        raise pytest.UsageError(error.detail) from None


@lru_cache(maxsize=1)
def _document(spec: str) -> JsonObject:
    raw = asyncio.run(fetched(spec)) if spec.startswith(("http://", "https://")) else _read(Path(spec))
    return parse(raw, place=spec)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise pytest.UsageError(f"--facade-spec {path}: {error.strerror}") from None


def operations_of(config: pytest.Config) -> list[str]:
    """The ids of the operations that a run may call: those that read, and with --facade-writes the others too."""
    from facade.conformance.engine import chosen_of  # noqa: PLC0415 - collection needs no more of it

    options = options_of(config)
    try:
        contract = compile_contract(options.document, api="main", settings=ContractSettings())
        _, chosen = chosen_of(contract, options)
    except FacadeError as error:
        raise pytest.UsageError(error.detail) from None
    return [name for name, operation in chosen.items() if options.writes or operation.write_class == "read"]


class _Loop:
    """An event loop in a thread of its own, so that plain and async tests may ask alike."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="facade-contract-tests", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@contextmanager
def contract_tests(config: pytest.Config) -> "Iterator[ContractTests]":
    """The application under test, its connections closed at the end."""
    options = options_of(config)
    loop, stack = _Loop(), AsyncExitStack()
    try:
        try:
            session = loop.run(stack.enter_async_context(opened(options)))
        except FacadeError as error:
            raise pytest.UsageError(error.detail) from None
        yield ContractTests(session=session, options=options, strict=config.getoption("--facade-strict"), loop=loop)
    finally:
        loop.run(stack.aclose())
        loop.close()


@dataclass(slots=True)
class ContractTests:
    """A description and the application that is to keep it."""

    session: Session
    options: Options
    strict: bool
    loop: _Loop
    _report: Report | None = field(default=None)

    @property
    def report(self) -> Report:
        """The whole run; made once, when somebody first asks."""
        if self._report is None:
            self._report = self.loop.run(examine(self.session, self.options))
        return self._report

    @property
    def api(self) -> "Api":
        """Single calls."""
        return Api(tests=self)

    def operation(self, name: str) -> "OperationTests":
        """One operation by its id."""
        return OperationTests(tests=self, name=name)

    def conforms(self) -> None:
        """Every check of every operation holds.

        Raises:
            AssertionError: with every problem, and the command that shows it.
        """
        self.judge(self.report.problems)

    def serves(self, path: str | Path) -> None:
        """What a consumer relies on is described, and there in the application's answers.

        Raises:
            AssertionError: with everything that is missing.
        """
        consumer = consumer_of(Path(path))
        found = [f for _, f in declared(consumer, self.session.subject.contract)]
        if self.report.operations:
            found += [f for exchange in self.session.reached.values() for f in present(consumer, exchange)]
        if found:
            raise AssertionError("\n".join(f"{f.expected}: {f.seen}" for f in found))

    def judge(self, problems: tuple[Problem, ...]) -> None:
        """Fail with the problems that count."""
        counting = [p for p in problems if self.strict or p.level is Level.FAILURE]
        if counting:
            raise AssertionError("\n".join(_told(p) for p in counting))


@dataclass(frozen=True, slots=True)
class OperationTests:
    """One operation under test."""

    tests: ContractTests
    name: str

    def conforms(self) -> None:
        """Every check of this operation holds; skipped where the run found no way to call it.

        Raises:
            AssertionError: with every problem, and the command that shows it.
        """
        report = self.tests.report
        if self.name in report.skipped:
            pytest.skip(report.skipped[self.name])
        self.tests.judge(tuple(p for p in report.problems if p.operation == self.name))


@dataclass(frozen=True, slots=True)
class Api:
    """Single calls of operations, judged one by one."""

    tests: ContractTests

    def get(self, operation: str, /, *, who: str = "first", **arguments: Json) -> "Told":
        """Call an operation that reads.

        Args:
            who: `first`, `second` or `nobody`: whose credential is sent.
        """
        found = self._operation(operation)
        if found.write_class != "read":
            raise ValueError(f"{operation} writes; use `call`.")
        return self._called(found, arguments, None, who)

    def call(self, operation: str, /, *, body: Json = None, who: str = "first", **arguments: Json) -> "Told":
        """Call any operation; arguments go where the description has them."""
        return self._called(self._operation(operation), arguments, body, who)

    def _operation(self, name: str) -> Operation:
        known = self.tests.session.subject.contract.operations
        if name not in known:
            raise ValueError(f"The description has no operation {name!r}; it has {', '.join(known)}.")
        return known[name]

    def _called(self, operation: Operation, given: Mapping[str, Json], body: Json, who: str) -> "Told":
        session = self.tests.session
        request = session.built(operation, _placed(operation, given, body))
        if request is None:
            raise ValueError(f"The description does not allow {operation.key.operation_id} with {dict(given)!r}.")
        sent: Request = replace(request, who=_NAMES[who])
        due = Due.DENIED if who == "nobody" else Due.ANSWERED
        exchange = self.tests.loop.run(_exchanged(session, operation, sent, due))
        return Told(exchange=exchange, found=judge(exchange, session.subject), strict=self.tests.strict)


async def _exchanged(session: Session, operation: Operation, request: Request, due: Due) -> Exchange:
    response = await session.client.send(request)
    return Exchange(operation=operation, request=request, response=response, due=due)


def _placed(operation: Operation, given: Mapping[str, Json], body: Json) -> Arguments:
    into: dict[Location, dict[str, Json]] = {at: {} for at in Location}
    for name, value in given.items():
        places = [p.location for p in operation.parameters if p.name == name and p.location is not Location.BODY]
        if not places:
            raise ValueError(f"{operation.key.operation_id} has no parameter {name!r}.")
        into[places[0]][name] = value
    return Arguments(
        path=into[Location.PATH],
        query=into[Location.QUERY],
        header=into[Location.HEADER],
        cookie=into[Location.COOKIE],
        body=body,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An answer, and what the description has against it."""

    exchange: Exchange
    found: tuple[Found, ...]
    strict: bool

    @property
    def response(self) -> Response:
        """Status, headers and body as they came."""
        return self.exchange.response

    @property
    def status(self) -> int:
        """The status."""
        return self.response.status

    @property
    def json(self) -> Json:
        """The body as JSON."""
        return self.response.value

    def conforms(self) -> "Told":
        """The answer is one that the description allows.

        Raises:
            AssertionError: with everything that is wrong.
        """
        counting = [f for f in self.found if self.strict or f.level is Level.FAILURE]
        if counting:
            raise AssertionError("\n".join(f"{f.check}: expected {f.expected}; seen {f.seen}" for f in counting))
        return self


def _told(problem: Problem) -> str:
    tried = f" ({problem.why})" if problem.why else ""
    head = f"{problem.operation}: {problem.check}: expected {problem.expected}; seen {problem.seen}{tried}"
    return f"{head}\n    {problem.curl}" if problem.curl else head
