"""How much memory a facade takes for what passes it, in a process of its own."""

import asyncio
from collections.abc import AsyncGenerator
from itertools import repeat
from pathlib import Path

import pytest
import pytest_asyncio

from tests.fidelity.case import asking
from tests.fidelity.doors import KEY_HEADER
from tests.fidelity.flows import BLOCK, MIB, Flow, flowing
from tests.requirements import requirement

pytestmark = pytest.mark.asyncio(loop_scope="module")

SIZE = 100 * MIB
GROWTH_KIB = 24 * 1024
"""How much more memory any of these may take, at its peak."""
KEY = KEY_HEADER[:-2]
CHUNKED = asking(b"POST /things/1 HTTP/1.1", b"Transfer-Encoding: chunked", KEY)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def flow(folder: Path) -> AsyncGenerator[Flow]:
    async with flowing(folder) as opened:
        for _ in range(20):
            await opened.asked(asking(b"POST /things/1 HTTP/1.1", KEY, body=bytes(200_000)))
            await opened.asked(asking(b"GET /down/1048576 HTTP/1.1", KEY))
        yield opened


@requirement("fidelity:memory", "relay:stream:bounded")
async def test_a_hundred_megabytes_go_up(flow: Flow) -> None:
    before = flow.peak_kib()
    head = asking(b"POST /up HTTP/1.1", b"Content-Length: %d" % SIZE, KEY)
    answer, _ = await flow.asked(head, repeat(BLOCK, SIZE // len(BLOCK)))
    assert (answer[:12], flow.taken[-1]) == (b"HTTP/1.1 200", SIZE)
    assert flow.peak_kib() - before < GROWTH_KIB


@requirement("fidelity:memory", "relay:stream:bounded")
async def test_a_hundred_megabytes_come_down(flow: Flow) -> None:
    before = flow.peak_kib()
    answer, size = await flow.asked(asking(b"GET /down/%d HTTP/1.1" % SIZE, KEY))
    assert (answer[:12], size) == (b"HTTP/1.1 200", SIZE)
    assert flow.peak_kib() - before < GROWTH_KIB


@requirement("smuggling:chunks")
async def test_a_chunk_extension_of_5_mb_takes_no_memory(flow: Flow) -> None:
    before = flow.peak_kib()
    answer, _ = await flow.asked(CHUNKED, [b"3;x=", *repeat(b"e" * 65_536, 80), b"\r\nabc\r\n0\r\n\r\n"])
    assert answer[:12] in {b"HTTP/1.1 200", b"HTTP/1.1 400", b"HTTP/1.1 413"}
    assert flow.peak_kib() - before < GROWTH_KIB


@requirement("smuggling:chunks")
async def test_chunks_of_one_byte_take_no_memory_and_leave_room_for_others(flow: Flow) -> None:
    before, others = flow.peak_kib(), 0
    flood = asyncio.create_task(flow.asked(CHUNKED, [*repeat(b"1\r\na\r\n" * 3_000, 100), b"0\r\n\r\n"]))
    while not flood.done():
        answer, _ = await flow.asked(asking(b"GET /other HTTP/1.1", KEY))
        assert answer[:12] == b"HTTP/1.1 200"
        others += 1
    assert (await flood)[0][:12] in {b"HTTP/1.1 200", b"HTTP/1.1 400", b"HTTP/1.1 413"}
    assert others > 1
    assert flow.peak_kib() - before < GROWTH_KIB
