"""A whole run: phase after phase, clean-up whatever happens, a report at the end."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from facade.conformance import authentication, filters, links, methods, pages, reads, tenants
from facade.conformance.checks import CHECKS, Subject
from facade.conformance.client import Client, Credential, broken, open_client, origin_of
from facade.conformance.consumers import Consumer, declared, operation_named, present
from facade.conformance.described import describe
from facade.conformance.findings import Findings
from facade.conformance.generation import Generator
from facade.conformance.making import Bench
from facade.conformance.masking import curl_of, masked
from facade.conformance.oracle import Oracle
from facade.conformance.pool import Pool
from facade.conformance.records import Exchange, Report, Who
from facade.conformance.sampler import Sampler
from facade.conformance.session import Plan, Session, TimeIsUp
from facade.conformance.writes import check_writes
from facade.contract import Contract, ContractSettings, compile_contract
from facade.contract.dialects import plain
from facade.kernel import InvalidRequest, JsonObject, Operation, Unauthenticated


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a run is asked to do.

    Attributes:
        credential, other: headers of the first and of a second tenant.
        only, skip: globs over operation ids and `METHOD /path`.
        checks: globs over the names of checks; empty for all.
        seconds: the longest a run takes, clean-up not counted.
    """

    document: JsonObject
    url: str
    settings: ContractSettings = field(default_factory=ContractSettings)
    credential: Credential = ()
    other: Credential = ()
    writes: bool = False
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    examples: int = 25
    seed: int = 1
    seconds: float = 300.0
    consumers: tuple[Consumer, ...] = ()


Told = Callable[[float, str], None]
"""Told the part that is done (0 to 1) and what comes now."""


def _silent(_: float, __: str) -> None:
    return None


def _never() -> bool:
    return False


async def run(options: Options, *, progress: Told = _silent, stopped: Callable[[], bool] = _never) -> Report:
    """Test an application.

    Args:
        stopped: asked before each request; True ends the tests and lets the clean-up run.

    Raises:
        DescriptionInvalid, InvalidRequest, UpstreamUnavailable, Unauthenticated: nothing could be tested.
    """
    async with opened(options) as session:
        session.stopped = stopped
        return await examine(session, options, progress=progress)


async def examine(session: Session, options: Options, *, progress: Told = _silent) -> Report:
    """All phases on an open session; what was made is removed, however they end."""
    bench = Bench(session=session)
    started = session.now()
    session.until = started + options.seconds
    try:
        complete = await _phases(session, bench, progress)
    finally:
        leftovers = await asyncio.shield(bench.clean())
    report = report_of(session, options, seconds=session.now() - started, complete=complete)
    return replace(report, leftovers=leftovers)


@asynccontextmanager
async def opened(options: Options) -> AsyncIterator[Session]:
    """A session that is ready for phases."""
    origin, base_path = origin_of(options.url)
    document = plain(options.document).root
    settings = replace(options.settings, base_path=options.settings.base_path or base_path)
    contract = await asyncio.to_thread(compile_contract, options.document, api="main", settings=settings)
    contract, chosen = chosen_of(contract, options)
    generator = await asyncio.to_thread(Generator, document, settings.base_path, seed=options.seed)
    oracle = await asyncio.to_thread(Oracle, document, settings.base_path)
    async with open_client(origin, _given(options)) as client:
        yield _session(replace(options, document=document), contract, chosen, client, generator, oracle, origin)


def _session(  # noqa: PLR0913, PLR0917 - the one place where everything meets
    options: Options,
    contract: Contract,
    chosen: Mapping[str, Operation],
    client: Client,
    generator: Generator,
    oracle: Oracle,
    origin: str,
) -> Session:
    subject = Subject(contract=contract, description=describe(options.document))
    names = {who: [n for n, _ in given] for who, given in _given(options).items()}
    secrets = [word for _, value in (*options.credential, *options.other) for word in (value, *value.split()[1:])]

    def curl(exchange: Exchange) -> str:
        return curl_of(exchange.request, origin, names, secrets)

    producers = {n: op for n, op in contract.operations.items() if _produces(op, chosen, options)}
    plan = Plan(
        operations=chosen,
        producers=producers,
        examples=options.examples,
        writes=options.writes,
        second=bool(options.other),
        protected=bool(options.credential),
        seed=options.seed,
    )
    pools = {who: Pool() for who in Who}
    return Session(
        subject=subject,
        plan=plan,
        client=client,
        findings=Findings(
            wanted=_wanted(options.checks),
            curl=curl,
            mask=lambda text: masked(text, secrets),
            others=frozenset(contract.compiled) - frozenset(chosen),
        ),
        generator=generator,
        oracle=oracle,
        sampler=Sampler(contract=contract, description=subject.description, pool=pools[Who.FIRST]),
        now=time.monotonic,
        until=time.monotonic() + options.seconds,
        pools=pools,
    )


def _given(options: Options) -> Mapping[Who, Credential]:
    return {Who.FIRST: options.credential, Who.SECOND: options.other, Who.BROKEN: broken(options.credential)}


def _produces(operation: Operation, chosen: Mapping[str, Operation], options: Options) -> bool:
    """A read that is not tested itself, and not left out either."""
    known = operation.key.operation_id in chosen or _fits(operation, options.skip)
    return operation.method == "GET" and operation.write_class == "read" and not known


def _wanted(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    if not patterns:
        return lambda _: True
    unknown = [p for p in patterns if not any(fnmatchcase(check, p) for check in CHECKS)]
    if unknown:
        raise InvalidRequest(f"There is no check {unknown[0]!r}; known: {', '.join(CHECKS)}.", place="--checks")
    return lambda check: any(fnmatchcase(check, p) for p in patterns)


def chosen_of(contract: Contract, options: Options) -> tuple[Contract, dict[str, Operation]]:
    """The operations to call. Those kept from agents, as risky ones are, only where `only` names them itself.

    Raises:
        InvalidRequest: a pattern of `only` fits nothing.
    """
    known = {name: compiled.operation for name, compiled in contract.compiled.items()}
    for pattern in options.only:
        if not any(_fits(op, (pattern,)) for op in known.values()):
            raise InvalidRequest(f"No operation fits {pattern!r}.", place="--only")
    chosen = {}
    for name, operation in known.items():
        reachable = name in contract.operations or name in options.only
        wanted = not options.only or _fits(operation, options.only)
        if reachable and wanted and not _fits(operation, options.skip):
            chosen[name] = operation
    return replace(contract, operations={**contract.operations, **chosen}), chosen


def _fits(operation: Operation, patterns: tuple[str, ...]) -> bool:
    names = (operation.key.operation_id, f"{operation.method} {operation.path}")
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


# --- phases


async def _phases(session: Session, bench: Bench, progress: Told) -> bool:
    """Everything in order; False when time ran out."""
    phases = (
        (reads.discover, 0.05),
        (_agreed, 0.06),
        (reads.read_items, 0.10),
        (reads.read_absent, 0.14),
        (links.check_links, 0.15),
        (pages.check_pages, 0.22),
        (filters.check_filters, 0.32),
        (authentication.check_reads, 0.36),
        (tenants.check_reads, 0.45),
        (reads.read_generated, 0.6),
        (lambda _: check_writes(bench), 0.99),
        (methods.check_methods, 1.0),
    )
    begun = 0.0
    try:
        for phase, done in phases:
            session.said = lambda what, at=begun: progress(at, what)  # type: ignore[misc]  # bound here and now
            await phase(session)
            begun = done
    except TimeIsUp:
        return False
    return True


async def _agreed(session: Session) -> None:
    """Stop where the credential is not accepted at all.

    Raises:
        Unauthenticated: every read was answered with 401 or 403.
    """
    refused = [e for e in session.refused.values() if e.response.status in {401, 403}]
    let_in = any(authentication.is_protected(session, e) for e in session.reached.values())
    if refused and not let_in and len(refused) == len(session.refused):
        told = (
            "--header's credential is refused"
            if session.plan.protected
            else "a credential is needed; give it with --header"
        )
        raise Unauthenticated(f"The application answers {refused[0].response.status} to every read: {told}.")


def report_of(session: Session, options: Options, *, seconds: float, complete: bool) -> Report:
    """What the session found."""
    contract = session.subject.contract
    notes = [*session.notes, *([session.oracle.why_not] if session.oracle.why_not else [])]
    _consumers(session, options)
    tried = {name for name, _ in session.findings.made}
    routes = {n: f"{op.operation.method} {op.operation.path}" for n, op in contract.compiled.items()}
    return Report(
        title=contract.title,
        target=options.url,
        operations={
            n: routes.get(n, "not in the description") for n in [*routes, *sorted(tried - set(routes))] if n in tried
        },
        outcomes=session.findings.outcomes(),
        skipped=_skipped(session, tried),
        disagreements=tuple(session.disagreements),
        notes=tuple(notes),
        requests=session.client.requests,
        cross_checked=session.oracle.judged,
        seconds=round(seconds, 3),
        seed=options.seed,
        complete=complete,
    )


def _consumers(session: Session, options: Options) -> None:
    """What each consumer relies on: in the description, and in the first good answer of the operation."""
    contract = session.subject.contract
    for consumer in options.consumers:
        for name in consumer.operations:
            operation = operation_named(contract, name)
            session.findings.count(operation.key.operation_id if operation else name, "consumer.declared")
        for name, found in declared(consumer, contract):
            session.findings.add(name, found)
        for name, exchange in session.reached.items():
            session.findings.count(name, "consumer.present")
            for found in present(consumer, exchange):
                session.findings.add(name, found, exchange)


def _skipped(session: Session, tried: set[str]) -> dict[str, str]:
    found = {}
    for name, compiled in session.subject.contract.compiled.items():
        if name in tried:
            continue
        operation = compiled.operation
        kept = session.subject.contract.kept.get(name)
        if name not in session.plan.operations:
            reason = f"risky: {kept[0].message}; name it in --only to test it" if kept else "not chosen"
        elif operation.write_class != "read" and not session.plan.writes:
            reason = "it writes; --writes tests it too"
        else:
            reason = "no values were found for its path"
        found[name] = reason
    return found
