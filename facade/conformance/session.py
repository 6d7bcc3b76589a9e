"""One run against one application: sends, judges at once, remembers what was seen, stops when time is up."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from facade.conformance.checks import Subject, judge, made
from facade.conformance.client import Client
from facade.conformance.findings import Findings
from facade.conformance.generation import Generated, Generator
from facade.conformance.oracle import Oracle
from facade.conformance.paging import paging_of
from facade.conformance.pool import Pool
from facade.conformance.records import Due, Exchange, Found, Level, Request, Who
from facade.conformance.sampler import Sampler
from facade.contract import Match, build, match, observe_request
from facade.kernel import Arguments, Call, Context, FacadeError, Finding, Json, Location, Operation

_NO_CONTEXT: Final = Context()
_DISAGREEMENTS: Final = 40
NO_FIELDS: Final[Mapping[str, Json]] = {}


class TimeIsUp(Exception):
    """The run's own limit is reached, or somebody stops it; what was made is removed, and the report says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run may do.

    Attributes:
        operations: those to test, by id.
        producers: reads that are called as well, for the ids that their answers hold.
        examples: generated inputs for one operation, of each kind.
        writes: operations that change data are called too.
        second: a second tenant's credential is at hand.
        protected: some credential is sent at all.
    """

    operations: Mapping[str, Operation]
    producers: Mapping[str, Operation] = field(default_factory=dict)
    examples: int = 25
    writes: bool = False
    second: bool = False
    protected: bool = True
    seed: int = 1


@dataclass(slots=True)
class Session:
    """Everything that the phases share.

    Attributes:
        pools: what each credential has seen.
        reached: operations that have answered 2xx to a valid request, with the first such exchange.
        refused: the last refusal of a valid request, for operations that were never reached.
        now: monotonic seconds; `until` is when the run ends.
    """

    subject: Subject
    plan: Plan
    client: Client
    findings: Findings
    generator: Generator
    oracle: Oracle
    sampler: Sampler
    now: Callable[[], float]
    until: float
    pools: Mapping[Who, Pool]
    said: Callable[[str], None] = lambda _: None
    stopped: Callable[[], bool] = lambda: False
    reached: dict[str, Exchange] = field(default_factory=dict)
    refused: dict[str, Exchange] = field(default_factory=dict)
    disagreements: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    # --- operations

    @property
    def reads(self) -> list[Operation]:
        """Operations that change nothing."""
        return [op for op in self.plan.operations.values() if op.write_class == "read" and op.method != "OPTIONS"]

    @property
    def producers(self) -> list[Operation]:
        """Reads that may be called for what they tell."""
        return [*self.reads, *self.plan.producers.values()]

    @property
    def writes(self) -> list[Operation]:
        """Operations that change something; none unless the plan has writes."""
        chosen = [op for op in self.plan.operations.values() if op.write_class != "read"]
        return chosen if self.plan.writes else []

    @property
    def pool(self) -> Pool:
        """What the first credential has seen."""
        return self.pools[Who.FIRST]

    # --- requests

    async def call(
        self, operation: Operation, arguments: Arguments, *, due: Due, why: str, who: Who = Who.FIRST
    ) -> Exchange | None:
        """Send a request that the contract allows; None when it allows none such."""
        request = self.built(operation, arguments)
        return None if request is None else await self.send(operation, replace(request, who=who), due=due, why=why)

    def built(self, operation: Operation, arguments: Arguments) -> Request | None:
        """The exact request of a valid call; None when the contract refuses it."""
        try:
            built = build(
                Call(operation=operation.key, arguments=arguments), self.subject.contract, _NO_CONTEXT, tenant_id=""
            )
        except FacadeError:
            return None
        request = built.request
        return Request(method=request.method, target=request.target, headers=request.headers, body=request.body)

    async def send(self, operation: Operation, request: Request, *, due: Due, why: str) -> Exchange | None:
        """Send and judge; None when HTTP cannot carry the request.

        Raises:
            TimeIsUp: the run's own limit is reached.
        """
        if self.now() > self.until or self.stopped():
            raise TimeIsUp
        try:
            response = await self.client.send(request)
        except ValueError:
            return None
        exchange = Exchange(operation=operation, request=request, response=response, due=due, why=why)
        self._judge(exchange)
        self._learn(exchange)
        await asyncio.sleep(0)  # on a fast answer nothing else has let the others in
        return exchange

    def _judge(self, exchange: Exchange) -> None:
        operation_id = exchange.operation.key.operation_id
        self.findings.count(operation_id, *made(exchange))
        found = judge(exchange, self.subject)
        for each in found:
            self.findings.add(operation_id, each, exchange)
        if self.oracle.wants(exchange):
            self._compare(exchange, found)

    def _compare(self, exchange: Exchange, found: tuple[Found, ...]) -> None:
        """Our verdict on the body beside openapi-core's."""
        ours = [f for f in found if f.check in {"body.schema", "body.json", "media_type", "status.declared"}]
        theirs = self.oracle.verdict(exchange)
        if bool(ours) == (theirs is not None) or len(self.disagreements) >= _DISAGREEMENTS:
            return
        where = f"{exchange.operation.key.operation_id} {exchange.response.status}"
        line = f"{where}: we {'object: ' + ours[0].expected if ours else 'accept'}; openapi-core: {theirs or 'accepts'}"
        if line not in self.disagreements:
            self.disagreements.append(line)

    def _learn(self, exchange: Exchange) -> None:
        operation_id = exchange.operation.key.operation_id
        if exchange.request.who not in (Who.FIRST, Who.SECOND) or exchange.due not in (Due.ACCEPTED, Due.ANSWERED):
            return
        if exchange.response.ok and not exchange.response.cut:
            scope = self.path_values(exchange)
            self.pools[exchange.request.who].learn(exchange.operation, scope, exchange.response.value)
        if exchange.request.who is Who.FIRST:
            (self.reached if exchange.response.ok else self.refused).setdefault(operation_id, exchange)

    def path_values(self, exchange: Exchange) -> dict[str, Json]:
        """The path arguments of an exchange in their declared types."""
        found = match(self.subject.contract, exchange.request.method, exchange.request.path)
        return {n: self.typed(exchange.operation, n, v) for n, v in found.path.items()} if found else {}

    def typed(self, operation: Operation, name: str, value: Json) -> Json:
        """A path argument in the type that its parameter declares."""
        declared = next(
            (p.schema.get("type") for p in operation.parameters if p.name == name and p.location is Location.PATH), ""
        )
        if declared == "integer" and isinstance(value, str) and value.lstrip("-").isdigit():
            return int(value)
        return str(value) if declared == "string" and isinstance(value, int) else value

    def paths(self, operation: Operation, limit: int, *, who: Who = Who.FIRST) -> list[dict[str, Json]]:
        """Path arguments that exist, in their types."""
        found = self.pools[who].path_arguments(operation, limit)
        return [{n: self.typed(operation, n, v) for n, v in each.items()} for each in found]

    # --- generated input

    async def try_generated(
        self, generated: Generated, path: Mapping[str, Json], fields: Mapping[str, Json] = NO_FIELDS
    ) -> Exchange | None:
        """Send generated input and let Schemathesis judge the answer as well; `fields` are references that exist."""
        request = generated.request(path, fields)
        if request is None:
            return None
        operation = generated.operation
        bodiless = request.body is None and operation.body is not None and operation.body.required
        unreadable = generated.unreadable or bodiless
        wrong = generated.negative and (unreadable or self.contradicts(operation, request))
        due = (Due.UNREADABLE if unreadable else Due.REFUSED) if wrong else Due.ANSWERED
        exchange = await self.send(operation, request, due=due, why=_told(generated))
        if exchange is None or exchange.response.broken:
            return exchange
        cursor = paging_of(operation).cursor
        if not wrong and cursor and f"{cursor}=" in request.query:
            return exchange  # only the application can make one that it takes
        check = "input.refused" if wrong else "input.accepted"
        self.findings.count(operation.key.operation_id, check)
        objection = self.generator.objection(generated, exchange) if wrong or not generated.negative else None
        if wrong and exchange.response.ok and objection is None and self._only_extra(operation, request):
            self._object(exchange, check, "a field that is forbidden was taken", Level.WARNING)
        elif objection and not (wrong and exchange.response.refused):
            lenient = _is_empty(generated, request) or (request.body is None and may_be_empty(self, exchange))
            level = Level.FAILURE if wrong and not lenient else Level.WARNING
            self._object(exchange, check, objection, level)
        return exchange

    def _object(self, exchange: Exchange, check: str, objection: str, level: Level) -> None:
        expected = "4xx: " + exchange.why if check == "input.refused" else "2xx: " + exchange.why
        seen = f"status {exchange.response.status} ({objection.partition(' Expected')[0]})"
        self.findings.add(
            exchange.operation.key.operation_id, Found(check=check, expected=expected, seen=seen, level=level), exchange
        )

    def contradicts(self, operation: Operation, request: Request) -> bool:
        """True when our own reading of the description refuses the request too."""
        found = match(self.subject.contract, request.method, request.path)
        if found is not None and found.operation.key != operation.key:
            return False
        return found is None or bool(self._against(found, request))

    def _against(self, found: Match, request: Request) -> tuple[Finding, ...]:
        return observe_request(found, request.query, request.headers, request.body or b"", self.subject.contract)

    def _only_extra(self, operation: Operation, request: Request) -> bool:
        """Nothing is wrong with the request but fields that the description has no room for."""
        found = match(self.subject.contract, request.method, request.path)
        against = self._against(found, request) if found is not None else ()
        return bool(against) and all(f.code.endswith("properties") for f in against)

    def problem(
        self, exchange: Exchange, check: str, *, expected: str, seen: str, level: Level = Level.FAILURE
    ) -> None:
        """A check over several exchanges found something; the last exchange is shown."""
        found = Found(check=check, expected=expected, seen=seen, level=level)
        self.findings.add(exchange.operation.key.operation_id, found, exchange)


def _told(generated: Generated) -> str:
    about = generated.about.strip(".")
    return f"{generated.what} ({about})" if about and about != "body" else generated.what


def _is_empty(generated: Generated, request: Request) -> bool:
    """`?status=` and nothing behind it: against the description, and read as absent nearly everywhere."""
    location, _, name = generated.about.partition(".")
    return location == "query" and f"{name}=" in request.query.split("&")


def may_be_empty(session: Session, exchange: Exchange) -> bool:
    """An empty object would do: who reads no body at all as one is lenient, not wrong."""
    return session.sampler.fits(exchange.operation, {})
