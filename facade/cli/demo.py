"""`facade demo`: a legacy help desk, a facade in front of it, and something to try."""

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.rule import Rule

from facade.cli.demo_settings import Customer, customers, write_settings
from facade.cli.processes import NotReady, Running, running
from facade.cli.talk import Refused, Talk, talking
from facade.cli.terminal import Terminal
from facade.config import mapping_of
from facade.kernel import UpstreamUnavailable

SCRIPT: Sequence[tuple[int, Sequence[str]]] = (
    (
        0,
        (
            "Show the urgent tickets that are new",
            "Show invoices of C-1019 with status late",
            "Open an urgent ticket for C-1019 with subject 'Export is empty', tag it export",
            "yes",
            "Delete ticket 4556",
            "no",
            "Assign an agent to ticket 4560",
            "11",
            "yes",
            "What will the weather be in Lisbon tomorrow?",
        ),
    ),
    (1, ("Show ticket 4560", "List our products")),
)
"""What `--once` says: which customer, and its messages."""

TRIES = (
    "List our customers",
    "Show late invoices over 5000",
    "Show ticket 4557",
    "Add a comment to ticket 4557 saying 'We are looking into it'",
    "Delete ticket 4556",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A demo that runs."""

    helpdesk: Running
    facade: Running
    people: Sequence[Customer]
    folder: Path

    @property
    def agent(self) -> str:
        """Where its own entrances stand."""
        return f"{self.facade.url}{self.facade.said['prefix']}"


def command(
    ctx: typer.Context,
    *,
    once: Annotated[bool, typer.Option("--once", help="Play a scripted conversation, print it and leave.")] = False,
    port: Annotated[int, typer.Option(help="Where the facade listens; 0 takes a free port.")] = 8080,
    folder: Annotated[
        Path | None, typer.Option(help="Keep settings and ledger here; else they are thrown away.")
    ] = None,
) -> None:
    """Start a demo help desk with a facade in front of it: two customers, their tokens, and a few lines to try.

    \b
    Examples:
      facade demo
      facade demo --once
      facade demo --folder ./demo --port 9000
    """
    terminal: Terminal = ctx.obj
    try:
        asyncio.run(_run(terminal, once=once, port=0 if once else port, folder=folder))
    except NotReady as error:
        raise UpstreamUnavailable(str(error)) from None


async def _run(terminal: Terminal, *, once: bool, port: int, folder: Path | None) -> None:
    with tempfile.TemporaryDirectory(prefix="facade-demo-") as scratch:
        kept = folder or Path(scratch)
        kept.mkdir(parents=True, exist_ok=True)
        async with demo(kept, port=port) as started:
            if once:
                await _play(started, terminal)
            else:
                stopped = _stopped()
                _introduce(started, terminal)
                await stopped.wait()


@asynccontextmanager
async def demo(folder: Path, *, port: int) -> AsyncGenerator[Demo]:
    """Both processes over one folder; leaving stops them."""
    with (folder / "facade.log").open("ab") as log:
        arguments = ("--port", "0", "--access-log", str(folder / "access.log"))
        async with running("facade.demo.helpdesk", *arguments, stderr=log) as helpdesk:
            accounts = helpdesk.said["accounts"]
            path = write_settings(folder, upstream=helpdesk.url, accounts=accounts, port=port)
            people = customers(folder, accounts, mapping_of(path))
            async with running("facade", "serve", "-c", str(path), stderr=log) as facade:
                yield Demo(helpdesk=helpdesk, facade=facade, people=people, folder=folder)


def _stopped() -> asyncio.Event:
    """Set by Ctrl-C or SIGTERM, from now on."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


async def _play(started: Demo, terminal: Terminal) -> None:
    for who, messages in SCRIPT:
        person = started.people[who]
        _heading(person, terminal)
        async with talking(started.agent, person.token) as talk:
            for words in messages:
                await _exchange(talk, words, terminal)


async def _exchange(talk: Talk, words: str, terminal: Terminal) -> None:
    terminal.say(f"> {words}\n")
    try:
        text = (await talk.say(words)).text
    except Refused as error:
        text = error.detail
    if terminal.interactive:
        Console(file=terminal.out).print(Markdown(text, hyperlinks=False))
    else:
        terminal.say(text)
    terminal.say("")


def _heading(person: Customer, terminal: Terminal) -> None:
    if terminal.interactive:
        Console(file=terminal.out).print(Rule(person.name))
    else:
        terminal.say(f"== {person.name}\n")


def _introduce(started: Demo, terminal: Terminal) -> None:
    say = terminal.say
    say(f"The help desk's own API is at {started.helpdesk.url}, the facade in front of it at {started.facade.url}.")
    say(f"Chat (OpenAI-compatible): {started.agent}/v1   settings, ledger and log: {started.folder}{os.sep}")
    say(f"Chat page for people: {started.agent}/chat   (paste a token from below)")
    for person in started.people:
        say(f"\n{person.name} ({person.id}); talk as one of its people:")
        say(f"  facade chat --url {started.agent} --token {person.token}")
    say("\nThings to try:")
    for line in TRIES:
        say(f"  {line}")
    say("\nCtrl-C stops both.")
    terminal.out.flush()
