"""Tenant -> Context: the headers and pinned parameters that an application is told, and who may set them."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from facade.kernel import (
    FRAMING_HEADERS,
    HEADER_NAME,
    Context,
    CredentialKind,
    Finding,
    Forbidden,
    Pin,
    Secret,
    SettingsInvalid,
    Tenant,
)
from facade.tenancy.records import ContextRules, HeaderRule
from facade.tenancy.template import parse, render


def compile_rules(rules: ContextRules, *, place: str = "context") -> tuple[Finding, ...]:
    """Parse every template once and say what is wrong; without findings only a tenant's missing value can fail.

    Args:
        place: settings path of the rules, such as `apis.main.context`.
    """
    return tuple(_findings(rules, place))


def _findings(rules: ContextRules, place: str) -> Iterator[Finding]:
    seen: set[str] = set()
    for number, header in enumerate(rules.headers):
        where = f"{place}.headers[{number}]"
        yield from _header_findings(header, seen, where)
        yield from _template_findings(header.value, where)
    pinned: set[tuple[str, str]] = set()
    for number, pin in enumerate(rules.pins):
        where = f"{place}.pins[{number}]"
        if (pin.location, pin.name) in pinned:
            yield Finding(code="context.twice", place=where, message=f"'{pin.name}' is pinned twice; keep one.")
        pinned.add((pin.location, pin.name))
        yield from _template_findings(pin.value, where)


def _header_findings(header: HeaderRule, seen: set[str], where: str) -> Iterator[Finding]:
    name = canonical_name(header.name)
    if HEADER_NAME.fullmatch(header.name) is None or name in FRAMING_HEADERS:
        message = f"'{header.name}' is not a header that the context may set; choose another name."
        yield Finding(code="context.header", place=where, message=message)
    if name in seen:
        message = f"'{header.name}' is set twice (spellings with '_', '-' and '.' are one header); keep one."
        yield Finding(code="context.twice", place=where, message=message)
    seen.add(name)


def _template_findings(template: str, where: str) -> Iterator[Finding]:
    try:
        parse(template)
    except ValueError as error:
        yield Finding(code="context.template", place=where, message=f"The template has {error}.")


def context_for(tenant: Tenant, rules: ContextRules) -> Context:
    """What this tenant's requests carry to one application.

    Who presents the application's own credential acts by that one: the tenant-wide secret would give a user more than
    the application does (D2).

    Raises:
        Forbidden: the tenant lacks a value, or a value cannot be put on the wire.
        SettingsInvalid: rules that `compile_rules` finds fault with.
    """
    try:
        headers = tuple((r.name, Secret(_header_value(r, tenant))) for r in rules.headers if not _outdone(r, tenant))
        pins = tuple(
            Pin(location=each.location, name=each.name, value=_checked(each.name, render(each.value, tenant)))
            for each in rules.pins
        )
    except ValueError:
        raise SettingsInvalid("The tenant context is not set up rightly.", findings=compile_rules(rules)) from None
    return Context(
        headers=headers,
        owned=owned_headers(rules),
        pins=pins,
        passes_credential=rules.pass_credential,
        credential=_own_credential(tenant, rules),
    )


def _own_credential(tenant: Tenant, rules: ContextRules) -> tuple[tuple[str, Secret], ...]:
    presented = tenant.principal.presented
    passed = rules.pass_credential or tenant.principal.credential_kind is CredentialKind.SAAS
    return (presented,) if passed and presented is not None else ()


def _outdone(rule: HeaderRule, tenant: Tenant) -> bool:
    """A rule that tells the tenant-wide secret, where the principal's own credential stands in for it."""
    return tenant.principal.credential_kind is CredentialKind.SAAS and _tells_secret(rule)


def _tells_secret(rule: HeaderRule) -> bool:
    return any(part.placeholder and part.text == "secret" for part in parse(rule.value))


@lru_cache(maxsize=256)
def owned_headers(rules: ContextRules) -> frozenset[str]:
    """The headers that the context sets, lower case."""
    return frozenset(each.name.lower() for each in rules.headers)


@lru_cache(maxsize=256)
def secret_headers(rules: ContextRules) -> frozenset[str]:
    """Those of them that tell the tenant-wide secret: what a client sends there is a credential of the application."""
    return frozenset(each.name.lower() for each in rules.headers if _tells_secret(each))


def _header_value(rule: HeaderRule, tenant: Tenant) -> str:
    value = _checked(rule.name, render(rule.value, tenant))
    if not value.isascii() or value != value.strip():
        raise Forbidden(f"This tenant's value for the header {rule.name} is not plain ASCII text.")
    return value


def _checked(name: str, value: str) -> str:
    """No control characters, line breaks or lone surrogates, whoever wrote them."""
    if not value.isprintable():
        raise Forbidden(f"This tenant's value for {name} holds characters that cannot be sent.")
    return value


def is_spoof(name: str, owned: frozenset[str]) -> bool:
    """True when a header name, in any spelling that some receiver may fold, is one that only the context may set.

    Source: CGI (RFC 3875 section 4.1.18) folds `-` and `_`; servers in the field fold `.` too.
    """
    return canonical_name(name) in _canonical(owned)


@lru_cache(maxsize=256)
def _canonical(owned: frozenset[str]) -> frozenset[str]:
    return frozenset(canonical_name(name) for name in owned)


_FOLDED: Final = re.compile(r"[^a-z0-9]+")


def canonical_name(name: str) -> str:
    """One spelling for header names that differ in case, in anything that is no letter or digit, or by CGI's prefix."""
    return _FOLDED.sub("-", name.lower()).strip("-").removeprefix("http-")
