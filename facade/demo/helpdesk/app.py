"""The only module that speaks aiohttp: keys, bodies, answers, errors, the access log."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import NoReturn

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from facade.demo.helpdesk import (
    routes_accounts,
    routes_customers,
    routes_invoices,
    routes_products,
    routes_reports,
    routes_tickets,
)
from facade.demo.helpdesk.access_log import AccessLog
from facade.demo.helpdesk.errors import Refusal
from facade.demo.helpdesk.forms import Json, read_form
from facade.demo.helpdesk.records import Answer, Ask, Route
from facade.demo.helpdesk.store import Store

KEY_HEADER = "X-Account-Key"
ACCOUNT = web.RequestKey("account", str)
MAX_BODY_BYTES = 256 * 1024

ROUTES = (
    *routes_accounts.ROUTES,
    *routes_reports.ROUTES,
    *routes_customers.ROUTES,
    *routes_tickets.ROUTES,
    *routes_invoices.ROUTES,
    *routes_products.ROUTES,
)


def build_app(store: Store, *, clock: Callable[[], datetime], log: AccessLog | None = None) -> web.Application:
    """Build the application over a planted store.

    Args:
        clock: the moment as this application sees it, in UTC.
        log: where requests are written down; none for nowhere.
    """
    keys = {row["key"]: row["id"] for row in store.rows("SELECT key, id FROM accounts")}
    app = web.Application(middlewares=[_door(keys, log)], client_max_size=MAX_BODY_BYTES)
    for route in ROUTES:
        app.router.add_route(route.method, route.path, _serving(route, store, clock))
    return app


def _door(keys: Mapping[str, str], log: AccessLog | None) -> Middleware:
    @web.middleware
    async def door(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.getall(KEY_HEADER, [])
        account = keys.get(given[0]) if len(given) == 1 else None
        status: int | None = None
        try:
            response = await _answered(request, handler, account)
            status = response.status
            return response
        finally:
            if log is not None:
                log.write(_entry(request, account, status))

    return door


def _entry(request: web.Request, account: str | None, status: int | None) -> dict[str, Json]:
    return {
        "method": request.method,
        "target": request.raw_path,
        "account": account,
        "status": status,
        "request_id": request.headers.get("X-Request-Id"),
    }


async def _answered(request: web.Request, handler: Handler, account: str | None) -> web.StreamResponse:
    if account is None:
        return _problem(Refusal(401, "bad_key", f"Send your account's key in the {KEY_HEADER} header."))
    request[ACCOUNT] = account
    try:
        return await handler(request)
    except Refusal as refusal:
        return _problem(refusal)
    except web.HTTPException as error:
        return _problem(Refusal(error.status, f"http_{error.status}", f"{error.reason}."), error.headers)


def _problem(refusal: Refusal, headers: Mapping[str, str] | None = None) -> web.Response:
    error = {"code": refusal.code, "message": refusal.message, "field": refusal.field}
    allow = {hdrs.ALLOW: headers[hdrs.ALLOW]} if headers and hdrs.ALLOW in headers else {}
    return web.json_response({"error": error}, status=refusal.status, headers=allow)


def _serving(route: Route, store: Store, clock: Callable[[], datetime]) -> Handler:
    async def serve(request: web.Request) -> web.StreamResponse:
        fields = read_form(route.form, await _json_of(request)) if route.form else {}
        now = clock()
        ask = Ask(
            account=request[ACCOUNT],
            store=store,
            now=now,
            path=request.match_info,
            query={name: request.query.getall(name) for name in request.query},
            fields=fields,
            idempotency_key=request.headers.get("Idempotency-Key"),
        )
        return _response(_carried_out(route, ask, now.date()))

    return serve


def _carried_out(route: Route, ask: Ask, today: date) -> Answer:
    ask.store.turn_to(today)
    if not route.writes:
        return route.handler(ask)
    with ask.store.writing():
        return route.handler(ask)


def _response(answer: Answer) -> web.Response:
    if answer.body is None:
        return web.Response(status=answer.status, headers=answer.headers)
    return web.json_response(answer.body, status=answer.status, headers=answer.headers)


async def _json_of(request: web.Request) -> Json:
    """Read a body as strict JSON; an empty one is an empty object."""
    raw = await request.read()
    if not raw:
        return {}
    if request.content_type != "application/json":
        raise Refusal(415, "not_json", "Send the body as application/json.")
    try:
        body: Json = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "bad_json", "The body is not valid JSON.") from error
    return body


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")
