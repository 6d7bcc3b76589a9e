"""What the application sent back to an agent's call, read within bounds: bytes -> `Answer`."""

import asyncio
import zlib
from dataclasses import replace
from typing import Final

import orjson
from aiohttp import ClientResponse

from facade.adapters.upstream.pieces import loads
from facade.adapters.upstream.settings import UpstreamSettings
from facade.contract.media import charset_of, is_json, is_text
from facade.kernel import Answer, Finding, Json, deeper

OFF_LOOP_BYTES: Final = 64 * 1024
"""Larger JSON is parsed in a thread (D11)."""

RATIO_FLOOR: Final = 64 * 1024
"""Decoded bytes that any encoding may reach before its ratio is looked at."""

SHOWN: Final = frozenset(
    {
        "content-disposition",
        "content-language",
        "content-type",
        "deprecation",
        "etag",
        "last-modified",
        "link",
        "location",
        "ratelimit",
        "ratelimit-policy",
        "retry-after",
        "sunset",
        "x-page",
        "x-per-page",
        "x-request-id",
        "x-total",
        "x-total-count",
        "x-total-pages",
    }
)
"""Headers of an answer that agents may see; cookies and infrastructure stay here (SEC-HDR-06)."""

_BODILESS: Final = frozenset({204, 304})
_BOM: Final = b"\xef\xbb\xbf"


class UnusableBody(Exception):
    """The exchange is complete, but its body cannot be used; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def head_of(response: ClientResponse, settings: UpstreamSettings) -> Answer:
    """Status, shown headers and media type; the body is still on the wire."""
    shown = SHOWN.union(settings.answer_headers)
    headers = tuple((n, v) for n, v in map(_text_pair, response.raw_headers) if n.lower() in shown)
    content_type = next((v for n, v in headers if n.lower() == "content-type"), "")
    return Answer(status=response.status, headers=headers, media_type=content_type.partition(";")[0].strip().lower())


async def body_of(response: ClientResponse, head: Answer, settings: UpstreamSettings) -> Answer:
    """The head completed with its body.

    Raises:
        UnusableBody: too large, badly encoded, or not the JSON that it says it is.
        aiohttp.ClientError, TimeoutError: the transport failed.
    """
    if response.method == "HEAD" or head.status in _BODILESS:
        return head
    data = await _read(response, settings)
    if not data:
        return head
    if is_json(head.media_type):
        return replace(head, body=await _json_of(data, settings.max_depth), size=len(data))
    findings = () if _delimited(response) else (_finding("maybe_cut", "ends with the connection and may be cut"),)
    text = await _text_of(data, head) if _is_textual(head.media_type) else None
    return replace(head, text=text, size=len(data), findings=findings)


def without_body(head: Answer, finding: Finding) -> Answer:
    """An answer whose body is of no use; what happened is known by its status."""
    return replace(head, findings=(finding,))


class BoundedBody:
    """Collects a body, decoding gzip and deflate, and never holds more than its cap (C5, REL-DOS-06)."""

    def __init__(self, encoding: str, *, cap: int, ratio: int) -> None:
        name = encoding.strip().lower()
        if name not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise UnusableBody(_finding("encoding", "uses a content encoding that was not asked for"))
        self._encoding = "" if name == "identity" else name
        self._cap = cap
        self._ratio = ratio
        self._encoded = 0
        self._data = bytearray()
        self._inflate: zlib._Decompress | None = None

    def add(self, chunk: bytes) -> None:
        """Take the next bytes from the wire.

        Raises:
            UnusableBody: over the cap or the ratio, or not decodable.
        """
        self._encoded += len(chunk)
        if not self._encoding:
            self._data += chunk
        else:
            self._decode(chunk)
        if len(self._data) > self._cap:
            raise UnusableBody(_finding("too_large", f"is larger than {self._cap} bytes"))
        if len(self._data) > max(RATIO_FLOOR, self._encoded * self._ratio):
            raise UnusableBody(_finding("ratio", "decodes to far more than was sent"))

    def whole(self) -> bytes:
        """The decoded body, after its last byte.

        Raises:
            UnusableBody: the encoding ended too early.
        """
        if self._inflate is not None and not self._inflate.eof:
            raise UnusableBody(_finding("encoding", "ends in the middle of its content encoding"))
        return bytes(self._data)

    def _decode(self, chunk: bytes) -> None:
        """Members of a gzip stream follow each other; each step may add at most one byte more than the cap allows."""
        while chunk:
            if self._inflate is None or self._inflate.eof:
                self._inflate = zlib.decompressobj(_window(self._encoding, chunk))
            room = self._cap - len(self._data) + 1
            try:
                self._data += self._inflate.decompress(chunk, room)
            except zlib.error:
                raise UnusableBody(_finding("encoding", "is not encoded as it says")) from None
            if len(self._data) > self._cap:
                return
            chunk = self._inflate.unused_data if self._inflate.eof else b""


def _window(encoding: str, start: bytes) -> int:
    """zlib's window argument: gzip, zlib-wrapped deflate, or the raw deflate that some servers send."""
    if encoding != "deflate":
        return 16 + zlib.MAX_WBITS
    wrapped = start[0] & 0x0F == zlib.DEFLATED
    return zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS


async def _read(response: ClientResponse, settings: UpstreamSettings) -> bytes:
    encoding = response.headers.get("Content-Encoding", "")
    body = BoundedBody(encoding, cap=settings.max_response_bytes, ratio=settings.max_ratio)
    async for chunk in response.content.iter_any():
        body.add(chunk)
    return body.whole()


async def _json_of(data: bytes, max_depth: int) -> Json:
    if len(data) <= OFF_LOOP_BYTES:
        return parsed(data, max_depth=max_depth)
    return await asyncio.to_thread(parsed, data, max_depth=max_depth)


def parsed(data: bytes, *, max_depth: int) -> Json:
    """Strict JSON of bounded depth: no NaN, no infinity, UTF-8 only. A byte order mark is forgiven; integers beyond
    64 bits become floats.

    Raises:
        UnusableBody
    """
    try:
        value = loads(data.removeprefix(_BOM))
    except orjson.JSONDecodeError:
        raise UnusableBody(_finding("json", "says that it is JSON and is not")) from None
    if data.count(b"[") + data.count(b"{") > max_depth and deeper(value, max_depth):
        raise UnusableBody(_finding("depth", f"is nested deeper than {max_depth} levels"))
    return value


def _delimited(response: ClientResponse) -> bool:
    """False for a body that ends with the connection: a cut one looks complete (C6)."""
    encodings = response.headers.get("Transfer-Encoding", "").lower()
    return "Content-Length" in response.headers or "chunked" in encodings


def _is_textual(media_type: str) -> bool:
    return is_text(media_type) or media_type.endswith("urlencoded")


async def _text_of(data: bytes, head: Answer) -> str:
    """Decoded by the charset that the answer names, UTF-8 by default; large texts in a thread (D11)."""
    charset = charset_of(head.header("content-type") or "") or "utf-8"
    if len(data) <= OFF_LOOP_BYTES:
        return data.decode(charset, errors="replace")
    return await asyncio.to_thread(data.decode, charset, errors="replace")


def _text_pair(pair: tuple[bytes, bytes]) -> tuple[str, str]:
    name, value = pair
    return name.decode("latin-1"), value.decode("utf-8", errors="replace")


def _finding(code: str, what: str) -> Finding:
    return Finding(code=f"answer.{code}", place="", message=f"The body of the application's answer {what}.")
