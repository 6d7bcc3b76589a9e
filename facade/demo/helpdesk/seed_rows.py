"""The rows of one account, drawn from its profile. Pure: chance and day are arguments."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from facade.demo.helpdesk.seeds import Ref, Seedling
from facade.demo.helpdesk.store import SqlValue
from facade.demo.helpdesk.vocabulary import CUSTOMER_STATUS, PAYMENT_METHOD, TICKET_CHANNEL, TICKET_PRIORITY
from facade.demo.helpdesk.words import (
    CANCEL_REASONS,
    FIRST_NAMES,
    JOB_TITLES,
    LAST_NAMES,
    NOTES,
    OPENINGS,
    REPLIES,
    SHARED_NAMES,
    Profile,
)

# The last customers have no tickets, invoices or subscriptions yet.
NEWCOMERS = 4
TICKET_DAYS = 240
INVOICE_DAYS = 420
DAYS_TO_PAY = 30
# Tickets younger than this are hardly touched; until the second many are still open.
NEW_DAYS = 3
BUSY_DAYS = 30
# Younger invoices may still be drafts; older ones are hardly ever unpaid; dearer things are bought in small numbers.
DRAFT_DAYS = 25
FORGOTTEN_DAYS = 130
DEAR_CENTS = 50_000


@dataclass(slots=True, kw_only=True)
class Bed:
    """Where one account's rows grow, with the chance that they are drawn with."""

    profile: Profile
    chance: Random
    today: date
    rows: list[Seedling] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def plant(self, table: str, order: str, **values: SqlValue | Ref) -> Ref:
        """Plant one row and give the reference to it."""
        place = self.counts.get(table, 0)
        self.counts[table] = place + 1
        ref = Ref(table, place)
        self.rows.append(Seedling(ref=ref, order=order, values=values))
        return ref

    def likely(self, probability: float) -> bool:
        """True in that part of the draws."""
        return self.chance.random() < probability

    def person(self) -> str:
        """A person's name."""
        return f"{self.chance.choice(FIRST_NAMES)} {self.chance.choice(LAST_NAMES)}"

    def days_ago(self, least: int, most: int) -> date:
        """A day between `least` and `most` days before today."""
        return self.today - timedelta(days=self.chance.randint(least, most))

    def moment(self, day: date) -> str:
        """A moment in the working hours of a day, before nine if it is today."""
        latest = 8 if day == self.today else 17
        return f"{day}T{self.chance.randint(7, latest):02}:{self.chance.randint(0, 59):02}:00Z"

    def customer(self) -> Ref:
        """A customer who is no newcomer."""
        return Ref("customers", self.chance.randrange(self.counts["customers"] - NEWCOMERS))


def planted_rows(profile: Profile, chance: Random, today: date) -> list[Seedling]:
    """Draw every row of one account."""
    bed = Bed(profile=profile, chance=chance, today=today)
    _agents(bed)
    _customers(bed)
    _products(bed)
    for _ in range(profile.tickets):
        _ticket(bed)
    for _ in range(profile.subscriptions):
        _subscription(bed)
    for _ in range(profile.invoices):
        _invoice(bed)
    return bed.rows


def mail_name(name: str) -> str:
    """A name as the part of an address: ASCII, lower case, dots between words."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", ".", plain).strip(".")


def _agents(bed: Bed) -> None:
    for place, (name, team) in enumerate(bed.profile.agents):
        email = f"{mail_name(name)}@{bed.profile.domain}"
        bed.plant("agents", f"{place:03}", name=name, email=email, team=team, available=int(bed.likely(0.8)))


def _company_names(bed: Bed) -> Iterator[str]:
    names = [f"{first} {second}" for first in bed.profile.first_parts for second in bed.profile.second_parts]
    bed.chance.shuffle(names)
    yield from (*SHARED_NAMES, *names)


def _customers(bed: Bed) -> None:
    names = _company_names(bed)
    for place in range(bed.profile.customers):
        newcomer = place >= bed.profile.customers - NEWCOMERS
        _customer(bed, next(names), bed.days_ago(3, 40) if newcomer else bed.days_ago(430, 1300))


def _customer(bed: Bed, name: str, since: date) -> None:
    country, city, dialling = bed.chance.choice(bed.profile.places)
    domain = f"{mail_name(name).replace('.', '-')}.example"
    created = bed.moment(since)
    ref = bed.plant(
        "customers",
        created,
        name=name,
        status=bed.chance.choices(CUSTOMER_STATUS, (80, 10, 7, 3))[0],
        email=f"office@{domain}",
        phone=f"{dialling} {bed.chance.randint(200000, 999999)}",
        country=country,
        city=city,
        industry=bed.chance.choice(bed.profile.industries),
        credit_limit=bed.chance.choice((0, 100_000, 250_000, 500_000, 1_000_000)),
        created_at=created,
        updated_at=created,
    )
    for place in range(bed.chance.randint(1, 3)):
        person = bed.person()
        bed.plant(
            "contacts",
            created,
            customer=ref,
            full_name=person,
            email=f"{mail_name(person)}@{domain}",
            phone=f"{dialling} {bed.chance.randint(200000, 999999)}" if bed.likely(0.7) else None,
            job_title=bed.chance.choice(JOB_TITLES),
            is_primary=int(place == 0),
            created_at=created,
        )


def _products(bed: Bed) -> None:
    for place, (sku, name, category, cents, cycle, description) in enumerate(bed.profile.catalogue):
        bed.plant(
            "products",
            f"{place:03}",
            sku=sku,
            name=name,
            category=category,
            unit_price=cents,
            billing_cycle=cycle,
            active=int("No longer sold" not in description),
            description=description,
        )


def _ticket_status(bed: Bed, age: int) -> str:
    if age < NEW_DAYS:
        return bed.chance.choices(("new", "working"), (3, 1))[0]
    open_weight = 4 if age < BUSY_DAYS else 1
    return bed.chance.choices(("new", "working", "on_hold", "done"), (1, open_weight, open_weight, 12))[0]


def _ticket(bed: Bed) -> None:
    opened = bed.days_ago(0, TICKET_DAYS)
    opened_at = f"{opened}T06:{bed.chance.randint(0, 59):02}:00Z"
    age = (bed.today - opened).days
    status = _ticket_status(bed, age)
    touched = opened + timedelta(days=min(age, bed.chance.randint(0, 12)))
    touched_at = opened_at if touched == opened else bed.moment(touched)
    tag, subjects = bed.chance.choice(bed.profile.topics)
    product = bed.chance.choice(bed.profile.catalogue)[1]
    waiting = status == "new" or bed.likely(0.05)
    ref = bed.plant(
        "tickets",
        opened_at,
        customer=bed.customer(),
        subject_line=bed.chance.choice(subjects).format(product=product, person=bed.person()),
        description=bed.chance.choice(OPENINGS),
        status=status,
        priority=bed.chance.choices(TICKET_PRIORITY, (3, 8, 4, 2))[0],
        channel=bed.chance.choices(TICKET_CHANNEL, (6, 3, 4, 2))[0],
        assignee=None if waiting else Ref("agents", bed.chance.randrange(len(bed.profile.agents))),
        due_on=(opened + timedelta(days=bed.chance.randint(3, 21))).isoformat() if bed.likely(0.6) else None,
        opened_at=opened_at,
        updated_at=touched_at,
        closed_at=touched_at if status == "done" else None,
    )
    extra = bed.chance.choice(("vip", "escalated", "follow-up", "", "", "", "", ""))
    for word in {tag: None, extra: None}:
        if word:
            bed.plant("ticket_tags", opened_at, ticket=ref, tag=word)
    if status != "new":
        _comments(bed, ref, opened, touched)


def _comments(bed: Bed, ticket: Ref, opened: date, touched: date) -> None:
    for _ in range(bed.chance.randint(0, 3)):
        day = opened + timedelta(days=bed.chance.randint(0, (touched - opened).days))
        written = bed.moment(day)
        bed.plant(
            "comments",
            written,
            ticket=ticket,
            author=bed.chance.choice(bed.profile.agents)[0],
            body=bed.chance.choice(REPLIES),
            internal=int(bed.likely(0.25)),
            created_at=written,
        )


def _subscription(bed: Bed) -> None:
    recurring = [
        (place, row)
        for place, row in enumerate(bed.profile.catalogue)
        if row[4] != "one_off" and "No longer" not in row[5]
    ]
    place, row = bed.chance.choice(recurring)
    started = bed.days_ago(30, 420)
    status = bed.chance.choices(("active", "paused", "cancelled"), (8, 1, 2))[0]
    ended = status == "cancelled"
    cycle = timedelta(days=365 if row[4] == "yearly" else 30)
    renews = started + cycle * ((bed.today - started) // cycle + 1)
    bed.plant(
        "subscriptions",
        started.isoformat(),
        customer=bed.customer(),
        product=Ref("products", place),
        quantity=bed.chance.choice((1, 1, 1, 2, 3, 5, 10)),
        status=status,
        started_on=started.isoformat(),
        renews_on=None if ended else renews.isoformat(),
        cancelled_on=bed.days_ago(1, 29).isoformat() if ended else None,
        cancel_reason=bed.chance.choice(CANCEL_REASONS) if ended else None,
    )


def _invoice_state(bed: Bed, issued: date) -> str:
    if (bed.today - issued).days < DRAFT_DAYS and bed.likely(0.5):
        return "draft"
    if (bed.today - issued).days < DAYS_TO_PAY:
        return bed.chance.choices(("issued", "settled"), (3, 1))[0]
    forgotten = (bed.today - issued).days > FORGOTTEN_DAYS
    return bed.chance.choices(("issued", "settled", "void"), (1 if forgotten else 8, 16, 1))[0]


def _invoice(bed: Bed) -> None:
    issued = bed.days_ago(0, INVOICE_DAYS)
    state = _invoice_state(bed, issued)
    sent = state != "draft"
    created_at = f"{issued}T06:{bed.chance.randint(0, 59):02}:00Z"
    paid_on = min(bed.today, issued + timedelta(days=bed.chance.randint(2, 45)))
    ref = bed.plant(
        "invoices",
        created_at,
        customer=bed.customer(),
        state=state,
        currency=bed.profile.currency,
        issued_on=issued.isoformat() if sent else None,
        due_on=(issued + timedelta(days=DAYS_TO_PAY)).isoformat(),
        settled_on=paid_on.isoformat() if state == "settled" else None,
        note=bed.chance.choice(NOTES) if bed.likely(0.2) else None,
        reminders=bed.chance.randint(0, 2) if state == "issued" else 0,
        last_sent_at=f"{issued}T08:00:00Z" if sent else None,
        created_at=created_at,
    )
    total = _lines(bed, ref, created_at)
    if state == "settled":
        _payment(bed, ref, total, paid_on)
    elif state == "issued" and bed.likely(0.2):
        _payment(bed, ref, total // 2, paid_on)


def _lines(bed: Bed, invoice: Ref, order: str) -> int:
    total = 0
    for sku, name, _, cents, cycle, _ in bed.chance.sample(bed.profile.catalogue, bed.chance.randint(1, 4)):
        quantity = bed.chance.randint(1, 3 if cents > DEAR_CENTS else 12)
        total += quantity * cents
        description = name if cycle == "one_off" else f"{name} ({cycle})"
        bed.plant(
            "lines", order, invoice=invoice, sku=sku, description=description, quantity=quantity, unit_price=cents
        )
    return total


def _payment(bed: Bed, invoice: Ref, cents: int, received: date) -> None:
    bed.plant(
        "payments",
        received.isoformat(),
        invoice=invoice,
        amount=cents,
        method=bed.chance.choices(PAYMENT_METHOD, (6, 3, 2, 1))[0],
        received_on=received.isoformat(),
        reference=f"RF{bed.chance.randint(10**7, 10**8 - 1)}",
        created_at=f"{received}T06:30:00Z",
    )
