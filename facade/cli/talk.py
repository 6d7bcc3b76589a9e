"""A conversation with a running facade over HTTP, as `specs/agent.yaml` describes it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar

from facade.kernel import Json, UpstreamBroken, UpstreamUnavailable

_TIMEOUT = ClientTimeout(total=120, sock_connect=5)


class Refused(Exception):
    """The facade answered with an error; its message is the detail. A client's view, so no leaf of the error tree."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One reply. `extension` is the `facade` field, {} when there is none."""

    text: str
    extension: Mapping[str, Json] = field(default_factory=dict)

    @property
    def approval(self) -> str | None:
        """The id of the proposal that waits for a decision."""
        open_one = self.extension.get("approval")
        found = open_one.get("id") if isinstance(open_one, Mapping) else None
        return found if isinstance(found, str) else None


class Talk:
    """One conversation; it remembers its id, so that the history need not be sent."""

    def __init__(self, session: ClientSession, url: str) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._conversation: Json = None

    async def say(self, words: str) -> Heard:
        """Take a turn.

        Raises:
            Refused; UpstreamUnavailable, UpstreamBroken: the facade cannot be reached or understood.
        """
        told = await self._post(
            "/v1/chat/completions",
            {"messages": [{"role": "user", "content": words}], "facade": {"conversation": self._conversation}},
        )
        extension = told.get("facade")
        heard = Heard(text=_content(told), extension=extension if isinstance(extension, Mapping) else {})
        self._conversation = heard.extension.get("conversation", self._conversation)
        return heard

    async def decide(self, approval: str, *, approved: bool) -> Heard:
        """Approve or decline a proposal.

        Raises:
            as `say`
        """
        told = await self._post(f"/v1/approvals/{approval}", {"decision": "approve" if approved else "decline"})
        text = told.get("text")
        return Heard(text=text if isinstance(text, str) else "")

    async def _post(self, path: str, body: Json) -> Mapping[str, Json]:
        try:
            async with self._session.post(self._url + path, json=body, allow_redirects=False) as answer:
                told: Json = await answer.json(content_type=None)
        except ValueError:
            raise UpstreamBroken(f"What answers at {self._url} is no facade.") from None
        except (ClientError, TimeoutError) as error:
            raise UpstreamUnavailable(f"Nothing answers at {self._url}: {error or type(error).__name__}") from None
        if not isinstance(told, Mapping):
            raise UpstreamBroken(f"What answers at {self._url} is no facade.")
        if answer.status >= _ERRORS:
            raise Refused(_message(told))
        return told


_ERRORS = 300


@asynccontextmanager
async def talking(url: str, token: str) -> AsyncIterator[Talk]:
    """A conversation with the facade at `url`, such as `http://127.0.0.1:8080/agent`."""
    headers = {"Authorization": f"Bearer {token}"}
    async with ClientSession(headers=headers, timeout=_TIMEOUT, cookie_jar=DummyCookieJar()) as session:
        yield Talk(session, url)


def _content(told: Mapping[str, Json]) -> str:
    match told:
        case {"choices": [{"message": {"content": str() as text}}, *_]}:
            return text
        case _:
            raise UpstreamBroken("The reply has no text.")


def _message(told: Mapping[str, Json]) -> str:
    match told:
        case {"error": {"message": str() as text}} | {"detail": str() as text}:
            return text
        case _:
            return "The facade refused this without a word."
