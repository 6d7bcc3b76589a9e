"""Pages: cut a list into small parts and put it together again; nothing may be there twice, nothing may be lost."""

from collections import Counter
from typing import Final

from facade.conformance.lists import Listed, fetch, fullest, identity, is_list
from facade.conformance.paging import paging_of
from facade.conformance.records import Level
from facade.conformance.resources import last_literal
from facade.conformance.session import Session
from facade.kernel import Arguments, Operation

_CHECKS: Final = ("pages.whole", "pages.limit", "pages.total")
_PARTS: Final = (4, 2)
"""Into how many parts a list is cut."""
_FEW: Final = 2


async def check_pages(session: Session) -> None:
    """Every list that takes parameters of paging."""
    for operation in session.reads:
        if is_list(operation) and paging_of(operation).names:
            session.said(f"pages of {operation.key.operation_id}")
            found = await fullest(session, operation)
            if found is not None and len(found[1].items) >= _FEW:
                await _check(session, operation, *found)


async def _check(session: Session, operation: Operation, base: Arguments, whole: Listed) -> None:
    session.findings.count(operation.key.operation_id, *_CHECKS)
    _total(session, whole)
    _twice(session, operation, whole)
    if not paging_of(operation).size:
        return
    for parts in _PARTS:
        size = max(1, len(whole.items) // parts)
        cut = await fetch(session, operation, base, size=size)
        if cut is not None:
            _limit(session, cut, size)
            if paging_of(operation).turns:
                _compare(session, operation, whole, cut)


def _total(session: Session, whole: Listed) -> None:
    if whole.whole and whole.total is not None and whole.total != len(whole.items):
        seen = f"{len(whole.items)} items, total {whole.total}"
        session.problem(
            whole.last, "pages.total", expected="a total that counts the items", seen=seen, level=Level.WARNING
        )


def _twice(session: Session, operation: Operation, listed: Listed) -> None:
    counted = Counter(identity(item, last_literal(operation.path)) for item in listed.items)
    repeated = [name for name, times in counted.items() if times > 1]
    if repeated:
        seen = f"{len(repeated)} of {len(counted)} items came more than once, such as {repeated[0][:60]}"
        session.problem(listed.last, "pages.whole", expected="every item once", seen=seen)


def _limit(session: Session, cut: Listed, size: int) -> None:
    if cut.longest > size:
        session.problem(
            cut.last, "pages.limit", expected=f"at most {size} items on a page", seen=f"{cut.longest} items"
        )


def _compare(session: Session, operation: Operation, whole: Listed, cut: Listed) -> None:
    """The parts together against the list in one go; both have to be complete for that."""
    segment = last_literal(operation.path)
    had = Counter(identity(item, segment) for item in whole.items)
    got = Counter(identity(item, segment) for item in cut.items)
    repeated = [name for name in got if got[name] > max(had[name], 1)]
    lost = list(had - got) if whole.whole and cut.whole else []
    if repeated or lost:
        parts = [f"{len(repeated)} came again on another page ({repeated[0][:40]})"] if repeated else []
        parts += [f"{len(lost)} came on no page ({lost[0][:40]})"] if lost else []
        session.problem(cut.last, "pages.whole", expected="the pages hold every item once", seen=", ".join(parts))
