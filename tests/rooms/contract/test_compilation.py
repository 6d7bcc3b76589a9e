import pytest

from facade.contract import (
    Bounds,
    Catalogue,
    Contract,
    ContractSettings,
    Override,
    compile_contract,
)
from facade.kernel import (
    DescriptionInvalid,
    Json,
    JsonObject,
    Location,
    NotFound,
    OperationKey,
    SettingsInvalid,
    Severity,
    WriteClass,
)
from facade.testing.synthetic import synthetic_document
from tests.requirements import requirement
from tests.rooms.contract.documents import API, OK, contract_of, describe, get, one, parameter, remarks, schema_of

WARNING, ERROR = Severity.WARNING, Severity.ERROR


def _with(paths: JsonObject, **settings: object) -> Contract:
    return compile_contract(describe(paths), api=API, settings=ContractSettings(**settings))  # type: ignore[arg-type] # named below


# --- the document as a whole


@requirement("invariant:errors:clear")
@pytest.mark.parametrize(
    ("document", "named"),
    [
        ({}, "openapi"),
        ({"openapi": "3.0.3"}, "paths"),
        ({"openapi": "3.0.3", "paths": []}, "paths"),
        ({"swagger": "3.0", "paths": {}}, "Swagger '3.0'"),
        ({"swagger": "2.0"}, "paths"),
        ({"openapi": "3.3.0", "paths": {}}, "OpenAPI '3.3.0'"),
        ({"openapi": "4.0", "paths": {}}, "OpenAPI '4.0'"),
        ({"openapi": "3.01", "paths": {}}, "OpenAPI '3.01'"),
    ],
)
def test_a_document_that_cannot_be_used_at_all_says_what_is_supported(document: JsonObject, named: str) -> None:
    with pytest.raises(DescriptionInvalid) as refusal:
        compile_contract(document, api=API, settings=ContractSettings())

    assert named in refusal.value.detail
    assert "\n" not in refusal.value.detail


@pytest.mark.parametrize("version", ["3.0", 3.0, "3.0.0", "3.0.4", "3.1", "3.1.2"])
def test_every_patch_of_3_0_and_3_1_is_read(version: Json) -> None:
    contract = compile_contract({"openapi": version, "paths": {}}, api=API, settings=ContractSettings())

    assert (contract.title, contract.operations, contract.findings) == (API, {}, ())


@requirement("contract:description:bounded")
def test_more_operations_than_the_bound_refuse_the_description() -> None:
    with pytest.raises(DescriptionInvalid):
        _with({f"/{i}": {"get": OK} for i in range(4)}, bounds=Bounds(operations=3))


@pytest.mark.parametrize("base_path", ["api", "/a/{x}", "/a?b", "/../a", "https://evil.test"])
def test_a_base_path_that_is_none_stops_the_start(base_path: str) -> None:
    with pytest.raises(SettingsInvalid) as refusal:
        _with({}, base_path=base_path)

    assert [f.place for f in refusal.value.findings] == ["base_path"]


@requirement("contract:reload:version")
def test_the_version_follows_the_description_and_the_settings() -> None:
    paths: JsonObject = {"/x": {"get": OK}}
    versions = [
        _with(paths).version,
        _with(paths, base_path="/v1").version,
        _with({"/x": {"get": {**OK, "summary": "x"}}}).version,
        _with(paths, pins=((Location.QUERY, "a"),)).version,
    ]

    assert _with(paths).version == versions[0]
    assert len(set(versions)) == 4


def test_a_catalogue_finds_operations_within_reach_by_key() -> None:
    contract = one(OK)
    catalogue = Catalogue(contracts={API: contract})

    assert catalogue.operation(OperationKey(API, "op")) is contract.operations["op"]
    assert [o.key.operation_id for o in catalogue] == ["op"]
    for key in (OperationKey(API, "other"), OperationKey("other", "op")):
        with pytest.raises(NotFound):
            catalogue.operation(key)


# --- tolerance


@requirement("contract:description:tolerant")
@pytest.mark.parametrize(
    ("paths", "code", "place"),
    [
        ({"/y": 1}, "path.item", "/paths/~1y"),
        ({"/y": {"get": "x"}}, "operation.object", "/paths/~1y/get"),
        ({"/y/{a": {"get": OK}}, "path.template", "/paths/~1y~1{a"),
        ({"/y/{}": {"get": OK}}, "path.template", "/paths/~1y~1{}"),
        ({"/y/{a}{b}": {"get": OK}}, "path.template", "/paths/~1y~1{a}{b}"),
        ({"/y/{a}/{a}": {"get": OK}}, "path.template", "/paths/~1y~1{a}~1{a}"),
        ({"/y/../z": {"get": OK}}, "path.dots", "/paths/~1y~1..~1z"),
        ({"/y?a=1": {"get": OK}}, "path.characters", "/paths/~1y?a=1"),
        ({"/y": {"trace": OK}}, "operation.method", "/paths/~1y/trace"),
        ({"/y": {"$ref": "other.yaml"}}, "ref.remote", "/paths/~1y"),
        ({"/y": {"$ref": "#/nowhere"}}, "ref.missing", "/paths/~1y"),
        ({"/y": {"$ref": "#/paths/~1y"}}, "ref.loop", "/paths/~1y"),
        ({"/y": {"get": get({"in": "query", "required": True})}}, "parameter.in", "/paths/~1y/get/parameters/0"),
        ({"/y": {"get": get({"$ref": "#/nope"})}}, "ref.missing", "/paths/~1y/get/parameters/0"),
        (
            {"/y": {"get": get(parameter("a", "query", {"type": "zorg"}, required=True))}},
            "schema.invalid",
            "/paths/~1y/get/parameters/0/schema/type",
        ),
        (
            {"/y": {"get": get({"name": "a", "in": "query", "required": True, "content": {"image/png": {}}})}},
            "parameter.content",
            "/paths/~1y/get/parameters/0",
        ),
        (
            {"/y": {"post": {**OK, "requestBody": {"required": True, "content": {"multipart/mixed": {}}}}}},
            "body.media_type",
            "/paths/~1y/post/requestBody/content",
        ),
        (
            {"/y": {"get": {**OK, "requestBody": {"required": True, "content": {"application/json": {}}}}}},
            "body.method",
            "/paths/~1y/get/requestBody",
        ),
        ({"y": {"get": OK}, "/y": {"get": OK}}, "path.twice", "/paths/~1y"),
    ],
)
def test_a_broken_operation_is_a_finding_and_leaves_the_others_alone(paths: JsonObject, code: str, place: str) -> None:
    contract = contract_of({"/x": {"get": {**OK, "operationId": "fine"}}, **paths})

    assert "fine" in contract.operations
    assert (code, place, ERROR) in remarks(contract)
    assert all("\n" not in f.message for f in contract.findings)


@requirement("contract:description:tolerant")
@pytest.mark.parametrize(
    ("operation", "code", "place"),
    [
        (
            get({"name": "a", "in": "query", "schema": {}, "required": "false"}),
            "parameter.required",
            "/parameters/0/required",
        ),
        (get({"name": "a", "in": "query", "type": "integer"}), "parameter.schema", "/parameters/0"),
        (get({"name": "a", "in": "query"}), "parameter.schema", "/parameters/0"),
        (get({"name": "a", "in": "nowhere"}), "parameter.in", "/parameters/0"),
        (get({"in": "query"}), "parameter.in", "/parameters/0"),
        (get(parameter("a", "query", {"type": "str"})), "schema.type", "/parameters/0/schema/type"),
        (get(parameter("a", "query", {"enum": []})), "schema.enum", "/parameters/0/schema/enum"),
        (get(parameter("a", "query", {"required": True})), "schema.required", "/parameters/0/schema/required"),
        (get(parameter("a", "query", {"minimum": "1.5"})), "schema.minimum", "/parameters/0/schema/minimum"),
        (get(parameter("a", "query", {"items": []})), "schema.items", "/parameters/0/schema/items"),
        (get(parameter("a", "query", {"type": "zorg"})), "schema.invalid", "/parameters/0/schema/type"),
        (get(parameter("a", "query", {}, style="matrix")), "parameter.style", "/parameters/0/style"),
        (get(parameter("a", "path", {})), "parameter.withheld", "/parameters/0"),
        (get(parameter("Host", "header", {})), "parameter.withheld", "/parameters/0"),
        (get(parameter("Bad Name", "header", {})), "parameter.withheld", "/parameters/0"),
        ({"responses": {"abc": {"description": "x"}}}, "response.status", "/responses/abc"),
        ({"responses": {"200": {"$ref": "http://x/y"}}}, "ref.remote", "/responses/200"),
        (
            {"responses": {"200": {"description": "x", "content": {"application/json": {"schema": {"type": "zorg"}}}}}},
            "schema.invalid",
            "/responses/200/content/application~1json/schema/type",
        ),
        ({**OK, "requestBody": {"content": {"application/json": {}}}}, "body.method", "/requestBody"),
    ],
)
def test_a_slip_that_calls_can_live_with_is_a_warning(operation: JsonObject, code: str, place: str) -> None:
    contract = one(operation)

    assert set(contract.operations) == {"op"}
    assert remarks(contract) == [(code, f"/paths/~1x/get{place}", WARNING)]


def test_a_path_without_a_slash_and_an_undeclared_path_parameter_are_read_as_meant() -> None:
    contract = contract_of({"x/{id}": {"get": {**OK, "operationId": "op"}}, "x-internal": 1})

    assert (contract.operations["op"].path, schema_of(contract, "id")) == ("/x/{id}", {"type": "string"})
    assert [(code, severity) for code, _, severity in remarks(contract)] == [
        ("path.slash", WARNING),
        ("parameter.undeclared", WARNING),
    ]


def test_swagger_2_parameters_inside_3_0_are_read_as_the_body_they_stand_for() -> None:
    body: JsonObject = {
        "name": "b",
        "in": "body",
        "required": True,
        "schema": {"properties": {"a": {"type": "integer"}}},
    }
    form: JsonObject = {"name": "f", "in": "formData", "type": "string", "required": True}
    upload: JsonObject = {"name": "u", "in": "formData", "type": "file"}

    whole = one(get(body), method="post").operations["op"]
    fields = one(get(form), method="post").operations["op"]
    uploading = one(get(upload), method="post").operations["op"]

    assert [(p.name, p.location) for p in whole.parameters] == [("a", Location.BODY)]
    assert whole.body is not None
    assert (whole.body.media_type, whole.body.required) == ("application/json", True)
    assert [(p.name, p.location, p.required) for p in fields.parameters] == [("f", Location.BODY, True)]
    assert fields.body is not None
    assert fields.body.media_type == "application/x-www-form-urlencoded"
    assert uploading.body is not None
    assert uploading.body.media_type == "multipart/form-data"
    assert [(p.name, p.location, p.required) for p in uploading.parameters] == [("u", Location.BODY, False)]


@pytest.mark.parametrize(
    ("collection", "style", "explode"),
    [
        ("csv", "form", False),
        ("multi", "form", True),
        ("ssv", "spaceDelimited", False),
        ("pipes", "pipeDelimited", False),
    ],
)
def test_swagger_2_collection_formats_become_styles(collection: str, style: str, explode: bool) -> None:
    listed: JsonObject = {"name": "a", "in": "query", "type": "array", "items": {}, "collectionFormat": collection}

    (read,) = one(get(listed)).operations["op"].parameters

    assert (read.style, read.explode) == (style, explode)


def test_parameters_of_the_path_item_hold_unless_the_operation_replaces_them() -> None:
    shared = [parameter("a", "query", {"type": "string"}), parameter("b", "query", {"type": "string"})]
    operation = get(parameter("a", "query", {"type": "integer"}))
    contract = contract_of({"/x": {"parameters": shared, "summary": "Shared words.", "get": operation}})

    assert {p.name: p.schema for p in contract.operations["op"].parameters} == {
        "a": {"type": "integer"},
        "b": {"type": "string"},
    }
    assert contract.operations["op"].title == "Shared words"


# --- who may set what


def test_headers_that_openapi_says_to_ignore_are_ignored_without_a_word() -> None:
    contract = one(get(*(parameter(n, "header", {}) for n in ("Accept", "content-type", "AUTHORIZATION"))))

    assert (contract.operations["op"].parameters, contract.findings) == ((), ())


def test_credentials_of_the_description_are_not_arguments() -> None:
    schemes: JsonObject = {
        "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
        "token": {"type": "apiKey", "in": "query", "name": "token"},
        "basic": {"type": "http"},
    }
    operation = get(parameter("X-API-Key", "header", {}), parameter("token", "query", {}), parameter("q", "query", {}))

    assert [p.name for p in one(operation, securitySchemes=schemes).operations["op"].parameters] == ["q"]


def test_what_the_context_pins_is_marked_and_stays_out_of_the_planners_inputs() -> None:
    operation: JsonObject = {
        **get(parameter("account", "query", {}), parameter("X-Sudo", "header", {}), parameter("q", "query", {})),
        "requestBody": {"content": {"application/json": {"schema": {"properties": {"account": {}, "name": {}}}}}},
    }
    pins = ((Location.QUERY, "account"), (Location.HEADER, "x-sudo"), (Location.BODY, "account"))
    contract = _with({"/x": {"post": operation}}, pins=pins)

    assert [(p.location, p.name) for p in contract.operations["op"].inputs] == [
        (Location.QUERY, "q"),
        (Location.BODY, "name"),
    ]
    assert len(contract.operations["op"].parameters) == 5


def test_a_pinned_parameter_that_cannot_be_used_takes_its_operation_along() -> None:
    broken = get(parameter("account", "query", {"type": "zorg"}))

    assert _with({"/x": {"get": broken}}, pins=((Location.QUERY, "account"),)).operations == {}
    assert set(_with({"/x": {"get": broken}}).operations) == {"op"}


@requirement("contract:servers:ignored")
def test_servers_are_never_read() -> None:
    lies: Json = [{"url": "https://evil.test/elsewhere"}]
    document = describe({"/x": {"servers": lies, "get": {**get(), "servers": lies}}})
    contract = compile_contract({**document, "servers": lies}, api=API, settings=ContractSettings())

    assert "evil" not in repr(contract.operations)


# --- write classes


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("get", WriteClass.READ),
        ("head", WriteClass.READ),
        ("options", WriteClass.READ),
        ("post", WriteClass.WRITE),
        ("put", WriteClass.WRITE),
        ("patch", WriteClass.WRITE),
        ("delete", WriteClass.DESTROY),
    ],
)
def test_the_method_decides_the_write_class_whatever_the_description_says(method: str, expected: WriteClass) -> None:
    operation: JsonObject = {**OK, "x-write-class": "read", "x-read-only": True, "summary": "Only reads, promised"}

    assert one(operation, method=method).operations["op"].write_class is expected


def test_settings_decide_over_the_method_in_both_directions() -> None:
    paths: JsonObject = {"/search": {"post": {**OK, "operationId": "search"}}, "/send/{x}": {"get": OK}}
    overrides = {
        "search": Override(write_class=WriteClass.READ, title="Look", description="Looks.", idempotency_header="K"),
        "GET /send/{x}": Override(write_class=WriteClass.WRITE),
    }
    contract = _with(paths, overrides=overrides)
    search = contract.operations["search"]

    assert contract.operations["get_send_x"].write_class is WriteClass.WRITE
    assert (search.write_class, search.title, search.description, search.idempotency_header) == (
        WriteClass.READ,
        "Look",
        "Looks.",
        "K",
    )
    assert "operation.unsafe_read" not in {f.code for f in contract.findings}


@requirement("contract:reads:flagged")
@pytest.mark.parametrize(
    ("path", "operation", "flagged"),
    [
        ("/x", {"operationId": "deleteUser"}, True),
        ("/x", {"operationId": "get_reset_password"}, True),
        ("/x", {"summary": "Send the invoice"}, True),
        ("/users/{id}/activate", {}, True),
        ("/x", {"operationId": "listDeletedUsers"}, False),
        ("/x", {"operationId": "getUser", "summary": "Show a user to be deleted"}, False),
        ("/", {}, False),
    ],
)
def test_a_read_that_is_named_like_a_change_is_flagged(path: str, operation: JsonObject, flagged: bool) -> None:
    contract = contract_of({path: {"get": {**OK, **operation}}})

    assert ("operation.unsafe_read" in {f.code for f in contract.findings}) is flagged
    assert {o.write_class for o in contract.operations.values()} == {WriteClass.READ}


def test_hidden_operations_are_out_of_reach_and_unknown_overrides_are_findings() -> None:
    overrides = {
        "listThings": Override(hide=True),
        "listThing": Override(),
        "zzz": Override(),
    }
    contract = _with({"/x": {"get": {**OK, "operationId": "listThings"}}}, overrides=overrides)

    assert contract.operations == {}
    assert remarks(contract) == [
        ("settings.operation", "overrides.listThing", ERROR),
        ("settings.operation", "overrides.zzz", ERROR),
    ]
    assert "'listThings'" in contract.findings[0].message


# --- cards


def test_a_card_says_what_the_operation_takes_and_answers() -> None:
    pet: JsonObject = {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "description": "What it hears to", "example": "Rex"},
            "id": {"type": "integer", "readOnly": True},
            "owner": {"$ref": "#/components/schemas/Pet"},
        },
    }
    content: JsonObject = {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}
    operation: JsonObject = {
        "tags": ["pets", 1],
        "deprecated": True,
        "x-note": 1,
        "description": "Long words",
        "parameters": [
            {"name": "dry", "in": "query", "schema": {"type": "boolean"}, "description": "Only try", "example": True},
            {
                "name": "mode",
                "in": "query",
                "schema": {"type": "string"},
                "examples": {"a": {}, "b": {"value": "fast"}},
            },
        ],
        "requestBody": {"required": True, "description": "The pet", "content": content},
        "responses": {"201": {"description": "made", "content": content}, "default": {"description": "bad"}, "x-y": 1},
    }
    card = one(operation, method="post", schemas={"Pet": pet}).operations["op"]

    assert (card.tags, card.deprecated, card.description) == (("pets",), True, "Long words")
    assert [(p.name, p.location, p.required, p.example) for p in card.parameters] == [
        ("dry", Location.QUERY, False, True),
        ("mode", Location.QUERY, False, "fast"),
        ("name", Location.BODY, True, "Rex"),
        ("owner", Location.BODY, False, None),
    ]
    assert card.parameters[2].description == "What it hears to"
    assert card.body is not None
    assert (card.body.media_type, card.body.required, card.body.description) == ("application/json", True, "The pet")
    assert [(r.status, r.media_type, r.description) for r in card.responses] == [
        ("201", "application/json", "made"),
        ("default", "", "bad"),
    ]


@pytest.mark.parametrize(
    ("said", "asked"),
    [({"required": True}, True), ({"required": False}, False), ({}, True)],
)
def test_fields_of_a_body_that_is_only_implicitly_optional_are_asked_for(said: JsonObject, asked: bool) -> None:
    schema: JsonObject = {"required": ["a"], "properties": {"a": {}}}
    body: JsonObject = {**said, "content": {"application/json": {"schema": schema}}}

    (field,) = one({**OK, "requestBody": body}, method="post").operations["op"].parameters

    assert field.required is asked


def test_all_of_and_the_one_form_beside_null_are_spread_and_real_alternatives_are_not() -> None:
    def fields(schema: JsonObject) -> list[tuple[str, bool]]:
        body: JsonObject = {"required": True, "content": {"application/json": {"schema": schema}}}
        contract = one({**OK, "requestBody": body}, method="post", version="3.1.0", schemas=schemas)
        return [(p.name, p.required) for p in contract.compiled["op"].operation.parameters]

    schemas: JsonObject = {
        "Named": {"type": "object", "required": ["name"], "properties": {"name": {}}},
        "Loop": {"allOf": [{"$ref": "#/components/schemas/Loop"}], "properties": {"a": {}}},
    }
    named: Json = {"$ref": "#/components/schemas/Named"}
    aged: Json = {"required": ["age"], "properties": {"age": {}}}

    assert fields({"allOf": [named, aged]}) == [("name", True), ("age", True)]
    assert fields({"anyOf": [named, {"type": "null"}]}) == [("name", True)]
    assert fields({"oneOf": [named, aged]}) == []
    assert fields({"$ref": "#/components/schemas/Loop"}) == [("a", False)]
    assert fields({"type": "array", "items": named}) == []


def test_real_size_is_read_whole() -> None:
    contract = compile_contract(synthetic_document(1_003), api=API, settings=ContractSettings())

    assert (len(contract.operations), contract.findings) == (1_003, ())
    assert contract.operations["listSales1Orders"].path == "/sales1/orders"
