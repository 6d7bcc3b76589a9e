"""`facade chat`: the chat entrance in a terminal."""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TextIO

import typer
from rich.console import Console
from rich.markdown import Markdown

from facade.cli.talk import Heard, Refused, Talk, talking
from facade.cli.terminal import Terminal
from facade.kernel import FacadeError, InvalidRequest

DEFAULT_URL = "http://127.0.0.1:8080/agent"
_LEAVE = frozenset({"exit", "quit", "/exit", "/quit"})
_YES = frozenset({"y", "yes"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """Where replies are shown and words are typed.

    Attributes:
        read: shows a prompt and gives a line, None at the end of input.
        pretty: people look at it: tables are drawn, prompts are shown. Otherwise Markdown goes out as it is.
    """

    out: TextIO
    err: TextIO
    read: Callable[[str], str | None]
    pretty: bool

    def show(self, text: str) -> None:
        """One reply. Its text is ours and inert; links are not made clickable all the same."""
        if self.pretty:
            Console(file=self.out).print(Markdown(text, hyperlinks=False))
        else:
            self.out.write(f"{text}\n")
        self.out.flush()

    def note(self, text: str) -> None:
        """A line beside the replies."""
        self.err.write(f"{text}\n")

    async def line(self, prompt: str) -> str | None:
        """The next line, read beside the event loop."""
        return await asyncio.to_thread(self.read, prompt if self.pretty else "")


async def chat(talk: Talk, screen: Screen, *, message: str | None = None) -> int:
    """Talk until the input ends, or say one message.

    Returns:
        The exit code: 1 when the last thing said was refused.
    """
    if message is not None:
        return await _turn(talk, screen, message)
    code = 0
    while (words := await screen.line("> ")) is not None and words.strip() not in _LEAVE:
        if words.strip():
            code = await _turn(talk, screen, words)
    return code


async def _turn(talk: Talk, screen: Screen, words: str) -> int:
    try:
        heard = await talk.say(words)
        screen.show(heard.text)
        if heard.approval is not None:
            await _approval(talk, screen, heard, heard.approval)
    except Refused as error:
        screen.note(f"facade: {error.detail}")
        return 1
    return 0


async def _approval(talk: Talk, screen: Screen, heard: Heard, approval: str) -> None:
    """The reply has just shown the exact calls; only a plain yes approves them, and silence leaves them open."""
    answer = await screen.line("Approve? [y/N] ")
    if answer is None:
        screen.note(f"facade: nothing was changed; approval {approval} stays open until {_expiry(heard)}")
        return
    decided = await talk.decide(approval, approved=answer.strip().lower() in _YES)
    screen.show(decided.text)


def _expiry(heard: Heard) -> str:
    match heard.extension:
        case {"approval": {"expires_at": str() as moment}}:
            return moment
        case _:
            return "it expires"


def command(
    ctx: typer.Context,
    message: Annotated[str | None, typer.Argument(help="Say only this and leave.")] = None,
    *,
    url: Annotated[str | None, typer.Option(help="The facade; else FACADE_URL.", show_default=DEFAULT_URL)] = None,
    token: Annotated[str | None, typer.Option(help="Your credential; else FACADE_TOKEN.")] = None,
) -> int:
    """Talk with the application in this terminal. Writes are shown exactly and wait for a y.

    \b
    Examples:
      facade chat --token "$(facade token --tenant acme)"
      facade chat "which invoices of Acme are overdue?"
    """
    terminal: Terminal = ctx.obj
    credential = token or terminal.environ.get("FACADE_TOKEN")
    if not credential:
        raise InvalidRequest("No credential: give --token, or set FACADE_TOKEN; `facade token` mints one.")
    screen = Screen(out=terminal.out, err=terminal.err, read=_read, pretty=terminal.interactive and sys.stdin.isatty())
    return asyncio.run(_run(url or terminal.environ.get("FACADE_URL") or DEFAULT_URL, credential, screen, message))


async def _run(url: str, token: str, screen: Screen, message: str | None) -> int:
    try:
        async with talking(url, token) as talk:
            return await chat(talk, screen, message=message)
    except FacadeError as error:
        screen.note(f"facade: {error.detail}")
        return 1


def _read(prompt: str) -> str | None:
    try:
        return input(prompt)
    except EOFError:
        return None
