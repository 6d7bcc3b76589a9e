"""The multipart forms that calls are written in, as servers' own parsers read them."""

from io import BytesIO

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.formparser import parse_form_data

from facade.contract import Contract
from facade.kernel import Json, JsonObject
from tests.requirements import requirement
from tests.rooms.contract.documents import OK, called, one

_SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "file": {"type": "string", "format": "binary"},
    },
    "additionalProperties": {"type": "string"},
}


def _contract() -> Contract:
    content: JsonObject = {"multipart/form-data": {"schema": _SCHEMA}}
    return one({**OK, "requestBody": {"content": content}}, method="post")


_CONTRACT = _contract()
_TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
_HOSTILE = st.sampled_from(["\r\n--x\r\n", '"; filename="a', "\r\n\r\n--", "--", "a\r\nContent-Type: text/html"])
_FILENAME = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters='/\\."%'), min_size=1, max_size=8
)


def _sent(body: JsonObject) -> tuple[str, bytes]:
    request = called(_CONTRACT, body=body).request
    assert request.body is not None
    return dict(request.headers)["Content-Type"], request.body


@requirement("bodies:multipart:confined")
@settings(deadline=None, derandomize=True, database=None)
@given(st.one_of(_TEXT, _HOSTILE), st.lists(st.one_of(_TEXT, _HOSTILE), min_size=1, max_size=3), _TEXT, _FILENAME)
def test_werkzeug_finds_what_was_said(title: str, tags: list[str], text: str, filename: str) -> None:
    file: Json = {"text": text, "filename": filename, "content_type": "text/csv"}
    content_type, body = _sent({"title": title, "tags": tags, "file": file})

    environment = {
        "wsgi.input": BytesIO(body),
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "REQUEST_METHOD": "POST",
    }
    _, form, files = parse_form_data(environment, stream_factory=lambda *_, **__: BytesIO())

    assert (form.getlist("title"), form.getlist("tags")) == ([title], tags)
    assert [(name, f.filename, f.content_type, f.read()) for name, f in files.items(multi=True)] == [
        ("file", filename, "text/csv", text.encode())
    ]


@requirement("bodies:multipart:confined")
@pytest.mark.parametrize("name", ["plain", "ü", "a[b][]", "x;y=z"])
async def test_a_server_of_aiohttp_finds_what_was_said(name: str) -> None:
    found: list[tuple[str, str]] = []

    async def answered(request: web.Request) -> web.Response:
        for key, value in (await request.post()).items():
            found.append((key, value.filename if isinstance(value, web.FileField) else str(value)))
        return web.Response()

    content_type, body = _sent({name: "one\r\ntwo", "file": {"base64": "AP8=", "filename": "ü.bin"}})
    application = web.Application()
    application.router.add_post("/", answered)
    async with TestClient(TestServer(application)) as client:
        await client.post("/", data=body, headers={"Content-Type": content_type})

    assert found == [(name, "one\r\ntwo"), ("file", "ü.bin")]
