"""Schemathesis as a source of input: its coverage cases (every boundary of every parameter) and its random ones.

It generates and says whether an answer to its own input is right (`positive_data_acceptance`,
`negative_data_rejection`); requests are sent by our own client, which has no cookies and follows nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from facade.conformance.described import local_only
from facade.conformance.extras import extra
from facade.conformance.records import Exchange, Request, Who
from facade.kernel import Json, JsonObject, Operation

_HOST: Final = "http://generated.test"
_OURS: Final = frozenset({"unspecified_http_method", "duplicate_parameter"})
"""Scenarios that have a check of their own here, or no reading that the description rules out."""
_WORDS: Final = {"Positive test case": "random input that the description allows"}
_NEVER_SENT: Final = frozenset({"user-agent", "connection", "x-schemathesis-testcaseid", "content-length"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """One generated input.

    Attributes:
        negative: it contradicts the description.
        unreadable: it contradicts HTTP's own conventions: another content type than declared.
        about: the parameter or field that it is about, with its location; empty for the whole.
    """

    operation: Operation
    negative: bool
    what: str
    about: str
    unreadable: bool
    case: Any

    def request(self, path: Mapping[str, Json], fields: JsonObject, *, who: Who = Who.FIRST) -> Request | None:
        """The request on the wire, with path arguments and references that exist where the case is not about them."""
        case = self.case
        if path and not (self.negative and self.about.startswith("path.")):
            case.path_parameters = {**case.path_parameters, **path}
        if isinstance(case.body, dict):
            kept = {k: v for k, v in fields.items() if k in case.body and k not in self.what}
            case.body = {**case.body, **kept}
        try:
            prepared = _prepared(case)
        except Exception:  # noqa: BLE001 - generated values that HTTP cannot carry; there are others
            return None
        parts = urlsplit(prepared.url)
        body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body
        headers = tuple((n, _text(v)) for n, v in prepared.headers.items() if n.lower() not in _NEVER_SENT)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        sendable = body is None or isinstance(body, bytes)
        return Request(method=prepared.method, target=target, headers=headers, body=body, who=who) if sendable else None


class Generator:
    """One description in Schemathesis."""

    def __init__(self, document: JsonObject, base_path: str, *, seed: int) -> None:
        self._library = extra("schemathesis")
        self._requests = extra("requests")
        self._hypothesis = extra("hypothesis")
        self._seed = seed
        base = _HOST + base_path
        self._secret_names = _secret_names(document)
        self._schema = self._library.openapi.from_dict({**local_only(document), "servers": [{"url": base}]})
        self._schema.config.update(base_url=base)
        self._known = {op.label: op for op in self._operations()}

    def _operations(self) -> Iterator[Any]:
        for result in self._schema.get_all_operations():
            try:
                yield result.ok()
            except Exception:  # noqa: BLE001, S112 - what Schemathesis cannot read goes without its input
                continue

    def cases(self, operation: Operation, *, negative: bool, limit: int) -> list[Generated]:
        """At most `limit` coverage cases, spread over everything they are about. Blocks for milliseconds."""
        return spread([each for each in self._covering(operation) if each.negative is negative], limit)

    def _covering(self, operation: Operation) -> list[Generated]:
        """All coverage cases; both modes at once, so that a negative one is wrong in one place alone."""
        found = self._known.get(f"{operation.method} {operation.path}")
        if found is None:
            return []
        modes = self._library.GenerationMode
        try:
            cases = list(
                self._schema.iter_coverage_cases(
                    found,
                    generation_modes=[modes.POSITIVE, modes.NEGATIVE],
                    generation_config=self._schema.config.generation_for(operation=found),
                )
            )
        except Exception:  # noqa: BLE001 - an operation that cannot be generated for has its other checks
            return []
        return [each for each in (self._generated(operation, case) for case in cases) if each is not None]

    def random(self, operation: Operation, *, limit: int) -> list[Generated]:
        """At most `limit` random positive cases, the same for the same seed. Blocks for milliseconds."""
        found = self._known.get(f"{operation.method} {operation.path}")
        if found is None or limit < 1:
            return []
        drawn: list[Any] = []
        tools = self._hypothesis
        settings = tools.settings(
            max_examples=limit,
            database=None,
            deadline=None,
            phases=[tools.Phase.generate],
            suppress_health_check=list(tools.HealthCheck),
        )

        def keep(case: Any) -> None:
            drawn.append(case)

        strategy = found.as_strategy(generation_mode=self._library.GenerationMode.POSITIVE)
        draw = tools.seed(self._seed)(settings(tools.given(strategy)(keep)))
        try:
            draw()
        except Exception:  # noqa: BLE001 - a schema that admits nothing, or a pattern it cannot draw from
            return []
        made = [self._generated(operation, case) for case in drawn]
        return [each for each in made if each is not None][:limit]

    def _generated(self, operation: Operation, case: Any) -> Generated | None:
        meta = case.meta
        if meta is None:
            return None
        data = meta.phase.data
        scenario = str(getattr(data, "scenario", "") or "")
        location = data.parameter_location.value if data.parameter_location else ""
        name = (data.parameter or "") if location != "body" else ""
        if scenario in _OURS or name.lower() in self._secret_names:
            return None
        return Generated(
            operation=operation,
            negative=bool(meta.generation.mode.is_negative),
            what=_WORDS.get(data.description, data.description) or "generated input",
            about=f"{location}.{name}" if location else "",
            unreadable=name.lower() == "content-type",
            case=case,
        )

    def objection(self, generated: Generated, exchange: Exchange) -> str | None:
        """What Schemathesis has against the answer to its own input; None when nothing."""
        checks = extra("schemathesis.specs.openapi.checks")
        check = checks.negative_data_rejection if generated.negative else checks.positive_data_acceptance
        failures = extra("schemathesis.core.failures")
        try:
            generated.case.validate_response(self._response(generated, exchange), checks=[check])
        except failures.FailureGroup as group:
            return " ".join(str(group.exceptions[0].message).split())
        except Exception:  # noqa: BLE001 - a check that cannot judge has no objection
            return None
        return None

    def _response(self, generated: Generated, exchange: Exchange) -> Any:
        headers: dict[str, list[str]] = {}
        for name, value in exchange.response.headers:
            headers.setdefault(name, []).append(value)
        response = extra("schemathesis.core.transport").Response
        return response(
            status_code=exchange.response.status,
            headers=headers,
            content=exchange.response.body,
            request=_prepared(generated.case),
            elapsed=0.0,
            verify=False,
        )


def _prepared(case: Any) -> Any:
    fields = case.as_transport_kwargs(base_url=case.operation.schema.get_base_url())
    allowed = ("method", "url", "params", "json", "data", "headers", "cookies", "files")
    return extra("requests").Request(**{k: v for k, v in fields.items() if k in allowed}).prepare()


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _secret_names(document: JsonObject) -> frozenset[str]:
    """Parameters that carry credentials: `Authorization`, and those of `apiKey` schemes."""
    components = document.get("components")
    schemes = (
        components.get("securitySchemes") if isinstance(components, Mapping) else document.get("securityDefinitions")
    )
    listed = schemes.values() if isinstance(schemes, Mapping) else ()
    named = {str(s.get("name", "")).lower() for s in listed if isinstance(s, Mapping)}
    return frozenset({"authorization", *named} - {""})


def spread(cases: Sequence[Generated], limit: int) -> list[Generated]:
    """The first case about each thing, then the second, and so on; for each thing one of every kind before another."""
    kinds: dict[str, dict[str, list[Generated]]] = {}
    for case in cases:
        kinds.setdefault(_thing(case), {}).setdefault(case.what, []).append(case)
    return _in_turn([_in_turn(list(by_what.values())) for by_what in kinds.values()])[:limit]


def _thing(case: Generated) -> str:
    """The parameter or the field of the body; Schemathesis writes the latter before a colon."""
    field, colon, _ = case.what.partition(": ")
    return f"{case.about}{field}" if colon and case.about.startswith("body") else case.about


def _in_turn(groups: list[list[Generated]]) -> list[Generated]:
    rounds = max(map(len, groups), default=0)
    return [group[n] for n in range(rounds) for group in groups if n < len(group)]
