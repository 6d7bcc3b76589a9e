"""Templates of context values: text with `{placeholders}`, parsed once, rendered without being read again."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from facade.kernel import Forbidden, Tenant

ATTRIBUTES: Final = "attributes."
_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")
_ATTRIBUTE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Literal text, or the name of a placeholder."""

    text: str
    placeholder: bool = False


def _secret(tenant: Tenant) -> str | None:
    return None if tenant.record.secret is None else tenant.record.secret.reveal()


_VALUES: Final[Mapping[str, Callable[[Tenant], str | None]]] = {
    "tenant": lambda tenant: tenant.id,
    "tier": lambda tenant: tenant.tier.name,
    "user": lambda tenant: tenant.principal.user,
    "subject": lambda tenant: tenant.principal.subject,
    "secret": _secret,
}

PLACEHOLDERS: Final = (*_VALUES, f"{ATTRIBUTES}NAME")
"""What a template may name."""


@lru_cache(maxsize=4096)
def parse(template: str) -> tuple[Part, ...]:
    """The parts of a template; `{{` and `}}` are literal braces.

    Raises:
        ValueError: a lone brace or a placeholder that is not known.
    """
    return tuple(_part(match) for match in _TOKEN.finditer(template))


def _part(match: re.Match[str]) -> Part:
    text, name = match[0], match[1]
    if name is not None:
        return _placeholder(name)
    if text in {"{", "}"}:
        raise ValueError(f"a lone '{text}'; write '{text}{text}' for the character itself")
    return Part(text=text[0] if text in {"{{", "}}"} else text)


def _placeholder(name: str) -> Part:
    attribute = name.startswith(ATTRIBUTES) and _ATTRIBUTE.fullmatch(name.removeprefix(ATTRIBUTES))
    if name not in _VALUES and not attribute:
        known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
        raise ValueError(f"unknown placeholder '{{{name}}}'; known are {known}")
    return Part(text=name, placeholder=True)


def render(template: str, tenant: Tenant) -> str:
    """The text for this tenant. What a value holds is never read as a template.

    Raises:
        Forbidden: the tenant lacks a value that the template names.
        ValueError: the template does not parse.
    """
    return "".join(_value(part.text, tenant) if part.placeholder else part.text for part in parse(template))


def _value(name: str, tenant: Tenant) -> str:
    attribute = tenant.record.attributes.get(name.removeprefix(ATTRIBUTES))
    value = _VALUES[name](tenant) if name in _VALUES else attribute
    if not value:
        raise Forbidden(f"This tenant has no '{name}', which the application needs; its provider must set it.")
    return value
