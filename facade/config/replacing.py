"""What of a changed settings file may take effect while we serve, and what needs a restart."""

from collections.abc import Iterator, Mapping
from typing import Final

from facade.config.apis import ApiSettings
from facade.config.section import Section
from facade.config.settings import Settings

_WHOLE: Final = ("tiers", "tenants", "provision", "roles", "roles_optional", "approvals")
"""Parts that only the rules are made from, which are replaced with the contracts."""
_OF_AN_API: Final = ("spec", "base_path", "context", "operations", "checked_bytes")
"""What shapes an API's contract, and what it is told about the tenant."""


def replaced(serving: Settings, wanted: Settings) -> tuple[Settings, tuple[str, ...]]:
    """Take over what can be taken over.

    Returns:
        What to serve with from now on, and the places whose change waits for a restart.
    """
    apis = {name: _api(api, wanted.apis.get(name)) for name, api in serving.apis.items()}
    changed = {name: getattr(wanted, name) for name in _WHOLE}
    settings = serving.model_copy(update={**changed, "apis": apis})
    return settings, tuple(_waiting(settings, wanted))


def _api(serving: ApiSettings, wanted: ApiSettings | None) -> ApiSettings:
    if wanted is None:
        return serving
    return serving.model_copy(update={name: getattr(wanted, name) for name in _OF_AN_API})


def _waiting(settings: Settings, wanted: Settings) -> Iterator[str]:
    for name in type(settings).model_fields:
        ours, theirs = getattr(settings, name), getattr(wanted, name)
        if name == "apis":
            yield from _apis(settings.apis, wanted.apis)
        elif ours != theirs:
            yield from _below(name, ours, theirs)


def _apis(ours: Mapping[str, ApiSettings], theirs: Mapping[str, ApiSettings]) -> Iterator[str]:
    for name in sorted(ours.keys() | theirs.keys()):
        if name not in ours or name not in theirs:
            yield f"apis.{name}"
        elif ours[name] != theirs[name]:
            yield from _below(f"apis.{name}", ours[name], theirs[name])


def _below(place: str, ours: object, theirs: object) -> Iterator[str]:
    """The fields that differ, one level down; the place itself where it has none."""
    if isinstance(ours, Section) and isinstance(theirs, type(ours)):
        for name in type(ours).model_fields:
            if getattr(ours, name) != getattr(theirs, name):
                yield f"{place}.{name}"
    else:
        yield place
