"""What a person consents to, written from the exact request (D4, SEC-PI-06): the text shown is what would be sent."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from facade.contract.media import Kind, kind_of
from facade.contract.multipart import Unreadable, boundary_of, read
from facade.kernel import BuiltCall, Json, OutboundRequest
from facade.reply.inert import code, inert, inert_exact
from facade.reply.phrases import phrase
from facade.reply.records import Manner, Reply
from facade.reply.values import size_of
from facade.reply.wording import TITLE_LIMIT

EXACT_LIMIT = 1_000
"""Characters of one value that are shown; a cut says how many more there are."""
MAX_VALUES = 60
"""Values of one call that are listed; more are counted."""
_QUIET = frozenset({"content-type", "accept", "content-length", "idempotency-key"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One value that would be sent: where it stands and what it is, decoded, exactly."""

    place: str
    name: str
    value: str


def fields_of(request: OutboundRequest, template: str) -> tuple[Field, ...]:
    """Every value of a request, read back from its target, its headers and its body.

    Args:
        template: the operation's path; it names the path values of the target's end.
    """
    path, _, query = request.target.partition("?")
    return (
        *(Field(place="path", name=n, value=v) for n, v in _path_values(path, template)),
        *(Field(place="query", name=n, value=v) for n, v in parse_qsl(query, keep_blank_values=True)),
        *(Field(place="header", name=n, value=v) for n, v in request.headers if n.lower() not in _QUIET),
        *(Field(place="body", name=n, value=v) for n, v in _body_values(request)),
    )


def proposed(approval: str, builts: Sequence[BuiltCall], manner: Manner) -> Reply:
    """The question for consent to exactly these calls, all of them or none."""
    key = "propose_one" if len(builts) == 1 else "propose_many"
    parts = [phrase(key, manner.language, count=len(builts))]
    parts += (_call(number, built, manner) for number, built in enumerate(builts, 1))
    parts.append(phrase("propose_ask", manner.language))
    return Reply(text="\n\n".join(parts), data={"approval": approval, "calls": len(builts)})


def _call(number: int, built: BuiltCall, manner: Manner) -> str:
    operation, request = built.operation, built.request
    title = phrase(
        "propose_call",
        manner.language,
        title=inert(operation.title, TITLE_LIMIT),
        write_class=phrase(operation.write_class.value, manner.language),
    )
    lines = [f"{number}. {title}", f"   {code(f'{request.method} {request.target}')}"]
    values = fields_of(request, operation.path)
    lines += (f"   - {_name(v)}: {inert_exact(v.value, EXACT_LIMIT) or _blank(manner)}" for v in values[:MAX_VALUES])
    if len(values) > MAX_VALUES:
        lines.append("   - " + phrase("more_values", manner.language, count=len(values) - MAX_VALUES))
    return "\n".join(lines)


def _name(field: Field) -> str:
    """The name as it is sent, so that two that differ by spelling look different."""
    name = inert_exact(field.name, TITLE_LIMIT)
    return f"{name} ({field.place})" if field.place == "header" else name


def _blank(manner: Manner) -> str:
    return phrase("body_empty", manner.language)


def _path_values(path: str, template: str) -> Iterator[tuple[str, str]]:
    """Values at the template's places, counted from the end: a mount or a base path may stand before it."""
    wanted, segments = template.strip("/").split("/"), path.strip("/").split("/")
    for shape, segment in zip(reversed(wanted), reversed(segments), strict=False):
        if "{" in shape:
            yield shape.replace("{", "").replace("}", ""), unquote(segment)


def _body_values(request: OutboundRequest) -> Iterator[tuple[str, str]]:
    """JSON fields by their dotted names, fields of forms, or the whole text."""
    if not request.body:
        return
    media = next((v for n, v in request.headers if n.lower() == "content-type"), "")
    kind = kind_of(media)
    if kind is Kind.FORM:
        yield from parse_qsl(request.body.decode(errors="backslashreplace"), keep_blank_values=True)
    elif kind is Kind.MULTIPART:
        yield from _part_values(request.body, media)
    else:
        yield from _whole_values(request.body, media)


def _part_values(body: bytes, media: str) -> Iterator[tuple[str, str]]:
    try:
        parts = read(body, boundary_of(media))
    except Unreadable:
        yield "body", body.decode(errors="backslashreplace")
        return
    for part in parts:
        yield part.name, _content(part.content, part.content_type, part.filename)


def _content(octets: bytes, media: str, filename: str | None = None) -> str:
    """A text as it is, after the name, media type and size of its file, where it is one; of octets these alone."""
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return " ".join(filter(None, (filename, f"({media}, {size_of(len(octets))})")))
    return text if filename is None else f"{filename} ({media}, {size_of(len(octets)) or '0 B'}): {text}"


def _whole_values(body: bytes, media: str) -> Iterator[tuple[str, str]]:
    try:
        value: Json = json.loads(body)
    except (ValueError, RecursionError):
        octets = kind_of(media) is Kind.OCTETS
        yield "body", _content(body, media) if octets else body.decode(errors="backslashreplace")
        return
    yield from _flat("", value)


def _flat(prefix: str, value: Json) -> Iterator[tuple[str, str]]:
    """Leaves of objects by name; lists and anything deeper than it is readable, as JSON."""
    if isinstance(value, Mapping) and value and prefix.count(".") < _MAX_DOTS:
        for name, inner in value.items():
            yield from _flat(f"{prefix}.{name}" if prefix else name, inner)
    else:
        yield prefix or "body", value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_MAX_DOTS = 2
