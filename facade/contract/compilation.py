"""Description and settings -> contract. What is wrong with one operation never touches another."""

import difflib
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import asdict, dataclass, field
from typing import Final

import orjson

from facade.contract.cards import CardSchemas
from facade.contract.compiled import Compiled
from facade.contract.dialects import plain
from facade.contract.document import Document, Node, join, mapping, open_document, text
from facade.contract.faults import Broken, broken, warning
from facade.contract.naming import Route, assign_ids
from facade.contract.operations import outline_of, read_operation
from facade.contract.parameters import credentials_of
from facade.contract.records import Contract
from facade.contract.risks import Neighbours, credentials_in_answer, neighbours_of, risk_of
from facade.contract.schemas import SchemaCompiler
from facade.contract.settings import ContractSettings
from facade.contract.trie import Branch, Entry, Segment, insert, template_of
from facade.contract.workshop import Site, Workshop
from facade.contract.writes import lies
from facade.kernel import (
    HEADER_NAME,
    DescriptionInvalid,
    Finding,
    Json,
    JsonObject,
    Operation,
    OperationKey,
    SettingsInvalid,
    Severity,
)

_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


def compile_contract(document: JsonObject, *, api: str, settings: ContractSettings) -> Contract:
    """Compile a description once, so that a request costs look-ups.

    Blocks for about a millisecond per operation: run it off the event loop (D11).

    Raises:
        DescriptionInvalid: the document as a whole cannot be used.
        SettingsInvalid: the base path is not one.
    """
    told = plain(document)
    source = open_document(told.root)
    base = _base_segments(settings.base_path)
    shop = Workshop(
        api=api,
        document=source,
        settings=settings,
        schemas=SchemaCompiler(source, settings.bounds),
        cards=CardSchemas(source, settings.bounds),
        credentials=credentials_of(told.root),
    )
    draft = _Draft()
    found = _collect(source, draft)
    if len(found) > settings.bounds.operations:
        raise DescriptionInvalid(
            f"paths: {len(found)} operations are more than the {settings.bounds.operations} that are read; "
            "split the description into several APIs."
        )
    read = [_read(shop, site, base, draft) for site in _sites(shop, found, draft)]
    neighbours = neighbours_of(each.operation for each in read)
    for each in read:
        _add(each, neighbours, draft)
    return Contract(
        api=api,
        version=_version(document, settings),
        title=text(mapping(document.get("info")).get("title"))[:200] or api,
        operations=draft.operations,
        kept=draft.kept,
        findings=(*told.findings, *map(told.moves.original, (*draft.findings, *shop.schemas.slips.values()))),
        compiled=draft.compiled,
        routes=draft.routes,
    )


@dataclass(slots=True)
class _Draft:
    operations: dict[str, Operation] = field(default_factory=dict)
    kept: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    compiled: dict[str, Compiled] = field(default_factory=dict)
    routes: Branch = field(default_factory=Branch)
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Found:
    route: Route
    operation: JsonObject
    item: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """An operation that has been read; without `segments` no request can be for it, without `compiled` no agent's."""

    site: Site
    segments: tuple[Segment, ...] | None
    compiled: Compiled | None
    operation: Operation


def _base_segments(base_path: str) -> tuple[Segment, ...]:
    trimmed = base_path.rstrip("/")
    if not trimmed:
        return ()
    try:
        segments = template_of(trimmed, "base_path")
    except Broken as fault:
        raise SettingsInvalid("The base path is not a path.", findings=(fault.finding,)) from None
    if not trimmed.startswith("/") or any(s.names for s in segments):
        message = f"{base_path!r} must be a plain path that begins with '/', such as '/api/v1'"
        finding = Finding(code="settings.base_path", place="base_path", message=message)
        raise SettingsInvalid("The base path is not a path.", findings=(finding,))
    return segments


def _collect(document: Document, draft: _Draft) -> list[_Found]:
    found: dict[tuple[str, str], _Found] = {}
    for path, value in mapping(document.root["paths"]).items():
        if path.startswith("x-"):
            continue
        place = join("/paths", path)
        if not path.startswith("/"):
            draft.findings.append(warning("path.slash", place, "a path begins with '/'; read as if it did"))
        try:
            item = document.resolve(Node(value, place))
        except Broken as fault:
            draft.findings.append(fault.finding)
            continue
        for entry in _in_item(path if path.startswith("/") else f"/{path}", item, draft):
            if found.setdefault((entry.route.method, entry.route.path), entry) is not entry:
                draft.findings.append(broken("path.twice", place, "the path is declared twice").finding)
    return list(found.values())


def _in_item(path: str, item: Node, draft: _Draft) -> Iterator[_Found]:
    if not isinstance(item.value, Mapping):
        draft.findings.append(broken("path.item", item.place, "a path item must be an object").finding)
        return
    for method, operation, place in _operations(item):
        if not isinstance(operation, Mapping):
            draft.findings.append(broken("operation.object", place, "an operation must be an object").finding)
        elif not HEADER_NAME.fullmatch(method):
            draft.findings.append(broken("operation.method", place, f"{method[:40]!r} is no method").finding)
        else:
            declared = text(operation.get("operationId")).strip()
            route = Route(method=method, path=path, place=place, declared=declared)
            yield _Found(route, operation, item)


def _operations(item: Node) -> Iterator[tuple[str, Json, str]]:
    """Method, operation and place; OpenAPI 3.2 has more methods, which are case-sensitive there."""
    fields = mapping(item.value)
    yield from ((m.upper(), fields[m], join(item.place, m)) for m in _METHODS if m in fields)
    more = mapping(fields.get("additionalOperations"))
    yield from ((m, more[m], join(item.place, "additionalOperations", m)) for m in more if m.lower() not in _METHODS)


def _sites(shop: Workshop, found: list[_Found], draft: _Draft) -> Iterator[Site]:
    ids, findings = assign_ids([f.route for f in found])
    draft.findings.extend(findings)
    declared = Counter(f.route.declared for f in found)
    taken = set(ids.values())
    used: set[str] = set()
    for each in sorted(found, key=lambda f: (f.route.path, f.route.method)):
        route = each.route
        operation_id = ids[route.method, route.path]
        names = [operation_id, f"{route.method} {route.path}"]
        names += [route.declared] if route.declared not in taken and declared[route.declared] == 1 else []
        chosen = [name for name in names if name in shop.settings.overrides]
        used.update(chosen)
        yield Site(
            key=OperationKey(shop.api, operation_id),
            route=route,
            operation=each.operation,
            item=mapping(each.item.value),
            item_place=each.item.place,
            settings=shop.settings.overrides[chosen[0]] if chosen else shop.settings.others,
        )
    draft.findings.extend(_unknown(shop.settings.overrides.keys() - used, taken))


def _unknown(names: Set[str], known: Set[str]) -> Iterator[Finding]:
    for name in sorted(names):
        near = difflib.get_close_matches(name, sorted(known), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        message = f"the description has no operation {name[:80]!r}{hint}"
        yield Finding(code="settings.operation", place=f"overrides.{name}", message=message)


def _read(shop: Workshop, site: Site, base: tuple[Segment, ...], draft: _Draft) -> _Read:
    """Read one operation; what fails becomes a finding, and as much as possible stays known to the proxy."""
    compiled: Compiled | None = None
    segments: tuple[Segment, ...] | None = None
    try:
        segments = (*base, *template_of(site.route.path, site.item_place))
        compiled = read_operation(shop, site, segments)
    except Broken as fault:
        site.remarks.append(fault.finding)
    operation = compiled.operation if compiled else outline_of(site)
    return _Read(site=site, segments=segments, compiled=compiled, operation=operation)


def _add(read: _Read, neighbours: Neighbours, draft: _Draft) -> None:
    """Put one operation where requests find it, and within agents' reach when nothing speaks against that."""
    site, compiled, operation = read.site, read.compiled, read.operation
    if compiled is not None:
        _judge(site, operation, neighbours)
    reachable = compiled is not None and not site.settings.hide and not site.risks
    held = None
    if read.segments is not None:
        held = insert(draft.routes, Entry(operation=operation, segments=read.segments, reachable=reachable))
    if held is not None:
        message = f"no request can tell this path from {held.operation.path!r}, which comes first"
        site.remarks.append(broken("path.same", site.route.place, message).finding)
    elif compiled is not None:
        draft.compiled[site.key.operation_id] = compiled
        if reachable:
            draft.operations[site.key.operation_id] = operation
        elif site.risks and not site.settings.hide:
            draft.kept[site.key.operation_id] = tuple(site.risks)
    if site.settings.write_class is None:
        site.remarks.extend(lies(site.route, operation.summary))
    draft.findings.extend(site.remarks)


def _judge(site: Site, operation: Operation, neighbours: Neighbours) -> None:
    risk = risk_of(operation, site.route.declared, neighbours)
    shown = next(credentials_in_answer(operation), "") if operation.method == "GET" else ""
    if risk is not None:
        site.remark_risk(risk.code, site.route.place, risk.message)
    elif shown and not site.settings.hide:
        message = f"its answer has {shown[:80]!r}, which looks like a credential; hide it if agents must not see that"
        site.remarks.append(Finding(code="risk.shown", place=site.route.place, message=message, severity=Severity.INFO))


def _version(document: JsonObject, settings: ContractSettings) -> str:
    shaped = orjson.dumps([document, asdict(settings)], option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.sha256(shaped).hexdigest()
