"""A reply in the shapes of the OpenAI API: one completion, or the chunks of a stream. Pure.

Token counts are estimates (a token for each four characters): no model reads or writes here, and clients want numbers.

Source: OpenAI API reference, "The chat completion object" and "The chat completion chunk object".
"""

from collections.abc import Iterator
from dataclasses import dataclass

from facade.kernel import Json

_PIECE_CHARS = 400
"""Characters of one delta; pieces end where lines end if they can."""
_CHARS_PER_TOKEN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every object of one response repeats.

    Attributes:
        id: `chatcmpl-` and the request's id.
        created: seconds since the epoch.
        asked: characters of the client's messages.
    """

    id: str
    created: int
    model: str
    asked: int


def completion(frame: Frame, text: str, extension: Json) -> dict[str, Json]:
    """The whole reply as one object; without an extension, as any model would answer."""
    message: Json = {"role": "assistant", "content": text, "refusal": None, "annotations": []}
    return {
        "id": frame.id,
        "object": "chat.completion",
        "created": frame.created,
        "model": frame.model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": usage(frame, text),
        **({"facade": extension} if extension is not None else {}),
    }


def opening(frame: Frame, *, with_usage: bool) -> dict[str, Json]:
    """The first chunk: it only says who speaks."""
    return _chunk(frame, {"role": "assistant", "content": ""}, None, with_usage=with_usage)


def pieces(frame: Frame, text: str, *, with_usage: bool) -> Iterator[dict[str, Json]]:
    """The text, in order."""
    for piece in _pieces(text):
        yield _chunk(frame, {"content": piece}, None, with_usage=with_usage)


def closing(frame: Frame, text: str, extension: Json, *, with_usage: bool) -> Iterator[dict[str, Json]]:
    """The finish chunk, which carries the extension, and the usage chunk when it was asked for."""
    finish = _chunk(frame, {}, "stop", with_usage=with_usage)
    yield {**finish, "facade": extension} if extension is not None else finish
    if with_usage:
        yield {**_chunk(frame, {}, None, with_usage=True), "choices": [], "usage": usage(frame, text)}


def usage(frame: Frame, text: str) -> dict[str, Json]:
    """Estimated tokens."""
    prompt, answer = _tokens(frame.asked), _tokens(len(text))
    return {
        "prompt_tokens": prompt,
        "completion_tokens": answer,
        "total_tokens": prompt + answer,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _chunk(frame: Frame, delta: Json, finish: str | None, *, with_usage: bool) -> dict[str, Json]:
    return {
        "id": frame.id,
        "object": "chat.completion.chunk",
        "created": frame.created,
        "model": frame.model,
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}],
        **({"usage": None} if with_usage else {}),
    }


def _tokens(chars: int) -> int:
    return -(-chars // _CHARS_PER_TOKEN)


def _pieces(text: str) -> Iterator[str]:
    while text:
        cut = text.rfind("\n", 0, _PIECE_CHARS) + 1 or _PIECE_CHARS
        yield text[:cut]
        text = text[cut:]
