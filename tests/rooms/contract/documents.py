"""Small descriptions, and the few things that tests ask of them."""

from collections.abc import Mapping

from facade.contract import Contract, ContractSettings, Override, build, compile_contract
from facade.kernel import (
    Arguments,
    BuiltCall,
    Call,
    Context,
    ContractViolation,
    Json,
    JsonObject,
    OperationKey,
    Severity,
)

API = "api"
OK: JsonObject = {"responses": {"200": {"description": "ok"}}}
NOTHING = Context()


def describe(paths: JsonObject, version: str = "3.0.3", **components: Json) -> JsonObject:
    return {"openapi": version, "info": {"title": "T", "version": "1"}, "paths": paths, "components": components}


def contract_of(paths: JsonObject, version: str = "3.0.3", **components: Json) -> Contract:
    return compile_contract(describe(paths, version, **components), api=API, settings=ContractSettings())


def get(*parameters: Json, **fields: Json) -> JsonObject:
    return {**OK, "operationId": "op", "parameters": list(parameters), **fields}


def one(
    operation: JsonObject, path: str = "/x", method: str = "get", version: str = "3.0.3", **parts: Json
) -> Contract:
    """A contract of one operation, called `op`."""
    return contract_of({path: {method: {"operationId": "op", **operation}}}, version, **parts)


def posting(schema: Json, *, required: bool = True, version: str = "3.0.3", **schemas: Json) -> Contract:
    """A contract of one operation that takes a body; even a list, which is not for agents by default."""
    body: JsonObject = {"required": required, "content": {"application/json": {"schema": schema}}}
    paths: JsonObject = {"/x": {"post": {"operationId": "op", **OK, "requestBody": body}}}
    allowed = ContractSettings(overrides={"op": Override(allow=True)})
    return compile_contract(describe(paths, version, schemas=schemas), api=API, settings=allowed)


def answering(schema: Json, *, version: str = "3.0.3", **schemas: Json) -> Contract:
    content: JsonObject = {"application/json": {"schema": schema}}
    return one({"responses": {"200": {"description": "ok", "content": content}}}, version=version, schemas=schemas)


def parameter(name: str, location: str, schema: Json, **fields: Json) -> JsonObject:
    required: JsonObject = {"required": True} if location == "path" else {}
    return {"name": name, "in": location, "schema": schema, **required, **fields}


def called(contract: Contract, context: Context = NOTHING, operation: str = "op", **arguments: Json) -> BuiltCall:
    call = Call(operation=OperationKey(API, operation), arguments=Arguments(**arguments))  # type: ignore[arg-type] # tests pass wrong ones on purpose
    return build(call, contract, context, tenant_id="t1")


def refusals(
    contract: Contract, context: Context = NOTHING, operation: str = "op", **arguments: Json
) -> list[tuple[str, str]]:
    """(code, place) of each finding that keeps a call from being built."""
    try:
        called(contract, context, operation, **arguments)
    except ContractViolation as violation:
        return [(f.code, f.place) for f in violation.findings]
    return []


def remarks(contract: Contract) -> list[tuple[str, str, Severity]]:
    return [(f.code, f.place, f.severity) for f in contract.findings]


def schema_of(contract: Contract, name: str, operation: str = "op") -> Mapping[str, Json]:
    return next(p.schema for p in contract.operations[operation].parameters if p.name == name)
