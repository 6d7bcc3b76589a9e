import orjson
import pytest

from facade.contract import (
    Bounds,
    Contract,
    ContractSettings,
    compile_contract,
    match,
    observe_request,
    observe_response,
    parse,
)
from facade.kernel import ContractViolation, Json, JsonObject, Severity
from tests.requirements import requirement
from tests.rooms.contract.documents import (
    API,
    OK,
    answering,
    called,
    describe,
    get,
    one,
    parameter,
    posting,
    refusals,
    remarks,
    schema_of,
)


def _answers(contract: Contract, body: Json) -> list[tuple[str, str]]:
    found = match(contract, "GET", "/x")
    assert found is not None
    findings = observe_response(found, 200, "application/json", orjson.dumps(body), contract)
    return [(f.code, f.place) for f in findings]


@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        ({"type": "string", "nullable": True}, [None, "a"], [1]),
        ({"type": "string", "enum": ["a"], "nullable": True}, ["a"], [None, "b"]),
        ({"nullable": True}, [None, 1], []),
        ({"type": "integer", "minimum": 3, "exclusiveMinimum": True}, [4], [3]),
        ({"type": "integer", "maximum": 3, "exclusiveMaximum": True}, [2], [3]),
        ({"type": "integer", "minimum": 3, "exclusiveMinimum": False}, [3], [2]),
        ({"exclusiveMinimum": True}, [1, -1], []),
        ({"type": "integer", "exclusiveMinimum": 3}, [4], [3]),
        ({"type": "integer", "minimum": "3"}, [3], [2]),
        ({"type": "int"}, [3], ["3"]),
        ({"type": "Number"}, [3.5], ["3"]),
        ({"type": "array", "items": [{"type": "integer"}]}, [[1, 2]], [["a"]]),
        ({"type": "array", "items": [{"type": "integer"}, {"type": "string"}]}, [[1, "a"]], [["a", 1]]),
        ({"type": "object", "required": None}, [{}], [1]),
        ({"type": "string", "format": "date"}, ["2024-02-29"], ["2023-02-29"]),
        ({"$ref": "#/components/schemas/Word", "maxLength": 1}, ["long"], [1]),
        ({"properties": {"$ref": {"type": "integer"}}}, [{"$ref": 1}], [{"$ref": "x"}]),
        ({"enum": [{"$ref": "http://x/"}]}, [{"$ref": "http://x/"}], [1]),
        ({"example": {"$ref": "http://x/"}, "default": {"$id": 1}}, [1], []),
        ({"patternProperties": {"^a": {"type": "integer"}}}, [{"a": 1}], [{"a": "x"}]),
        (True, [1, None], []),
    ],
)
def test_schemas_of_3_0_mean_what_3_0_says(schema: Json, right: list[Json], wrong: list[Json]) -> None:
    contract = answering(schema, Word={"type": "string"})

    assert [v for v in right if _answers(contract, v)] == []
    assert [v for v in wrong if not _answers(contract, v)] == []


@requirement("schemas:nullable:read")
@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "nullable": True},
        {"type": "string", "x-nullable": True},
        {"type": "string", "nullable": True, "enum": ["a", None]},
        {"allOf": [{"$ref": "#/components/schemas/Word"}], "nullable": True},
        {"oneOf": [{"$ref": "#/components/schemas/Word"}, {"type": "integer"}], "nullable": True},
        {"anyOf": [{"$ref": "#/components/schemas/Word"}], "x-nullable": True},
        {"$ref": "#/components/schemas/Word", "nullable": True},
        {"$ref": "#/components/schemas/Nothing"},
    ],
)
def test_null_is_allowed_in_every_way_that_3_0_has_to_say_so(schema: JsonObject) -> None:
    contract = answering(
        {"properties": {"a": schema}}, Word={"type": "string"}, Nothing={"type": "string", "nullable": True}
    )

    assert _answers(contract, {"a": None}) == []
    assert _answers(contract, {"a": "a"}) == []
    assert {place for _, place in _answers(contract, {"a": []})} == {"body.a"}


@requirement("schemas:nullable:read")
def test_nullable_beside_a_combination_is_a_slip_that_is_told_and_shown_to_planners() -> None:
    field: JsonObject = {"allOf": [{"$ref": "#/components/schemas/Word"}], "nullable": True}
    contract = posting({"properties": {"a": field}}, Word={"type": "string"})

    assert [(code, place.rpartition("/")[2]) for code, place, _ in remarks(contract)] == [
        ("schema.nullable", "nullable")
    ]
    assert called(contract, body={"a": None}).request.body == b'{"a":null}'
    assert schema_of(contract, "a")["nullable"] is True


@requirement("schemas:formats:checked")
@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        ({"type": "string", "format": "date"}, ["2024-02-29"], ["2023-02-29", "2024-2-1"]),
        ({"type": "string", "format": "date-time"}, ["2024-02-29T10:00:00Z"], ["2024-02-29T10:00:00", "soon"]),
        ({"type": "string", "format": "uuid"}, ["7b0c8d0e-1b0c-4b0c-8b0c-7b0c8d0e1b0c"], ["7b0c"]),
        ({"type": "string", "format": "email"}, ["a@b.example"], ["nobody"]),
        ({"type": "string", "format": "uri"}, ["https://a.example/b"], ["a b"]),
        ({"type": "string", "format": "byte"}, ["", "YQ==", "YWI="], ["YQ", "Y=Q=", "Y Q="]),
        ({"type": "string", "format": "binary"}, ["\x00\xff"], [1]),
        ({"type": "string", "format": "password"}, [""], [1]),
        ({"type": "string", "format": "our-own"}, ["anything"], [1]),
        ({"type": "integer", "format": "int32"}, [2**31 - 1, -(2**31)], [2**31, -(2**31) - 1]),
        ({"type": "integer", "format": "int32", "minimum": 0, "maximum": 2**40}, [0, 2**31 - 1], [-1, 2**31]),
        ({"type": "integer", "format": "int64"}, [2**63 - 1, -(2**63)], [2**63, 1e30]),
        ({"type": "string", "format": "int64"}, ["99999999999999999999"], [1]),
    ],
)
def test_formats_mean_what_their_registry_says(schema: JsonObject, right: list[Json], wrong: list[Json]) -> None:
    contract = answering(schema)

    assert [v for v in right if _answers(contract, v)] == []
    assert [v for v in wrong if not _answers(contract, v)] == []


@requirement("schemas:one_way:respected")
def test_one_way_fields_are_told_apart_through_combinations_and_recursion() -> None:
    node: JsonObject = {
        "type": "object",
        "required": ["id", "secret", "name"],
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "secret": {"type": "string", "writeOnly": True},
            "name": {"type": "string"},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
        },
        "additionalProperties": False,
    }
    schema: JsonObject = {"allOf": [{"$ref": "#/components/schemas/Node"}]}
    asking, telling = posting(schema, Node=node), answering(schema, Node=node)
    sent: JsonObject = {"name": "n", "secret": "s", "children": [{"name": "m", "secret": "s"}]}
    got: JsonObject = {"id": 1, "name": "n", "children": [{"id": 2, "name": "m"}]}

    assert refusals(asking, body=sent) == []
    assert refusals(asking, body={**sent, "children": [{**sent, "id": 2}]}) == [
        ("argument.one_way", "body.children.0.id")
    ]
    assert refusals(asking, body={"name": "n"}) == [("argument.required", "body.secret")]
    assert _answers(telling, got) == []
    assert _answers(telling, {"id": 1, "name": "n", "secret": "s"}) == [("response.one_way", "body.secret")]
    assert _answers(telling, {"name": "n"}) == [("response.required", "body.id")]


@requirement("schemas:one_way:respected")
def test_a_client_that_sends_whole_records_back_is_warned_of_and_a_false_schema_is_an_error() -> None:
    schema: JsonObject = {"properties": {"id": {"readOnly": True}, "no": False}}
    contract = posting(schema, version="3.1.0")
    found = match(contract, "POST", "/x")
    assert found is not None
    headers = [("Content-Type", "application/json")]

    findings = observe_request(found, "", headers, b'{"id":1,"no":2}', contract)

    assert {(f.code, f.place, f.severity) for f in findings} == {
        ("request.one_way", "body.id", Severity.WARNING),
        ("request.false_schema", "body.no", Severity.ERROR),
    }
    assert refusals(contract, body={"no": 2}) == [("argument.false_schema", "body.no")]


@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        ({"type": ["string", "null"]}, ["a", None], [1]),
        ({"$ref": "#/components/schemas/Word", "maxLength": 1}, ["a"], ["ab", 1]),
        ({"$ref": "#/components/schemas/Word/$defs/Short"}, ["a"], ["abc"]),
        ({"const": 1}, [1], [2]),
        ({"if": {"type": "string"}, "then": {"minLength": 2}, "else": False}, ["ab"], ["a", 1]),
        ({"prefixItems": [{"type": "integer"}], "items": False}, [[1]], [[1, 2]]),
        ({"$id": "http://elsewhere/", "$ref": "#/components/schemas/Word"}, ["a"], [1]),
        (
            {
                "allOf": [{"$ref": "#/components/schemas/Named"}],
                "properties": {"b": {}},
                "unevaluatedProperties": False,
            },
            [{"name": "n", "b": 1}],
            [{"name": "n", "c": 1}],
        ),
        (
            {"patternProperties": {"^x-": {"type": "integer"}}, "additionalProperties": False},
            [{"x-a": 1}],
            [{"x-a": "1"}, {"a": 1}],
        ),
        ({"const": {"a": [1]}}, [{"a": [1]}], [{"a": [2]}]),
        ({"dependentRequired": {"a": ["b"]}, "unevaluatedProperties": True}, [{"a": 1, "b": 1}], [{"a": 1}]),
    ],
)
def test_schemas_of_3_1_are_json_schema(schema: Json, right: list[Json], wrong: list[Json]) -> None:
    word: JsonObject = {"type": "string", "$defs": {"Short": {"maxLength": 2}}}
    named: JsonObject = {"properties": {"name": {"type": "string"}}}
    contract = answering(schema, version="3.1.0", Word=word, Named=named)

    assert [v for v in right if _answers(contract, v)] == []
    assert [v for v in wrong if not _answers(contract, v)] == []


_TREE: JsonObject = {
    "type": "object",
    "required": ["n"],
    "properties": {"n": {"type": "integer"}, "next": {"$ref": "#/components/schemas/Tree"}},
}


@requirement("contract:description:bounded")
def test_recursive_schemas_check_every_level_and_their_cards_end() -> None:
    contract = answering({"$ref": "#/components/schemas/Tree"}, Tree=_TREE)
    card = contract.operations["op"].responses[0].schema

    assert _answers(contract, {"n": 1, "next": {"n": 2, "next": {"n": 3}}}) == []
    assert _answers(contract, {"n": 1, "next": {"n": 2, "next": {"n": "x"}}}) == [("response.type", "body.next.next.n")]
    assert len(orjson.dumps(card)) < 1_000
    assert repr(card).count("next") == 6


def test_what_the_application_sets_cannot_be_sent_and_is_not_asked_for() -> None:
    schema: JsonObject = {
        "type": "object",
        "required": ["id", "name", "secret", "made"],
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "made": {"$ref": "#/components/schemas/Made"},
            "name": {"type": "string"},
            "secret": {"type": "string", "writeOnly": True},
            "inner": {"type": "object", "properties": {"id": {"readOnly": True}}},
        },
    }
    made: JsonObject = {"type": "string", "readOnly": True}
    asking, telling = posting(schema, Made=made), answering(schema, Made=made)

    assert refusals(asking, body={"name": "n", "secret": "s", "inner": {}}) == []
    assert refusals(asking, body={"name": "n", "secret": "s", "id": 1}) == [("argument.read_only", "body.id")]
    assert refusals(asking, body={"name": "n", "secret": "s", "inner": {"id": 1}}) == [
        ("argument.one_way", "body.inner.id")
    ]
    assert _answers(telling, {"id": 1, "name": "n", "made": "m"}) == []
    assert _answers(telling, {"id": 1, "name": "n", "made": "m", "secret": "s"}) == [
        ("response.one_way", "body.secret")
    ]


def test_a_field_made_required_beside_the_schema_that_makes_it_read_only_is_not_required() -> None:
    tag: JsonObject = {"type": "object", "properties": {"id": {"readOnly": True}, "title": {}}}
    schema: JsonObject = {"allOf": [{"$ref": "#/components/schemas/Tag"}, {"required": ["id", "title"]}, True]}

    contract = posting(schema, version="3.1.0", Tag=tag)

    assert refusals(contract, body={"title": "t"}) == []
    assert refusals(contract, body={}) == [("argument.required", "body.title")]


# --- what must not be read, and what must not blow up


@requirement("contract:references:local")
@pytest.mark.parametrize(
    "ref",
    [
        "file:///etc/passwd",
        "file:{canary}",
        "{canary}",
        "{canary}#/secret",
        "http://127.0.0.1:9/x",
        "//127.0.0.1/x",
        "./other.yaml",
        "../other.yaml#/a",
        "%66ile:///etc/passwd",
        "#%2Fcomponents",
        "#",
        "#anchor",
        "",
        "#/components/schemas/%2e%2e/x",
        "#/components/../../etc/passwd",
        "#/paths/0",
        "#/components/list/7",
        "#/components/list/-1",
        "#/components/list/01",
        "urn:x",
    ],
)
@pytest.mark.parametrize("place", ["schema", "nested", "parameter", "item", "body"])
def test_a_reference_that_leaves_the_document_is_named_and_never_followed(
    ref: str, place: str, tmp_path: object
) -> None:
    canary = f"{tmp_path}/canary.json"
    target: JsonObject = {"$ref": ref.replace("{canary}", canary)}
    required: JsonObject = {"required": True}
    operations: dict[str, JsonObject] = {
        "schema": {"get": get(parameter("a", "query", target, **required))},
        "nested": {"get": get(parameter("a", "query", {"items": {"anyOf": [target]}}, **required))},
        "parameter": {"get": get(target)},
        "item": target,
        "body": {"post": {**OK, "requestBody": {**required, "content": {"application/json": {"schema": target}}}}},
    }
    with open(canary, "w") as file:
        file.write('{"secret": {"type": "integer"}, "type": "integer"}')
    document = describe({"/y": operations[place], "/x": {"get": {**OK, "operationId": "fine"}}}, list=[{}])

    contract = compile_contract(document, api=API, settings=ContractSettings())

    assert set(contract.operations) == {"fine"}
    assert next(code for code, _, severity in remarks(contract) if severity is Severity.ERROR).startswith("ref.")


def test_references_with_escapes_and_array_indexes_find_their_target() -> None:
    schemas: JsonObject = {"A/b~c d%": {"type": "integer"}}
    by_name = one(get(parameter("a", "query", {"$ref": "#/components/schemas/A~1b~0c%20d%25"})), schemas=schemas)
    by_index = one(get(parameter("a", "query", {"$ref": "#/components/list/1"})), list=[{}, {"type": "integer"}])

    for contract in (by_name, by_index):
        assert contract.findings == ()
        assert refusals(contract, query={"a": "x"}) == [("argument.type", "query.a")]


def _bomb(depth: int, width: int, keyword: str) -> JsonObject:
    schemas: dict[str, Json] = {f"L{depth}": {"type": "object"}}
    for i in range(depth):
        ref: JsonObject = {"$ref": f"#/components/schemas/L{i + 1}"}
        inside: Json = {f"p{n}": ref for n in range(width)} if keyword == "properties" else [ref] * width
        schemas[f"L{i}"] = {keyword: inside}
    return schemas


@requirement("contract:description:bounded")
@pytest.mark.parametrize(
    ("schemas", "code"),
    [
        pytest.param(_bomb(30, 2, "allOf"), "schema.weight", id="2^30 by allOf"),
        pytest.param(_bomb(10, 9, "anyOf"), "schema.weight", id="9^10 by anyOf"),
        pytest.param(_bomb(40, 9, "allOf"), "schema.weight", id="9^40 by allOf"),
        pytest.param(_bomb(300, 1, "allOf"), "schema.weight", id="a chain of 300"),
        pytest.param(
            {
                "L0": {"not": _bomb(30, 2, "allOf")["L0"]},
                **{k: v for k, v in _bomb(30, 2, "allOf").items() if k != "L0"},
            },
            "schema.weight",
            id="below not",
        ),
        pytest.param(_bomb(2_100, 1, "properties"), "schema.size", id="2,100 schemas in a row"),
        pytest.param({"L0": {"items": {"$dynamicRef": "#x"}}}, "schema.dynamic", id="dynamic reference"),
        pytest.param({"L0": {"allOf": [1]}}, "schema.invalid", id="no schema"),
    ],
)
def test_a_schema_that_expands_beyond_reason_is_refused_for_its_operation(schemas: JsonObject, code: str) -> None:
    contract = posting({"$ref": "#/components/schemas/L0"}, **schemas)

    assert contract.operations == {}
    assert [c for c, _, severity in remarks(contract) if severity is Severity.ERROR] == [code]


@requirement("contract:description:bounded")
def test_a_wide_tree_of_references_costs_a_bounded_card() -> None:
    contract = posting({"$ref": "#/components/schemas/L0"}, **_bomb(30, 8, "properties"))
    body = contract.operations["op"].body

    assert body is not None
    assert len(orjson.dumps(body.schema)) < 40_000
    assert called(contract, body={"p1": {"p2": {}}}).request.body == b'{"p1":{"p2":{}}}'


def _wide(last: JsonObject) -> JsonObject:
    """150 schemas that one schema reaches, the last of which is given."""
    refs: JsonObject = {f"p{i}": {"$ref": f"#/components/schemas/S{i}"} for i in range(150)}
    leaves: JsonObject = {f"S{i}": {"type": "integer"} for i in range(149)}
    return {"All": {"properties": refs}, **leaves, "S149": last}


@requirement("contract:description:bounded")
def test_a_schema_that_reaches_very_many_others_is_compiled_when_it_is_needed() -> None:
    whole: JsonObject = {"$ref": "#/components/schemas/All"}
    content: JsonObject = {"application/json": {"schema": whole}, "application/x+json": {"schema": {"items": whole}}}
    answers: JsonObject = {"200": {"description": "", "content": content}}
    contract = one({"responses": answers}, schemas=_wide({"type": "string"}))

    for _ in range(2):
        assert _answers(contract, {"p0": 1, "p149": "x"}) == []
        assert _answers(contract, {"p0": "x", "p149": 1}) == [
            ("response.type", "body.p0"),
            ("response.type", "body.p149"),
        ]


def test_a_fault_anywhere_in_very_many_schemas_is_told_at_load() -> None:
    whole: JsonObject = {"$ref": "#/components/schemas/All"}
    contract = posting({"items": whole, "not": whole}, **_wide({"type": "zorg"}))

    assert contract.operations == {}
    assert [(c, p) for c, p, _ in remarks(contract)] == [("schema.invalid", "/components/schemas/S149/type")]


@requirement("contract:description:bounded")
def test_loops_of_references_end() -> None:
    loop: JsonObject = {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}
    around: JsonObject = {"A": {"allOf": [{"$ref": "#/components/schemas/A"}]}}

    assert [c for c, _, _ in remarks(posting({"$ref": "#/components/schemas/A"}, **loop))] == ["ref.loop"]
    assert called(posting({"$ref": "#/components/schemas/A"}, **around), body={"a": 1}).request.body == b'{"a":1}'


@requirement("contract:description:bounded")
def test_nesting_deeper_than_the_bound_is_a_finding() -> None:
    schema: Json = {"type": "integer"}
    for _ in range(20):
        schema = {"items": schema}
    settings = ContractSettings(bounds=Bounds(schema_depth=10))
    operation = get(parameter("a", "query", schema, required=True))

    contract = compile_contract(describe({"/x": {"get": operation}}), api=API, settings=settings)

    assert [c for c, _, _ in remarks(contract)] == ["schema.depth"]


@requirement("contract:description:bounded")
def test_a_deep_document_compiles_or_is_refused_but_never_overflows() -> None:
    nested = b'{"allOf":[' * 60 + b"{}" + b"]}" * 60
    raw = b'{"openapi":"3.1.0","paths":{"/x":{"get":{"parameters":[{"name":"a","in":"query","schema":%s}]}}}}' % nested

    contract = compile_contract(parse(raw, place="p"), api=API, settings=ContractSettings())

    assert len(contract.operations) == 1


# --- patterns

_CLASSICS = (
    "^(a+)+$",
    "^(a|aa)+$",
    "^(a|a?)+$",
    "^(.*a){12}$",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "^([a-zA-Z0-9])(([-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}$",
    "(x+x+)+y",
    "^(?=(a+)+$).*b",
    "^(?!(a+)+$).*c$",
    "(a*)*b",
)


@requirement("contract:patterns:linear")
@pytest.mark.parametrize("pattern", _CLASSICS)
def test_a_hostile_pattern_refuses_a_long_value_without_backtracking_away(pattern: str) -> None:
    contract = one(get(parameter("a", "query", {"type": "string", "pattern": pattern})))

    assert refusals(contract, query={"a": "a" * 1_000 + "!"}) == [("argument.pattern", "query.a")]


@pytest.mark.parametrize("pattern", ["(", "(?=a", "a{1000}{1000}{10}", r"\Z(", "(?P<a"])
def test_a_pattern_that_no_engine_takes_is_a_finding(pattern: str) -> None:
    contract = one(get(parameter("a", "query", {"type": "string", "pattern": pattern}, required=True)))

    assert [(c, p) for c, p, _ in remarks(contract)] == [
        ("schema.invalid", "/paths/~1x/get/parameters/0/schema/pattern")
    ]


def test_a_fault_in_a_shared_schema_is_told_where_it_stands() -> None:
    schemas: JsonObject = {"A": {"properties": {"b": {"$ref": "#/components/schemas/B"}}}, "B": {"maximum": []}}

    assert [(c, p) for c, p, _ in remarks(posting({"$ref": "#/components/schemas/A"}, **schemas))] == [
        ("schema.invalid", "/components/schemas/B/maximum")
    ]


def test_a_pattern_of_pages_is_told_in_part() -> None:
    contract = one(get(parameter("a", "query", {"type": "string", "pattern": "a|" * 5_000 + "a$"})))

    with pytest.raises(ContractViolation) as refused:
        called(contract, query={"a": ""})

    assert [len(found.message) for found in refused.value.findings] == [301]


def test_a_pattern_with_look_around_still_holds() -> None:
    contract = one(get(parameter("a", "query", {"pattern": "^(?!admin)[a-z]+$"})))

    assert refusals(contract, query={"a": "bob"}) == []
    assert refusals(contract, query={"a": "admin"}) == [("argument.pattern", "query.a")]


# --- cards


def test_cards_hold_schemas_in_2020_12_with_references_inlined() -> None:
    schemas: JsonObject = {"Colour": {"type": "string", "enum": ["red"], "example": "red", "nullable": True, "xml": {}}}
    ref: JsonObject = {"$ref": "#/components/schemas/Colour", "description": "Paint"}
    nested: JsonObject = {"type": "object", "properties": {"c": ref, "any": True}, "additionalProperties": False}

    old = one(get(parameter("a", "query", ref), parameter("b", "query", nested)), schemas=schemas)
    new = one(get(parameter("a", "query", ref)), version="3.1.0", schemas=schemas)

    colour: JsonObject = {"type": ["string", "null"], "enum": ["red"], "examples": ["red"]}
    assert schema_of(old, "a") == colour
    assert schema_of(old, "b") == {
        "type": "object",
        "properties": {"c": colour, "any": True},
        "additionalProperties": False,
    }
    assert schema_of(new, "a") == {**colour, "type": "string", "description": "Paint"}


def test_a_broken_schema_of_an_answer_leaves_its_shape_open() -> None:
    contract = answering({"properties": {"a": {"$ref": "#/nope"}, "b": False}})

    assert contract.operations["op"].responses[0].schema == {"properties": {"a": {}, "b": False}}
    assert answering(False).operations["op"].responses[0].schema == {"not": {}}
