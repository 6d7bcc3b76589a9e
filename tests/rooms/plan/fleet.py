"""A fleet depot, described by hand with the habits of owners: ids with a prefix, texts in languages, plain numbers."""

from dataclasses import replace

from facade.kernel import Json, JsonObject, Operation, Parameter, ResponseShape
from facade.plan import Index, Understanding, index_of, understand
from facade.plan.records import Request
from tests.rooms.plan.samples import DAY, NOW, TEXT, WHOLE, field, in_path, operation, query

LOCALISED: JsonObject = {
    "type": "object",
    "additionalProperties": {"type": "string"},
    "example": {"en": "Northern yard", "fr": "Dépôt nord"},
}
STATES: JsonObject = {"type": "string", "enum": ["ready", "in_repair", "out_on_loan", "retired"]}
PLATE: JsonObject = {"type": "string", "example": "TRK-204"}
PAINT: JsonObject = {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"}
ORDER: JsonObject = {"type": "string", "enum": ["plate", "-plate", "added_on", "-added_on", "price", "-price"]}
UNDRIVEN: JsonObject = {
    "type": "boolean",
    "description": "Only trucks that nobody drives (true) or somebody drives (false)",
}


def answering(card: Operation, **fields: JsonObject) -> Operation:
    """The same operation with the fields of its answer told."""
    schema: JsonObject = {"type": "array", "items": {"type": "object", "properties": dict(fields)}}
    shape = ResponseShape(status="200", media_type="application/json", schema=schema)
    return replace(card, responses=(shape,))


def told(name: str, schema: JsonObject, description: str, *, required: bool = False) -> Parameter:
    return field(name, schema, required=required, description=description)


TRUCK = in_path("truck_id", WHOLE)
OPERATIONS: tuple[Operation, ...] = (
    operation(
        "GET", "/trucks", "listTrucks", "List trucks",
        query("state", STATES), query("depot_ref", {**TEXT, "example": "DEP-31"}, description="Depot it belongs to"),
        query("driver", WHOLE, description="Number of the driver"), query("undriven", UNDRIVEN),
        query("shift", {"type": "string", "enum": ["day", "night"]}), query("added_from", DAY),
        query("added_to", DAY), query("min_price", {"type": "number"}),
        query("sort", ORDER), query("per_page", WHOLE), many=True,
    ),
    operation(
        "POST", "/trucks", "addTruck", "Add a truck",
        field("name", TEXT, required=True), field("state", STATES),
        told("seats", WHOLE, "How many people it takes"), told("paint", PAINT, "Colour of the cabin"),
    ),
    operation("GET", "/trucks/{truck_id}", "showTruck", "Show one truck", TRUCK),
    operation(
        "PATCH", "/trucks/{truck_id}", "changeTruck", "Change a truck", TRUCK, field("name", TEXT),
        field("state", STATES),
    ),
    operation("GET", "/trucks/{truck_id}/journal", "truckJournal", "Journal of a truck", TRUCK, many=True),
    operation(
        "PUT", "/trucks/{truck_id}/driver", "giveTruck", "Assign a truck to a driver",
        TRUCK, told("driver_id", WHOLE, "Number of the driver who gets the truck", required=True),
    ),
    operation(
        "POST", "/trucks/{truck_id}/labels", "labelTruck", "Label a truck", TRUCK,
        told("name", TEXT, "Name of the label", required=True),
    ),
    operation(
        "POST", "/depots", "openDepot", "Create a depot",
        field("name", LOCALISED, required=True), told("default_stay", WHOLE, "Usual stay in minutes"),
        field("is_public", {"type": "boolean"}), field("colour", PAINT),
    ),
    answering(
        operation("GET", "/drivers", "listDrivers", "List drivers", query("q", TEXT), many=True),
        name=TEXT, phone=TEXT, licence=TEXT,
    ),
    answering(operation("GET", "/fuel", "listFuel", "List fuel stations", query("q", TEXT), many=True), litres=WHOLE),
    operation(
        "GET", "/mileage", "mileage", "Mileage by month", query("date_from", DAY), query("date_to", DAY), many=True,
    ),
)  # fmt: skip

INDEX: Index = index_of(OPERATIONS)


def driven(words: str, **more: Json) -> Understanding:
    """What the planner makes of some words about the fleet."""
    return understand(Request(words=words, now=NOW, **more), INDEX)  # type: ignore[arg-type]  # keywords of Request
