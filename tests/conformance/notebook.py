"""A small application of awkward ways: creations that tell their address alone, cursors, actions in an order."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from aiohttp import web

KEYS = {"first": "a", "second": "b"}
FIRST, SECOND = (("X-Key", "first"),), (("X-Key", "second"),)

TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
NOTE = {
    "type": "object",
    "required": ["id", "text", "tags", "published", "pinned"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "text": TEXT,
        "tags": {"type": "array", "items": TEXT},
        "published": {"type": "boolean"},
        "pinned": {"type": "boolean"},
    },
}
NOTES = {"type": "object", "properties": {"notes": {"type": "array", "items": NOTE}, "next_cursor": TEXT}}
SETTING = {"type": "object", "properties": {"name": TEXT, "value": {"type": "integer"}}}
COLOUR = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "name": TEXT, "red": {"type": "integer"}},
}
CODE = {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{2}$"}
NO = {"description": "no"}


def said(status: int, schema: Any = None) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "so"}
    if schema is not None:
        answer["content"] = {"application/json": {"schema": schema}}
    return {str(status): answer, **{str(s): NO for s in (400, 401, 404, 405, 409, 415, 422)}}


def doing(name: str, status: int = 200, schema: Any = None, sends: Any = None, **more: Any) -> dict[str, Any]:
    body = {"requestBody": {"required": True, "content": {"application/json": {"schema": sends}}}} if sends else {}
    return {"operationId": name, "responses": said(status, schema), **body, **more}


def path(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema or TEXT}


def closed(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "additionalProperties": False, "properties": properties}


NOTE_ID = path("note_id", type="string", format="uuid")
VIEW = [
    {"name": "view", "in": "query", "required": True, "schema": {"type": "string", "enum": ["all"]}},
    {"name": "X-View", "in": "header", "required": True, "schema": {"type": "string", "enum": ["plain"]}},
    {"name": "cursor", "in": "query", "schema": {"type": "string"}},
]
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Notebook", "version": "1"},
    "security": [{"key": []}],
    "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}},
    "paths": {
        "/notes": {
            "get": doing("listNotes", 200, NOTES, parameters=VIEW),
            "post": doing("createNote", 201, sends=closed(text=TEXT)),
        },
        "/notes/{note_id}": {
            "parameters": [NOTE_ID],
            "get": doing("getNote", 200, NOTE),
            "delete": doing("deleteNote", 204),
        },
        "/notes/{note_id}/tags": {"parameters": [NOTE_ID], "post": doing("addTag", 200, NOTE, closed(name=TEXT))},
        "/notes/{note_id}/tags/{tag_name}": {
            "parameters": [NOTE_ID, path("tag_name")],
            "delete": doing("removeTag", 204),
        },
        "/notes/{note_id}/pin": {"parameters": [NOTE_ID], "post": doing("pinNote", 200, NOTE)},
        "/notes/{note_id}/publish": {"parameters": [NOTE_ID], "post": doing("publishNote", 200, NOTE)},
        "/preferences": {"get": doing("listPreferences", 200, {"type": "array", "items": SETTING})},
        "/preferences/{name}": {
            "parameters": [path("name")],
            "get": doing("getPreference", 200, SETTING),
            "put": doing("setPreference", 200, SETTING, closed(value={"type": "integer"})),
        },
        "/colours": {"get": doing("listColours", 200, {"type": "array", "items": COLOUR})},
        "/colours/{id}": {
            "parameters": [path("id", type="integer")],
            "get": doing("getColour", 200, COLOUR),
        },
        "/codes": {"post": doing("createCode", 201, closed(code=CODE), closed(code=CODE))},
        "/codes/{code}": {
            "parameters": [path("code", **CODE)],
            "get": doing("getCode", 200, closed(code=CODE)),
            "delete": doing("deleteCode", 204),
        },
    },
}


class Notebook:
    """Everything in memory; `faults` name what is wrong with this copy."""

    def __init__(self, *faults: str) -> None:
        self.faults = set(faults)
        self.number = 0
        self.notes: dict[tuple[str, str], dict[str, Any]] = {}
        self.preferences = {"a": {"size": 1, "tone": 2}, "b": {"size": 5, "tone": 6}}
        self.codes: dict[tuple[str, str], Any] = {}
        for who in "aabbaab":
            self.note(who, f"note of {who}")

    def note(self, who: str, text: str) -> str:
        self.number += 1
        key = str(UUID(int=self.number))
        self.notes[who, key] = {"id": key, "text": text, "tags": [], "published": False, "pinned": False}
        return key

    async def answer(self, request: web.Request) -> web.Response:
        who = KEYS.get(request.headers.get("X-Key", ""))
        if who is None:
            return web.Response(status=401)
        body = await request.json() if request.can_read_body and request.content_type == "application/json" else None
        part = [*request.path.strip("/").split("/"), "", "", ""]
        act = getattr(self, f"{request.method.lower()}_{part[0]}")
        status, value, headers = act(who, part, body, request)
        return (
            web.Response(status=status, headers=headers) if value is None else web.json_response(value, status=status)
        )

    def get_notes(self, who: str, part: list[str], _body: Any, request: web.Request) -> Any:
        if part[2]:
            raise AttributeError
        if part[1]:
            found = self.notes.get((who, part[1]))
            return (404, None, {}) if found is None else (200, found, {})
        if request.query.get("view") != "all" or request.headers.get("X-View") != "plain":
            return 422, None, {}
        start = int(request.query.get("cursor", "0"))
        own = [note for (owner, _), note in self.notes.items() if owner == who]
        more = {"next_cursor": str(start + 2)} if start + 2 < len(own) else {}
        return 200, {"notes": own[start : start + 2], **more}, {}

    def post_notes(self, who: str, part: list[str], body: Any, _request: web.Request) -> Any:
        note = self.notes.get((who, part[1]))
        if not part[1]:
            if (
                not isinstance(body, dict)
                or list(body) != ["text"]
                or not isinstance(body["text"], str)
                or not body["text"]
            ):
                return 422, None, {}
            key = self.note(who, body["text"])
            return 201, None, {} if "no address" in self.faults else {"Location": f"http://app.example/notes/{key}"}
        if note is None:
            others = [n for (_, key), n in self.notes.items() if key == part[1]]
            return (409 if others and "409 tells" in self.faults else 404), None, {}
        return self._done(note, part[2], body)

    def _done(self, note: dict[str, Any], action: str, body: Any) -> Any:
        if action == "tags":
            if (
                not isinstance(body, dict)
                or list(body) != ["name"]
                or not isinstance(body["name"], str)
                or not body["name"]
            ):
                return 422, None, {}
            note["tags"] = [*note["tags"], body["name"]]
        elif action == "pin" and not note["published"]:
            return 409, None, {}
        else:
            note["pinned" if action == "pin" else "published"] = True
        return 200, note, {}

    def delete_notes(self, who: str, part: list[str], _body: Any, _request: web.Request) -> Any:
        note = self.notes.get((who, part[1]))
        if note is None or (part[2] and part[3] not in note["tags"]):
            return (400 if "400 for what is gone" in self.faults and not part[2] else 404), None, {}
        if not part[2]:
            del self.notes[who, part[1]]
        elif "a tag stays" not in self.faults:
            note["tags"] = [tag for tag in note["tags"] if tag != part[3]]
        return 204, None, {}

    def get_preferences(self, who: str, part: list[str], _body: Any, _request: web.Request) -> Any:
        own = self.preferences[who]
        if not part[1]:
            return 200, [{"name": name, "value": value} for name, value in own.items()], {}
        return (200, {"name": part[1], "value": own[part[1]]}, {}) if part[1] in own else (404, None, {})

    def put_preferences(self, who: str, part: list[str], body: Any, _request: web.Request) -> Any:
        value = body.get("value") if isinstance(body, dict) and list(body) == ["value"] else None
        if not isinstance(value, int | float) or isinstance(value, bool) or value != int(value):
            return 422, None, {}
        if part[1] not in self.preferences[who]:
            return 404, None, {}
        self.preferences[who][part[1]] = int(value) + (1 if "a value grows" in self.faults else 0)
        return self.get_preferences(who, part, None, _request)

    def get_colours(self, _who: str, part: list[str], _body: Any, _request: web.Request) -> Any:
        shown = [{"id": n, "name": name, "red": n * 80} for n, name in enumerate(("black", "rust", "red"), 1)]
        if not part[1]:
            return 200, shown, {}
        return next(((200, c, {}) for c in shown if str(c["id"]) == part[1]), (404, None, {}))

    def post_codes(self, who: str, _part: list[str], body: Any, _request: web.Request) -> Any:
        code = body.get("code") if isinstance(body, dict) and list(body) == ["code"] else None
        good = (
            isinstance(code, str) and len(code) == 6 and code[:3].isupper() and code[4:].isdecimal() and code[3] == "-"
        )
        if not good or not code.isascii():
            return 422, None, {}
        self.codes[who, code] = {"code": code}
        return 201, {"code": code}, {}

    def get_codes(self, who: str, part: list[str], _body: Any, _request: web.Request) -> Any:
        return (200, self.codes[who, part[1]], {}) if (who, part[1]) in self.codes else (404, None, {})

    def delete_codes(self, who: str, part: list[str], _body: Any, _request: web.Request) -> Any:
        return (204, None, {}) if self.codes.pop((who, part[1]), None) else (404, None, {})


def serving(notebook: Notebook) -> Any:
    async def serve(request: web.Request) -> web.Response:
        try:
            return await notebook.answer(request)
        except AttributeError:
            return web.Response(status=405)
        except ValueError:
            return web.Response(status=400)

    return serve


@asynccontextmanager
async def served(notebook: Notebook) -> AsyncGenerator[str]:
    """The application on a free port, below a base path."""
    app = web.Application()
    app.router.add_route("*", "/{any:.*}", serving(notebook))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
