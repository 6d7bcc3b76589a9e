"""Declared answers -> shapes for planners and validators for checking. A broken one is a warning and goes unchecked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from facade.contract.document import Node, join, mapping, text
from facade.contract.faults import Broken, warning
from facade.contract.media import accept, is_json, preferred
from facade.contract.reading import reading_of
from facade.contract.schemas import Direction
from facade.contract.validators import Validator
from facade.contract.workshop import Site, Workshop
from facade.kernel import Finding, ResponseShape, Severity

_STATUS: Final = re.compile(r"[1-5](?:[0-9]{2}|XX)|default")


@dataclass(slots=True)
class ReadResponses:
    """Shapes in declared order, and what to check by status and media type."""

    shapes: list[ResponseShape] = field(default_factory=list)
    checks: dict[str, Mapping[str, Validator | None]] = field(default_factory=dict)

    def accept(self) -> str:
        """The Accept header for the declared answers of success."""
        good = [status for status in self.checks if status.startswith("2")] or ["default"]
        return accept(media for status in good for media in self.checks.get(status, {}))


def responses_of(shop: Workshop, site: Site) -> ReadResponses:
    """Read the answers that an operation declares. Never raises."""
    read = ReadResponses()
    place = join(site.route.place, "responses")
    for key, value in mapping(site.operation.get("responses")).items():
        status = key.upper() if key != "default" else key
        if not _STATUS.fullmatch(status):
            if not key.startswith("x-"):
                site.remarks.append(warning("response.status", join(place, key), f"{key[:20]!r} is no status; ignored"))
            continue
        try:
            _read(shop, site, shop.document.resolve(Node(value, join(place, key))), _Into(read, status))
        except Broken as fault:
            site.remarks.append(_softened(fault))
            read.checks[status] = {"*/*": None}
    return read


@dataclass(frozen=True, slots=True)
class _Into:
    read: ReadResponses
    status: str


def _read(shop: Workshop, site: Site, node: Node, into: _Into) -> None:
    fields = mapping(node.value)
    content = mapping(fields.get("content"))
    checks: dict[str, Validator | None] = {}
    for media_type, media in content.items():
        schema = Node(mapping(media).get("schema", True), join(node.place, "content", media_type, "schema"))
        checks[media_type] = _validator(shop, site, media_type, schema)
    into.read.checks[into.status] = checks
    chosen = preferred(content) or next(iter(content), "")
    shown = Node(mapping(content.get(chosen)).get("schema"), join(node.place, "content", chosen, "schema"))
    into.read.shapes.append(
        ResponseShape(
            status=into.status,
            media_type=chosen,
            schema=shop.cards.inline(shown),
            description=text(fields.get("description"))[:500],
        )
    )


def _validator(shop: Workshop, site: Site, media_type: str, schema: Node) -> Validator | None:
    """None where nothing is to be checked: of text or octets whose schema speaks of what they spell, such as rows."""
    if not is_json(media_type) and "string" not in reading_of(shop.cards.inline(schema)).types:
        return None
    try:
        return shop.schemas.validator(schema, Direction.RESPONSE)
    except Broken as fault:
        site.remarks.append(_softened(fault))
        return None


def _softened(fault: Broken) -> Finding:
    message = f"{fault.finding.message}; answers go unchecked"
    return replace(fault.finding, message=message, severity=Severity.WARNING)
