"""A veterinary practice, described by hand: cards as the contract room makes them."""

from collections.abc import Mapping

from facade.kernel import (
    Body,
    Json,
    JsonObject,
    Location,
    Micros,
    Operation,
    OperationKey,
    Parameter,
    ResponseShape,
    WriteClass,
)
from facade.plan import Index, Request, Understanding, index_of, understand

NOW = Micros(1_772_618_400_000_000)
"""Wednesday, 4 March 2026, 10:00 UTC."""

TEXT: JsonObject = {"type": "string"}
WHOLE: JsonObject = {"type": "integer"}
DAY: JsonObject = {"type": "string", "format": "date"}
_CLASSES = {"GET": WriteClass.READ, "DELETE": WriteClass.DESTROY}


def query(name: str, schema: JsonObject, *, required: bool = False, description: str = "") -> Parameter:
    return Parameter(name=name, location=Location.QUERY, schema=schema, required=required, description=description)


def in_path(name: str, schema: JsonObject = TEXT) -> Parameter:
    return Parameter(name=name, location=Location.PATH, schema=schema, required=True)


def field(name: str, schema: JsonObject, *, required: bool = False, description: str = "") -> Parameter:
    return Parameter(name=name, location=Location.BODY, schema=schema, required=required, description=description)


def operation(method: str, path: str, name: str, summary: str, *parameters: Parameter, **more: Json) -> Operation:
    fields = [p for p in parameters if p.location is Location.BODY]
    answer: JsonObject = {"type": "array", "items": {"type": "object"}} if more.get("many") else {"type": "object"}
    return Operation(
        key=OperationKey("vet", name),
        method=method,
        path=path,
        write_class=_CLASSES.get(method, WriteClass.WRITE),
        title=summary,
        summary=summary,
        description=str(more.get("description", "")),
        parameters=parameters,
        body=Body(media_type="application/json", required=True, schema={"type": "object"}) if fields else None,
        responses=(ResponseShape(status="200", media_type="application/json", schema=answer),),
    )


SPECIES: JsonObject = {"type": "string", "enum": ["cat", "dog", "guinea_pig"]}

OPERATIONS: tuple[Operation, ...] = (
    operation(
        "GET", "/patients", "listPatients", "List patients",
        query("species", SPECIES), query("limit", WHOLE), query("sort", {"type": "string", "enum": ["name", "-name"]}),
        query("include_deceased", {"type": "boolean"}), many=True,
    ),
    operation("GET", "/patients/{patient_id}", "getPatient", "Get one patient", in_path("patient_id", WHOLE)),
    operation(
        "POST", "/patients", "createPatient", "Register a new patient",
        field("name", TEXT, required=True), field("species", SPECIES, required=True), field("born", DAY),
        field("weight_kg", {"type": "number"}), field("owner_email", {"type": "string", "format": "email"}),
    ),
    operation(
        "PATCH", "/patients/{patient_id}", "updatePatient", "Change a patient",
        in_path("patient_id", WHOLE), field("name", TEXT), field("weight_kg", {"type": "number"}),
    ),
    operation("DELETE", "/patients/{patient_id}", "deletePatient", "Delete a patient", in_path("patient_id", WHOLE)),
    operation(
        "GET", "/patients/{patient_id}/vaccinations", "listVaccinations", "List the vaccinations of a patient",
        in_path("patient_id", WHOLE), query("since", DAY), many=True,
    ),
    operation(
        "GET", "/appointments", "listAppointments", "List appointments",
        query("from_date", DAY), query("to_date", DAY), query("vet", TEXT), many=True,
    ),
    operation(
        "POST", "/appointments", "bookAppointment", "Book an appointment",
        field("patient_id", WHOLE, required=True),
        field("starts_at", {"type": "string", "format": "date-time"}, required=True),
        field("reason", TEXT),
    ),
    operation(
        "DELETE", "/appointments/{code}", "cancelAppointment", "Cancel an appointment", in_path("code"),
    ),
    operation(
        "POST", "/sendReminder", "sendReminder", "Send a reminder to an owner",
        field("to", {"type": "string", "format": "email"}, required=True), field("message", TEXT, required=True),
    ),
    operation(
        "POST", "/invoices/{invoice_no}/payments", "recordPayment", "Record a payment for an invoice",
        in_path("invoice_no"),
        field(
            "payment",
            {
                "type": "object",
                "required": ["amount"],
                "properties": {
                    "amount": {"type": "number"},
                    "method": {"type": "string", "enum": ["cash", "card", "transfer"]},
                },
            },
            required=True,
        ),
    ),
)  # fmt: skip

INDEX: Index = index_of(OPERATIONS)


def asked(words: str, **more: object) -> Understanding:
    """What the planner makes of some words about the practice."""
    return understand(Request(words=words, now=NOW, **more), INDEX)  # type: ignore[arg-type]  # keywords of Request


def values(understanding: Understanding) -> Mapping[str, Json]:
    """The arguments of the one planned call, flat; empty when there is no plan."""
    steps = getattr(understanding.decision, "steps", ())
    if not steps:
        return {}
    given = steps[0].arguments
    return {**given.path, **given.query, **(given.body or {})}


def called(understanding: Understanding) -> str:
    """The operation of the one planned call; empty when there is no plan."""
    steps = getattr(understanding.decision, "steps", ())
    return steps[0].operation.operation_id if steps else ""
