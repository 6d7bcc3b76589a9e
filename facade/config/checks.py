"""What single values cannot show: names that must exist, credentials that need roles, mounts that clash."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facade.adapters.upstream.settings import addresses_of
from facade.config.problems import did_you_mean
from facade.config.reaching import upstream_settings_of
from facade.config.records import context_rules_of
from facade.config.settings import Settings
from facade.config.templates import holes_of
from facade.kernel import Finding, SettingsInvalid, Severity
from facade.tenancy import compile_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names that the file declares, whether or not what they stand for is right."""

    tiers: tuple[str, ...]
    apis: tuple[str, ...]
    roles: tuple[str, ...]
    tenants: tuple[str, ...]


def names_in(raw: Mapping[str, Any]) -> Names:
    """The declared names of a mapping that may be wrong in every other way."""

    def keys(name: str) -> tuple[str, ...]:
        part = raw.get(name)
        return tuple(str(key) for key in part) if isinstance(part, Mapping) else ()

    return Names(tiers=keys("tiers"), apis=keys("apis"), roles=keys("roles"), tenants=keys("tenants"))


def checked(settings: Settings, names: Names) -> tuple[Finding, ...]:
    """Every contradiction between parts of the settings."""
    return (
        *_unknown_names(settings, names),
        *_clashing_mounts(settings),
        *_clashing_rules(settings),
        *_upstreams(settings),
        *_missing_values(settings),
        *_missing_roles(settings, names),
        *_identity(settings),
        *_missing_files(settings),
        *_workers(settings),
    )


def _unknown_names(settings: Settings, names: Names) -> Iterator[Finding]:
    for tenant_id, tenant in settings.tenants.items():
        yield from _known(f"tenants.{tenant_id}.tier", tenant.tier, names.tiers, "tiers")
    if settings.provision is not None:
        yield from _known("provision", settings.provision, names.tiers, "tiers")
    saas = settings.identity.saas
    if saas is None:
        return
    if saas.introspection is not None:
        yield from _known("identity.saas.introspection.api", saas.introspection.api, names.apis, "apis")
    for index, entry in enumerate(saas.mapping):
        place = f"identity.saas.mapping.{index}"
        if settings.provision is None:
            yield from _known(f"{place}.tenant", entry.tenant, names.tenants, "tenants")
        for role in entry.roles if names.roles else ():
            yield from _known(f"{place}.roles", role, names.roles, "roles")


def _known(place: str, name: str, known: tuple[str, ...], section: str) -> Iterator[Finding]:
    if name not in known:
        message = f"`{name}` is not under `{section}`; {did_you_mean(name, known)}"
        yield Finding(code="settings.unknown_name", place=place, message=message)


def _clashing_mounts(settings: Settings) -> Iterator[Finding]:
    owner: dict[str, str] = {}
    for name, api in settings.apis.items():
        first = owner.setdefault(api.mount, name)
        if first != name and settings.mode == "proxy":
            message = f"`{api.mount}` is where `{first}` stands already; give one of them another mount"
            yield Finding(code="settings.mount", place=f"apis.{name}.mount", message=message)
        if api.mount == settings.prefix or api.mount.startswith(f"{settings.prefix}/"):
            message = f"lies under the prefix {settings.prefix}, which is ours; move it"
            yield Finding(code="settings.mount", place=f"apis.{name}.mount", message=message)


def _clashing_rules(settings: Settings) -> Iterator[Finding]:
    for name, rules in context_rules_of(settings).items():
        yield from compile_rules(rules, place=f"apis.{name}.context")


def _upstreams(settings: Settings) -> Iterator[Finding]:
    for name, upstream in upstream_settings_of(settings).items():
        try:
            addresses_of(upstream, place=f"apis.{name}")
        except SettingsInvalid as error:
            yield from error.findings


def _missing_values(settings: Settings) -> Iterator[Finding]:
    for name, api in settings.apis.items():
        for below, template in api.context.templates:
            for hole in holes_of(template):
                yield from _tenants_without(settings, hole, f"apis.{name}.context.{below}")


def _tenants_without(settings: Settings, hole: str, user: str) -> Iterator[Finding]:
    attribute = hole.removeprefix("attributes.")
    for tenant_id, tenant in settings.tenants.items():
        if hole == "secret" and tenant.secret is None:
            place = f"tenants.{tenant_id}.secret"
        elif hole.startswith("attributes.") and attribute not in tenant.attributes:
            place = f"tenants.{tenant_id}.attributes.{attribute}"
        else:
            continue
        yield Finding(code="settings.context", place=place, message=f"is missing, and {user} needs it; add it")


def _missing_roles(settings: Settings, names: Names) -> Iterator[Finding]:
    if names.roles or settings.roles_optional:
        return
    for name, api in settings.apis.items():
        if api.tenant_wide:
            message = (
                f"apis.{name} gets one credential for a whole tenant, so it cannot tell users apart; "
                "declare roles, or say `roles_optional: true` if every user may do all that the tier allows"
            )
            yield Finding(code="settings.roles", place="roles", message=message)


def _identity(settings: Settings) -> Iterator[Finding]:
    identity = settings.identity
    if not identity.issuers and identity.saas is None and identity.dev is None:
        message = "trusts nobody; declare `issuers`, `saas` or `dev`"
        yield Finding(code="settings.identity", place="identity", message=message)
    known = [identity.dev.issuer] if identity.dev else []
    for index, issuer in enumerate(identity.issuers):
        if issuer.issuer in known:
            message = f"`{issuer.issuer}` is declared already; join the two"
            yield Finding(code="settings.identity", place=f"identity.issuers.{index}.issuer", message=message)
        known.append(issuer.issuer)


def _missing_files(settings: Settings) -> Iterator[Finding]:
    for place, path in _files(settings):
        if not path.is_file():
            message = f"there is no file {path}; create it, or name another"
            yield Finding(code="settings.no_file", place=place, message=message)


def _workers(settings: Settings) -> Iterator[Finding]:
    if settings.listen.workers > 1 and settings.ledger.database == "memory:":
        message = "is each worker's own, so consent given to one is unknown to the next; name a database"
        yield Finding(code="settings.workers", place="ledger.database", message=message)


def _files(settings: Settings) -> Iterator[tuple[str, Path]]:
    yield from ((f"apis.{name}.spec", Path(api.spec)) for name, api in settings.apis.items() if "://" not in api.spec)
    for index, issuer in enumerate(settings.identity.issuers):
        for field in ("jwks_file", "pem_file"):
            path = getattr(issuer.keys, field)
            if path is not None:
                yield f"identity.issuers.{index}.keys.{field}", path
    if settings.identity.dev is not None:
        yield "identity.dev.key_file", settings.identity.dev.key_file
    yield from _tls_files(settings)


def _tls_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    spoken = {"listen.tls": settings.listen.tls, **{f"apis.{name}.tls": api.tls for name, api in settings.apis.items()}}
    for place, tls in spoken.items():
        yield from ((f"{place}.{field}", path) for field, path in tls or () if isinstance(path, Path))


def notes_of(settings: Settings) -> tuple[Finding, ...]:
    """What a start should say aloud about settings that hold together."""
    return tuple(_notes(settings))


def _notes(settings: Settings) -> Iterator[Finding]:
    wide = [name for name, api in settings.apis.items() if api.tenant_wide]
    if wide:
        decides = "only the tier narrows what a user may do" if settings.roles_optional else "roles decide instead"
        message = f"{', '.join(wide)} cannot tell the users of a tenant apart; {decides}"
        yield Finding(code="note.tenant_wide", place="roles", message=message, severity=Severity.INFO)
    yield from _unverified(settings)
    if settings.identity.dev is not None:
        message = "development tokens are accepted; remove this before production"
        yield Finding(code="note.dev", place="identity.dev", message=message, severity=Severity.WARNING)
    for name, tier in settings.tiers.items():
        if tier.autonomy.value == "auto":
            message = "agents write without asking in this tier"
            place = f"tiers.{name}.autonomy"
            yield Finding(code="note.auto", place=place, message=message, severity=Severity.WARNING)
    if settings.listen.tls is None and settings.listen.host not in {"127.0.0.1", "::1", "localhost"}:
        message = "clients reach this port without TLS; put a TLS terminator in front"
        yield Finding(code="note.tls", place="listen.host", message=message, severity=Severity.INFO)


def _unverified(settings: Settings) -> Iterator[Finding]:
    for name, api in settings.apis.items():
        if api.tls is not None and not api.tls.verify:
            message = "whoever stands between us and the application can read and change everything"
            place = f"apis.{name}.tls.verify"
            yield Finding(code="note.unverified", place=place, message=message, severity=Severity.WARNING)
