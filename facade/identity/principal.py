"""Claims -> Principal: read by the issuer's rules, refused in doubt."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from facade.identity.paths import claim_at
from facade.identity.records import Claims
from facade.kernel import SECOND, Json, JsonObject, Micros, Principal, Unauthenticated

TENANT_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
"""A whole tenant id (`fullmatch`): safe in paths, headers, file names and keys, and with one spelling only."""

_MAX_TEXT = 256
_MAX_ITEMS = 256


def principal_from(claims: Claims) -> Principal:
    """Who this is, and for which tenants it may act.

    Raises:
        Unauthenticated: a claim that the rules name has the wrong shape, or no subject, user or tenant is there.
    """
    rules, values = claims.rules, claims.values
    return Principal(
        issuer=rules.issuer,
        subject=_required_text(values, "sub"),
        user=_required_text(values, rules.user_claim),
        roles=_roles(values, rules.roles_claim),
        tenants=_tenants(values, rules.tenant_claim),
        tier_claim=_optional_text(values, rules.tier_claim),
        credential_kind=claims.kind,
        credential_id=claims.credential_id,
        expires_at=_expiry(values),
        presented=claims.presented,
    )


def _tenants(values: JsonObject, path: str) -> tuple[str, ...]:
    found = claim_at(values, path)
    if found is None:
        raise Unauthenticated(f"The credential names no tenant: its claim '{path}' is missing.")
    ids = _names(found[0], path)
    if not ids or any(TENANT_ID.fullmatch(tenant) is None for tenant in ids):
        raise Unauthenticated(f"The claim '{path}' does not hold tenant ids.")
    return tuple(dict.fromkeys(ids))


def _names(value: Json, path: str) -> tuple[str, ...]:
    """One string, a list of strings, or the keys of an object (Keycloak organisations)."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Mapping):
        return tuple(value)
    return _strings(value, path)


def _roles(values: JsonObject, path: str) -> frozenset[str]:
    """Absent means none; a string is a space-separated list, as OAuth scopes are."""
    found = claim_at(values, path)
    if found is None:
        return frozenset()
    if isinstance(found[0], str):
        return frozenset(_text(role, path) for role in found[0].split(" ") if role)
    return frozenset(_text(role, path) for role in _strings(found[0], path))


def _strings(value: Json, path: str) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > _MAX_ITEMS:
        raise Unauthenticated(f"The claim '{path}' has a shape that is not accepted.")
    return tuple(_all_text(value, path))


def _all_text(items: Iterable[Json], path: str) -> Iterable[str]:
    for item in items:
        if not isinstance(item, str):
            raise Unauthenticated(f"The claim '{path}' holds something that is not text.")
        yield item


def _required_text(values: JsonObject, path: str) -> str:
    text = _optional_text(values, path)
    if text is None:
        raise Unauthenticated(f"The credential lacks the claim '{path}'.")
    return text


def _optional_text(values: JsonObject, path: str | None) -> str | None:
    found = claim_at(values, path) if path is not None else None
    return None if found is None else _text(found[0], path or "")


def _text(value: Json, path: str) -> str:
    """A short printable text, spaces around it excluded: what cannot be shown or stored cannot be a name."""
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_TEXT:
        raise Unauthenticated(f"The claim '{path}' is not a text of 1 to {_MAX_TEXT} characters.")
    if not value.isprintable() or value != value.strip():
        raise Unauthenticated(f"The claim '{path}' holds characters that are not accepted.")
    return value


def _expiry(values: JsonObject) -> Micros | None:
    exp = values.get("exp")
    if isinstance(exp, bool) or not isinstance(exp, int | None):
        raise Unauthenticated("The claim 'exp' is not a whole number of seconds.")
    return None if exp is None else Micros(exp * SECOND)
