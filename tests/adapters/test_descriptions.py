"""Descriptions from files and addresses, read again only where something has changed."""

import os
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from facade.adapters.descriptions import MAX_BYTES, Description, description, description_at, is_address, stamp_of
from facade.kernel import DescriptionInvalid
from tests.requirements import requirement


@dataclass
class Publisher:
    """Publishes one text with its tag, and tells what it was asked."""

    url: str = ""
    text: bytes = b"one"
    status: int = 200
    tags: tuple[str, ...] = ("ETag", "Last-Modified")
    answered: list[int] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)

    async def publish(self, request: web.Request) -> web.StreamResponse:
        tag = f'"{self.text.decode()[:9]}"'
        same = request.headers.get("If-None-Match") == tag
        self.asked.append(dict(request.headers))
        self.answered.append(304 if same else self.status)
        told = {name: value for name, value in {"ETag": tag, "Last-Modified": "yesterday"}.items() if name in self.tags}
        return web.Response(status=self.answered[-1], body=b"" if same else self.text, headers=told)


@pytest.fixture
async def publisher() -> AsyncGenerator[Publisher]:
    publisher = Publisher()
    application = web.Application()
    application.router.add_get("/openapi.json", publisher.publish)
    async with TestServer(application) as server:
        publisher.url = str(server.make_url("/openapi.json?v=1"))
        yield publisher


@requirement("reload:address")
async def test_an_address_is_asked_whether_what_is_known_still_holds(publisher: Publisher) -> None:
    first = await description(publisher.url, headers=(("X-Key", "k"),))
    assert (first.place, first.raw) == (publisher.url, b"one")
    assert first.conditions == (("If-None-Match", '"one"'), ("If-Modified-Since", "yesterday"))
    assert await description(publisher.url, known=first) is first
    publisher.text = b"two"
    assert (await description(publisher.url, known=first)).raw == b"two"
    assert publisher.answered == [200, 304, 200]
    assert [headers.get("X-Key") for headers in publisher.asked] == ["k", None, None]


@requirement("reload:address")
async def test_the_same_bytes_from_an_address_that_knows_no_tags_are_no_change(publisher: Publisher) -> None:
    publisher.tags = ()
    first = await description(publisher.url)
    assert await description(publisher.url, known=first) is first
    assert publisher.answered == [200, 200]


@requirement("reload:address")
async def test_what_is_known_of_another_address_is_not_asked_about(publisher: Publisher) -> None:
    other = Description(place="http://other.example/", raw=b"one", conditions=(("If-None-Match", '"one"'),))
    assert (await description(publisher.url, known=other)).place == publisher.url
    assert publisher.answered == [200]


@pytest.mark.parametrize(("status", "hint"), [(404, "404"), (401, "credential"), (302, "302"), (304, "304")])
async def test_another_status_says_so(publisher: Publisher, status: int, hint: str) -> None:
    publisher.status = status
    with pytest.raises(DescriptionInvalid, match=hint):
        await description_at(publisher.url)


async def test_more_than_may_be_read_is_refused_on_the_way(publisher: Publisher) -> None:
    publisher.text = b"x" * (MAX_BYTES + 1)
    with pytest.raises(DescriptionInvalid, match="larger than 64 MiB"):
        await description_at(publisher.url)


async def test_a_file_is_known_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"
    path.write_bytes(b"one")
    first = await description(str(path))
    assert first == Description(place=str(path), raw=b"one")
    assert await description(str(path), known=first) is first
    path.write_bytes(b"two")
    assert await description_at(str(path)) == b"two"
    path.unlink()
    with pytest.raises(DescriptionInvalid, match="no such file"):
        await description(str(path), known=first)


@requirement("reload:watch")
def test_a_stamp_changes_with_every_way_to_write_a_file(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    stamps = [stamp_of(str(path))]
    path.write_bytes(b"one")
    other.write_bytes(b"two")
    stamps.append(stamp_of(str(path)))
    os.utime(path, (1, 1))
    stamps.append(stamp_of(str(path)))
    os.utime(other, (1, 1))
    other.replace(path)
    stamps.append(stamp_of(str(path)))
    assert (stamps[0], len(set(stamps))) == ((), 4)


def test_an_address_is_told_from_a_file() -> None:
    assert [is_address(each) for each in ("http://x/y", "https://x", "httpd.yaml", "/http://x")] == [
        True,
        True,
        False,
        False,
    ]
