"""The demo, as a newcomer runs it; what the README prints is what comes out."""

import asyncio
import re
import signal
import sys
from pathlib import Path

from tests.requirements import requirement

README = Path(__file__).parents[2] / "README.md"


async def demo(*args: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "facade", "demo", *args, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


@requirement("demo:once:as-shown")
async def test_the_readme_shows_what_the_demo_prints() -> None:
    process = await demo("--once")
    out, err = await process.communicate()
    shown = re.search(r"<!-- demo -->\n```text\n(.*?)```\n<!-- /demo -->", README.read_text(), re.DOTALL)
    assert shown is not None
    assert (process.returncode, err) == (0, b"")
    assert shown[1].strip() == out.decode().strip()


@requirement("demo:once:as-shown")
async def test_the_demo_says_where_it_is_and_stops_when_told(tmp_path: Path) -> None:
    process = await demo("--port", "0", "--folder", str(tmp_path))
    assert process.stdout is not None
    said = ""
    while "Ctrl-C" not in said:
        line = await process.stdout.readline()
        assert line, said
        said += line.decode()
    process.send_signal(signal.SIGINT)
    assert await process.wait() == 0
    assert re.search(r"Chat page for people: http://127\.0\.0\.1:\d+/agent/chat ", said)
    assert re.search(r"facade chat --url http://127\.0\.0\.1:\d+/agent --token ey", said)
    assert names_in(tmp_path) >= {"facade.yaml", "facade.db", "access.log"}


def names_in(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}
