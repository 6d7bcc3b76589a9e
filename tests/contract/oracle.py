"""openapi-core behind two questions: does it accept this request, this response?"""

from dataclasses import dataclass, field
from urllib.parse import unquote, unquote_plus

from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from facade.contract import Contract, match, observe_request, observe_response
from facade.contract.styles import raw_pairs
from facade.kernel import JsonObject

HOST = "http://oracle.test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request as it stands on the wire."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]


@dataclass(slots=True)
class _Request:
    """openapi-core's request protocol, done by ourselves."""

    host_url: str
    path: str
    method: str
    body: bytes | None
    content_type: str
    parameters: RequestParameters = field(default_factory=RequestParameters)

    @classmethod
    def of(cls, exchange: Exchange) -> "_Request":
        headers = Headers(list(exchange.headers))
        pairs = [(name, unquote_plus(value)) for name, value in raw_pairs(exchange.query)]
        cookies = raw_pairs((headers.get("Cookie") or "").replace("; ", "&"))
        return cls(
            host_url=HOST,
            path=unquote(exchange.path),
            method=exchange.method.lower(),
            body=exchange.body or None,
            content_type=headers.get("Content-Type", ""),
            parameters=RequestParameters(
                query=ImmutableMultiDict(pairs),
                header=headers,
                cookie=ImmutableMultiDict([(n, unquote(v)) for n, v in cookies]),
            ),
        )


@dataclass(slots=True)
class _Response:
    data: bytes | None
    status_code: int
    content_type: str
    headers: Headers = field(default_factory=Headers)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Accepted or not, and what was said about it."""

    accepted: bool
    said: str = ""


class Oracle:
    """One description in openapi-core. The server is the host above, so that its paths match."""

    def __init__(self, document: JsonObject) -> None:
        self._api = OpenAPI.from_dict({**document, "servers": [{"url": HOST}]})

    def request(self, exchange: Exchange) -> Verdict:
        try:
            self._api.validate_request(_Request.of(exchange))
        except OpenAPIError as error:
            return _refused(error)
        return Verdict(True)

    def response(self, exchange: Exchange, status: int, media_type: str, body: bytes) -> Verdict:
        try:
            self._api.validate_response(_Request.of(exchange), _Response(body, status, media_type))
        except OpenAPIError as error:
            return _refused(error)
        return Verdict(True)


def _refused(error: OpenAPIError) -> Verdict:
    return Verdict(False, f"{error} / {error.__cause__}")


def our_request(contract: Contract, exchange: Exchange) -> Verdict:
    found = match(contract, exchange.method, exchange.path)
    if found is None:
        return Verdict(False, "no operation")
    findings = observe_request(found, exchange.query, exchange.headers, exchange.body, contract)
    return Verdict(not findings, str(findings))


def our_response(contract: Contract, exchange: Exchange, status: int, media_type: str, body: bytes) -> Verdict:
    found = match(contract, exchange.method, exchange.path)
    assert found is not None
    findings = observe_response(found, status, media_type, body, contract)
    return Verdict(not findings, str(findings))
