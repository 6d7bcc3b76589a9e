"""The terminal client against a served facade."""

import io
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from facade.cli import run
from facade.cli.chat import Screen, chat
from facade.cli.talk import Heard, talking
from facade.kernel import Answer, UpstreamBroken, UpstreamUnavailable
from facade.plan import Refusal
from tests.edge.chat_scenes import ANN, DELETED_TEXT, EVE, ORDERS, ORDERS_TEXT, PROPOSAL_TEXT, scripted, served
from tests.flow.scenes import deleting, listing, planned

LIST, DELETE = planned(listing(status="open")), planned(deleting(7))


class Typist:
    """Types lines, and keeps what it was asked and shown."""

    def __init__(self, *lines: str, pretty: bool = False) -> None:
        self.lines = list(lines)
        self.prompts: list[str] = []
        self.out, self.err = io.StringIO(), io.StringIO()
        self.screen = Screen(out=self.out, err=self.err, read=self.read, pretty=pretty)

    def read(self, prompt: str) -> str | None:
        self.prompts.append(prompt)
        return self.lines.pop(0) if self.lines else None


@asynccontextmanager
async def conversation(world, token=ANN):
    async with served(world) as base, talking(base, token) as talk:
        yield talk


async def test_one_message_is_answered_as_plain_text_in_a_pipe():
    world, typist = scripted(LIST), Typist()
    world.upstream.script = [ORDERS]
    async with conversation(world) as talk:
        assert await chat(talk, typist.screen, message="orders?") == 0
    assert (typist.out.getvalue(), typist.prompts) == (f"{ORDERS_TEXT}\n", [])


async def test_a_proposal_waits_for_a_y_and_the_conversation_goes_on():
    world = scripted(DELETE, DELETE, Refusal(reason="Enough."))
    world.upstream.script = [Answer(status=204)]
    typist = Typist("delete order 7", "y", "", "delete order 7", "nope", "more", "exit")
    async with conversation(world) as talk:
        assert await chat(talk, typist.screen) == 0
    shown = [
        PROPOSAL_TEXT,
        DELETED_TEXT,
        PROPOSAL_TEXT,
        "Declined. Nothing was changed.",
        "Enough. Nothing was called.",
    ]
    assert typist.out.getvalue() == "\n".join(shown) + "\n"
    assert [c.built.request.target for c in world.upstream.sent] == ["/orders/7"]


async def test_a_proposal_without_an_answer_stays_open_and_says_so():
    world, typist = scripted(DELETE), Typist()
    async with conversation(world) as talk:
        assert await chat(talk, typist.screen, message="delete order 7") == 0
    assert (world.upstream.sent, "stays open until 2023-11-14T22:18:20Z" in typist.err.getvalue()) == ([], True)


async def test_people_see_tables_and_prompts():
    world, typist = scripted(LIST), Typist("orders", pretty=True)
    world.upstream.script = [ORDERS]
    async with conversation(world) as talk:
        await chat(talk, typist.screen)
    assert typist.prompts == ["> ", "> "]
    assert "| ID |" not in typist.out.getvalue()
    assert " 7   open " in typist.out.getvalue()


async def test_a_refusal_is_told_beside_the_replies_and_in_the_exit_code():
    typist = Typist("  x" * 2000)
    async with conversation(scripted(), EVE) as talk:
        assert await chat(talk, typist.screen) == 1
    assert (typist.out.getvalue(), typist.err.getvalue().startswith("facade: The last user message has")) == ("", True)


async def test_what_does_not_answer_or_is_no_facade_is_told(aiohttp_server, unused_tcp_port):
    async def odd(request: web.Request) -> web.Response:
        kinds = {"/text/": "hello", "/list/": "[]", "/empty/": "{}"}
        return web.Response(text=next(v for k, v in kinds.items() if request.path.startswith(k)))

    app = web.Application()
    app.router.add_post("/{any:.*}", odd)
    server = await aiohttp_server(app)
    for kind in ("text", "list", "empty"):
        async with talking(str(server.make_url(f"/{kind}")), ANN) as talk:
            with pytest.raises(UpstreamBroken):
                await talk.say("hi")
    async with talking(f"http://127.0.0.1:{unused_tcp_port}", ANN) as talk:
        with pytest.raises(UpstreamUnavailable):
            await talk.say("hi")


def test_without_a_credential_nothing_starts(capsys):
    assert run(["chat", "hi"], environ={}) == 1
    assert "FACADE_TOKEN" in capsys.readouterr().err


def test_a_facade_that_is_not_there_is_told(capsys, unused_tcp_port):
    environ = {"FACADE_TOKEN": ANN, "FACADE_URL": f"http://127.0.0.1:{unused_tcp_port}"}
    assert run(["chat", "hi"], environ=environ) == 1
    assert "Nothing answers at" in capsys.readouterr().err


def test_a_reply_without_an_extension_proposes_nothing():
    assert [Heard(text="").approval, Heard(text="", extension={"approval": {"id": 7}}).approval] == [None, None]
