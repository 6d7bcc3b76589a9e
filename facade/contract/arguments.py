"""Arguments -> validated values with their wire texts; everything wrong at once, by argument name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from facade.contract.compiled import Compiled, CompiledBody, CompiledParameter
from facade.contract.context import LOCATIONS, folded, given
from facade.contract.document import mapping
from facade.contract.payloads import spoken
from facade.contract.safety import unsafe_in_path
from facade.contract.styles import Texts, Unwritable, texts_of
from facade.contract.validators import MAX_DEPTH, verdict
from facade.kernel import Arguments, Context, Finding, Json, Location, Parameter, deeper

_CODE: Final = "argument"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One parameter with the value that goes on the wire."""

    compiled: CompiledParameter
    texts: Texts

    @property
    def place(self) -> str:
        """The argument's name for findings."""
        return place_of(self.compiled.parameter)


def place_of(parameter: Parameter) -> str:
    """`path.ticket_id`."""
    return f"{parameter.location}.{parameter.name}"


def finding(code: str, place: str, message: str) -> Finding:
    """One refusal of an argument."""
    return Finding(code=f"{_CODE}.{code}", place=place, message=message)


def unknown(arguments: Arguments, compiled: Compiled) -> Iterator[Finding]:
    """Arguments that the operation does not have."""
    for at in LOCATIONS:
        declared = {p.parameter.name for p in compiled.parameters if p.parameter.location is at}
        for name in given(arguments, at):
            if name not in declared:
                yield finding("unknown", f"{at}.{name}", "is not an argument of this operation")
    if arguments.body is not None and compiled.body is None:
        yield finding("unknown", "body", "this operation takes no body")


def parameters(arguments: Arguments, compiled: Compiled, context: Context) -> tuple[list[Given], list[Finding]]:
    """Every declared parameter that has a value, and what is wrong with the others."""
    values: list[Given] = []
    findings: list[Finding] = []
    for each in compiled.parameters:
        parameter = each.parameter
        mine = given(arguments, parameter.location)
        if parameter.name not in mine or _is_nothing(mine[parameter.name], each):
            if parameter.required and not _owned(parameter, context):
                findings.append(finding("missing", place_of(parameter), "is required"))
            continue
        try:
            values.append(_checked(each, mine[parameter.name], compiled.findings_limit))
        except _Refused as refusal:
            findings.extend(refusal.findings)
    return values, findings


class _Refused(Exception):
    """One argument cannot be sent. Never leaves the module."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__()
        self.findings = findings


def _is_nothing(value: Json, each: CompiledParameter) -> bool:
    """An empty array or object leaves no trace outside a path, so it is not sent; as one JSON text it is."""
    if each.codec.json or each.parameter.location is Location.PATH or isinstance(value, str):
        return False
    return isinstance(value, Sequence | Mapping) and len(value) == 0


def _owned(parameter: Parameter, context: Context) -> bool:
    return parameter.location is Location.HEADER and folded(Location.HEADER, parameter.name) in context.owned


def _checked(each: CompiledParameter, value: Json, limit: int) -> Given:
    place = place_of(each.parameter)
    refused = () if _is_blank(value, each) else verdict(each.validator, value, place=place, code=_CODE, limit=limit)
    if refused:
        raise _Refused(*refused)
    try:
        texts = texts_of(each.codec, value)
    except Unwritable as reason:
        raise _Refused(finding("form", place, str(reason))) from None
    if each.parameter.location is Location.PATH:
        unsafe = next(filter(None, (unsafe_in_path(piece, each) for piece in _leaves(texts))), "")
        if unsafe:
            raise _Refused(finding("path", place, unsafe))
    return Given(compiled=each, texts=texts)


def _is_blank(value: Json, each: CompiledParameter) -> bool:
    """`allowEmptyValue` lets a name stand there without a value, whatever the schema says."""
    return each.may_be_empty and value == ""


def _leaves(texts: Texts) -> list[str]:
    if isinstance(texts, str):
        return [texts]
    if isinstance(texts, Mapping):
        return [t for pair in texts.items() for t in pair] or [""]
    return list(texts) or [""]


# --- bodies


def body_problems(body: Json, compiled: Compiled) -> list[Finding]:
    """What is wrong with a body: unknown or read-only fields first, then what the schema says."""
    declared = compiled.body
    if declared is None:
        return []
    if body is None:
        return [finding("missing", "body", "a body is required")] if declared.required else []
    if deeper(body, MAX_DEPTH):
        return [finding("depth", "body", f"is nested deeper than {MAX_DEPTH} levels")]
    found = list(_fields(mapping(body), declared))
    known = {f.place for f in found}
    try:
        value = spoken(body, declared.content)
    except Unwritable as refusal:
        return [*found, unwritable(refusal)]
    said = verdict(declared.content.validator, value, place="body", code=_CODE, limit=compiled.findings_limit)
    return [*found, *(f for f in said if f.place not in known)]


def unwritable(refusal: Unwritable) -> Finding:
    """Why a body, or one of its fields, has no form."""
    return finding("form", f"body.{refusal.field}" if refusal.field else "body", str(refusal))


def _fields(body: Mapping[str, Json], declared: CompiledBody) -> Iterator[Finding]:
    for name in body:
        if name in declared.read_only:
            yield finding("read_only", f"body.{name}", "is set by the application and cannot be sent")
        elif declared.fields is not None and name not in declared.fields:
            yield finding("unknown", f"body.{name}", "is not a field of this operation's body")
