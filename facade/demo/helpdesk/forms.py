"""Request bodies: a form says which fields there are, readers say what fits in them.

Every complaint names its field, nested ones with a dotted path (`lines.0.quantity`).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from facade.demo.helpdesk.errors import invalid

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Reader: TypeAlias = Callable[[str, Json], Json]

EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MAX_WHOLE = 2**31 - 1
MAX_AMOUNT = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a form."""

    read: Reader
    required: bool = False
    nullable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The fields of one request body; `least` is how many must be given."""

    fields: Mapping[str, Field]
    least: int = 0


def read_form(form: Form, body: Json, at: str = "") -> dict[str, Json]:
    """Check a body against a form.

    Returns:
        The fields that were given, amounts in cents, in the order of the form.

    Raises:
        Refusal: 422 with the first field that does not fit.
    """
    if not isinstance(body, Mapping):
        raise invalid(at.rstrip(".") or "body", "Expected a JSON object.")
    for name in body:
        if name not in form.fields:
            raise invalid(at + name, "There is no such field.", "unknown_field")
    for name, field in form.fields.items():
        if field.required and name not in body:
            raise invalid(at + name, "This field is required.", "required")
    if len(body) < form.least:
        raise invalid(at or "body", "Give at least one field to change.", "required")
    return {name: _read(field, at + name, body[name]) for name, field in form.fields.items() if name in body}


def _read(field: Field, name: str, value: Json) -> Json:
    if value is None and field.nullable:
        return None
    return field.read(name, value)


def text(longest: int, shortest: int = 1) -> Reader:
    """Read text of `shortest` to `longest` characters that UTF-8 can carry."""

    def read(name: str, value: Json) -> Json:
        if not isinstance(value, str):
            raise invalid(name, "Expected text.")
        if not shortest <= len(value) <= longest:
            raise invalid(name, f"Expected {shortest} to {longest} characters.")
        if not value.isascii() and re.search("[\ud800-\udfff]", value):
            raise invalid(name, "The text is not valid Unicode.")
        return value

    return read


def choice(words: Sequence[str]) -> Reader:
    """Read one of a fixed set of words."""

    def read(name: str, value: Json) -> Json:
        if value not in words:
            raise invalid(name, f"Expected one of: {', '.join(words)}.")
        return value

    return read


def whole(low: int = 0, high: int = MAX_WHOLE) -> Reader:
    """Read a whole number within bounds; JSON's 3.0 counts as 3."""

    def read(name: str, value: Json) -> Json:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise invalid(name, "Expected a whole number.")
        if not low <= value <= high:
            raise invalid(name, f"Expected {low} to {high}.")
        return value

    return read


def amount(low: str = "0") -> Reader:
    """Read money with at most two decimals into whole cents, from `low` on."""

    def read(name: str, value: Json) -> Json:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise invalid(name, "Expected an amount.")
        money = Decimal(str(value))
        if not money.is_finite() or not Decimal(low) <= money <= MAX_AMOUNT:
            raise invalid(name, f"Expected {low} to {MAX_AMOUNT}.")
        cents = money * 100
        if cents != cents.to_integral_value():
            raise invalid(name, "An amount has at most two decimals.")
        return int(cents)

    return read


def flag(name: str, value: Json) -> Json:
    """Read true or false."""
    if not isinstance(value, bool):
        raise invalid(name, "Expected true or false.")
    return value


def email(name: str, value: Json) -> Json:
    """Read an email address; anything with a local part and a dotted domain."""
    if not isinstance(value, str) or not EMAIL.fullmatch(value) or not value.isascii():
        raise invalid(name, "Expected an email address.")
    return value


def day(name: str, value: Json) -> Json:
    """Read a calendar day, YYYY-MM-DD."""
    if isinstance(value, str) and DAY.fullmatch(value):
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            pass
    raise invalid(name, "Expected a day like 2026-11-22.")


def several(read: Reader, most: int, least: int = 0) -> Reader:
    """Read a list of `least` to `most` values."""

    def read_all(name: str, value: Json) -> Json:
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise invalid(name, "Expected a list.")
        if not least <= len(value) <= most:
            raise invalid(name, f"Expected {least} to {most} entries.")
        return [read(f"{name}.{place}", entry) for place, entry in enumerate(value)]

    return read_all


def nested(form: Form) -> Reader:
    """Read an object by its own form."""

    def read(name: str, value: Json) -> Json:
        return read_form(form, value, f"{name}.")

    return read
