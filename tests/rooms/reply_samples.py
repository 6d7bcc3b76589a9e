"""Operations and answers that the reply tests share."""

from collections.abc import Mapping, Sequence

from facade.kernel import (
    Answer,
    Arguments,
    BuiltCall,
    Call,
    Json,
    JsonObject,
    Location,
    Operation,
    OperationKey,
    OutboundRequest,
    Parameter,
    ResponseShape,
    WriteClass,
)
from facade.reply import Manner

PLAIN = Manner()
GERMAN = Manner(locale="de_DE", time_zone="Europe/Berlin")


def operation(
    title: str,
    method: str = "GET",
    path: str = "/things",
    *,
    schema: JsonObject | None = None,
    parameters: Sequence[Parameter] = (),
    write_class: WriteClass | None = None,
) -> Operation:
    by_method = {"GET": WriteClass.READ, "DELETE": WriteClass.DESTROY}
    return Operation(
        key=OperationKey("main", title.lower().replace(" ", "_")),
        method=method,
        path=path,
        title=title,
        write_class=write_class or by_method.get(method, WriteClass.WRITE),
        parameters=tuple(parameters),
        responses=(ResponseShape(status="2XX", media_type="application/json", schema=schema or {}),),
    )


def parameter(name: str, schema: JsonObject, location: Location = Location.QUERY) -> Parameter:
    return Parameter(name=name, location=location, schema=schema)


def call(
    op: Operation, *, path: Mapping[str, Json] | None = None, query: Mapping[str, Json] | None = None, body: Json = None
) -> Call:
    return Call(operation=op.key, arguments=Arguments(path=path or {}, query=query or {}, body=body))


def answer(body: Json = None, status: int = 200, **headers: str) -> Answer:
    return Answer(
        status=status,
        headers=tuple((k.replace("_", "-"), v) for k, v in headers.items()),
        media_type="application/json" if body is not None else "",
        body=body,
    )


def built(
    op: Operation,
    target: str,
    body: bytes | None = None,
    media_type: str = "application/json",
    headers: tuple[tuple[str, str], ...] = (),
) -> BuiltCall:
    own = (("content-type", media_type),) if body is not None else ()
    return BuiltCall(
        call=call(op),
        operation=op,
        request=OutboundRequest(method=op.method, target=target, headers=(*own, *headers), body=body),
        tenant_id="acme",
        contract_version="1",
        digest="d",
    )
