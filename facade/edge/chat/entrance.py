"""The routes of the chat entrance and their handlers."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from facade.edge.chat.approvals import decided, looked
from facade.edge.chat.chores import chore_answer
from facade.edge.chat.completions import Frame, closing, completion, opening, pieces
from facade.edge.chat.door import Visit, body_of, door, tenant_of, told
from facade.edge.chat.extension import extension_of
from facade.edge.chat.models import model_card, model_list
from facade.edge.chat.recalling import Recalling
from facade.edge.chat.requests import ChatRequest, chat_request, decision_of
from facade.edge.chat.rules import ChatRules
from facade.edge.chat.stream import EventStream
from facade.edge.problem import openai_error
from facade.flow import Turn, TurnReply, converse, decide, look
from facade.kernel import SECOND, Json, NotFound, Tenant
from facade.ports import Ports

_WORKER_BYTES = 65_536
"""Bodies above this are parsed in a worker thread, so that the event loop never waits for one (D11)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What goes out: our words, and what they mean for programs (None for a chore)."""

    text: str
    extension: Json = None


class ChatEntrance:
    """Handlers over the ports that are current when a request comes.

    Args:
        ports: gives the present ports; a reload replaces them for later requests.
    """

    def __init__(self, ports: Callable[[], Ports], rules: ChatRules) -> None:
        self._ports = ports
        self._rules = rules

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """The entrance under a prefix such as `/agent`."""
        at = f"{prefix}/v1"
        return [
            web.get(f"{at}/models", door(self._ports, self.models)),
            web.get(f"{at}/models/{{model:.+}}", door(self._ports, self.model)),
            web.post(f"{at}/chat/completions", door(self._ports, self.complete, deadline=self._rules.deadline_header)),
            web.get(f"{at}/approvals/{{id}}", door(self._ports, self.look)),
            web.post(f"{at}/approvals/{{id}}", door(self._ports, self.decide, deadline=self._rules.deadline_header)),
            *Recalling(self._ports, self._rules).routes(prefix),
        ]

    async def models(self, visit: Visit) -> web.StreamResponse:
        """GET /v1/models."""
        await tenant_of(visit, self._rules.credentials)
        return told(model_list(self._rules.model), visit)

    async def model(self, visit: Visit) -> web.StreamResponse:
        """GET /v1/models/{model}."""
        await tenant_of(visit, self._rules.credentials)
        return self._unknown(visit.request.match_info["model"], visit) or told(model_card(self._rules.model), visit)

    async def complete(self, visit: Visit) -> web.StreamResponse:
        """POST /v1/chat/completions."""
        tenant = await tenant_of(visit, self._rules.credentials)
        asked = await self._asked(visit)
        refused = self._unknown(asked.model, visit)
        if refused is not None:
            return refused
        serve = self._streamed if asked.stream else self._whole
        return await serve(visit, asked, _served(visit, asked, tenant))

    async def look(self, visit: Visit) -> web.StreamResponse:
        """GET /v1/approvals/{id}."""
        tenant = await tenant_of(visit, self._rules.credentials)
        seen = await look(visit.request.match_info["id"], tenant=tenant, ports=visit.ports, origin=visit.origin)
        return told(looked(seen), visit)

    async def decide(self, visit: Visit) -> web.StreamResponse:
        """POST /v1/approvals/{id}."""
        tenant = await tenant_of(visit, self._rules.credentials)
        approved = decision_of(await self._body(visit))
        approval = visit.request.match_info["id"]
        reply = await decide(approval, approved=approved, tenant=tenant, ports=visit.ports, origin=visit.origin)
        return told(decided(approval, approved, extension_of(reply, visit.ports.catalogue), reply.text), visit)

    async def _body(self, visit: Visit) -> bytes:
        return await body_of(visit.request, max_bytes=self._rules.max_body_bytes, within_s=self._rules.body_s)

    async def _asked(self, visit: Visit) -> ChatRequest:
        body = await self._body(visit)
        limit = self._rules.max_message_chars
        if len(body) > _WORKER_BYTES:
            return await asyncio.to_thread(chat_request, body, max_chars=limit)
        return chat_request(body, max_chars=limit)

    def _unknown(self, model: str | None, visit: Visit) -> web.Response | None:
        if model in {None, self._rules.model}:
            return None
        error = NotFound(f"The one model here is {self._rules.model!r}.")
        return openai_error(error, request_id=visit.request_id, code="model_not_found")

    async def _whole(self, visit: Visit, asked: ChatRequest, work: Coroutine[Any, Any, Said]) -> web.StreamResponse:
        said = await work
        return told(completion(self._frame(visit, asked), said.text, said.extension), visit)

    async def _streamed(self, visit: Visit, asked: ChatRequest, work: Coroutine[Any, Any, Said]) -> web.StreamResponse:
        async with _owned(work) as turn:
            await asyncio.wait({turn}, timeout=self._rules.begin_s)
            if turn.done() and turn.exception() is not None:
                await turn
            stream = await EventStream.open(visit.request, request_id=visit.request_id)
            try:
                return await self._told(stream, visit, asked, turn)
            except ConnectionResetError:
                return stream.response

    async def _told(
        self, stream: EventStream, visit: Visit, asked: ChatRequest, turn: "asyncio.Task[Said]"
    ) -> web.StreamResponse:
        frame, with_usage = self._frame(visit, asked), asked.include_usage
        await stream.send([opening(frame, with_usage=with_usage)])
        await stream.alive_until(turn, every_s=self._rules.alive_s)
        error = turn.exception()
        if error is not None:
            await stream.fail(error)
            return await stream.close()
        said = turn.result()
        await stream.send(pieces(frame, said.text, with_usage=with_usage))
        await stream.send(closing(frame, said.text, said.extension, with_usage=with_usage))
        return await stream.done()

    def _frame(self, visit: Visit, asked: ChatRequest) -> Frame:
        return Frame(
            id=f"chatcmpl-{visit.request_id}",
            created=visit.ports.clock.now() // SECOND,
            model=self._rules.model,
            asked=asked.estimate,
        )


async def _served(visit: Visit, asked: ChatRequest, tenant: Tenant) -> Said:
    """The turn, the decision or the chore that a request asks for."""
    chore = None if asked.deciding or asked.conversation else chore_answer(asked.messages)
    if chore is not None:
        return Said(text=chore)
    reply = await _replied(visit, asked, tenant)
    return Said(text=reply.text, extension=extension_of(reply, visit.ports.catalogue))


async def _replied(visit: Visit, asked: ChatRequest, tenant: Tenant) -> TurnReply:
    if asked.deciding is not None:
        approval, approved = asked.deciding.approval, asked.deciding.approved
        return await decide(approval, approved=approved, tenant=tenant, ports=visit.ports, origin=visit.origin)
    turn = Turn(
        words=asked.words,
        origin=visit.origin,
        conversation=asked.conversation,
        said_before=asked.said_before,
        heard_last=asked.heard_last,
    )
    return await converse(turn, tenant, visit.ports)


@asynccontextmanager
async def _owned(work: Coroutine[Any, Any, Said]) -> AsyncGenerator["asyncio.Task[Said]"]:
    """A task that ends before its owner does: a client that left is waited for, a cancelled handler cancels it."""
    task = asyncio.ensure_future(work)
    try:
        yield task
    except asyncio.CancelledError:
        task.cancel()
        raise
    finally:
        await asyncio.wait({task})
