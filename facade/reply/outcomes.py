"""What did not go well, plainly: the application's refusals and our own errors."""

from collections.abc import Iterator, Mapping

from facade.kernel import (
    SECOND,
    Answer,
    ContextConflict,
    ContractViolation,
    FacadeError,
    Json,
    LimitExceeded,
    Micros,
    Operation,
    Overloaded,
)
from facade.reply.inert import inert
from facade.reply.phrases import known, phrase
from facade.reply.records import Manner, Reply
from facade.reply.wording import TITLE_LIMIT

MESSAGE_LIMIT = 300
"""Characters that are shown of what the application says about its refusal."""
_MESSAGES = 5
_MESSAGE_NAMES = ("detail", "message", "error_description", "error", "title", "msg", "reason", "description")
_ERROR_LISTS = ("errors", "details", "non_field_errors", "violations")
_DEPTH = 3
_MINUTE, _HOUR = 60, 3600


def rejected(operation: Operation, answer: Answer, manner: Manner) -> Reply:
    """An answer other than 2xx, with the application's own words as inert, quoted text."""
    what = phrase(_key(answer.status), manner.language, status=answer.status)
    parts = [phrase("refused_at", manner.language, title=inert(operation.title, TITLE_LIMIT), what=what)]
    words = list(dict.fromkeys(_words(answer.body, _DEPTH))) or [answer.text or ""]
    parts += (
        "> " + phrase("its_words", manner.language, text=f"“{inert(w, MESSAGE_LIMIT)}”")
        for w in words[:_MESSAGES]
        if w.strip()
    )
    data: Json = {"operation": operation.key.operation_id, "status": answer.status, "ok": False}
    return Reply(text="\n\n".join(parts), data=data)


def failed(error: FacadeError, manner: Manner, operation: Operation | None = None) -> Reply:
    """An error of ours, met while serving a turn. A write whose answer was lost is called unknown, in bold."""
    what = _told(error, manner)
    title = inert(operation.title, TITLE_LIMIT) if operation else ""
    text = phrase("error_at", manner.language, title=title, what=what) if title else what
    if isinstance(error, ContractViolation):
        lines = (
            phrase(
                "finding", manner.language, place=inert(f.place, TITLE_LIMIT), message=inert(f.message, MESSAGE_LIMIT)
            )
            for f in error.findings[:_MESSAGES]
        )
        text = "\n".join((text, "", *(f"- {line}" for line in lines))).strip()
    data: dict[str, Json] = {"error": error.code, "ok": False}
    return Reply(text=text, data={**data, "operation": operation.key.operation_id} if operation else data)


def _told(error: FacadeError, manner: Manner) -> str:
    match error:
        case LimitExceeded():
            named = ", ".join(inert(p, TITLE_LIMIT) for p in error.policies)
            return phrase(error.code, manner.language, policies=named, wait=waiting(error.retry_after, manner))
        case Overloaded():
            return phrase(error.code, manner.language, wait=waiting(error.retry_after, manner))
        case ContextConflict():
            return phrase(error.code, manner.language, place=inert(error.place, TITLE_LIMIT))
        case _ if known(error.code):
            return phrase(error.code, manner.language, detail=inert(error.detail, MESSAGE_LIMIT))
        case _:
            return phrase("error", manner.language, detail=inert(error.detail, MESSAGE_LIMIT))


def waiting(duration: Micros, manner: Manner) -> str:
    """A wait in its largest fitting unit, rounded up: `45 s`, `3 min`, `2 h`."""
    seconds = max(1, -(-duration // SECOND))
    if seconds < 2 * _MINUTE:
        return phrase("seconds", manner.language, count=seconds)
    if seconds < 2 * _HOUR:
        return phrase("minutes", manner.language, count=-(-seconds // _MINUTE))
    return phrase("hours", manner.language, count=-(-seconds // _HOUR))


def _key(status: int) -> str:
    """A status that HTTP does not have is the application's failure."""
    aliases = {422: "refused_400", 410: "refused_404", 412: "refused_409"}
    exact = aliases.get(status, f"refused_{status}")
    family = f"refused_{status // 100}xx"
    return next((key for key in (exact, family) if known(key)), "refused_5xx")


def _words(body: Json, depth: int) -> Iterator[str]:
    """What an error body says, wherever applications put it: a text, a problem, a list of errors, errors by field."""
    if isinstance(body, str):
        yield body
    elif isinstance(body, list | tuple) and depth:
        for item in body:
            yield from _words(item, depth - 1)
    elif isinstance(body, Mapping) and depth:
        named = [n for n in (*_MESSAGE_NAMES, *_ERROR_LISTS) if body.get(n)]
        for name in named:
            yield from _words(body[name], depth - 1)
        if not named:
            yield from _by_field(body, depth)


def _by_field(body: Mapping[str, Json], depth: int) -> Iterator[str]:
    for name, value in body.items():
        yield from (f"{name}: {text}" for text in _words(value, depth - 1))
