"""Operation ids and titles.

An id is the declared one where that is clean and nobody else declares it; else the declared one cleaned, or method and
path; and where several operations would be called the same, each of them gets its method, its path and a digest of
both. So an id depends on the operation alone: other operations that come or go rename it only when one of them claims
the very same name, and no name ever passes from one operation to another, unless that one declares it.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
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
    return f"{slug[: _LONGEST - 9]}_{_digest(name)}"


def assign_ids(routes: Sequence[Route]) -> tuple[dict[tuple[str, str], str], tuple[Finding, ...]]:
    """Give every route its own id, by (method, path). Neither order nor other names matter to it."""
    waiting = sorted(routes, key=lambda route: (route.path, route.method))
    ids: dict[tuple[str, str], str] = {}
    claimed: set[str] = set()
    for name_of in (_as_declared, _made):
        wanted = Counter(name_of(route) for route in waiting)
        for route in waiting:
            name = name_of(route)
            if name and wanted[name] == 1 and name not in claimed:
                ids[route.method, route.path] = name
        claimed |= wanted.keys()  # what several wanted, none of them gets, and nobody after them
        waiting = [route for route in waiting if (route.method, route.path) not in ids]
    for route in waiting:
        name = next(name for name in _marked(route) if name not in claimed)
        claimed.add(name)
        ids[route.method, route.path] = name
    return ids, (*_renamed(waiting, ids), *_twins(routes, ids))


def _as_declared(route: Route) -> str:
    return route.declared if clean(route.declared) == route.declared else ""


def _made(route: Route) -> str:
    return clean(route.declared) or clean(_by_route(route))


def _marked(route: Route) -> Iterator[str]:
    """Names that nobody else would make; the second one is there for descriptions that declare the first."""
    words = clean(f"{route.declared} {_by_route(route)}")[: _LONGEST - 9].rstrip("_")
    source = f"{route.method} {route.path}"
    while True:
        yield f"{words}_{_digest(source)}"
        source += " again"


def _by_route(route: Route) -> str:
    return f"{route.method.lower()} {route.path}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:8]


def _renamed(routes: Iterable[Route], ids: dict[tuple[str, str], str]) -> Iterator[Finding]:
    for route in routes:
        if route.declared:
            name = ids[route.method, route.path]
            message = f"operationId {route.declared[:80]!r} stands for several operations; this one is called {name!r}"
            yield warning("operation.id", join(route.place, "operationId"), message)


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
