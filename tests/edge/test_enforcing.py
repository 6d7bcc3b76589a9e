"""Passages that are held to the contract, through the real server and relay."""

import gzip
import json
import zlib
from collections.abc import Mapping

import pytest

from facade.edge.enforcing import Enforcement
from facade.meter import Decision, Settle
from facade.testing.wire import always
from tests.edge.proxying import bearer, problem, request, rig, status
from tests.requirements import requirement

THINGS = "/accounts/acme-1/things"
BOTH = Enforcement(most=512)


def answer(body: bytes, *headers: str, code: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {code}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


JSON = "Content-Type: application/json"
GOOD = answer(b'{"rows": []}', JSON)
MADE = answer(b"", code="201 Created")


@requirement("enforcing:requests:held")
@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (request(f"{THINGS}?n=1", bearer("acme")), 200),
        (request(f"{THINGS}?n=x", bearer("acme")), 422),
        (request(f"{THINGS}?n=x"), 422),
        (request("/undescribed", bearer("acme")), 200),
        (request(THINGS, bearer("acme"), JSON, method="POST", body=b"{}"), 200),
        (request(THINGS, bearer("acme"), JSON, method="POST", body=b"[]"), 422),
        (request(THINGS, bearer("acme"), JSON, method="POST", body=b"{"), 422),
        (request(THINGS, bearer("acme"), "Content-Type: text/plain", method="POST", body=b"[]"), 422),
        (request(THINGS, bearer("acme"), "Content-Type: image/png", method="POST", body=b"x" * 600), 422),
        (request(THINGS, bearer("acme"), JSON, method="POST", body=b" " * 600), 413),
        (request(THINGS, bearer("acme"), JSON, "Content-Encoding: br", method="POST", body=b"{}"), 400),
        (request(THINGS, bearer("acme"), JSON, "Content-Encoding: gzip", method="POST", body=b"nonsense"), 400),
    ],
)
async def test_only_what_the_contract_allows_reaches_the_application(asked: bytes, told: int) -> None:
    only = Enforcement(most=512, responses=False)
    async with rig(always(GOOD), api={"enforcement": only}) as run:
        answered = await run.raw(asked)
    assert (status(answered), len(run.app.received)) == (told, int(told == 200))


@requirement("enforcing:requests:held", "invariant:errors:clear")
async def test_a_refused_request_is_told_what_differs_charged_counted_and_written_down() -> None:
    async with rig(always(GOOD), api={"enforcement": BOTH}) as run:
        refused = await run.raw(request(f"{THINGS}?n=x", bearer("acme")))
    assert problem(refused)[:2] == (422, "contract_violation")
    assert json.loads(refused.partition(b"\r\n\r\n")[2])["findings"][0]["place"] == "query.n"
    assert run.world.probe.violations == ["main.listThings:request:request.type"]
    assert [r.outcome for r in run.heard.records if isinstance(r, Decision)] == ["contract_violation"]


@requirement("enforcing:undescribed")
async def test_what_no_operation_describes_is_refused_where_that_is_asked_for() -> None:
    async with rig(always(GOOD), api={"enforcement": Enforcement(undescribed=False)}) as run:
        assert status(await run.raw(request("/undescribed", bearer("acme")))) == 404
        assert status(await run.raw(request(THINGS, bearer("acme")))) == 200
    assert len(run.app.received) == 1


WRONG: Mapping[str, tuple[bytes, str]] = {
    "field": (answer(b'{"row": []}', JSON), "response.required"),
    "media type": (answer(b"<html>", "Content-Type: text/html"), "response.media_type"),
    "status": (answer(b'{"rows": []}', JSON, code="202 Accepted"), "response.status"),
    "JSON": (answer(b'{"rows": ', JSON), "response.body"),
    "encoded": (answer(zlib.compress(b"[]"), JSON, "Content-Encoding: deflate"), "response.type"),
}


@requirement("enforcing:responses:held")
@pytest.mark.parametrize("which", WRONG)
async def test_an_answer_that_differs_does_not_reach_the_client(which: str) -> None:
    wire, code = WRONG[which]
    async with rig(always(wire), api={"enforcement": BOTH}) as run:
        answered = await run.raw(request(THINGS, bearer("acme")))
    assert (status(answered), run.world.probe.violations) == (502, [f"main.listThings:response:{code}"])
    assert [(r.outcome, r.status) for r in run.heard.records if isinstance(r, Settle)] == [
        ("upstream_broken", int(wire.split(b" ")[1]))
    ]


@requirement("enforcing:responses:held")
@pytest.mark.parametrize(
    ("wire", "counted"),
    [
        (GOOD, []),
        (answer(zlib.compress(b'{"rows": []}'), JSON, "Content-Encoding: deflate"), []),
        (answer(b'{"rows": [' + b" " * 600 + b"]}", JSON), ["main.listThings:response:body.unchecked"]),
        (answer(b'{"rows": []}', JSON, "Content-Encoding: br"), ["main.listThings:response:body.unchecked"]),
    ],
    ids=["sound", "deflated", "large", "unreadable"],
)
async def test_an_answer_that_holds_or_cannot_be_judged_passes_as_it_came(wire: bytes, counted: list[str]) -> None:
    async with rig(always(wire), api={"enforcement": BOTH}) as run:
        answered = await run.raw(request(THINGS, bearer("acme")))
    assert (status(answered), answered.partition(b"\r\n\r\n")[2]) == (200, wire.partition(b"\r\n\r\n")[2])
    assert run.world.probe.violations == counted


@requirement("enforcing:responses:held")
async def test_answers_may_differ_where_only_requests_are_held() -> None:
    only = Enforcement(responses=False)
    async with rig(always(WRONG["field"][0]), api={"enforcement": only}) as run:
        assert status(await run.raw(request(THINGS, bearer("acme")))) == 200


@requirement("enforcing:requests:held")
async def test_requests_may_differ_where_only_answers_are_held() -> None:
    only = Enforcement(requests=False, undescribed=False)
    async with rig(always(GOOD), api={"enforcement": only}) as run:
        assert status(await run.raw(request(f"{THINGS}?n=x", bearer("acme")))) == 200


SPELLED = (f"{THINGS}/", "/accounts//acme-1/things", "/Accounts/acme-1/things", f"{THINGS};v=1")
LIST = b"[]"
TWO = gzip.compress(b"{}") + gzip.compress(LIST)


@requirement("enforcing:requests:held")
@pytest.mark.parametrize(
    ("asked", "told"),
    [
        *((request(path, bearer("acme"), JSON, method="POST", body=LIST), 422) for path in SPELLED),
        *((request(path, JSON, method="POST", body=LIST), 422) for path in SPELLED),
        *((request(path, bearer("acme"), JSON, method="POST", body=b"{}"), 200) for path in SPELLED),
        (request(f"{THINGS}?n=1&n=x", bearer("acme")), 422),
        (request(f"{THINGS}?m=1&m=x", bearer("acme")), 200),
        (request(THINGS, bearer("acme"), JSON, "Content-Encoding: gzip", method="POST", body=TWO), 400),
        (request(THINGS, JSON, "Content-Encoding: identity", "Content-Encoding: gzip", method="POST", body=LIST), 400),
        (request(THINGS, f"{JSON}; charset=utf-7", method="POST", body=b"{}"), 400),
        (request(THINGS, f"{JSON}; charset=UTF-8", method="POST", body=b"{}"), 200),
    ],
)
async def test_no_spelling_of_a_request_gets_around_its_operation(asked: bytes, told: int) -> None:
    async with rig(always(GOOD), api={"enforcement": Enforcement(responses=False)}) as run:
        answered = await run.raw(asked)
    assert (status(answered), len(run.app.received)) == (told, int(told == 200))
