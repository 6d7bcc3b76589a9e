"""What operators watch: one JSON line and a few counters for each spend.

The line says who (request, tenant, trace), what (operation, entrance) and how it went (outcome, status, microseconds);
never a token, a body or an argument (D12). Counters carry no tenant. Names that a client could make up, such as an
operation that does not exist, are written as `unknown`, and a registry never holds more than `MAX_OPERATIONS` of them.
"""

import json
import logging
import traceback
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TextIO

import orjson
import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from structlog.contextvars import get_contextvars

from facade.kernel import SECOND, Ticket

MAX_OPERATIONS = 5_000
"""Distinct operations that metrics tell apart; later ones count as `other`."""

_OWN = frozenset({"turn", "approval"})
"""Spends that call no operation (see `meter.TURN`, `flow.decide.SETTLING`)."""

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class OperatorProbe:
    """See `ports.Probe`.

    Args:
        log: where the lines go; see `json_log`.
        registry: where the counters live; one for each process.
    """

    def __init__(self, log: structlog.typing.FilteringBoundLogger, registry: CollectorRegistry) -> None:
        self._log = log
        self._seen: set[str] = set()
        self._spends = Counter(
            "facade_spends",
            "Spends and attempts that ended, by outcome: ok or an error code.",
            ("entrance", "api", "operation", "outcome"),
            registry=registry,
        )
        self._seconds = Histogram(
            "facade_spend_seconds",
            "How long they took.",
            ("entrance", "outcome"),
            buckets=_SECONDS,
            registry=registry,
        )
        self._series = lru_cache(maxsize=MAX_OPERATIONS)(self._labelled)
        self._violations = Counter(
            "facade_contract_violations",
            "Observed traffic that differs from the contract.",
            ("api", "operation", "direction", "code"),
            registry=registry,
        )

    def spent(self, ticket: Ticket, *, outcome: str, status: int | None, micros: int) -> None:
        """One line and one count."""
        what = _what(ticket)
        self._log.info(
            "spend",
            request_id=ticket.request_id,
            spend=ticket.id,
            tenant=ticket.tenant.id,
            entrance=ticket.entrance.value,
            api=ticket.api,
            operation=what,
            method=ticket.method,
            outcome=outcome,
            status=status,
            micros=micros,
            **_trace(),
        )
        count, seconds = self._series(ticket.entrance.value, ticket.api, self._bounded(what), outcome)
        count.inc()
        seconds.observe(micros / SECOND)

    def violated(self, *, api: str, operation: str, direction: str, code: str) -> None:
        """Counted, not logged: the place of a finding can hold a name that a client chose."""
        self._violations.labels(api, self._bounded(operation), direction, code).inc()

    def _labelled(self, entrance: str, api: str, operation: str, outcome: str) -> tuple[Counter, Histogram]:
        return self._spends.labels(entrance, api, operation, outcome), self._seconds.labels(entrance, outcome)

    def _bounded(self, operation: str) -> str:
        if operation not in self._seen and len(self._seen) >= MAX_OPERATIONS:
            return "other"
        self._seen.add(operation)
        return operation


def json_log(stream: TextIO, level: str = "info") -> structlog.typing.FilteringBoundLogger:
    """A logger that writes one JSON object a line.

    Args:
        level: the least important level that is written: debug, info, warning or error.
    """
    log: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
        structlog.PrintLogger(stream), wrapper_class=_wrapper(level), processors=_processors()
    ).bind()
    return log


def route_structlog(stream: TextIO, level: str = "info") -> None:
    """Let the loggers that modules keep for themselves write as `json_log` does. Once for the process."""
    structlog.configure(
        wrapper_class=_wrapper(level),
        processors=_processors(),
        logger_factory=lambda *_: structlog.PrintLogger(stream),
    )


def _wrapper(level: str) -> type[structlog.typing.FilteringBoundLogger]:
    return structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()])


def _processors() -> list[structlog.typing.Processor]:
    return [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.JSONRenderer(serializer=_json),
    ]


def _json(event: Mapping[str, Any], **_: Any) -> str:
    """A line; what is no JSON, or no text that UTF-8 can hold, is shown in the way of Python."""
    try:
        return orjson.dumps(event, default=repr, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:
        return json.dumps(event, default=repr, sort_keys=True)


class StandardToJson(logging.Handler):
    """Lines of the standard library's logging, ours and our libraries', as the same JSON.

    An exception is told by its type and its places, never by its text, which may hold what a user wrote.
    """

    def __init__(self, log: structlog.typing.FilteringBoundLogger) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`."""
        facts: dict[str, Any] = {k: v for k, v in vars(record).items() if k not in _STANDARD}
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            facts |= {"error": type(error).__name__, "at": _places(error)}
        self._log.log(record.levelno, record.getMessage(), logger=record.name, **facts, **_trace())


def _what(ticket: Ticket) -> str:
    """A spend without a method called nothing that exists (`flow.perform`)."""
    return ticket.what if ticket.method or ticket.what in _OWN else "unknown"


def _trace() -> Mapping[str, Any]:
    """The client's trace, where the edge has bound one."""
    trace = get_contextvars().get("trace_id")
    return {"trace_id": trace} if trace else {}


def _places(error: BaseException) -> list[str]:
    return [f"{f.filename.rpartition('/')[2]}:{f.lineno}:{f.name}" for f in traceback.extract_tb(error.__traceback__)]
