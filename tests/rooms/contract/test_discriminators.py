"""A value is held against the branch that it names, and what is wrong is told of that branch."""

import pytest

from facade.contract import Contract, check
from facade.kernel import Answer, Json, JsonObject, OperationKey
from tests.requirements import requirement
from tests.rooms.contract.documents import API, answering, called, posting, refusals, remarks


def _ref(name: str) -> JsonObject:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: list[str], **properties: Json) -> JsonObject:
    return {"type": "object", "required": required, "properties": {"kind": {"type": "string"}, **properties}}


_PETS: JsonObject = {
    "Cat": _object(["kind", "lives"], lives={"type": "integer"}),
    "Dog": _object(["kind", "bark"], bark={"type": "string"}),
}


def _one_of(*names: str, keyword: str = "oneOf", **mapping: Json) -> JsonObject:
    discriminator: JsonObject = {"propertyName": "kind", **({"mapping": mapping} if mapping else {})}
    return {keyword: [_ref(name) for name in names], "discriminator": discriminator}


def _told(schema: JsonObject, body: Json, version: str = "3.0.4", **schemas: Json) -> list[tuple[str, str, str]]:
    contract = answering(schema, version=version, **{**_PETS, **schemas})
    answer = Answer(status=200, media_type="application/json", body=body)
    return [(f.code, f.place, f.message) for f in check(answer, OperationKey(API, "op"), contract)]


@requirement("schemas:discriminator:chooses")
@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
def test_what_is_wrong_is_told_of_the_branch_that_the_value_names(keyword: str) -> None:
    implicit = _one_of("Cat", "Dog", keyword=keyword)
    explicit = _one_of("Cat", "Dog", keyword=keyword, cat="#/components/schemas/Cat", dog="Dog", lost="#/nowhere")

    for schema, cat in ((implicit, "Cat"), (explicit, "cat"), (explicit, "Cat")):
        assert _told(schema, {"kind": cat, "lives": 9}) == []
        assert _told(schema, {"kind": cat}) == [("response.required", "body.lives", "is required (as Cat)")]
        assert _told(schema, {"kind": cat, "lives": "x"}) == [
            ("response.type", "body.lives", "must be of type integer (as Cat)")
        ]
    assert _told(explicit, {"kind": "mouse"}) == [("response.enum", "body.kind", "must be one of: cat, Cat, dog, Dog")]


@requirement("schemas:discriminator:chooses")
def test_a_value_that_two_branches_would_take_is_what_it_says_it_is() -> None:
    body: JsonObject = {"kind": "Cat", "lives": 9, "bark": "woof"}
    schema = _one_of("Cat", "Dog")

    assert _told({"oneOf": schema["oneOf"]}, body) == [
        ("response.one_of", "body", "must fit exactly one of the allowed forms")
    ]
    assert _told(schema, body) == []


@requirement("schemas:discriminator:chooses")
def test_without_its_property_or_an_object_the_plain_keyword_decides() -> None:
    loose: JsonObject = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
    schema = _one_of("Cat", "Loose")

    assert _told(schema, {"a": 1}, Loose=loose) == []
    assert [code for code, _, _ in _told(schema, {"b": 1}, Loose=loose)] == ["response.one_of"]
    assert [code for code, _, _ in _told(schema, "Cat", Loose=loose)] == ["response.one_of"]


@requirement("schemas:discriminator:chooses")
@pytest.mark.parametrize("listed", [{"const": "feline"}, {"enum": ["feline", "cat"]}])
def test_branches_are_named_by_what_their_own_schema_allows(listed: JsonObject) -> None:
    inline: JsonObject = {"type": "object", "properties": {"kind": listed, "lives": {"type": "integer"}}}
    behind: JsonObject = {"allOf": [inline, {"required": ["lives"]}]}
    schema: JsonObject = {"oneOf": [behind, _ref("Dog"), {"type": "null"}], "discriminator": {"propertyName": "kind"}}

    assert _told(schema, {"kind": "feline", "lives": 9}, "3.1.1") == []
    assert _told(schema, None, "3.1.1") == []
    assert _told(schema, {"kind": "feline"}, "3.1.1") == [
        ("response.required", "body.lives", "is required (as feline)")
    ]
    assert [place for _, place, _ in _told(schema, {"kind": "Dog"}, "3.1.1")] == ["body.bark"]


@requirement("schemas:discriminator:chooses")
def test_a_choice_behind_a_choice_passes_on_its_values() -> None:
    schema = _one_of("Mammal", "Fish")
    mammal, fish = _one_of("Cat", "Dog"), _object(["kind", "fins"], fins={"type": "integer"})

    assert _told(schema, {"kind": "Dog", "bark": "x"}, Mammal=mammal, Fish=fish) == []
    assert _told(schema, {"kind": "Dog"}, Mammal=mammal, Fish=fish) == [
        ("response.required", "body.bark", "is required (as Dog)")
    ]
    assert _told(schema, {"kind": "Fish"}, Mammal=mammal, Fish=fish) == [
        ("response.required", "body.fins", "is required (as Fish)")
    ]


@requirement("schemas:discriminator:chooses")
def test_a_mapping_may_name_a_schema_that_is_not_listed() -> None:
    schema = _one_of("Cat", puppy="Dog")

    assert _told(schema, {"kind": "puppy", "bark": "x"}) == []
    assert _told(schema, {"kind": "puppy"}) == [("response.required", "body.bark", "is required (as Dog)")]


def _circle() -> JsonObject:
    return {"A": _one_of("B", "Cat"), "B": _one_of("A", "Dog")}


@pytest.mark.parametrize(
    "schema",
    [
        {"oneOf": [{"type": "object"}, _ref("Dog")], "discriminator": {"propertyName": "kind"}},
        {"oneOf": [_ref("Cat"), _ref("Dog")], "discriminator": {"propertyName": 1}},
        {"oneOf": [_ref("Cat"), _ref("Dog")], "discriminator": "kind"},
    ],
)
@requirement("schemas:discriminator:chooses")
def test_a_discriminator_that_cannot_choose_changes_nothing(schema: JsonObject) -> None:
    body: JsonObject = {"kind": "Dog", "bark": "x", "lives": 1}

    assert [code for code, _, _ in _told(schema, body)] == ["response.one_of"]


@requirement("schemas:discriminator:chooses", "contract:description:bounded")
def test_choices_that_lead_back_to_themselves_end() -> None:
    assert _told(_ref("A"), {"kind": "Cat", "lives": 1}, **_circle()) == []


def _parent() -> Contract:
    pet = {**_object(["kind"]), "discriminator": {"propertyName": "kind"}}
    cat: JsonObject = {"allOf": [_ref("Pet"), {"properties": {"lives": {"type": "integer"}}}]}
    return posting(_ref("Pet"), Pet=pet, Cat=cat)


@requirement("schemas:discriminator:chooses")
def test_a_parent_takes_the_fields_of_its_children_and_asks_for_none_of_them() -> None:
    assert called(_parent(), body={"kind": "Cat", "lives": 9}).request.body == b'{"kind":"Cat","lives":9}'
    assert refusals(_parent(), body={"lives": 9}) == [("argument.required", "body.kind")]


@requirement("schemas:discriminator:chooses")
def test_a_body_is_built_by_the_branch_that_it_names() -> None:
    shapes: JsonObject = {
        "Circle": {**_object(["kind", "r"], r={"type": "number"}), "additionalProperties": False},
        "Square": {**_object(["kind", "side"], side={"type": "number"}), "additionalProperties": False},
    }
    contract = posting(_one_of("Circle", "Square"), **shapes)

    assert remarks(contract) == []
    assert called(contract, body={"kind": "Square", "side": 2}).request.body == b'{"kind":"Square","side":2}'
    assert refusals(contract, body={"kind": "Square", "r": 2}) == [
        ("argument.required", "body.side"),
        ("argument.additional_properties", "body"),
    ]
    assert refusals(contract, body={"kind": "Hexagon", "n": 6}) == [
        ("argument.unknown", "body.n"),
        ("argument.enum", "body.kind"),
    ]
