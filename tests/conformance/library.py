"""A small application with two tenants that keeps library.yaml, or breaks it where a fault is named."""

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml
from aiohttp import web

SPEC = Path(__file__).with_name("library.yaml")
DOCUMENT: dict[str, Any] = yaml.safe_load(SPEC.read_text(encoding="utf-8"))
KEYS = {"key-of-north": "north", "key-of-south": "south"}
NORTH, SOUTH = (("X-Key", "key-of-north"),), (("X-Key", "key-of-south"),)

Row = dict[str, Any]
Fault = Callable[[web.Request, Any, int], tuple[Any, int]]


class Refused(Exception):
    """An answer of 4xx."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status
        self.error = error


def fits(name: str, value: Any) -> bool:
    """A value against a schema of the description."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    return jsonschema_rs.validator_for(schema, validate_formats=True).is_valid(value)


@dataclass
class Library:
    """Both tenants' rows, and the faults that this copy has."""

    faults: frozenset[str] = frozenset()
    spoil: Fault | None = None
    shelves: dict[int, Row] = field(default_factory=dict)
    books: dict[str, Row] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    number: int = 100

    def __post_init__(self) -> None:
        for tenant in ("north", "south"):
            rooms = [self.shelf(tenant, {"room": f"{tenant} {n}", "wide": n % 2 == 0})["id"] for n in range(3)]
            for n in range(9):
                body = {"title": f"{tenant} tales {n}", "genre": ["novel", "poetry", "essay"][n % 3]}
                row = self.book(tenant, {**body, "shelf_id": rooms[n % 3], "price": 5.0 * n + 1})
                row["bought_on"] = f"2025-{n + 1:02d}-10"

    def shelf(self, tenant: str, body: Mapping[str, Any]) -> Row:
        self.number += 1
        row = {"tenant": tenant, "id": self.number, "wide": False, **body}
        self.shelves[self.number] = row
        return row

    def book(self, tenant: str, body: Mapping[str, Any]) -> Row:
        self.number += 1
        row = {"tenant": tenant, "id": f"B-{self.number}", "bought_on": "2026-01-10", "lent_to": None, **body}
        self.books[row["id"]] = row
        return row

    def has(self, fault: str) -> bool:
        return fault in self.faults


def shown(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "tenant"}


def whole(request: web.Request, name: str, low: int, high: int, otherwise: int) -> int:
    text = request.query.get(name)
    if text is None:
        return otherwise
    if not text.isdecimal() or not low <= int(text) <= high or len(request.query.getall(name)) > 1:
        raise Refused(422, f"{name}: a whole number from {low} to {high}")
    return int(text)


class Routes:
    """The handlers over one library."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def tenant(self, request: web.Request) -> str:
        found = KEYS.get(request.headers.get("X-Key", ""))
        open_to_all = f"open {request.method} {request.match_info.route.resource.canonical}"
        if found is None and not self.library.has(open_to_all):
            raise Refused(401, "a key is needed")
        return found or "north"

    def own(self, request: web.Request, rows: Mapping[Any, Row], key: Any) -> Row:
        row = rows.get(key)
        tenant = self.tenant(request)
        shared = f"shared {request.method} {request.match_info.route.resource.canonical}"
        if row is None or (row["tenant"] != tenant and not self.library.has(shared)):
            raise Refused(404, "there is no such thing")
        return row

    async def body(self, request: web.Request, schema: str) -> Any:
        raw = await request.read()
        if request.content_type != "application/json":
            raise Refused(415, "JSON, please")
        try:
            value = json.loads(raw)
        except ValueError:
            raise Refused(500 if self.library.has("500 on bad JSON") else 400, "that is no JSON") from None
        if not fits(schema, value) and not self.library.has(f"takes any {schema}"):
            raise Refused(422, "that does not fit")
        return {k: v for k, v in value.items() if k in DOCUMENT["components"]["schemas"][schema]["properties"]}

    # --- shelves

    async def about(self, request: web.Request) -> tuple[Any, int]:
        return {"name": "Library"}, 200

    async def list_shelves(self, request: web.Request) -> tuple[Any, int]:
        tenant = self.tenant(request)
        rows = [shown(r) for r in self.library.shelves.values() if r["tenant"] == tenant]
        if self.library.has("foreign shelf in the list"):
            rows.append(shown(next(r for r in self.library.shelves.values() if r["tenant"] != tenant)))
        start, limit = whole(request, "offset", 0, 10_000, 0), whole(request, "limit", 1, 50, 20)
        return rows[start : start + limit + self.library.has("one more than the limit")], 200

    async def create_shelf(self, request: web.Request) -> tuple[Any, int]:
        tenant = self.tenant(request)
        row = self.library.shelf(tenant, await self.body(request, "NewShelf"))
        return shown(row), 201

    async def get_shelf(self, request: web.Request) -> tuple[Any, int]:
        self.tenant(request)
        text = request.match_info["shelf_id"]
        return shown(self.own(request, self.library.shelves, int(text) if text.isdecimal() else None)), 200

    async def delete_shelf(self, request: web.Request) -> tuple[Any, int]:
        shelf, _ = await self.get_shelf(request)
        if any(b["shelf_id"] == shelf["id"] for b in self.library.books.values()):
            raise Refused(409, "there are books on it")
        if not self.library.has("a shelf stays"):
            del self.library.shelves[shelf["id"]]
        return None, 204

    # --- books

    async def list_books(self, request: web.Request) -> tuple[Any, int]:
        tenant = self.tenant(request)
        rows = [r for r in self.library.books.values() if r["tenant"] == tenant and self.wanted(request, r)]
        page, size = whole(request, "page", 1, 1000, 1), whole(request, "size", 1, 50, 20)
        start = (page - 1) * size - (1 if self.library.has("pages overlap") and page > 1 else 0)
        return {"items": [shown(r) for r in rows[start : start + size]], "total": len(rows)}, 200

    def wanted(self, request: web.Request, row: Row) -> bool:
        tests: dict[str, Callable[[str], bool]] = {
            "genre": lambda v: row["genre"] == v,
            "shelf_id": lambda v: row["shelf_id"] == int(v),
            "bought_from": lambda v: row["bought_on"] >= date.fromisoformat(v).isoformat(),
            "max_price": lambda v: row["price"] <= float(v),
            "q": lambda v: v.lower() in row["title"].lower(),
        }
        checked = {"genre": "Genre"}
        for name, value in request.query.items():
            if name in checked and not fits(checked[name], value):
                raise Refused(422, f"{name} does not fit")
            if name == "q" and not 1 <= len(value) <= 50:
                raise Refused(422, "q does not fit")
            if name == "q" and "'" in value and self.library.has("500 on a quote"):
                raise Refused(500, "syntax error")
            try:
                keeps = tests[name](value) if name in tests else True
                odd = name in ("shelf_id", "max_price") and not value.replace(".", "", 1).isdecimal()
            except ValueError:
                odd = True
            if odd or (name == "shelf_id" and value == "0"):
                raise Refused(422, f"{name} does not fit")
            if not keeps and not self.library.has(f"ignores {name}"):
                return False
        return True

    async def create_book(self, request: web.Request) -> tuple[Any, int]:
        tenant = self.tenant(request)
        body = await self.body(request, "NewBook")
        shelf = self.library.shelves.get(body.get("shelf_id"))
        if shelf is None or (shelf["tenant"] != tenant and not self.library.has("foreign shelf for a book")):
            raise Refused(422, "there is no such shelf")
        return shown(self.library.book(tenant, body)), 201

    async def get_book(self, request: web.Request) -> tuple[Any, int]:
        self.tenant(request)
        return shown(self.own(request, self.library.books, request.match_info["book_id"])), 200

    async def replace_book(self, request: web.Request) -> tuple[Any, int]:
        tenant = self.tenant(request)
        body = await self.body(request, "NewBook")
        row = self.own(request, self.library.books, request.match_info["book_id"])
        shelf = self.library.shelves.get(body.get("shelf_id"))
        if shelf is None or shelf["tenant"] != tenant:
            raise Refused(422, "there is no such shelf")
        row.update(body)
        if self.library.has("a PUT adds up"):
            row["price"] = body["price"] + (self.library.number + len(self.library.asked)) % 97
        if self.library.has("a PUT keeps the title"):
            row["title"] = "as it was"
        return shown(row), 200

    async def delete_book(self, request: web.Request) -> tuple[Any, int]:
        book, _ = await self.get_book(request)
        del self.library.books[book["id"]]
        return None, 204

    async def lend_book(self, request: web.Request) -> tuple[Any, int]:
        self.tenant(request)
        body = await self.body(request, "Loan")
        row = self.own(request, self.library.books, request.match_info["book_id"])
        row["lent_to"] = body["lent_to"]
        return shown(row), 200

    async def return_book(self, request: web.Request) -> tuple[Any, int]:
        self.tenant(request)
        row = self.own(request, self.library.books, request.match_info["book_id"])
        if not self.library.has("a loan stays"):
            row["lent_to"] = None
        return None, 204


def build(library: Library) -> web.Application:
    """The application over a library."""
    routes = Routes(library)

    def serving(handler: Any, name: str) -> Any:
        async def serve(request: web.Request) -> web.StreamResponse:
            library.asked.append(f"{request.method} {request.path}")
            try:
                value, status = await handler(request)
            except Refused as refusal:
                value, status = {"error": refusal.error}, refusal.status
            if library.spoil is not None:
                value, status = library.spoil(request, value, status)
            return answer(library, name, value, status)

        return serve

    app = web.Application()
    for method, path, name in ROUTES:
        app.router.add_route(method, path, serving(getattr(routes, name), name))
    if library.has("an unknown method"):
        app.router.add_route("TRACE", "/about", serving(routes.about, "about"))
    return app


def answer(library: Library, name: str, value: Any, status: int) -> web.Response:
    headers = {}
    if name == "list_books" and status == 200:
        headers["X-Total"] = "many" if library.has("X-Total is no number") else str(value["total"])
    if name == "create_book" and status == 201 and not library.has("no Location"):
        headers["Location"] = f"/books/{'B-0' if library.has('Location leads nowhere') else value['id']}"
    if value is None:
        return web.Response(status=status, headers=headers)
    text = json.dumps(value)
    if isinstance(value, str) and value.startswith("raw:"):
        text = value.removeprefix("raw:")
    kind = "text/html" if library.has(f"HTML from {name}") else "application/json"
    return web.Response(status=status, headers=headers, text=text, content_type=kind)


ROUTES = (
    ("GET", "/about", "about"),
    ("GET", "/shelves", "list_shelves"),
    ("POST", "/shelves", "create_shelf"),
    ("GET", "/shelves/{shelf_id}", "get_shelf"),
    ("DELETE", "/shelves/{shelf_id}", "delete_shelf"),
    ("GET", "/books", "list_books"),
    ("POST", "/books", "create_book"),
    ("GET", "/books/{book_id}", "get_book"),
    ("PUT", "/books/{book_id}", "replace_book"),
    ("DELETE", "/books/{book_id}", "delete_book"),
    ("PUT", "/books/{book_id}/loan", "lend_book"),
    ("DELETE", "/books/{book_id}/loan", "return_book"),
)


@asynccontextmanager
async def served(library: Library) -> AsyncGenerator[str]:
    """The application on a free port; yields its address."""
    runner = web.AppRunner(build(library), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
