"""The compiled contract against openapi-core: the same verdict on generated traffic, or a listed difference.

The OpenAPI text decides who is right (design, "How it is built"). Each difference is pinned by a sample, so that one
that disappears, in either of the two, is noticed.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from facade.contract import Contract, ContractSettings, compile_contract, match, parse
from facade.contract.compiled import Compiled
from facade.contract.styles import Unwritable, texts_of, write_header, write_path, write_query
from facade.kernel import Location
from tests.contract.oracle import Exchange, Oracle, Verdict, our_request, our_response
from tests.contract.samples import values
from tests.requirements import requirement

_HERE = Path(__file__).parent
_FILES = {"styles": _HERE / "styles.yaml", "helpdesk": _HERE.parents[1] / "specs" / "helpdesk.yaml"}
_DOCUMENTS = {name: parse(path.read_bytes(), place=path.name) for name, path in _FILES.items()}
CONTRACTS = {n: compile_contract(d, api=n, settings=ContractSettings()) for n, d in _DOCUMENTS.items()}
ORACLES = {n: Oracle(d) for n, d in _DOCUMENTS.items()}
_KEY = ("X-Account-Key", "any")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One exchange: the request, and for answers the status, media type and body."""

    api: str
    request: Exchange
    status: int = 0
    media_type: str = ""
    body: bytes = b""

    def verdicts(self) -> tuple[Verdict, Verdict]:
        """Ours and openapi-core's."""
        contract, oracle = CONTRACTS[self.api], ORACLES[self.api]
        if not self.status:
            return our_request(contract, self.request), oracle.request(self.request)
        answer = (self.status, self.media_type, self.body)
        return our_response(contract, self.request, *answer), oracle.response(self.request, *answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`explains` recognises it in generated traffic; `sample` shows it, we accepting or refusing as `we_accept`."""

    name: str
    right: str
    why: str
    sample: Sent
    we_accept: bool
    explains: Callable[[Sent, str], bool] = lambda _sent, _said: False


def _get(target: str, api: str = "styles", headers: tuple[tuple[str, str], ...] = ()) -> Sent:
    return Sent(api=api, request=Exchange(method="GET", target=target, headers=headers))


_ITEM = Exchange(method="POST", target="/items", headers=(("Content-Type", "application/json"),), body=b'{"name":"n"}')
_PET = Exchange(
    method="POST",
    target="/pets",
    headers=(("Content-Type", "application/json"),),
    body=b'{"kind":"dog"}',
)
DIFFERENCES = (
    Difference(
        name="label and matrix path parameters",
        right="ours",
        why="OpenAPI defines both styles for path parameters; openapi-core looks their values up under the styled name",
        sample=_get("/label/.3/.1.2"),
        we_accept=True,
        explains=lambda _, said: "Missing required path parameter" in said,
    ),
    Difference(
        name="spaceDelimited arrays",
        right="ours",
        why="the delimiter is an encoded space; openapi-core looks for the characters %20 in a value already decoded",
        sample=_get("/query?kind=red&spaced=1%202"),
        we_accept=True,
        explains=lambda _, said: "parameter error: spaced" in said,
    ),
    Difference(
        name="structured syntax suffix",
        right="ours",
        why="application/problem+json is JSON (RFC 6839); openapi-core leaves it as bytes unless told otherwise",
        sample=Sent(
            api="styles", request=_ITEM, status=404, media_type="application/problem+json", body=b'{"title":"t"}'
        ),
        we_accept=True,
        explains=lambda sent, _: sent.media_type == "application/problem+json",
    ),
    Difference(
        name="text beyond text/plain",
        right="ours",
        why="text/csv is text (RFC 7111); openapi-core leaves it as bytes, which are no string",
        sample=Sent(api="styles", request=_PET, status=203, media_type="text/csv", body=b"a,b"),
        we_accept=True,
        explains=lambda sent, _: sent.media_type == "text/csv",
    ),
    Difference(
        name="discriminator without its property",
        right="neither",
        why="3.0.4 leaves open what a value without the discriminating property is; we ask the oneOf it stands beside",
        sample=Sent(api="styles", request=_PET, status=200, media_type="application/json", body=b'{"fins":2}'),
        we_accept=True,
        explains=lambda _, said: "does not contain discriminating property" in said,
    ),
    Difference(
        name="nullable beside a combination",
        right="openapi-core",
        why="by 3.0.4, 4.7.24.3 it needs a type beside it; generators mean null all the same, so we tell and allow it",
        sample=Sent(
            api="styles",
            request=_ITEM,
            status=201,
            media_type="application/json",
            body=b'{"id":1,"name":"n","parent":null}',
        ),
        we_accept=True,
        explains=lambda _, said: "None for not nullable" in said,
    ),
    Difference(
        name="security requirements",
        right="openapi-core",
        why="a credential is missing; with us identity decides that, and the contract looks at arguments alone",
        sample=_get("/agents", api="helpdesk"),
        we_accept=True,
    ),
    Difference(
        name="response headers",
        right="openapi-core",
        why="a required response header is missing; we check status, media type and body, which planners build upon",
        sample=Sent(api="styles", request=Exchange(method="GET", target="/header"), status=200),
        we_accept=True,
    ),
)


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda d: d.name)
def test_each_listed_difference_is_still_one(difference: Difference) -> None:
    ours, theirs = difference.sample.verdicts()

    assert (ours.accepted, theirs.accepted) == (difference.we_accept, not difference.we_accept), (ours, theirs)


def _written(compiled: Compiled, data: st.DataObject) -> Exchange:
    """A request as a client might send it, right or wrong."""
    path: dict[str, str] = {}
    query: list[str] = []
    cookies: list[str] = []
    headers: list[tuple[str, str]] = [_KEY]
    for each in compiled.parameters:
        codec, parameter = each.codec, each.parameter
        if codec.location is not Location.PATH and data.draw(st.integers(0, 9)) < (1 if parameter.required else 6):
            continue
        texts = texts_of(codec, data.draw(values(parameter.schema)))
        if codec.location is Location.PATH:
            path[codec.name] = write_path(codec, texts)
        elif codec.location is Location.HEADER:
            headers.append((codec.name, write_header(codec, texts)))
        else:
            (query if codec.location is Location.QUERY else cookies).extend(write_query(codec, texts))
    assume(all(path.values()))
    body = b""
    if compiled.operation.body is not None and data.draw(st.integers(0, 9)):
        body = json.dumps(data.draw(values(compiled.operation.body.schema))).encode()
        headers.append(("Content-Type", "application/json"))
    headers += [("Cookie", "; ".join(cookies))] if cookies else []
    target = compiled.operation.path
    for name, value in path.items():
        target = target.replace("{" + name + "}", value)
    target += "?" + "&".join(query) if query else ""
    return Exchange(method=compiled.operation.method, target=target, headers=tuple(headers), body=body)


def _operation(contract: Contract, data: st.DataObject) -> Compiled:
    return contract.compiled[data.draw(st.sampled_from(sorted(contract.compiled)))]


def _request(api: str, data: st.DataObject) -> tuple[Compiled, Exchange]:
    compiled = _operation(CONTRACTS[api], data)
    try:
        return compiled, _written(compiled, data)
    except Unwritable:
        assume(False)
        raise


def _same_or_listed(sent: Sent) -> None:
    ours, theirs = sent.verdicts()
    if ours.accepted != theirs.accepted:
        assert any(d.explains(sent, theirs.said) for d in DIFFERENCES), (sent, ours, theirs)


generated = settings(
    max_examples=80, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@requirement("contract:oracle:agrees")
@pytest.mark.parametrize("api", CONTRACTS)
@generated
@given(data=st.data())
def test_a_generated_request_gets_the_verdict_that_openapi_core_gives_it(api: str, data: st.DataObject) -> None:
    _, exchange = _request(api, data)

    _same_or_listed(Sent(api=api, request=exchange))


@requirement("contract:oracle:agrees")
@pytest.mark.parametrize("api", CONTRACTS)
@generated
@given(data=st.data())
def test_a_generated_answer_gets_the_verdict_that_openapi_core_gives_it(api: str, data: st.DataObject) -> None:
    compiled, exchange = _request(api, data)
    shapes = [s for s in compiled.operation.responses if s.media_type]
    assume(shapes and match(CONTRACTS[api], exchange.method, exchange.path))
    shape = data.draw(st.sampled_from(shapes))
    body = json.dumps(data.draw(values(shape.schema))).encode()

    status = int(shape.status.replace("XX", "04"))
    _same_or_listed(Sent(api=api, request=exchange, status=status, media_type=shape.media_type, body=body))


@requirement("contract:oracle:agrees")
def test_generated_traffic_is_neither_all_right_nor_all_wrong() -> None:
    accepted: list[bool] = []

    @generated
    @given(data=st.data())
    def count(data: st.DataObject) -> None:
        _, exchange = _request("helpdesk", data)
        accepted.append(Sent(api="helpdesk", request=exchange).verdicts()[0].accepted)

    count()

    assert 0.2 < sum(accepted) / len(accepted) < 0.8
