"""One value as its reader likes it: moments in the tenant's zone, amounts in its locale, the rest inert."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from itertools import islice
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, is_currency

from facade.kernel import Json, JsonObject
from facade.reply.inert import inert
from facade.reply.phrases import phrase
from facade.reply.records import Manner

_MONEY = re.compile(
    r"(?:^|_)(?:amount|price|total|subtotal|balance|cost|fee|paid|due|tax|vat|net|gross|revenue|credit|debit|limit"
    r"|discount|refund|salary|budget)(?:_(?:amount|price|due|paid|cents|minor))?$",
    re.IGNORECASE,
)
_MINOR = re.compile(r"_(?:cents|minor)$", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d{1,24}(?:\.\d{1,12})?")
_CONSIDERED = 200
"""Fields of a record among which its currency is looked for."""
_DECIMALS = "#,##0.############"
_NAMES = ("name", "title", "label", "subject", "full_name", "fullName", "display_name", "displayName", "code", "id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Aspect:
    """What is known about a value beside itself.

    Attributes:
        name: the field it stands in.
        currency: ISO 4217 code of its record, '' when there is none.
        limit: characters of text that are shown.
    """

    name: str
    schema: JsonObject
    limit: int
    currency: str = ""


def shown(value: Json, aspect: Aspect, manner: Manner) -> str:
    """Inert text of one line; '' for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return phrase("yes" if value else "no", manner.language)
    if isinstance(value, int | float):
        return _number(value, aspect, manner)
    return _text(value, aspect, manner) if isinstance(value, str) else _compound(value, aspect, manner)


def _compound(value: Mapping[str, Json] | Sequence[Json], aspect: Aspect, manner: Manner) -> str:
    return _object(value, aspect, manner) if isinstance(value, Mapping) else _several(value, aspect, manner)


def size_of(octets: int) -> str:
    """`12 kB`; "" for none. Units of a thousand, as file managers show them."""
    if not octets:
        return ""
    power = min((len(str(octets)) - 1) // 3, len(_UNITS) - 1)
    return f"{octets / 1000**power:.0f} {_UNITS[power]}"


_UNITS = ("B", "kB", "MB", "GB")


def currency_of(record: Mapping[str, Json]) -> str:
    """The currency that a record names for its amounts."""
    names = (k for k in islice(record, _CONSIDERED) if k.lower() in {"currency", "currency_code", "currencycode"})
    code = record.get(next(names, ""))
    return code.upper() if isinstance(code, str) and is_currency(code.upper()) else ""


def is_money(name: str) -> bool:
    """True for the names that amounts of money have."""
    return _MONEY.search(name) is not None


def is_day(value: Json) -> bool:
    """True for an ISO 8601 date."""
    return isinstance(value, str) and _DATE.fullmatch(value) is not None


def is_number(value: Json) -> bool:
    """True for a number that is written as a text, as amounts often are."""
    return isinstance(value, str) and _NUMBER.fullmatch(value) is not None


def is_minor(name: str) -> bool:
    """True for the names of amounts in hundredths."""
    return _MINOR.search(name) is not None


def label_of(value: Mapping[str, Json]) -> Json:
    """What a nested record is called; None for one without a name."""
    return next((value[n] for n in _NAMES if isinstance(value.get(n), str | int)), None)


def is_moment(value: Json) -> bool:
    """True for an ISO 8601 date or date-time."""
    return isinstance(value, str) and bool(_DATE.fullmatch(value) or _MOMENT.fullmatch(value))


def _number(value: float, aspect: Aspect, manner: Manner) -> str:
    """Amounts with their currency, fractions grouped, whole numbers as they are: most of those are ids or years."""
    exact = Decimal(str(value))
    if not exact.is_finite():
        return str(value)
    if aspect.currency and is_money(aspect.name):
        return format_currency(_major(exact, aspect), aspect.currency, locale=_locale(manner))
    if isinstance(value, int):
        return str(value)
    return format_decimal(exact, format=_DECIMALS, locale=_locale(manner))


def _major(amount: Decimal, aspect: Aspect) -> Decimal:
    return amount / 100 if _MINOR.search(aspect.name) else amount


def _text(value: str, aspect: Aspect, manner: Manner) -> str:
    if aspect.currency and is_money(aspect.name) and _NUMBER.fullmatch(value):
        return format_currency(_major(Decimal(value), aspect), aspect.currency, locale=_locale(manner))
    if _DATE.fullmatch(value) or _MOMENT.fullmatch(value):
        return _moment(value, manner) or inert(value, aspect.limit)
    return inert(value, aspect.limit)


def _moment(value: str, manner: Manner) -> str | None:
    """None for what looks like a date and is none, such as the 30th of February."""
    try:
        if _DATE.fullmatch(value):
            return _day(date.fromisoformat(value), manner)
        moment = datetime.fromisoformat(value.upper())
    except ValueError:
        return None
    here = moment.astimezone(_zone(manner)) if moment.tzinfo else moment
    return f"{_day(here.date(), manner)} {here:%H:%M}"


def _day(day: date, manner: Manner) -> str:
    """English without a region keeps ISO 8601: its readers disagree on the order, and a date that someone copies
    into the next request must mean the same day."""
    return day.isoformat() if manner.locale == "en" else format_date(day, "medium", locale=_locale(manner))


def _object(value: Mapping[str, Json], aspect: Aspect, manner: Manner) -> str:
    """The name of a nested record, its text in the reader's language, or how many fields it has."""
    label = label_of(value)
    if label is None:
        label = _translated(value, manner)
    if label is None:
        return phrase("items", manner.language, count=len(value)) if value else ""
    return inert(str(label), aspect.limit)


def _translated(value: Mapping[str, Json], manner: Manner) -> str | None:
    """`{"en": "Hall", "de": "Saal"}` is one text in several languages."""
    texts = {k: v for k, v in value.items() if isinstance(v, str) and re.fullmatch(r"[a-z]{2}(?:[-_]\w+)?", k)}
    if not texts or len(texts) != len(value):
        return None
    return texts.get(manner.locale) or texts.get(manner.locale[:2]) or texts.get("en") or next(iter(texts.values()))


def _several(values: Sequence[Json], aspect: Aspect, manner: Manner) -> str:
    if any(isinstance(v, Mapping | list | tuple) for v in values) and not all(_named(v) for v in values):
        return phrase("items", manner.language, count=len(values))
    text = ", ".join(shown(v, aspect, manner) for v in values[:_SEVERAL])
    return phrase("cut", manner.language, text=text) if len(values) > _SEVERAL else text


_SEVERAL = 10
"""Values of a list that are shown in one cell."""


def _named(value: Json) -> bool:
    return isinstance(value, Mapping) and any(isinstance(value.get(n), str) for n in _NAMES)


def _locale(manner: Manner) -> Locale:
    try:
        return Locale.parse(manner.locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError):
        return Locale("en")


def _zone(manner: Manner) -> tzinfo:
    try:
        return ZoneInfo(manner.time_zone)
    except (OSError, ValueError, KeyError):
        return UTC
