"""The body of a chat completion request -> what it asks of us. Tolerant of what clients send, strict about ours.

OpenAI clients send dozens of fields for models; those that are not named here are ignored. Inside `facade`, which is
ours (D6), an unknown field is an error.

Source: OpenAI API reference, "Create chat completion"; specs/agent.yaml.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from facade.kernel import InvalidRequest, Json, deeper

MAX_DEPTH = 32
"""Levels of nesting in a request body."""
_ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
_ID_CHARS = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of the client's history, as text."""

    role: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """A decision on an approval, given in a chat request."""

    approval: str
    approved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """What a chat completion request asks.

    Attributes:
        messages: the client's history, the turn's own message last; later assistant and tool messages are left out.
        deciding: settle an approval instead of taking a turn; `messages` may be empty then.
        estimate: characters of all messages, for the estimated usage.
    """

    model: str | None
    messages: tuple[Message, ...]
    conversation: str | None
    deciding: Deciding | None
    stream: bool
    include_usage: bool
    estimate: int

    @property
    def words(self) -> str:
        """The last user message: the turn."""
        return self.messages[-1].text if self.messages else ""

    @property
    def said_before(self) -> tuple[str, ...]:
        """The user's earlier texts, oldest first."""
        return tuple(m.text for m in self.messages[:-1] if m.role == "user")

    @property
    def heard_last(self) -> str | None:
        """The last assistant text before the turn."""
        return next((m.text for m in reversed(self.messages[:-1]) if m.role == "assistant"), None)


def chat_request(body: bytes, *, max_chars: int) -> ChatRequest:
    """Read one request body.

    Args:
        max_chars: longest user message that is a turn.

    Raises:
        InvalidRequest: with the place in the body.
    """
    document = json_object(body)
    ours = _mapping(document.get("facade"), "facade", {"conversation", "approval"})
    deciding = _deciding(ours.get("approval"))
    messages = _turn(_messages(document.get("messages")), max_chars, needed=deciding is None)
    options = _mapping(document.get("stream_options"), "stream_options", None)
    if document.get("n") not in (None, 1):
        raise InvalidRequest("One choice is what there is; leave n out.", place="n")
    return ChatRequest(
        model=_text(document.get("model"), "model"),
        messages=messages,
        conversation=_text(ours.get("conversation"), "facade.conversation"),
        deciding=deciding,
        stream=_flag(document.get("stream"), "stream"),
        include_usage=_flag(options.get("include_usage"), "stream_options.include_usage"),
        estimate=sum(len(m.text) for m in messages),
    )


def json_object(body: bytes) -> Mapping[str, Json]:
    """A JSON object of bounded depth.

    Raises:
        InvalidRequest
    """
    try:
        document: Json = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise InvalidRequest("The body is not JSON in UTF-8.", place="body") from None
    if not isinstance(document, Mapping):
        raise InvalidRequest("The body should be a JSON object.", place="body")
    if deeper(document, MAX_DEPTH):
        raise InvalidRequest(f"The body is nested more than {MAX_DEPTH} levels deep.", place="body")
    return document


def decision_of(body: bytes) -> bool:
    """`{"decision": "approve" | "decline"}` -> approved.

    Raises:
        InvalidRequest
    """
    document = _mapping(json_object(body), "body", {"decision"})
    return _approved(document.get("decision"), "decision")


def _messages(value: Json) -> list[Message]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise InvalidRequest("messages should be a list.", place="messages")
    return [_message(one, f"messages[{index}]") for index, one in enumerate(value)]


def _message(value: Json, place: str) -> Message:
    if not isinstance(value, dict):
        raise InvalidRequest("A message should be an object.", place=place)
    role = value.get("role")
    if not isinstance(role, str) or role not in _ROLES:
        raise InvalidRequest(f"role should be one of {', '.join(sorted(_ROLES))}.", place=f"{place}.role")
    return Message(role=role, text=_content(value.get("content"), role, f"{place}.content"))


def _content(value: Json, role: str, place: str) -> str:
    """Text, or parts of which the textual ones count. From a user anything but text is refused, not overlooked."""
    if value is None or isinstance(value, str):
        return value or ""
    if not isinstance(value, list):
        raise InvalidRequest("content should be a text or a list of parts.", place=place)
    return "\n".join(_part(part, role, f"{place}[{index}]") for index, part in enumerate(value))


def _part(part: Json, role: str, place: str) -> str:
    text = part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None
    if isinstance(text, str):
        return text
    if role == "user":
        raise InvalidRequest("Only text can be read here; leave images, sound and files out.", place=place)
    return ""


def _turn(messages: list[Message], max_chars: int, *, needed: bool) -> tuple[Message, ...]:
    """The history up to the last user message."""
    last = next((i for i in range(len(messages) - 1, -1, -1) if messages[i].role == "user"), None)
    if last is None and needed:
        raise InvalidRequest("There is no user message to answer.", place="messages")
    if last is None:
        return ()
    words = messages[last].text
    if needed and not words.strip():
        raise InvalidRequest("The last user message is empty.", place=f"messages[{last}].content")
    if needed and len(words) > max_chars:
        detail = f"The last user message has {len(words)} characters; at most {max_chars} are read."
        raise InvalidRequest(detail, place=f"messages[{last}].content")
    return tuple(messages[: last + 1])


def _deciding(value: Json) -> Deciding | None:
    if value is None:
        return None
    ours = _mapping(value, "facade.approval", {"id", "decision"})
    approval = _text(ours.get("id"), "facade.approval.id")
    if not approval:
        raise InvalidRequest("An approval is named by its id.", place="facade.approval.id")
    return Deciding(approval=approval, approved=_approved(ours.get("decision"), "facade.approval.decision"))


def _approved(value: Json, place: str) -> bool:
    if value not in ("approve", "decline"):
        raise InvalidRequest('decision should be "approve" or "decline".', place=place)
    return value == "approve"


def _mapping(value: Json, place: str, known: set[str] | None) -> Mapping[str, Json]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidRequest("This should be an object.", place=place)
    unknown = sorted(set(value) - known) if known is not None else []
    if unknown:
        names = ", ".join(sorted(known or ()))
        raise InvalidRequest(f"{unknown[0][:64]!r} is not known here; known are {names}.", place=place)
    return value


def _text(value: Json, place: str) -> str | None:
    if value is None or (isinstance(value, str) and len(value) <= _ID_CHARS):
        return value
    raise InvalidRequest(f"This should be a text of at most {_ID_CHARS} characters.", place=place)


def _flag(value: Json, place: str) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    raise InvalidRequest("This should be true or false.", place=place)
