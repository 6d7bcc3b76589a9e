"""The keys and certificates on this machine that settings name: read alike for a start and for `facade check`."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from facade.adapters.tokens import (
    SigningKey,
    StaticKeys,
    keys_from_jwks,
    keys_from_pem,
    keys_from_secret,
    signing_key_from,
)
from facade.adapters.upstream.tls import context_of
from facade.config.identity import KeySettings
from facade.config.reaching import upstream_settings_of
from facade.config.records import issuer_rules_of
from facade.config.settings import Settings
from facade.edge.listening import TlsFiles, tls_towards_clients
from facade.identity import IssuerRules
from facade.kernel import Finding, SettingsInvalid

_DEV = "identity.dev.key_file"


def dev_key(path: Path) -> SigningKey:
    """The development key.

    Raises:
        SettingsInvalid: unreadable, or no private Ed25519 key.
    """
    return signing_key_from(_bytes(path, _DEV).decode("utf-8", "replace"), place=_DEV)


def issuer_keys(keys: KeySettings, rules: IssuerRules, number: int) -> StaticKeys | None:
    """The keys of the issuer at a position in the list; None for keys of a URL, which a running facade fetches.

    Raises:
        SettingsInvalid: unreadable, or none that may serve this issuer.
    """
    place = f"identity.issuers.{number}.keys"
    if keys.jwks_file is not None:
        return keys_from_jwks(_bytes(keys.jwks_file, f"{place}.jwks_file"), rules, place=f"{place}.jwks_file")
    if keys.pem_file is not None:
        return keys_from_pem(_bytes(keys.pem_file, f"{place}.pem_file"), rules, place=f"{place}.pem_file")
    return keys_from_secret(keys.secret, rules, place=f"{place}.secret") if keys.secret is not None else None


def tls_files_of(settings: Settings) -> TlsFiles | None:
    """What TLS towards clients needs; None without it."""
    tls = settings.listen.tls
    if tls is None:
        return None
    return TlsFiles(certificate=tls.cert_file, key=tls.key_file, client_ca=tls.client_ca_file, minimum=tls.minimum)


def key_findings(settings: Settings) -> tuple[Finding, ...]:
    """Every key and certificate on this machine that cannot be used."""
    return tuple(finding for read in _readers(settings) for finding in _problems(read))


def _readers(settings: Settings) -> Iterator[Callable[[], object]]:
    dev = settings.identity.dev
    if dev is not None:
        yield partial(dev_key, dev.key_file)
    issuers = zip(settings.identity.issuers, issuer_rules_of(settings), strict=True)
    for number, (issuer, rules) in enumerate(issuers):
        yield partial(issuer_keys, issuer.keys, rules, number)
    files = tls_files_of(settings)
    if files is not None:
        yield partial(tls_towards_clients, files)
    for name, upstream in upstream_settings_of(settings).items():
        if upstream.tls is not None:
            yield partial(context_of, upstream.tls, place=f"apis.{name}.tls")


def _problems(read: Callable[[], object]) -> tuple[Finding, ...]:
    try:
        read()
    except SettingsInvalid as error:
        return error.findings
    return ()


def _bytes(path: Path, place: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}; check its permissions"
        finding = Finding(code="settings.keys", place=place, message=message)
        raise SettingsInvalid(message, findings=(finding,)) from None
