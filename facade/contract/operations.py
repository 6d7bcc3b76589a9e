"""One Operation Object -> its card and its compiled pieces."""

from dataclasses import replace

from facade.contract.bodies import body_of
from facade.contract.compiled import Compiled
from facade.contract.document import sequence, text
from facade.contract.faults import broken
from facade.contract.naming import title_of
from facade.contract.parameters import declared_parameters
from facade.contract.responses import responses_of
from facade.contract.trie import Segment
from facade.contract.workshop import Site, Workshop
from facade.contract.writes import class_by_method
from facade.kernel import Operation

_TEXT = 4_000
_METHODS = frozenset({"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH"})
"""What agents may send; the proxy passes any other as well."""


def outline_of(site: Site) -> Operation:
    """A card without arguments: what rights and the proxy need even of an operation that agents cannot reach."""
    fields, settings, route = site.operation, site.settings, site.route
    summary = text(fields.get("summary")) or text(site.item.get("summary"))
    described = text(fields.get("description")) or text(site.item.get("description"))
    return Operation(
        key=site.key,
        method=route.method,
        path=route.path,
        write_class=settings.write_class or class_by_method(route.method),
        title=settings.title or title_of(summary, route.declared, route.method, route.path),
        summary=summary[:_TEXT],
        description=(settings.description or described)[:_TEXT],
        tags=tuple(t for t in sequence(fields.get("tags")) if isinstance(t, str)),
        idempotency_header=settings.idempotency_header,
        deprecated=fields.get("deprecated") is True,
        declared_id=bool(route.declared),
    )


def read_operation(shop: Workshop, site: Site, segments: tuple[Segment, ...]) -> Compiled:
    """Compile an operation.

    Raises:
        Broken: agents cannot call it; the finding says why.
    """
    if site.route.method not in _METHODS:
        raise broken("operation.method", site.route.place, f"{site.route.method} is not for agents")
    names = tuple(name for segment in segments for name in segment.names)
    declared = declared_parameters(shop, site, names)
    body = body_of(shop, site, declared)
    responses = responses_of(shop, site)
    operation = replace(
        outline_of(site),
        parameters=(*(p.parameter for p in declared.parameters), *body.parameters),
        body=body.card,
        responses=tuple(responses.shapes),
    )
    bounds = shop.settings.bounds
    return Compiled(
        operation=operation,
        segments=segments,
        parameters=declared.parameters,
        body=body.compiled,
        responses=responses.checks,
        accept=responses.accept(),
        findings_limit=bounds.findings,
        target_bytes=bounds.target_bytes,
        checked_bytes=bounds.checked_bytes,
    )
