"""Operation ids and titles. Ids are stable: they depend on the description's content, never on its order."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from facade.contract.document import join
from facade.contract.faults import warning
from facade.kernel import Finding

_CLEAN: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_UNCLEAN: Final = re.compile(r"[^A-Za-z0-9]+")
_HUMPS: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[^\W\d_A-Za-z]+")
_LONGEST: Final = 64
_TITLE: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where an operation is called, and the id that its description gives it, if any."""

    method: str
    path: str
    place: str
    declared: str = ""


def clean(name: str) -> str:
    """The name itself when every protocol can carry it, else its letters and digits joined by `_`; "" if none."""
    if _CLEAN.fullmatch(name):
        return name
    slug = _UNCLEAN.sub("_", name).strip("_")
    if len(slug) <= _LONGEST:
        return slug
    return f"{slug[: _LONGEST - 9]}_{hashlib.sha256(name.encode(errors='replace')).hexdigest()[:8]}"


def assign_ids(routes: Iterable[Route]) -> tuple[dict[tuple[str, str], str], tuple[Finding, ...]]:
    """Give every route its own id, by (method, path).

    Ids that are clean as declared come first, so a made one never takes a declared one. Of several operations that
    declare the same id, the first by path and method keeps it.
    """
    ids: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    findings: list[Finding] = []
    for route in sorted(routes, key=_precedence):
        wanted = clean(route.declared)
        made = _free(route, wanted, taken)
        if route.declared and made != wanted:
            message = f"operationId {route.declared[:80]!r} is declared twice; this one is called {made!r}"
            findings.append(warning("operation.id", join(route.place, "operationId"), message))
        taken.add(made)
        ids[route.method, route.path] = made
    return ids, (*findings, *_twins(routes, ids))


def _precedence(route: Route) -> tuple[bool, bool, str, str]:
    return clean(route.declared) != route.declared, not route.declared, route.path, route.method


def _free(route: Route, wanted: str, taken: set[str]) -> str:
    by_route = f"{route.method.lower()} {route.path}"
    names = (wanted, clean(f"{wanted} {by_route}".strip()), clean(f"{by_route} {_hash(route)[:8]}"))
    return next(name for name in names if name and name not in taken)


def _hash(route: Route) -> str:
    return hashlib.sha256(f"{route.method} {route.path}".encode(errors="replace")).hexdigest()


def _twins(routes: Iterable[Route], ids: dict[tuple[str, str], str]) -> tuple[Finding, ...]:
    seen: dict[str, str] = {}
    findings = []
    for route in routes:
        name = ids[route.method, route.path]
        other = seen.setdefault(name.lower(), name)
        if other != name:
            message = f"operation {name!r} differs from {other!r} in letter case alone"
            findings.append(warning("operation.id_case", route.place, message))
    return tuple(findings)


def words_of(name: str) -> list[str]:
    """`listTicketComments`, `list_ticket_comments` -> list, ticket, comments; acronyms stay whole."""
    return [w if w.isupper() and len(w) > 1 else w.lower() for w in _HUMPS.findall(name)]


def title_of(summary: str, declared: str, method: str, path: str) -> str:
    """A short human phrase: the summary, else the id's words, else method and path."""
    phrase = " ".join(summary.split()).rstrip(".")
    if phrase:
        return phrase if len(phrase) <= _TITLE else phrase[:_TITLE].rsplit(" ", 1)[0] + "…"
    phrase = " ".join(words_of(declared))[:_TITLE]
    return phrase[:1].upper() + phrase[1:] if phrase else f"{method} {path}"
