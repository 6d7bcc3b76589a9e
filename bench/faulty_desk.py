"""Copies of the demo help desk, each with one fault: `python -m bench.faulty_desk FAULT --port 0`.

The sound copy (`none`) keeps a few more promises than the demo: 201 answers carry `Location`, and some objects allow no
further fields; `described()` is its description. Every fault is a wrapper around the sound application, so that what
finds it sees nothing but HTTP.
"""

import argparse
import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import yaml
from aiohttp import web
from aiohttp.typedefs import Handler

from facade.cli.demo_settings import helpdesk_description
from facade.demo.helpdesk.app import KEY_HEADER, build_app
from facade.demo.helpdesk.seed import ANCHOR, plant
from facade.demo.helpdesk.store import Store

Change = Callable[[Any], Any]
Wrapper = Callable[[web.Request, Handler, "Desk"], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Desk:
    """What a fault may use: both accounts' keys, their rows, and room for what it has to remember."""

    keys: tuple[str, str]
    store: Store
    memory: dict[str, Any]

    def other(self, request: web.Request) -> str:
        """The key of the account that this request is not for."""
        return self.keys[1] if request.headers.get(KEY_HEADER) == self.keys[0] else self.keys[0]


@dataclass(frozen=True)
class Fault:
    """Where it sits, and what it does there."""

    kind: str
    method: str
    path: str
    wrap: Wrapper

    def sits_at(self, request: web.Request) -> bool:
        """True for requests of its operation."""
        return request.method == self.method and re.fullmatch(self.path, request.path) is not None


# --- answers that are changed on their way out


def answer(
    *,
    status: int | None = None,
    change: Change | None = None,
    body: Callable[[bytes], bytes] | None = None,
    media_type: str | None = None,
    on: range = range(200, 300),
) -> Wrapper:
    """Change answers whose status lies in `on`."""

    async def wrap(request: web.Request, handler: Handler, _: Desk) -> web.StreamResponse:
        sound = await handler(request)
        if sound.status not in on or not isinstance(sound, web.Response):
            return sound
        raw = bytes(sound.body or b"")  # type: ignore[arg-type]  # always bytes here
        if change is not None:
            raw = json.dumps(change(json.loads(raw))).encode()
        raw = body(raw) if body is not None else raw
        headers = {k: v for k, v in sound.headers.items() if k not in {"Content-Type", "Content-Length"}}
        return web.Response(
            status=status or sound.status,
            body=raw,
            headers=headers,
            content_type=media_type or sound.content_type,
        )

    return wrap


def without(field: str) -> Change:
    """The object without a field."""
    return lambda value: {k: v for k, v in value.items() if k != field}


def having(**fields: Any) -> Change:
    """The object with other values; a callable is given the old one."""

    def change(value: Any) -> Any:
        return {**value, **{k: v(value[k]) if callable(v) else v for k, v in fields.items()}}

    return change


def rows(change: Change) -> Change:
    """Every row of a page changed."""

    def changed(page: Any) -> Any:
        name = next(k for k, v in page.items() if isinstance(v, list))
        return {**page, name: [change(row) for row in page[name]]}

    return changed


# --- requests that are changed on their way in


async def _asked_as(request: web.Request, handler: Handler, key: str) -> web.StreamResponse:
    headers = request.headers.copy()
    headers[KEY_HEADER] = key
    return await handler(request.clone(headers=headers))


async def anybody(request: web.Request, handler: Handler, desk: Desk) -> web.StreamResponse:
    """Asks for no key."""
    known = request.headers.get(KEY_HEADER) in desk.keys
    return await handler(request) if known else await _asked_as(request, handler, desk.keys[0])


async def whosever(request: web.Request, handler: Handler, desk: Desk) -> web.StreamResponse:
    """Finds what belongs to the other account as well."""
    if request.headers.get(KEY_HEADER) not in desk.keys:
        return await handler(request)
    own, foreign = request.clone(), request.clone(headers={**request.headers, KEY_HEADER: desk.other(request)})
    own._read_bytes = foreign._read_bytes = await request.read()
    found = await handler(own)
    return await handler(foreign) if found.status == 404 else found


async def mixed(request: web.Request, handler: Handler, desk: Desk) -> web.StreamResponse:
    """Lists rows of both accounts."""
    if request.headers.get(KEY_HEADER) not in desk.keys:
        return await handler(request)
    own = await handler(request.clone())
    foreign = await _asked_as(request, handler, desk.other(request))
    if own.status != 200 or foreign.status != 200:
        return own
    page, more = (json.loads(each.body) for each in (own, foreign))  # type: ignore[attr-defined]
    name = next(k for k, v in page.items() if isinstance(v, list))
    return web.json_response({**page, name: [*page[name], *more[name][:2]]})


async def counting(request: web.Request, handler: Handler, desk: Desk) -> web.StreamResponse:
    """Keeps another price each time."""
    again = request.clone()
    body = await request.read()
    desk.memory["puts"] = desk.memory.get("puts", 0) + 1
    try:
        wanted = json.loads(body)
        wanted["unit_price"] += desk.memory["puts"]
        again._read_bytes = json.dumps(wanted).encode()
    except (ValueError, TypeError, KeyError):
        again._read_bytes = body
    return await handler(again)


async def kept(request: web.Request, handler: Handler, desk: Desk) -> web.StreamResponse:
    """Says that it deleted, and did not."""
    found = desk.store.rows("SELECT row FROM tickets WHERE row = ?", (request.match_info["ticket_id"],))
    if request.headers.get(KEY_HEADER) in desk.keys and found:
        return web.Response(status=204)
    return await handler(request)


async def first_page(request: web.Request, handler: Handler, _: Desk) -> web.StreamResponse:
    """Gives the first page whatever page was asked for."""
    page = request.query.get("page", "1")
    sound = await handler(request.clone(rel_url=request.rel_url.update_query(page="1")))
    if sound.status != 200 or not page.isdigit():
        return sound if page.isdigit() else await handler(request)
    return web.json_response({**json.loads(sound.body), "page": int(page)})  # type: ignore[attr-defined]


def deaf(parameter: str) -> Wrapper:
    """Ignores a parameter."""

    async def wrap(request: web.Request, handler: Handler, _: Desk) -> web.StreamResponse:
        query = [(k, v) for k, v in request.query.items() if k != parameter]
        return await handler(request.clone(rel_url=request.rel_url.with_query(query)))

    return wrap


async def unplaced(request: web.Request, handler: Handler, _: Desk) -> web.StreamResponse:
    """Says not where the new thing is."""
    sound = await handler(request)
    sound.headers.popall("Location", None)
    return sound


def _text(value: Any) -> str:
    return str(value)


ID: Final = "[^/]+"
ACCOUNT: Final = f"/accounts/{ID}"
FAULTS: Final[Mapping[str, Fault]] = {
    "created-200": Fault("wrong status", "POST", "/contacts|/customers/[^/]+/contacts", answer(status=200)),
    "deleted-200": Fault(
        "wrong status",
        "DELETE",
        f"/contacts/{ID}",
        answer(status=200, body=lambda _: b"{}", media_type="application/json"),
    ),
    "missing-200": Fault(
        "wrong status", "GET", f"/customers/{ID}", answer(status=200, body=lambda _: b"{}", on=range(404, 405))
    ),
    "undocumented": Fault("undocumented status", "GET", "/tags", answer(status=206)),
    "lost-field": Fault("missing required field", "GET", ACCOUNT, answer(change=without("name"))),
    "lost-in-list": Fault("missing required field", "GET", "/products", answer(change=rows(without("billing_cycle")))),
    "lost-on-create": Fault("missing required field", "POST", "/tickets", answer(change=without("opened_at"))),
    "extra-field": Fault("extra field", "GET", f"/agents/{ID}", answer(change=having(shoe_size=41))),
    "type-id": Fault("wrong type", "GET", f"/tickets/{ID}", answer(change=having(id=_text))),
    "type-amount": Fault("wrong type", "GET", "/invoices", answer(change=rows(having(total=_text)))),
    "type-flag": Fault("wrong type", "GET", "/agents", answer(change=rows(having(available=_text)))),
    "type-list": Fault("wrong type", "POST", "/tickets/search", answer(change=rows(having(tags=_text)))),
    "format": Fault("wrong format", "GET", f"/customers/{ID}", answer(change=having(created_at="yesterday"))),
    "enum": Fault("wrong enum value", "GET", "/subscriptions", answer(change=rows(having(status="zombie")))),
    "null": Fault("null where not nullable", "GET", f"/contacts/{ID}", answer(change=having(full_name=None))),
    "media-type": Fault("wrong media type", "GET", "/tags", answer(media_type="text/html")),
    "empty": Fault("empty body", "GET", f"/products/{ID}", answer(body=lambda _: b"")),
    "truncated": Fault("truncated JSON", "GET", "/agents", answer(body=lambda raw: raw[: len(raw) // 2])),
    "open-read": Fault("unauthenticated read", "GET", "/invoices", anybody),
    "open-write": Fault("unauthenticated write", "PATCH", f"/tickets/{ID}", anybody),
    "foreign-read": Fault("other tenant's read by id", "GET", f"/customers/{ID}", whosever),
    "foreign-rows": Fault("other tenant's rows in a list", "GET", "/customers", mixed),
    "foreign-write": Fault("other tenant's write", "PATCH", f"/tickets/{ID}", whosever),
    "put-counts": Fault("non-idempotent PUT", "PUT", f"/products/{ID}", counting),
    "delete-keeps": Fault("DELETE that does not delete", "DELETE", f"/tickets/{ID}", kept),
    "no-location": Fault("POST without Location", "POST", "/tickets", unplaced),
    "repeats": Fault("pagination that repeats", "GET", "/customers", first_page),
    "deaf-filter": Fault("filter ignored", "GET", "/tickets", deaf("status")),
    "crash": Fault("500 on bad input", "GET", "/invoices", answer(status=500, on=range(422, 423))),
    "bare-error": Fault(
        "error without the documented body",
        "GET",
        f"/invoices/{ID}",
        answer(body=lambda _: b'{"message": "no"}', on=range(404, 405)),
    ),
}


def described() -> dict[str, Any]:
    """The copy's description: the demo's, with what the copy promises besides."""
    document: dict[str, Any] = deepcopy(yaml.safe_load(helpdesk_description().read_text(encoding="utf-8")))
    document["components"]["schemas"]["Agent"]["additionalProperties"] = False
    location = {"required": True, "schema": {"type": "string"}, "description": "Where the new ticket is."}
    document["paths"]["/tickets"]["post"]["responses"]["201"]["headers"] = {"Location": location}
    return document


def build(fault: Fault | None) -> tuple[web.Application, tuple[str, str]]:
    """The copy with a fault or none, and its accounts' keys."""
    store = Store(":memory:")
    plant(store, seed=1, today=ANCHOR)
    first, second = (row["key"] for row in store.rows("SELECT key FROM accounts ORDER BY id"))
    app = build_app(store, clock=lambda: datetime.combine(ANCHOR, datetime.min.time(), UTC).replace(hour=9))
    desk = Desk(keys=(first, second), store=store, memory={})

    @web.middleware
    async def placed(request: web.Request, handler: Handler) -> web.StreamResponse:
        made = await handler(request)
        if (
            request.method == "POST"
            and request.path == "/tickets"
            and isinstance(made, web.Response)
            and made.status == 201
        ):
            made.headers["Location"] = f"/tickets/{json.loads(made.text or '{}')['id']}"
        return made

    @web.middleware
    async def faulty(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await (fault.wrap(request, handler, desk) if fault and fault.sits_at(request) else handler(request))

    app.middlewares.insert(0, placed)
    app.middlewares.insert(0, faulty)
    return app, (first, second)


async def serve(fault: Fault | None, port: int) -> None:
    """Serve until the process is ended; one JSON line says where, and with which keys."""
    app, keys = build(fault)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    print(json.dumps({"url": f"http://127.0.0.1:{runner.addresses[0][1]}", "keys": keys}), flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Run one copy."""
    parser = argparse.ArgumentParser(prog="python -m bench.faulty_desk", description=__doc__)
    parser.add_argument("fault", choices=("none", *FAULTS))
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    asyncio.run(serve(FAULTS.get(options.fault), options.port))


if __name__ == "__main__":
    main()
