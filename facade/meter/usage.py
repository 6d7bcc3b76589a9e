"""Ledger records -> usage rows: the reference that every store's sums agree with exactly."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from facade.kernel import DAY, Counted, InvalidRequest, Micros, OutcomeUnknown, utc_date
from facade.meter.records import Decision, Intent, Settle, UsageKey, UsageRow

GROUPS: Final = ("tenant", "operation", "day", "entrance")
"""What usage may be grouped by."""

OK: Final = "ok"
"""The outcome of an attempt that was answered."""

UNKNOWN: Final = OutcomeUnknown.code
"""The outcome of a write whose answer was lost: it counts as unknown, as an attempt without a settlement does."""

CONSENTS: Final = ("proposed", "approved", "declined")
"""Outcomes of decisions that refuse nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the ledger, as usage sees it: an attempt with its settlement if it has one, or a decision."""

    record: Intent | Decision
    settle: Settle | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Which entries to count: from `since` to before `until`, of one tenant or all."""

    since: Micros | None = None
    until: Micros | None = None
    tenant: str | None = None


def usage(entries: Iterable[Entry], *, by: Sequence[str], part: Slice) -> tuple[UsageRow, ...]:
    """Sum entries by the groups named, ordered by their key.

    Raises:
        InvalidRequest: a group that is not in `GROUPS`.
    """
    check_groups(by)
    sums: defaultdict[UsageKey, list[int]] = defaultdict(lambda: [0] * 9)
    for entry in entries:
        if _holds(part, entry.record):
            key = _key(entry.record, by)
            sums[key] = [total + one for total, one in zip(sums[key], _counts(entry), strict=True)]
    rows = (row_of(key, counts) for key, counts in sums.items())
    return tuple(sorted(rows, key=lambda row: tuple(getattr(row.key, group) for group in by)))


def charged(entries: Iterable[Entry], *, since: Micros) -> dict[str, dict[Counted, int]]:
    """Units charged per tenant since a moment."""
    totals: dict[str, dict[Counted, int]] = {}
    for entry in entries:
        if entry.record.at >= since:
            units = totals.setdefault(entry.record.tenant, {})
            for counted, amount in entry.record.units.items():
                units[counted] = units.get(counted, 0) + amount
    return {tenant: units for tenant, units in totals.items() if units}


def check_groups(by: Sequence[str]) -> None:
    """Refuse groups that usage does not know.

    Raises:
        InvalidRequest: names the group and the known ones.
    """
    unknown = [group for group in by if group not in GROUPS]
    if unknown:
        raise InvalidRequest(f"Usage cannot be grouped by {unknown[0]!r}; known: {', '.join(GROUPS)}.", place="by")


def row_of(key: UsageKey, counts: Sequence[int]) -> UsageRow:
    """A row from its nine sums, in the order of `UsageRow`."""
    attempts, ok, failed, unknown, refused, requests, calls, writes, turns = counts
    return UsageRow(
        key=key,
        attempts=attempts,
        ok=ok,
        failed=failed,
        unknown=unknown,
        refused=refused,
        requests=requests,
        calls=calls,
        writes=writes,
        turns=turns,
    )


def day_number(at: Micros) -> int:
    """Days since the Unix epoch, in UTC."""
    return at // DAY


def day_text(number: int) -> str:
    """`YYYY-MM-DD` of a day number."""
    return utc_date(Micros(number * DAY)).isoformat()


def _holds(part: Slice, record: Intent | Decision) -> bool:
    return (
        (part.since is None or record.at >= part.since)
        and (part.until is None or record.at < part.until)
        and (part.tenant is None or record.tenant == part.tenant)
    )


def _key(record: Intent | Decision, by: Sequence[str]) -> UsageKey:
    return UsageKey(
        tenant=record.tenant if "tenant" in by else "",
        operation=record.what if "operation" in by else "",
        day=day_text(day_number(record.at)) if "day" in by else "",
        entrance=record.entrance.value if "entrance" in by else "",
    )


def _counts(entry: Entry) -> list[int]:
    charged_units = [_units(entry.record.units, counted) for counted in Counted]
    return [*_ends(entry), *charged_units]


def _ends(entry: Entry) -> list[int]:
    """Attempts, ok, failed, unknown, refused: 1 where the entry is one."""
    if isinstance(entry.record, Decision):
        return [0, 0, 0, 0, int(entry.record.outcome not in CONSENTS)]
    if not entry.record.wire:
        return [0] * 5
    outcome = entry.settle.outcome if entry.settle is not None else UNKNOWN
    return [1, int(outcome == OK), int(outcome not in (OK, UNKNOWN)), int(outcome == UNKNOWN), 0]


def _units(units: Mapping[Counted, int], counted: Counted) -> int:
    return units.get(counted, 0)
