"""openapi-core's verdict on the same exchange. It never decides; where it differs, the report says so.

We fill its request and response protocols ourselves: its wrappers drop ports and parameters of media types.
"""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, unquote_plus

from facade.conformance.described import local_only
from facade.conformance.extras import extra
from facade.conformance.records import Due, Exchange
from facade.kernel import JsonObject

HOST: Final = "http://oracle.test"
_PER_STATUS: Final = 12
"""Exchanges of one operation and status that are judged twice; more of the same teach nothing."""


@dataclass(slots=True)
class _Request:
    host_url: str
    path: str
    method: str
    body: bytes | None
    content_type: str
    parameters: Any


@dataclass(slots=True)
class _Response:
    data: bytes | None
    status_code: int
    content_type: str
    headers: Any


class Oracle:
    """One description in openapi-core; `why_not` says why there is none."""

    def __init__(self, document: JsonObject, base_path: str) -> None:
        self._core = extra("openapi_core")
        self._types = extra("openapi_core.datatypes")
        self._structures = extra("werkzeug.datastructures")
        self._errors = extra("openapi_core.exceptions")
        self._seen: dict[tuple[str, int], int] = {}
        self.judged = 0
        self.why_not = ""
        self._api: Any = None
        try:
            described = {**local_only(document), "servers": [{"url": HOST + base_path}]}
            lenient = self._core.Config(spec_validator_cls=None)  # slips in a description are told elsewhere
            self._api = self._core.OpenAPI.from_dict(described, config=lenient)
        except Exception as error:  # noqa: BLE001 - a foreign library on an untrusted document
            self.why_not = f"openapi-core does not read this description: {_line(error)}"

    def wants(self, exchange: Exchange) -> bool:
        """True for answers with a body, the first few of each operation and status."""
        key = (exchange.operation.key.operation_id, exchange.response.status)
        odd = exchange.request.method != exchange.operation.method or exchange.due is Due.UNREADABLE
        if self._api is None or odd or not exchange.response.body or exchange.response.cut:
            return False
        self._seen[key] = self._seen.get(key, 0) + 1
        return self._seen[key] <= _PER_STATUS

    def verdict(self, exchange: Exchange) -> str | None:
        """None when it accepts the answer, else what it says. Blocks for milliseconds."""
        response = exchange.response
        self.judged += 1
        try:
            self._api.validate_response(
                self._request(exchange),
                _Response(
                    response.body,
                    response.status,
                    response.media_type,
                    self._structures.Headers(list(response.headers)),
                ),
            )
        except self._errors.OpenAPIError as error:
            return _line(error.__cause__ or error)
        except Exception as error:  # noqa: BLE001 - it fails on deep or odd values, which is no verdict
            return f"no verdict: {_line(error)}"
        return None

    def _request(self, exchange: Exchange) -> _Request:
        request = exchange.request
        pairs = [part.partition("=") for part in request.query.split("&") if part]
        query = [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs]
        parameters = self._types.RequestParameters(
            query=self._structures.ImmutableMultiDict(query),
            header=self._structures.Headers(list(request.headers)),
        )
        headers = {name.lower(): value for name, value in request.headers}
        return _Request(
            host_url=HOST,
            path=unquote(request.path),
            method=request.method.lower(),
            body=request.body or None,
            content_type=headers.get("content-type", ""),
            parameters=parameters,
        )


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 200 else f"{text[:199]}…"  # noqa: PLR2004 - one line of a report
