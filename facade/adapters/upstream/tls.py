"""TLS towards an application: whom to trust, as whom to appear, and why a handshake failed.

A handshake that fails ends the attempt; nothing is ever sent in the clear instead (REL-UP-09).
"""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from facade.kernel import Finding, SettingsInvalid

Minimum = Literal["TLSv1.2", "TLSv1.3"]

_VERSIONS: Final = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}

_EXPIRED: Final = frozenset({9, 10})
_OTHER_HOST: Final = frozenset({62, 64})
"""Verification results of OpenSSL, as `X509_V_ERR_*` in x509_vfy.h: not yet valid, expired; host, address mismatch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSettings:
    """How TLS is spoken with one application.

    Attributes:
        ca_file: PEM of the authorities to trust in place of the system's.
        client_cert_file, client_key_file: PEM of our own certificate with its chain, and its key (mutual TLS).
        server_name: the name that its certificate must have, where that is not the address's host.
        verify: False accepts any certificate, and with it anybody in between.
    """

    ca_file: Path | None = None
    client_cert_file: Path | None = None
    client_key_file: Path | None = None
    server_name: str | None = None
    verify: bool = True
    minimum: Minimum = "TLSv1.2"


def context_of(settings: TlsSettings, *, place: str = "tls") -> ssl.SSLContext:
    """The context, made once for an application; reads files.

    Raises:
        SettingsInvalid: a file cannot be read, or is not what it should be.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = _VERSIONS[settings.minimum]
    context.set_alpn_protocols(["http/1.1"])
    if not settings.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif settings.ca_file is None:
        context.load_default_certs()
    else:
        _trust(context, settings.ca_file, f"{place}.ca_file")
    if settings.client_cert_file is not None:
        _appear(context, settings.client_cert_file, settings.client_key_file, f"{place}.client_cert_file")
    return context


def reason_of(error: BaseException | None) -> str | None:
    """Why TLS did not come about, in a few words; None where it is not about TLS."""
    told = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    if isinstance(told, ssl.SSLCertVerificationError):
        if told.verify_code in _EXPIRED:
            return "its certificate has expired or is not valid yet"
        if told.verify_code in _OTHER_HOST:
            return "its certificate is for another host"
        return "its certificate is not signed by an authority that is trusted"
    if isinstance(told, ssl.SSLError):
        reason = getattr(told, "reason", None) or "cut"
        return f"the TLS handshake failed: {reason.replace('_', ' ').lower()}"
    return None


def _trust(context: ssl.SSLContext, file: Path, place: str) -> None:
    try:
        context.load_verify_locations(cafile=file)
    except (OSError, ssl.SSLError) as error:
        raise _unusable(place, file, "certificates in PEM", error) from None


def _appear(context: ssl.SSLContext, cert: Path, key: Path | None, place: str) -> None:
    try:
        context.load_cert_chain(cert, key, password=_nobody_to_ask)
    except (OSError, ssl.SSLError, ValueError) as error:
        raise _unusable(place, cert, "a certificate in PEM with its unencrypted key", error) from None


def _nobody_to_ask() -> str:
    """In place of a question on the terminal, which would hold the start."""
    raise ValueError("the key is encrypted")


def _unusable(place: str, file: Path, wanted: str, error: Exception) -> SettingsInvalid:
    why = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
    message = f"{file} does not hold {wanted} ({str(why).replace('_', ' ').lower()})"
    finding = Finding(code="settings.tls", place=place, message=message)
    return SettingsInvalid(f"{place}: {message}.", findings=(finding,))
