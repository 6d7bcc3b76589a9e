"""Hostile descriptions through the real worker, under half a gigabyte and ten seconds (SEC-SPEC)."""

import asyncio
import os
import socket
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from facade.adapters.compiling import MIB, Compiler, Limits
from facade.adapters.descriptions import description_at
from facade.contract import Contract, ContractSettings, compile_contract, match, observe_request, parse
from facade.kernel import DescriptionInvalid, Json, JsonObject
from tests.adapters.compiling.samples import source
from tests.requirements import requirement

LIMITS = Limits(time_s=10, memory_bytes=512 * MIB)
DEPTH = 100_000


def compiled(document: JsonObject | bytes) -> Contract:
    return Compiler(LIMITS).contract(source(document))


def operations(bomb: JsonObject) -> list[str]:
    """What agents reach of it; nothing when it is refused as a whole, as it may be on a busy machine."""
    try:
        return list(compiled(bomb).operations)
    except DescriptionInvalid:
        return []


def document(body: Json, schemas: JsonObject | None = None) -> JsonObject:
    """One operation that takes this schema."""
    content = {"application/json": {"schema": body}}
    operation: JsonObject = {
        "operationId": "put",
        "requestBody": {"required": True, "content": content},
        "responses": {"200": {"description": "ok"}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Hostile", "version": "1"},
        "paths": {"/things": {"post": operation}},
        "components": {"schemas": schemas or {}},
    }


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def doubling(keyword: str) -> JsonObject:
    """Thirty schemas that each hold the next one twice: 2^30 when expanded."""
    schemas = {f"S{n}": {keyword: [ref(f"S{n + 1}"), ref(f"S{n + 1}")]} for n in range(30)}
    return document(ref("S0"), {**schemas, "S30": {"type": "string"}})


def chain() -> JsonObject:
    """A hundred thousand schemas, each resting on the next."""
    schemas: dict[str, Json] = {f"S{n}": {"allOf": [ref(f"S{n + 1}")]} for n in range(DEPTH)}
    return document(ref("S0"), {**schemas, f"S{DEPTH}": {"type": "string"}})


def nested() -> bytes:
    whole = orjson.dumps(document("HERE"))
    return whole.replace(b'"HERE"', b'{"allOf":[' * DEPTH + b"{}" + b"]}" * DEPTH)


def aliases() -> bytes:
    lines = ["openapi: 3.1.0", "info: {title: t, version: '1'}", "paths: {}", "x0: &x0 [a, a]"]
    lines += [f"x{n}: &x{n} [*x{n - 1}, *x{n - 1}]" for n in range(1, 40)]
    return "\n".join(lines).encode()


def paths(count: int) -> JsonObject:
    item = {"get": {"responses": {"200": {"description": "ok"}}}}
    return {**document({}), "paths": {f"/things/{n}": item for n in range(count)}}


REFUSED: dict[str, Callable[[], JsonObject | bytes]] = {
    "nesting": nested,
    "aliases": aliases,
    "paths": lambda: paths(20_000),
    "bytes": lambda: b'{"openapi": "3.1.0", "x": "' + bytes(40 * MIB) + b'"}',
    "numbers": lambda: b"[" * 1_000_000,
}


@requirement("compiling:hostile")
@pytest.mark.parametrize("name", REFUSED)
def test_a_bomb_is_refused_by_name_within_the_bounds(name: str) -> None:
    with pytest.raises(DescriptionInvalid) as caught:
        compiled(REFUSED[name]())
    assert "fault of ours" not in caught.value.detail
    assert "\n" not in caught.value.detail


@requirement("compiling:hostile")
@pytest.mark.parametrize("bomb", [doubling("allOf"), doubling("anyOf"), document(ref("S"), {"S": ref("S")})])
def test_a_bomb_in_one_schema_keeps_its_operation_from_agents_and_nothing_else(bomb: JsonObject) -> None:
    contract = compiled({**bomb, "paths": {**bomb["paths"], **paths(1)["paths"]}})  # type: ignore[dict-item]
    assert [o.path for o in contract.operations.values()] == ["/things/0"]
    assert [f.code.partition(".")[0] for f in contract.findings if f.severity == "error"] != []


@requirement("compiling:bounds")
def test_what_honestly_takes_too_much_is_told_by_its_bound() -> None:
    bulky = orjson.dumps({**document({}), "x": [[[] for _ in range(10)] for _ in range(100_000)]})
    with pytest.raises(DescriptionInvalid, match=r"compiling\.memory_mb"):
        Compiler(Limits(time_s=10, memory_bytes=160 * MIB)).contract(source(bulky))
    with pytest.raises(DescriptionInvalid, match=r"compiling\.time_s"):
        Compiler(Limits(time_s=0.3)).contract(source({**document({}), **paths(5_000)}))


@requirement("compiling:hostile")
async def test_two_hundred_megabytes_are_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    path.touch()
    os.truncate(path, 200 * MIB)
    with pytest.raises(DescriptionInvalid, match="larger than"):
        await description_at(str(path))


@requirement("compiling:local")
def test_no_reference_opens_a_file_or_a_connection(tmp_path: Path) -> None:
    canary = tmp_path / "canary"  # whoever opens a pipe that nobody writes to hangs, and is told to be late
    os.mkfifo(canary)
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.setblocking(False)
        address = f"http://127.0.0.1:{trap.getsockname()[1]}/s.json"
        targets = [f"file://{canary}", str(canary), f"../{canary.name}", address, f"{address}#/a", address.upper()]
        targets += ["#/..%2f..", "#/components/schemas/%2e%2e/%2e%2e", f"%66ile://{canary}", "//127.0.0.1/x"]
        item = {str(n): document({"$ref": each})["paths"]["/things"] for n, each in enumerate(targets)}  # type: ignore[index,call-overload]
        contract = compiled({**document({}), "paths": {f"/{n}": each for n, each in item.items()}})
        assert list(contract.operations) == []
        assert [f.code.split(".")[0] for f in contract.findings if f.severity == "error"] == ["ref"] * len(targets)
        with pytest.raises(BlockingIOError):
            trap.accept()


@requirement("compiling:patterns")
def test_a_hostile_pattern_from_the_worker_is_still_matched_in_bounded_time() -> None:
    patterns = ("^(a+)+$", "^(a|aa)+$", "^(?=(a+)+$)b", "^(([a-z])+.)+[A-Z]([a-z])+$")
    fields: JsonObject = {f"f{n}": {"type": "string", "pattern": each} for n, each in enumerate(patterns)}
    contract = compiled(document({"type": "object", "properties": fields}))
    found = match(contract, "POST", "/things")
    assert found is not None
    body = orjson.dumps(dict.fromkeys(fields, "a" * 1023 + "!"))
    findings = observe_request(found, "", [("Content-Type", "application/json")], body, contract)
    assert [(f.code, f.place) for f in findings] == [("request.pattern", f"body.{name}") for name in fields]


@requirement("compiling:deep")
def test_a_deep_body_against_a_recursive_schema_is_refused() -> None:
    contract = compiled(document(ref("Node"), {"Node": {"properties": {"next": ref("Node")}, "type": "object"}}))
    found = match(contract, "POST", "/things")
    assert found is not None
    for depth in (100, DEPTH):
        body = b'{"next":' * depth + b"{}" + b"}" * depth
        findings = observe_request(found, "", [("Content-Type", "application/json")], body, contract)
        assert [f.severity for f in findings] == ["error"]


@requirement("compiling:settled", "compiling:lies")
def test_twins_and_lies_are_told_alike_by_the_worker_and_here() -> None:
    read = {"responses": {"200": {"description": "ok"}}}
    twins: JsonObject = {
        **document({}),
        "paths": {
            "/a/{x}": {"get": {**read, "operationId": "same"}},
            "/a/{y}": {"get": {**read, "operationId": "same"}},
            "/A/{x}": {"get": {**read, "operationId": "Same"}},
            "/b/send": {"get": {**read, "operationId": "sendAll"}},
        },
    }
    here = compile_contract(parse(orjson.dumps(twins), place="x"), api="main", settings=ContractSettings())
    apart = compiled(twins)
    assert (apart.operations, apart.findings) == (here.operations, here.findings)
    assert {f.code for f in apart.findings} >= {"path.same", "operation.id", "operation.unsafe_read"}


@requirement("compiling:loop")
async def test_the_loop_turns_while_a_bomb_is_read() -> None:
    reading = asyncio.create_task(asyncio.to_thread(operations, chain()))
    turns = 0
    while not reading.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert turns > 10  # a loop that waits for the reading turns once
    assert await reading == []
