"""A call that came back, in sentences and tables."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from facade.kernel import Answer, Call, Json, Operation, OutboundRequest
from facade.reply.filters import filters_of
from facade.reply.grids import grids_of
from facade.reply.inert import code, inert
from facade.reply.outcomes import rejected
from facade.reply.phrases import phrase
from facade.reply.records import Grid, Manner, Reply
from facade.reply.shapes import Record, Rows, Scalar, Shape, Text, shape_of
from facade.reply.tables import FIELD_LIMIT, MAX_ROWS, fields, table
from facade.reply.values import Aspect, shown, size_of
from facade.reply.wording import first_up, subject_of

_ACCEPTED = 202
_ID_NAMES = ("id", "_id", "code", "key", "slug", "number", "uuid", "name")
_CHANGED_FIELDS = 8
"""Fields that are shown of a record that was just written."""


def answered(
    operation: Operation, call: Call, answer: Answer, manner: Manner, request: OutboundRequest | None = None
) -> Reply:
    """What the application said to one call: what it found, what it changed, or why it refused.

    Args:
        request: what was sent; the last line then shows it, so that nobody has to trust the words above.
    """
    reply = _answered(operation, call, answer, manner)
    if request is None:
        return reply
    sent = phrase("called", manner.language, request=code(f"{request.method} {request.target}"), status=answer.status)
    return replace(reply, text=f"{reply.text}\n\n{sent}")


def _answered(operation: Operation, call: Call, answer: Answer, manner: Manner) -> Reply:
    if not answer.ok:
        return rejected(operation, answer, manner)
    shape = shape_of(answer, operation)
    tables: tuple[Grid, ...] = ()
    deed, noun = subject_of(operation)
    if deed == "read" or (deed == "done" and operation.write_class == "read"):
        text = _read(operation, call, shape, first_up(noun), manner)
        tables = grids_of(shape, manner, first_up(noun))
    else:
        text = _changed(call, answer, shape, (deed, noun), manner)
    return Reply(text=text, data=_data(operation, answer, shape), tables=tables)


def _data(operation: Operation, answer: Answer, shape: Shape) -> Json:
    counts: dict[str, Json] = {}
    if isinstance(shape, Rows):
        counts = {"rows": len(shape.rows), "total": shape.total}
    return {"operation": operation.key.operation_id, "status": answer.status, "ok": answer.ok, **counts}


def _read(operation: Operation, call: Call, shape: Shape, noun: str, manner: Manner) -> str:
    filters = filters_of(call.arguments, operation, manner)
    match shape:
        case Rows():
            return _rows(shape, noun, filters, manner)
        case Record():
            title = phrase("one", manner.language, noun=noun, name=_named(_path_id(call)))
            return f"{title}\n\n{fields(shape.fields, shape.schema, manner)}".strip()
        case Scalar():
            value = shown(shape.value, Aspect(name="", schema=shape.schema, limit=FIELD_LIMIT), manner)
            return phrase("scalar", manner.language, noun=noun, filters=filters, value=value)
        case Text():
            return _plain(shape, noun, filters, manner)
    return phrase("nothing", manner.language, noun=noun, filters=filters)


def _rows(shape: Rows, noun: str, filters: str, manner: Manner) -> str:
    count = len(shape.rows)
    if not count:
        return phrase("list_empty", manner.language, noun=noun, filters=filters)
    known = shape.total is not None and shape.total > count
    key = "list_of_total" if known else "list"
    parts = [phrase(key, manner.language, noun=noun, filters=filters, count=count, total=shape.total)]
    parts.append(table(shape.rows, shape.schema, manner))
    hidden = (shape.total or count) - min(count, MAX_ROWS)
    if hidden > 0:
        parts.append(phrase("and_more", manner.language, count=hidden))
    elif shape.more:
        parts.append(phrase("and_some_more", manner.language))
    return "\n\n".join(parts)


def _plain(shape: Text, noun: str, filters: str, manner: Manner) -> str:
    if shape.text is None:
        return phrase("not_text", manner.language, noun=noun, filters=filters, media=_file(shape, manner))
    title = phrase("plain_text", manner.language, noun=noun, filters=filters)
    return f"{title}\n\n> {inert(shape.text, TEXT_LIMIT)}"


def _file(shape: Text, manner: Manner) -> str:
    """`image/png, 12 kB`: what came, and how much of it."""
    media = inert(shape.media_type, VALUE_LIMIT) or phrase("no_media_type", manner.language)
    size = size_of(shape.size)
    return phrase("sized", manner.language, media=media, size=size) if size else media


VALUE_LIMIT = 80
TEXT_LIMIT = 2_000
"""Characters that are shown of a body that is not JSON."""


def _changed(call: Call, answer: Answer, shape: Shape, subject: tuple[str, str], manner: Manner) -> str:
    deed, noun = subject
    identity = _new_id(answer, shape) or _path_id(call) if deed in {"created", "done"} else _path_id(call)
    key = "accepted" if answer.status == _ACCEPTED else deed
    text = phrase(key, manner.language, noun=noun, name=_named(identity))
    if not isinstance(shape, Record):
        return text
    return f"{text}\n\n{fields(shape.fields, shape.schema, manner, _CHANGED_FIELDS)}".strip()


def _named(identity: Json) -> str:
    return "" if identity is None else f" {inert(str(identity), VALUE_LIMIT)}"


def _path_id(call: Call) -> Json:
    """The last path value: by custom it names the record."""
    values: Sequence[Json] = tuple(call.arguments.path.values())
    return values[-1] if values else None


def _new_id(answer: Answer, shape: Shape) -> Json:
    """Of a record that was just made: its own id, or the end of `Location`."""
    record: Mapping[str, Json] = shape.fields if isinstance(shape, Record) else {}
    own = next((record[n] for n in _ID_NAMES if isinstance(record.get(n), str | int)), None)
    location = (answer.header("location") or "").partition("?")[0].rstrip("/")
    return own if own is not None else location.rpartition("/")[2] or None
